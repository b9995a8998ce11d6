"""What agencies say of a person: reasons for concern, and treatments tried before."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left

from referrals.models.referrals import Referral, choices_of
from referrals.rules.asking import FIRST_YEAR_OF_TREATMENTS, HIGHEST_DOSE_MG, Answer, Ending, Flag, Treatment

_ORAL_OPIOIDS = [treatment.value for treatment in Treatment if treatment.is_oral_opioid]
_WHEN = r"^(19[6-9][0-9]|2[0-9]{3})(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"


class AgencyFlag(models.Model):
    """One answer of an agency to one question about its concern. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="flags")
    flag = models.CharField(max_length=20, choices=choices_of(Flag))
    answer = models.CharField(max_length=7, choices=choices_of(Answer))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "flag"],
                name="one_answer_per_flag",
                violation_error_message="That question has its answer.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PriorTreatment(models.Model):
    """What an agency knows of one kind of treatment tried before. Rows are only ever added.

    `started` and `ended` are as exact as they are known: 2024, 2024-03 or 2024-03-14. `last_year` stands only in rows
    from before these were asked. `highest_dose_mg` and `supervised` belong to oral opioids.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="treatments")
    treatment = models.CharField(max_length=20, choices=choices_of(Treatment))
    answer = models.CharField(max_length=7, choices=choices_of(Answer))
    last_year = models.PositiveSmallIntegerField(null=True)
    ending = models.CharField(max_length=12, choices=choices_of(Ending), blank=True)
    started = models.CharField(max_length=10, blank=True)
    ended = models.CharField(max_length=10, blank=True)
    highest_dose_mg = models.PositiveSmallIntegerField(null=True)
    supervised = models.CharField(max_length=7, choices=choices_of(Answer), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "treatment"],
                name="one_answer_per_treatment",
                violation_error_message="That treatment has its answer.",
            ),
            models.CheckConstraint(
                name="treatment_details_only_where_it_was_tried",
                condition=Q(answer=Answer.YES)
                | Q(
                    last_year__isnull=True,
                    ending="",
                    started="",
                    ended="",
                    highest_dose_mg__isnull=True,
                    supervised="",
                ),
                violation_error_message="Dates, dose and ending belong to a treatment that was tried.",
            ),
            models.CheckConstraint(
                name="treatment_dates_are_days_months_or_years",
                condition=(Q(started="") | Q(started__regex=_WHEN)) & (Q(ended="") | Q(ended__regex=_WHEN)),
                violation_error_message="Write a year, a month of a year, or a day.",
            ),
            models.CheckConstraint(
                name="treatment_ends_after_it_began",
                condition=Q(started="") | Q(ended="") | Q(ended__gte=Left("started", 4)),
                violation_error_message="A treatment ends after it began.",
            ),
            models.CheckConstraint(
                name="dose_and_supervision_are_of_oral_opioids",
                condition=Q(treatment__in=_ORAL_OPIOIDS) | Q(highest_dose_mg__isnull=True, supervised=""),
                violation_error_message="A highest dose and its supervision belong to an oral opioid.",
            ),
            models.CheckConstraint(
                name="treatment_highest_dose_is_plausible",
                condition=Q(highest_dose_mg__isnull=True)
                | Q(highest_dose_mg__gte=1, highest_dose_mg__lte=HIGHEST_DOSE_MG),
                violation_error_message=f"A highest dose is 1 to {HIGHEST_DOSE_MG} mg a day.",
            ),
            models.CheckConstraint(
                name="treatment_year_is_plausible",
                condition=Q(last_year__isnull=True)
                | Q(last_year__gte=FIRST_YEAR_OF_TREATMENTS, last_year__lte=2999),
                violation_error_message="Write the year with four digits.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
