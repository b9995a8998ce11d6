"""Plans for leaving, and what was decided about the end of a programme. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from patients.models.people import Episode
from patients.rules.closings import LONGEST_WORDS as LONGEST_REASON
from patients.rules.closings import ClosingKind
from patients.rules.leaving import LONGEST_WORDS, NaloxonePlan


class LeavingPlan(models.Model):
    """One version of the plan for one person's leaving. Only ever added: the newest number counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="leaving_plans")
    number = models.PositiveSmallIntegerField()
    receiving_service = models.CharField(max_length=LONGEST_WORDS, blank=True)
    receiving_prescriber = models.CharField(max_length=LONGEST_WORDS, blank=True)
    oral_medicine = models.CharField(max_length=LONGEST_WORDS, blank=True)
    oral_started_on = models.DateField(null=True)
    last_injection_on = models.DateField(null=True)
    naloxone = models.CharField(
        max_length=8, blank=True, choices=[(one.value, one.label) for one in NaloxonePlan]
    )
    letter_sent_on = models.DateField(null=True)
    follow_up_on = models.DateField(null=True)
    follow_up_words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "number"],
                name="leaving_plans_are_numbered_once",
                violation_error_message="Somebody wrote the plan meanwhile. Read it first.",
            ),
            models.CheckConstraint(
                name="leaving_plan_says_which_medicine_started",
                condition=Q(number__gte=1) & (Q(oral_started_on__isnull=True) | ~Q(oral_medicine="")),
                violation_error_message="An oral medicine that has started has a name.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ProgrammeClosing(models.Model):
    """One decision about the end of a clinic's programme. Only ever added: the newest number stands."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="programme_closings")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=[(one.value, one.label) for one in ClosingKind])
    last_on = models.DateField(null=True)
    resumes_on = models.DateField(null=True)
    words = models.CharField(max_length=LONGEST_REASON)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="closings_of_a_programme_are_numbered_once",
                violation_error_message="Somebody decided about the programme meanwhile. Read it first.",
            ),
            models.CheckConstraint(
                name="closing_has_its_last_day_and_a_reason",
                condition=Q(number__gte=1)
                & ~Q(words="")
                & (
                    Q(kind=ClosingKind.GOES_ON.value, last_on__isnull=True)
                    | Q(kind__in=[ClosingKind.CLOSES.value, ClosingKind.PAUSES.value], last_on__isnull=False)
                ),
                violation_error_message="A programme that closes or pauses has a last day, and says why.",
            ),
            models.CheckConstraint(
                name="pause_goes_on_after_its_last_day",
                condition=Q(resumes_on__isnull=True)
                | Q(kind=ClosingKind.PAUSES.value, resumes_on__gt=F("last_on")),
                violation_error_message="Only a pause goes on again, after its last day.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
