"""Outcome forms as they are asked here, recorded by the real action."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from outcomes.actions.outcome_forms import record_outcome_form
from outcomes.models import OutcomeForm
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from outcomes.rules.outcome_form import PARTS, OutcomeSaid, outcome_said

NO_DAYS = (0, 0, 0, 0)
YES_NO = (*(part for parts in PARTS.values() for part in parts), "assault", "housing_acute", "eviction_risk")


def form_of(
    on: date,
    *,
    stage: str = "review",
    weeks: Mapping[str, tuple[int, ...] | None] | None = None,
    yes_no: Mapping[str, bool | None] | None = None,
    scores: Mapping[str, int | None] | None = None,
    **amounts: Any,
) -> OutcomeSaid:
    """Return a form: no days, no to everything, 10 of 20, but for what is given."""
    return outcome_said(
        on=on,
        stage=stage,
        weeks=dict.fromkeys(DAY_ITEMS, NO_DAYS) | dict(weeks or {}),
        yes_no=dict.fromkeys(YES_NO, False) | dict(yes_no or {}),
        scores=dict.fromkeys(SCORE_ITEMS, 10) | dict(scores or {}),
        **amounts,
    )


def an_outcome_form(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    on: date,
    key: uuid.UUID | None = None,
    at: datetime | None = None,
    **more: Any,
) -> OutcomeForm:
    """Record the outcome form of one person in treatment."""
    return record_outcome_form(
        clinic=clinic,
        person=person_id,
        said=form_of(on, **more),
        key=key or uuid.uuid4(),
        by=by,
        at=at or now(),
    )


def tapped(on: date, /, **changes: str) -> dict[str, str]:
    """Return the answers of such a form as a browser sends them."""
    return {
        "on": f"{on:%d/%m/%Y}",
        **dict.fromkeys(DAY_ITEMS, "none"),
        **dict.fromkeys(YES_NO, "no"),
        **dict.fromkeys(SCORE_ITEMS, "10"),
        **changes,
    }


def boxes(item: str, *days: int) -> dict[str, str]:
    """Return the four weeks of an item as they are typed."""
    return {item: "some"} | {f"{item}_week_{number}": str(day) for number, day in enumerate(days, start=1)}
