"""Urine samples of our own: the day drawn for each person and week, and the steps of its chain. Only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.urine import (
    DRAWN_FOR,
    LONGEST_REASON,
    LONGEST_REFERENCE,
    TRANSITIONS,
    Assay,
    Found,
    NotTakenBecause,
    UrineState,
    VoidBecause,
)
from patients.models import Person

ASSAYS = [(assay.value, assay.label) for assay in Assay]
STATES = [(state.value, state.label) for state in UrineState]
FOUND = [(found.value, found.label) for found in Found]
REASONS = sorted({reason.value for reason in (*NotTakenBecause, *VoidBecause)})


def _pairs() -> Q:
    """Return the condition that a step may follow the one before it."""
    allowed = Q()
    for before, after in TRANSITIONS.items():
        if after:
            allowed |= Q(before=before.value, kind__in=sorted(state.value for state in after))
    return allowed


class UrineDraw(models.Model):
    """The one day of a week on which a sample of one person is due, drawn by lot and told on the day itself.

    Weeks are those of the person's treatment, counted from their first start in the clinic: a trigger looks at it.
    Before that was so, weeks were those of the calendar; such a row keeps the week it was drawn for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="urine_draws")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="urine_draws")
    week_on = models.DateField()
    due_on = models.DateField()
    assay = models.CharField(max_length=20, choices=ASSAYS, default=DRAWN_FOR.value)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "week_on"],
                name="one_urine_day_per_person_and_week",
                violation_error_message="A day of this week was drawn for this person already.",
            ),
            models.CheckConstraint(
                name="urine_day_lies_in_its_week",
                condition=Q(due_on__gte=F("week_on"), due_on__lt=F("week_on") + 7),
                violation_error_message="The day lies in its week.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "due_on"], name="urine_days_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class UrineStep(models.Model):
    """One step in the chain of one sample, signed by who did it; `before` is the state it came from.

    Steps are numbered, so that two people at once cannot both write the next one; a trigger refuses a step that does
    not follow the last. Of results there is one for each test of a sample; a correction names the one it amends.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="urine_steps")
    draw = models.ForeignKey(UrineDraw, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=9, choices=STATES)
    kind = models.CharField(max_length=9, choices=STATES)
    taken_on = models.DateField(null=True)
    was_seen = models.BooleanField(null=True)
    is_sealed = models.BooleanField(null=True)
    reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True)
    assay = models.CharField(max_length=20, choices=ASSAYS, blank=True)
    found = models.CharField(max_length=8, choices=FOUND, blank=True)
    reported_on = models.DateField(null=True)
    because = models.CharField(max_length=13, blank=True)
    words = models.CharField(max_length=LONGEST_REASON, blank=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    key = models.UUIDField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draw", "number"],
                name="urine_steps_are_numbered_once",
                violation_error_message="Somebody wrote the next step meanwhile. Look at it first.",
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="one_urine_step_per_key",
                violation_error_message="This step is stored already.",
            ),
            models.UniqueConstraint(
                fields=["draw", "assay"],
                condition=Q(kind="result", amends__isnull=True),
                name="one_urine_result_per_sample_and_test",
                violation_error_message="There is a result of this test already; correct that one.",
            ),
            models.CheckConstraint(
                name="urine_step_may_follow",
                condition=_pairs(),
                violation_error_message="This step does not follow the one before it.",
            ),
            models.CheckConstraint(
                name="urine_taken_says_how",
                condition=Q(
                    kind="taken", taken_on__isnull=False, was_seen__isnull=False, is_sealed__isnull=False
                )
                & ~Q(reference="")
                | ~Q(kind="taken")
                & Q(taken_on__isnull=True, was_seen__isnull=True, is_sealed__isnull=True, reference=""),
                violation_error_message="A sample that was taken has its day, number and how it was given.",
            ),
            models.CheckConstraint(
                name="urine_result_says_what",
                condition=Q(kind="result", reported_on__isnull=False) & ~Q(assay="") & ~Q(found="")
                | ~Q(kind="result") & Q(reported_on__isnull=True, assay="", found="", amends__isnull=True),
                violation_error_message="A result has its test, what was found and its day.",
            ),
            models.CheckConstraint(
                name="urine_step_has_its_reason",
                condition=Q(kind__in=["not_taken", "void"], because__in=REASONS)
                | Q(kind__in=["taken", "sent", "result"], because=""),
                violation_error_message="Say why it was not taken, or why it is void.",
            ),
            models.CheckConstraint(
                name="urine_void_after_a_result_says_why",
                condition=~Q(before="result", kind="void") | ~Q(words=""),
                violation_error_message="Say why a sample that has a result is void.",
            ),
            models.CheckConstraint(
                name="urine_correction_has_its_reason",
                condition=Q(amends__isnull=True) | ~Q(words=""),
                violation_error_message="Say why the result is written again.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "recorded_at"], name="urine_steps_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)
