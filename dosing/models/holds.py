"""Holds on a person's doses."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dosing.models.visits import PreInjectionCheck
from dosing.rules.holds import HoldReason, HoldSeverity
from hat_clinic.accounts.models import Clinic
from patients.models import Person

USER = settings.AUTH_USER_MODEL


class Hold(models.Model):
    """A reason against any dose of one person, from a check, an event or by hand, until a licensed doctor lifts it.

    It never ends by itself: `review_on` is the day on which somebody means to look again. `reading` or `emergency`
    is the event it follows from; nobody is named as opening it where an emergency was written at a locked terminal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="holds")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="holds")
    check_made = models.OneToOneField(PreInjectionCheck, models.PROTECT, null=True, related_name="hold")
    reading = models.OneToOneField("dosing.Reading", models.PROTECT, null=True, related_name="hold")
    emergency = models.ForeignKey("dosing.Emergency", models.PROTECT, null=True, related_name="holds")
    severity = models.CharField(
        max_length=12,
        choices=[(severity.value, severity.label) for severity in HoldSeverity],
        default=HoldSeverity.HOLD,
    )
    reason = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField(null=True)
    review_on = models.DateField(null=True)
    codes = ArrayField(models.CharField(max_length=40))
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hold_lifted_at_and_by",
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                violation_error_message="Lifting a hold names who and when.",
            ),
            models.CheckConstraint(
                name="hold_lifted_with_a_reason_by_another",
                condition=Q(lifted_at__isnull=True)
                | (~Q(lift_reason="") & (Q(check_made__isnull=True) | ~Q(lifted_by=F("opened_by")))),
                violation_error_message=(
                    "A hold is lifted with a reason, and by somebody else than who made the check that opened it."
                ),
            ),
            models.CheckConstraint(
                name="hold_by_hand_is_in_words",
                condition=Q(check_made__isnull=False) | ~Q(reason=""),
                violation_error_message="A hold that no check opened says in words what it is for.",
            ),
            models.CheckConstraint(
                name="hold_severity_is_known",
                condition=Q(severity__in=[severity.value for severity in HoldSeverity]),
                violation_error_message="It is a hold, a suspension or a review.",
            ),
            models.CheckConstraint(
                name="hold_overdose_away_says_when",
                condition=Q(codes__contains=[HoldReason.OVERDOSE_AWAY.value], happened_at__isnull=False)
                | (~Q(codes__contains=[HoldReason.OVERDOSE_AWAY.value]) & Q(happened_at__isnull=True)),
                violation_error_message="An overdose away from the clinic is written with its moment.",
            ),
            models.CheckConstraint(
                name="hold_tells_of_the_past",
                condition=Q(happened_at__isnull=True) | Q(happened_at__lte=F("opened_at")),
                violation_error_message="What a hold tells of has happened already.",
            ),
            models.CheckConstraint(
                name="hold_names_who_opened_it_or_its_emergency",
                condition=Q(opened_by__isnull=False) | Q(emergency__isnull=False),
                violation_error_message="A hold names who opened it, or the emergency it follows from.",
            ),
            models.UniqueConstraint(
                fields=["emergency", "severity"],
                name="an_emergency_holds_once_for_each_severity",
                violation_error_message="This emergency holds the doses already.",
            ),
            models.CheckConstraint(
                name="hold_has_a_reason",
                condition=Q(codes__len__gte=1),
                violation_error_message="A hold says what it is for.",
            ),
        ]
        indexes = [
            models.Index(fields=["patient"], condition=Q(lifted_at__isnull=True), name="holds_that_stand")
        ]

    def __str__(self) -> str:
        return str(self.id)
