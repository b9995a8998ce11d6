"""What is signed and found of the register: checkpoints, incarnations after a restore, verifications."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.register import RegisterLine
from dosing.rules.checkpoints import REASON_LONGEST


class Checkpoint(models.Model):
    """What one ledger was at a moment, signed by a key that is not in the database. Rows are only ever added.

    The database compares number, hash and balance with the line itself when the row comes in.
    """

    line = models.ForeignKey(RegisterLine, models.PROTECT, related_name="checkpoints")
    origin = models.CharField(max_length=50)
    incarnation = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()
    head_hash = models.CharField(max_length=64)
    balance = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "incarnation", "seq", "head_hash"],
                name="one_checkpoint_per_line_of_a_register",
                violation_error_message="That line has its checkpoint.",
            ),
            models.CheckConstraint(
                name="checkpoint_is_signed",
                condition=Q(key__regex=r"^[0-9a-f]{64}$", signature__regex=r"^[0-9a-f]{128}$"),
                violation_error_message="A checkpoint has a signature and names its key.",
            ),
        ]
        indexes = [models.Index(fields=["line", "-made_at"], name="newest_checkpoint_of_a_line")]

    def __str__(self) -> str:
        return str(self.pk)


class Incarnation(models.Model):
    """One life of the database after a restore: why, by which two, and where every ledger stood. Only ever added.

    The first life has no row. `heads` holds the ledger's id, its last line's number and that line's hash; `lost` the
    id, number and hash of the newest checkpoint that tells of lines the restored database has not. Both are signed.
    Numbers only go up: one is left out where the backup was older than the life before.
    """

    number = models.PositiveIntegerField(primary_key=True)
    reason = models.CharField(max_length=REASON_LONGEST)
    heads = models.JSONField()
    lost = models.JSONField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="incarnation_is_confirmed_by_another",
                condition=~Q(started_by=models.F("confirmed_by")),
                violation_error_message="Two people start a new incarnation.",
            ),
            models.CheckConstraint(
                name="incarnation_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Write why the database was restored.",
            ),
            models.CheckConstraint(
                name="incarnation_is_signed",
                condition=Q(key__regex=r"^[0-9a-f]{64}$", signature__regex=r"^[0-9a-f]{128}$"),
                violation_error_message="A new incarnation has a signature and names its key.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class RegisterVerification(models.Model):
    """What one verification found of one ledger. Rows are only ever added.

    The row without a ledger is of what is kept elsewhere and tells of no ledger that is here.
    """

    class Result(models.TextChoices):
        WHOLE = "whole", "whole"
        TAMPERED = "tampered", "not whole"
        CANNOT_TELL = "cannot_tell", "cannot tell"

    line = models.ForeignKey(RegisterLine, models.PROTECT, null=True, related_name="verifications")
    result = models.CharField(max_length=12, choices=Result)
    lines = models.PositiveIntegerField()
    checkpoints = models.PositiveIntegerField()
    first_bad_seq = models.PositiveIntegerField(null=True)
    reason = models.TextField(blank=True)
    verified_at = models.DateTimeField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="verification_result_is_known",
                condition=Q(result__in=["whole", "tampered", "cannot_tell"]),
                violation_error_message="A verification finds a register whole, not whole, or cannot tell.",
            ),
            models.CheckConstraint(
                name="verification_names_the_first_bad_line",
                condition=Q(result="tampered", first_bad_seq__isnull=False)
                | (~Q(result="tampered") & Q(first_bad_seq__isnull=True)),
                violation_error_message="A register that is not whole has a first bad line, and no other has.",
            ),
            models.CheckConstraint(
                name="verification_says_why_it_is_not_whole",
                condition=Q(result="whole", reason="") | (~Q(result="whole") & ~Q(reason="")),
                violation_error_message="Say what is wrong with a register that is not whole.",
            ),
        ]
        indexes = [models.Index(fields=["line", "-verified_at"], name="newest_verification_of_a_line")]

    def __str__(self) -> str:
        return str(self.pk)
