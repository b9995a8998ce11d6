"""What a case worker is told of urine samples: due, on the day itself; taken; not taken. Never anything of a result.

Whether a sample was sent, tested or void is asked nowhere here: all of it is “taken”.

Source: product W 5.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from hat_clinic.accounts.models import Clinic
from outcomes.models import UrineDraw, UrineStep
from outcomes.rules.urine import UrineState
from patients.models import Episode

DAYS_SHOWN = 7


@dataclass(frozen=True, slots=True)
class AskedFor:
    """One person who is or was asked for a sample: due, taken, or not taken."""

    person_id: uuid.UUID
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class SampleDay:
    """Everybody whose day it is or was."""

    on: date
    people: tuple[AskedFor, ...]


@dataclass(frozen=True, slots=True)
class SampleDays:
    """Today and the seven days before it, the newest first; a day on which nobody is asked is left out."""

    today: date
    days: tuple[SampleDay, ...]

    @property
    def people(self) -> list[uuid.UUID]:
        """Everybody whom the page shows."""
        return sorted({one.person_id for day in self.days for one in day.people})


def get_sample_days(*, clinic: Clinic, today: date) -> SampleDays:
    """Return who is or was asked for a sample, of those in treatment on that day."""
    treated = Episode.objects.filter(
        Q(exited_on__isnull=True) | Q(exited_on__gt=OuterRef("due_on")),
        person=OuterRef("patient"),
        clinic=clinic,
        started_on__lte=OuterRef("due_on"),
    )
    steps = UrineStep.objects.filter(draw=OuterRef("pk"))
    draws = (
        UrineDraw.objects.filter(
            Exists(treated),
            clinic=clinic,
            due_on__lte=today,
            due_on__gte=today - timedelta(days=DAYS_SHOWN),
        )
        .annotate(
            was_taken=Exists(steps.filter(kind=UrineState.TAKEN)),
            was_left=Exists(steps.filter(kind=UrineState.NOT_TAKEN)),
        )
        .select_related("patient")
        .order_by("-due_on", "patient__given_names", "patient__family_name", "id")
    )
    days: dict[date, list[AskedFor]] = defaultdict(list)
    for draw in draws:
        word = "taken" if draw.was_taken else "not taken" if draw.was_left else "due"
        days[draw.due_on].append(AskedFor(draw.patient_id, draw.patient.full_name, word))
    return SampleDays(today, tuple(SampleDay(on, tuple(people)) for on, people in days.items()))
