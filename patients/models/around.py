"""What everybody who works with somebody must know, how they are reached, and who works with them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from patients.models.people import Person
from patients.rules.alerts import LONGEST_WORDS as LONGEST_ALERT
from patients.rules.alerts import Severity
from patients.rules.contacts import LONGEST_WORDS as LONGEST_CONTACT
from patients.rules.contacts import ContactPurpose
from patients.rules.relationships import Part

USER = settings.AUTH_USER_MODEL


def ended_by_somebody() -> Q:
    """Return the condition that an end has its moment and its person, or neither."""
    return Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False)


class Alert(models.Model):
    """One alert about one person, from its first day until its last, or until somebody ends it. It stops no dose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="alerts")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="alerts")
    severity = models.CharField(max_length=7, choices=[(one.value, one.label) for one in Severity])
    words = models.CharField(max_length=LONGEST_ALERT)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    set_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_weighs_and_says_something",
                condition=Q(severity__in=[one.value for one in Severity]) & ~Q(words=""),
                violation_error_message="An alert has one of four severities, and says what to know.",
            ),
            models.CheckConstraint(
                name="alert_ends_when_or_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="The last day of an alert is its first day or later.",
            ),
            models.CheckConstraint(
                name="alert_ended_at_and_by",
                condition=ended_by_somebody(),
                violation_error_message="Ending an alert names who and when.",
            ),
        ]
        indexes = [models.Index(fields=["person", "ended_at"], name="alerts_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)


class ContactDetail(models.Model):
    """One way to reach a person: through whom, how, and what it may be used for, until somebody ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="contact_details")
    purpose = models.CharField(max_length=12, choices=[(one.value, one.label) for one in ContactPurpose])
    who = models.CharField(max_length=LONGEST_CONTACT)
    how = models.CharField(max_length=LONGEST_CONTACT)
    knows_of_treatment = models.BooleanField()
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_detail_reaches_somebody",
                condition=~Q(who="") & ~Q(how="") & Q(purpose__in=[one.value for one in ContactPurpose]),
                violation_error_message="A way to reach somebody says whom it reaches, how and for what.",
            ),
            models.CheckConstraint(
                name="contact_detail_ended_at_and_by",
                condition=ended_by_somebody(),
                violation_error_message="Ending a way to reach somebody names who and when.",
            ),
        ]
        indexes = [models.Index(fields=["person", "ended_at"], name="contact_details_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)


class Relationship(models.Model):
    """One colleague works with one person, as what, from a moment until a moment (open end: still)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="relationships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="relationships")
    colleague = models.ForeignKey(USER, models.PROTECT, related_name="relationships")
    part = models.CharField(max_length=15, choices=[(one.value, one.label) for one in Part])
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "clinic", "colleague", "part"],
                condition=Q(ended_at__isnull=True),
                name="one_standing_relationship_of_a_part",
                violation_error_message="This colleague has that part with them already.",
            ),
            models.CheckConstraint(
                name="relationship_has_a_part",
                condition=Q(part__in=[one.value for one in Part]),
                violation_error_message="A relationship says what the colleague does for the person.",
            ),
            models.CheckConstraint(
                name="relationship_ended_at_and_by",
                condition=ended_by_somebody() & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("added_at"))),
                violation_error_message="Ending a relationship names who and when, after it began.",
            ),
        ]
        indexes = [models.Index(fields=["colleague", "ended_at"], name="relationships_of_a_colleague")]

    def __str__(self) -> str:
        return str(self.id)
