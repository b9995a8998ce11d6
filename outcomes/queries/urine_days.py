"""Who is in treatment and has no day drawn for a sample in this week of their treatment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min, OuterRef, Subquery

from hat_clinic.accounts.models import Clinic
from outcomes.models import UrineDraw
from outcomes.rules.urine import DAYS_OF_A_WEEK, week_of
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class WithoutDay:
    """Somebody who has no day, and when they first started here: their weeks are counted from then."""

    person_id: uuid.UUID
    started_on: date


def list_people_without_day(*, clinic: Clinic, today: date) -> list[WithoutDay]:
    """Return everybody who has started here, has not left, and for whom no day of their week was drawn anywhere.

    A day that was drawn in another way of counting weeks is one of the week it lies in, so that nobody is asked twice
    in a week. Somebody of an imported history is not there to be asked.
    """
    first = (
        Episode.objects.filter(person=OuterRef("person"), clinic=clinic)
        .order_by()
        .values("person")
        .values(first=Min("started_on"))
    )
    treated = (
        Episode.objects.filter(
            clinic=clinic, import_run__isnull=True, started_on__lte=today, exited_on__isnull=True
        )
        .annotate(first_on=Subquery(first))
        .order_by("person_id")
        .values_list("person_id", "first_on")
    )
    around = timedelta(days=DAYS_OF_A_WEEK - 1)
    drawn = UrineDraw.objects.filter(due_on__gte=today - around, due_on__lte=today + around)
    days = drawn.filter(patient__episodes__clinic=clinic).values_list("patient_id", "due_on")
    has_day = set(days)
    without = []
    for person, started_on in treated:
        week_on = week_of(today, started_on=started_on)
        if not any((person, week_on + timedelta(days=day)) in has_day for day in range(DAYS_OF_A_WEEK)):
            without.append(WithoutDay(person, started_on))
    return without
