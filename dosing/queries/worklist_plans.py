"""Rows of the worklist about a programme that ends: who has no whole plan for leaving."""

from __future__ import annotations

from datetime import datetime

from dosing.queries.worklist_row import Row
from dosing.rules.moments import day_in_words
from dosing.rules.worklist import Matter, plan_group
from hat_clinic.accounts.models import Clinic
from patients.queries.closings import get_last_day, list_people_without_plan


def plan_rows(clinic: Clinic, at: datetime) -> list[Row]:
    """Return a row for everybody in treatment who has no whole plan, from 90 days before the programme ends.

    Source: product P 7.
    """
    last_on = get_last_day(clinic_id=clinic.id)
    group = plan_group(last_on, at) if last_on is not None else None
    if last_on is None or group is None:
        return []
    return [
        Row(
            group=group,
            matter=Matter.NO_PLAN,
            patient_id=episode.person_id,
            name=episode.person.full_name,
            tag="Plan",
            what="No whole plan for leaving",
            facts=f"The programme’s last day of doses is {day_in_words(last_on)}. Missing: {', '.join(missing)}.",
            since="",
            since_exactly="",
        )
        for episode, missing in list_people_without_plan(clinic=clinic).items()
        if missing
    ]
