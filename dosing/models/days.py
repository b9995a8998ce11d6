"""The day at one premises: the stock counted blind by two people, and the day opened on it.

Rows are only ever added. The database compares what is written with the register itself.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.models.register import RegisterLine
from dosing.models.sessions import Signature
from dosing.rules.days import BOX, ROUNDS, CheckKind, CheckResult, OpenedHow
from hat_clinic.accounts.models import Premises
from hat_clinic.accounts.rules import Role

HOWS = [(how.value, how.value) for how in OpenedHow]
CHECK_KINDS = [(kind.value, kind.value) for kind in CheckKind]
RESULTS = [(result.value, result.value.replace("_", " ")) for result in CheckResult]


class ClinicDay(models.Model):
    """One Europe/London day on which one premises was opened: on counts that agree, or on a reason.

    `reason` and `signature` are the controlled-drug lead's, and there only when the day was opened unchecked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="clinic_days")
    on = models.DateField()
    how = models.CharField(max_length=9, choices=HOWS)
    reason = models.CharField(max_length=300, blank=True)
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["premises", "on"],
                name="a_day_is_opened_once",
                violation_error_message="The day is already open.",
            ),
            models.CheckConstraint(
                name="day_is_checked_or_has_a_reason",
                condition=Q(how=OpenedHow.CHECKED, reason="", signature__isnull=True)
                | (Q(how=OpenedHow.UNCHECKED, signature__isnull=False) & ~Q(reason="")),
                violation_error_message="A day without a balance check is opened with a reason and a PIN.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BalanceCheck(models.Model):
    """One blind count by two of one ledger. `number` counts the checks of the ledger that day, from 1.

    Round 2 is the count after counts that differed. It ends with a `BalanceResult`; without one it is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(RegisterLine, models.PROTECT, related_name="balance_checks")
    on = models.DateField()
    kind = models.CharField(max_length=7, choices=CHECK_KINDS)
    number = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "on", "kind", "number"],
                name="balance_checks_are_numbered_once",
                violation_error_message="Somebody else has just begun this count. Look again.",
            ),
            models.CheckConstraint(
                name="balance_check_is_a_known_round",
                condition=Q(kind__in=list(CheckKind), number__gte=1, round__gte=1, round__lte=ROUNDS),
                violation_error_message="A count is opening or closing, in the first or the second round.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class StockCount(models.Model):
    """What one person counted for one check, signed. `register_seq` is the ledger's last line at that moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    balance_check = models.ForeignKey(BalanceCheck, models.PROTECT, related_name="counts")
    position = models.PositiveSmallIntegerField()
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    full_boxes = models.PositiveSmallIntegerField()
    loose = models.PositiveSmallIntegerField()
    ampoules = models.PositiveIntegerField()
    register_seq = models.PositiveIntegerField()
    key = models.UUIDField(unique=True)
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["balance_check", "position"],
                name="a_check_has_one_count_per_position",
                violation_error_message="Both counts are already in.",
            ),
            models.UniqueConstraint(
                fields=["balance_check", "counted_by"],
                name="two_different_people_count",
                violation_error_message="The second count is somebody else's.",
            ),
            models.CheckConstraint(
                name="a_check_has_two_counts",
                condition=Q(position__in=[1, 2]),
                violation_error_message="A check has a first and a second count.",
            ),
            models.CheckConstraint(
                name="boxes_and_loose_make_the_count",
                condition=Q(ampoules=F("full_boxes") * BOX + F("loose")),
                violation_error_message="Five to a box, and the loose ones, make the count.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BalanceResult(models.Model):
    """How one check ended: both counts and the balance of the register at the second count, in ampoules.

    Without figures when the counts could not be compared: stock moved between them, or the check was set aside.
    """

    balance_check = models.OneToOneField(
        BalanceCheck, models.PROTECT, primary_key=True, related_name="result"
    )
    result = models.CharField(max_length=9, choices=RESULTS)
    first = models.PositiveIntegerField(null=True)
    second = models.PositiveIntegerField(null=True)
    expected = models.PositiveIntegerField(null=True)
    compared_at = models.DateTimeField()
    compared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="balance_result_follows_from_its_figures",
                condition=Q(
                    result=CheckResult.AGREES,
                    first__isnull=False,
                    second__isnull=False,
                    expected__isnull=False,
                    first=F("second"),
                    expected=F("second"),
                )
                | (
                    Q(
                        result=CheckResult.DIFFERS,
                        first__isnull=False,
                        second__isnull=False,
                        expected__isnull=False,
                    )
                    & (~Q(first=F("second")) | ~Q(expected=F("second")))
                )
                | Q(
                    result__in=[CheckResult.MOVED, CheckResult.SET_ASIDE],
                    first__isnull=True,
                    second__isnull=True,
                    expected__isnull=True,
                ),
                violation_error_message="Counts agree when all three figures are the same, and else differ.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.balance_check_id)


class Discrepancy(models.Model):
    """A case: a ledger whose counts still differed in the second round. What became of it are its `events`.

    It belongs to whoever is the controlled-drug lead. It does not stop doses.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    balance_result = models.OneToOneField(BalanceResult, models.PROTECT, related_name="discrepancy")
    owner = models.CharField(max_length=20, choices=[(Role.CD_LEAD.value, Role.CD_LEAD.label)])
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "discrepancies"

    def __str__(self) -> str:
        return str(self.id)
