"""The Treatment Outcomes Profile."""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.measures import CORRECTIONS, Stage
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS
from outcomes.rules.support import STRIKING
from patients.models import ImportRun, Person

LONGEST_NAME = 60


def _each_at_most(items: tuple[str, ...], maximum: int) -> Q:
    """Return the condition that every item is empty or at most the maximum."""
    condition = Q()
    for item in items:
        condition &= Q(**{f"{item}__isnull": True}) | Q(**{f"{item}__lte": maximum})
    return condition


def _any_answered() -> Q:
    return reduce(or_, (Q(**{f"{item}__isnull": False}) for item in DAY_ITEMS + YES_NO_ITEMS + SCORE_ITEMS))


class OutcomeForm(models.Model):
    """One Treatment Outcomes Profile: days of the last 28, yes or no, and scores of 0 to 20. Only ever added.

    An empty item was not answered; it is never zero or no. Ours (somebody recorded it) or imported history. `weeks`
    holds the days of each answered item in the four weeks, the last seven days first; imported forms have none, and
    neither has a correction of one. `shared_...` and the three of theft are the questions behind `sharing` and
    `other_theft`, asked on our forms alone. A correction is a row that names the one it amends; a row that no other
    amends is the one that counts, unless its correction takes it out. What one row alone cannot tell, a trigger
    refuses.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="outcome_forms")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="outcome_forms")
    completed_on = models.DateField()
    stage = models.CharField(max_length=9, choices=Stage)
    alcohol_days = models.PositiveSmallIntegerField(null=True)
    opiates_days = models.PositiveSmallIntegerField(null=True)
    crack_days = models.PositiveSmallIntegerField(null=True)
    cocaine_days = models.PositiveSmallIntegerField(null=True)
    amphetamines_days = models.PositiveSmallIntegerField(null=True)
    cannabis_days = models.PositiveSmallIntegerField(null=True)
    tobacco_days = models.PositiveSmallIntegerField(null=True)
    other_days = models.PositiveSmallIntegerField(null=True)
    injecting_days = models.PositiveSmallIntegerField(null=True)
    shoplifting_days = models.PositiveSmallIntegerField(null=True)
    drug_selling_days = models.PositiveSmallIntegerField(null=True)
    paid_work_days = models.PositiveSmallIntegerField(null=True)
    education_days = models.PositiveSmallIntegerField(null=True)
    sharing = models.BooleanField(null=True)
    other_theft = models.BooleanField(null=True)
    assault = models.BooleanField(null=True)
    housing_acute = models.BooleanField(null=True)
    eviction_risk = models.BooleanField(null=True)
    psychological = models.PositiveSmallIntegerField(null=True)
    physical = models.PositiveSmallIntegerField(null=True)
    quality_of_life = models.PositiveSmallIntegerField(null=True)
    weeks = models.JSONField(null=True)
    shared_needle = models.BooleanField(null=True)
    shared_works = models.BooleanField(null=True)
    stole_vehicle = models.BooleanField(null=True)
    stole_property = models.BooleanField(null=True)
    defrauded = models.BooleanField(null=True)
    alcohol_units = models.PositiveSmallIntegerField(null=True)
    cannabis_spliffs = models.PositiveSmallIntegerField(null=True)
    other_drug = models.CharField(max_length=LONGEST_NAME, blank=True)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(max_length=14, choices=CORRECTIONS, blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outcome_form_days_are_0_to_28",
                condition=_each_at_most(DAY_ITEMS, 28),
                violation_error_message="Days are 0 to 28.",
            ),
            models.CheckConstraint(
                name="outcome_form_scores_are_0_to_20",
                condition=_each_at_most(SCORE_ITEMS, 20),
                violation_error_message="Scores are 0 to 20.",
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="one_outcome_form_per_key",
                violation_error_message="This form is stored already.",
            ),
            models.CheckConstraint(
                name="outcome_form_is_recorded_by_a_person_or_imported",
                condition=Q(
                    import_run__isnull=True,
                    recorded_by__isnull=False,
                    recorded_at__isnull=False,
                    key__isnull=False,
                )
                | Q(
                    import_run__isnull=False,
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                    key__isnull=True,
                    amends__isnull=True,
                    weeks__isnull=True,
                ),
                violation_error_message="A form is recorded by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="outcome_form_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the form is written again.",
            ),
            models.CheckConstraint(
                name="outcome_form_is_not_empty",
                condition=Q(import_run__isnull=False)
                | Q(correction__in=[str(reason) for reason in STRIKING])
                | _any_answered(),
                violation_error_message="No question has an answer.",
            ),
            models.CheckConstraint(
                name="outcome_form_amounts_are_of_days_of_use",
                condition=(Q(alcohol_units__isnull=True) | Q(alcohol_days__isnull=False, alcohol_days__gt=0))
                & (Q(cannabis_spliffs__isnull=True) | Q(cannabis_days__isnull=False, cannabis_days__gt=0))
                & (Q(other_drug="") | Q(other_days__isnull=False, other_days__gt=0)),
                violation_error_message="An amount is of something that was used.",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-completed_on"], name="outcome_forms_of_a_person"),
            models.Index(fields=["clinic", "completed_on"], name="outcome_forms_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return str(self.id)
