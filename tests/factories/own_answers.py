"""Answers to the clinic's own four questions, recorded by the real action."""

from __future__ import annotations

import uuid
from datetime import date

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from outcomes.actions.own_answers import record_own_answers
from outcomes.models import OwnAnswers
from outcomes.rules.own_answers import OwnSaid


def own_said(on: date, **changes: object) -> OwnSaid:
    """Return what a person may answer at a review."""
    answers: dict[str, object] = {
        "stage": "review",
        "spend_week_pence": 4_000,
        "public_injecting": True,
        "unsafe_disposal": False,
        "family_contact": "wanted_not",
        **changes,
    }
    return OwnSaid(on=on, **answers)  # type: ignore[arg-type]  # a test's own changes


def own_answers(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    on: date,
    key: uuid.UUID | None = None,
    **changes: object,
) -> OwnAnswers:
    """Record what one person in treatment answered on a day."""
    return record_own_answers(
        clinic=clinic,
        person=person_id,
        said=own_said(on, **changes),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )
