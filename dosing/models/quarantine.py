"""Stock put apart and destroyed, and what patients bring back. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.models.register import Batch, RegisterEntry
from dosing.models.sessions import Signature
from dosing.rules.quarantine import TEMPORARY_DAYS, AuthorityKind, QuarantineReason
from hat_clinic.accounts.models import Clinic
from patients.models import Person

REASONS = [(reason.value, reason.label) for reason in QuarantineReason]
KINDS = [(kind.value, kind.label) for kind in AuthorityKind]


class Quarantine(models.Model):
    """Ampoules of one batch put apart by two people, for destruction only. The balance stays as it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="quarantines")
    ampoules = models.PositiveIntegerField()
    reason = models.CharField(max_length=8, choices=REASONS)
    words = models.CharField(max_length=300, blank=True)
    key = models.UUIDField(unique=True)
    quarantined_at = models.DateTimeField()
    quarantined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quarantine_moves_something_for_a_reason",
                condition=Q(ampoules__gte=1, reason__in=[reason.value for reason in QuarantineReason]),
                violation_error_message="At least one ampoule is put apart, for a known reason.",
            ),
            models.CheckConstraint(
                name="quarantine_is_seen_by_two_people",
                condition=~Q(quarantined_by=F("witness")),
                violation_error_message="The witness is somebody else.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class WitnessAuthority(models.Model):
    """Somebody from outside who may witness the destruction of service stock, with where that comes from.

    From the first day to the last, both included. `identity_seen` is what proved who they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="witness_authorities")
    kind = models.CharField(max_length=9, choices=KINDS)
    name = models.CharField(max_length=200)
    # With the number it stands in the line of a destruction, whose address has 300 characters.
    granted_by = models.CharField(max_length=160)
    number = models.CharField(max_length=120)
    identity_seen = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField()
    key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "witness authorities"
        constraints = [
            models.CheckConstraint(
                name="authority_names_who_and_whence",
                condition=~Q(name="") & ~Q(granted_by="") & ~Q(number="") & ~Q(identity_seen=""),
                violation_error_message="An authority names who has it, who gave it, its number and what proved it.",
            ),
            models.CheckConstraint(
                name="authority_is_as_long_as_its_kind_allows",
                condition=Q(ends_on__gte=F("starts_on"))
                & (Q(kind=AuthorityKind.STANDING) | Q(ends_on__lt=F("starts_on") + TEMPORARY_DAYS)),
                violation_error_message="A temporary authority lasts at most 28 days.",
            ),
            models.CheckConstraint(
                name="authority_is_of_a_known_kind",
                condition=Q(kind__in=[kind.value for kind in AuthorityKind]),
                violation_error_message="An authority is temporary or standing.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Destruction(models.Model):
    """Ampoules destroyed out of quarantine, by their register line: how, under which waste exemption, before whom.

    Service stock is destroyed before an authorised witness; what was a patient's own needs none.
    """

    entry = models.OneToOneField(RegisterEntry, models.PROTECT, primary_key=True, related_name="destruction")
    authority = models.ForeignKey(WitnessAuthority, models.PROTECT, null=True, related_name="destructions")
    method = models.CharField(max_length=200)
    exemption = models.CharField(max_length=60)
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="destruction_says_how_and_under_which_exemption",
                condition=~Q(method="") & ~Q(exemption=""),
                violation_error_message="Write how it was destroyed, and the reference of the T28 exemption.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry_id)


class PatientReturn(models.Model):
    """Controlled drugs that somebody brought back. No ledger knows of them, so they never become stock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="patient_returns")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="returns")
    drug = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit = models.CharField(max_length=40)
    key = models.UUIDField(unique=True)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="patient_return_says_what_and_how_much",
                condition=Q(quantity__gte=1) & ~Q(drug="") & ~Q(unit=""),
                violation_error_message="Write what was brought back, and how much of it.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReturnDestruction(models.Model):
    """A patient's return, destroyed by two members of staff."""

    patient_return = models.OneToOneField(
        PatientReturn, models.PROTECT, primary_key=True, related_name="destruction"
    )
    method = models.CharField(max_length=200)
    destroyed_at = models.DateTimeField()
    destroyed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_is_destroyed_by_two_people",
                condition=~Q(destroyed_by=F("witness")) & ~Q(method=""),
                violation_error_message="Two people destroy a return, and say how.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.patient_return_id)
