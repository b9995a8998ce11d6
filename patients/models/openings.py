"""Records opened with a reason by somebody without a relationship, and what left the clinic. Rows are only added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

from hat_clinic.accounts.models import Agency, Clinic
from patients.models.consents import Consent
from patients.models.people import Person
from patients.rules.disclosures import LONGEST_WORDS, RecipientKind
from patients.rules.disclosures import SHORTEST_REASON as SHORTEST_EMERGENCY
from patients.rules.relationships import (
    LONGEST_REASON,
    OPEN_FOR,
    SHORTEST_REASON,
    OpeningFinding,
    OpeningReason,
)


def _at_least(field: str, letters: int) -> Q:
    return Q(GreaterThanOrEqual(Length(field), letters))


class RecordOpening(models.Model):
    """One record opened for one hour by somebody who does not work with the person, with why. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="openings")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="record_openings")
    reason = models.CharField(max_length=12, choices=[(one.value, one.label) for one in OpeningReason])
    words = models.CharField(max_length=LONGEST_REASON)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="opening_has_a_reason_in_words",
                condition=Q(reason__in=[one.value for one in OpeningReason])
                & _at_least("words", SHORTEST_REASON),
                violation_error_message="Opening a record says why, in at least 20 letters of one's own.",
            ),
            models.CheckConstraint(
                name="opening_lasts_one_hour",
                condition=Q(ends_at=F("opened_at") + OPEN_FOR),
                violation_error_message="A record that is opened with a reason is open for one hour.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-opened_at"], name="openings_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class OpeningReview(models.Model):
    """What the privacy officer found about one opening. Only ever added, once."""

    opening = models.OneToOneField(RecordOpening, models.PROTECT, primary_key=True, related_name="review")
    finding = models.CharField(max_length=13, choices=[(one.value, one.label) for one in OpeningFinding])
    words = models.CharField(max_length=LONGEST_REASON)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="opening_review_has_a_finding_in_words",
                condition=Q(finding__in=[one.value for one in OpeningFinding]) & ~Q(words=""),
                violation_error_message="Closing an opening says what was found.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.opening_id)


class Disclosure(models.Model):
    """One statement about one person that left the clinic: to whom, on what it rested, what it said. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="disclosures")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="disclosures")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=[(one.value, one.label) for one in RecipientKind])
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="disclosures")
    recipient = models.CharField(max_length=200, blank=True)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="disclosures")
    emergency_words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    said = models.JSONField()
    key = models.UUIDField(unique=True)
    disclosed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    disclosed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "number"],
                name="disclosures_are_numbered_once",
                violation_error_message="That number is on another statement.",
            ),
            models.CheckConstraint(
                name="disclosure_rests_on_consent_or_emergency",
                condition=Q(consent__isnull=False, emergency_words="", agency__isnull=False)
                | (Q(consent__isnull=True) & _at_least("emergency_words", SHORTEST_EMERGENCY)),
                violation_error_message="A statement rests on one consent, or on an emergency with its reason.",
            ),
            models.CheckConstraint(
                name="disclosure_names_who_it_is_for",
                condition=Q(kind__in=[one.value for one in RecipientKind])
                & (Q(agency__isnull=False) | ~Q(recipient="")),
                violation_error_message="A statement names who it is for.",
            ),
        ]
        indexes = [models.Index(fields=["person", "-disclosed_at"], name="disclosures_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
