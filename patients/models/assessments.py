"""What a prescriber found before a treatment, and again at intervals."""

from __future__ import annotations

import uuid
from enum import Enum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from patients.models.people import Episode
from patients.rules.assessments import (
    Answer,
    Capacity,
    Ecg,
    Injecting,
    Naloxone,
    OpioidRoute,
    Option,
    Pregnancy,
)


def choices_of(answers: type[Answer]) -> list[tuple[str, str]]:
    """Return the answers of one question with their labels."""
    members: list[Enum] = list(answers)
    return [(str(one.value), answers(one.value).label) for one in members]


class Assessment(models.Model):
    """One signed medical assessment of one treatment. Rows are only ever added: a new look is a new number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="assessments")
    number = models.PositiveSmallIntegerField()
    opioid_since_year = models.PositiveSmallIntegerField()
    opioid_route = models.CharField(max_length=10, choices=choices_of(OpioidRoute))
    opioid_days_of_28 = models.PositiveSmallIntegerField()
    injecting = models.CharField(max_length=6, choices=choices_of(Injecting))
    tolerance_evidence = models.TextField()
    physical_health = models.TextField()
    mental_health = models.TextField()
    liver = models.TextField()
    pregnancy = models.CharField(max_length=14, choices=choices_of(Pregnancy))
    alcohol = models.TextField()
    benzodiazepines = models.TextField()
    ecg = models.CharField(max_length=8, choices=choices_of(Ecg))
    ecg_words = models.TextField(blank=True)
    veins = models.TextField()
    naloxone = models.CharField(max_length=11, choices=choices_of(Naloxone))
    options_offered = ArrayField(models.CharField(max_length=11, choices=choices_of(Option)), size=6)
    option_chosen = models.CharField(max_length=11, choices=choices_of(Option))
    why_in_their_words = models.TextField()
    capacity = models.CharField(max_length=3, choices=choices_of(Capacity))
    due_on = models.DateField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "number"],
                name="assessments_are_numbered_once",
                violation_error_message="Somebody signed an assessment meanwhile. Read it first.",
            ),
            models.CheckConstraint(
                name="assessment_counts_days_and_years",
                condition=Q(number__gte=1, opioid_days_of_28__lte=28)
                & Q(opioid_since_year__gte=1940, opioid_since_year__lte=2999),
                violation_error_message="Days of the last 28 are 0 to 28, and years have four digits.",
            ),
            models.CheckConstraint(
                name="assessment_has_every_part",
                condition=~Q(tolerance_evidence="")
                & ~Q(physical_health="")
                & ~Q(mental_health="")
                & ~Q(liver="")
                & ~Q(alcohol="")
                & ~Q(benzodiazepines="")
                & ~Q(veins="")
                & ~Q(why_in_their_words="")
                & Q(options_offered__len__gte=1),
                violation_error_message="An assessment is signed when every part of it is answered.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
