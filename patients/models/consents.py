"""What people said yes to, and what they took back."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Agency
from patients.models.people import Person
from patients.rules.consents import How, Purpose, WithdrawalReason

FOR_AN_AGENCY = [one.value for one in Purpose if one.needs_agency]


class Consent(models.Model):
    """One yes of one person to one purpose, in the words of one version. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=10, choices=[(one.value, one.label) for one in Purpose])
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="consents")
    wording_version = models.CharField(max_length=20)
    given_at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=[(one.value, one.label) for one in How])
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sharing_consent_names_its_agency",
                condition=Q(purpose__in=FOR_AN_AGENCY, agency__isnull=False)
                | (~Q(purpose__in=FOR_AN_AGENCY) & Q(agency__isnull=True)),
                violation_error_message="A consent to share names its agency; no other consent has one.",
            ),
            models.CheckConstraint(
                name="spoken_consent_has_another_witness",
                condition=Q(how=How.IN_WRITING.value, witness__isnull=True)
                | (Q(how=How.SPOKEN.value, witness__isnull=False) & ~Q(witness=F("recorded_by"))),
                violation_error_message="A spoken consent has a witness who is not the one who records it.",
            ),
            models.CheckConstraint(
                name="consent_given_before_it_is_recorded",
                condition=Q(given_at__lte=F("recorded_at")) & ~Q(wording_version=""),
                violation_error_message="A consent is recorded when it was given or later, with its wording.",
            ),
        ]
        indexes = [models.Index(fields=["person", "purpose"], name="consents_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)


class ConsentWithdrawal(models.Model):
    """One consent taken back, with effect at once. Rows are only ever added; a new yes is a new consent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consent = models.OneToOneField(Consent, models.PROTECT, related_name="withdrawal")
    withdrawn_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(
        max_length=12, blank=True, choices=[(one.value, one.label) for one in WithdrawalReason]
    )

    def __str__(self) -> str:
        return str(self.id)
