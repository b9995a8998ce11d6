"""Drawing the day on which a sample is due, by lot, once for each person and week of their treatment."""

from __future__ import annotations

import secrets
from datetime import datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.transactions import one_act
from outcomes.models import UrineDraw
from outcomes.queries.urine_days import list_people_without_day
from outcomes.rules.urine import days_to_draw_from, week_of


def draw_urine_days(*, clinic: Clinic, by: User, at: datetime) -> int:
    """Draw a day of their week of treatment for everybody here who has none yet, and return for how many.

    Asked again, at once or by two people, it draws nobody's day a second time. The day is drawn by the operating
    system's randomness among today and what is left of the week, and is told nowhere before it has come: the trail
    keeps for how many people, never for which day. Source: product W 5.
    """
    return one_act(lambda: _draw_once(clinic, by, at))


def _draw_once(clinic: Clinic, by: User, at: datetime) -> int:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    today = london_date(at)
    people = list_people_without_day(clinic=clinic, today=today)
    # Two who draw for one person at this very moment name the same week: the database keeps one day.
    UrineDraw.objects.bulk_create(
        (
            UrineDraw(
                clinic=clinic,
                patient_id=one.person_id,
                week_on=week_of(today, started_on=one.started_on),
                due_on=secrets.choice(days_to_draw_from(today, started_on=one.started_on)),
                drawn_by=by,
                drawn_at=at,
            )
            for one in people
        ),
        ignore_conflicts=True,
    )
    if people:
        record(
            "outcomes.urine_days_drawn",
            by=by,
            at=at,
            clinic=clinic.id,
            people=len(people),
        )
    return len(people)
