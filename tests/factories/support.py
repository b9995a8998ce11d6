"""Help around treatment, logged by the real actions."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date, now
from outcomes.actions.support import Said, log_support_session
from outcomes.models import SupportSession
from outcomes.rules.support import SessionLogged


def said(
    on: date,
    *,
    domain: str = "housing",
    attended: bool = True,
    minutes: int | None = 45,
    done: tuple[str, ...] = ("talked",),
    note: str = "",
    next_step: str = "",
    next_step_on: date | None = None,
    agency_id: uuid.UUID | None = None,
) -> Said:
    """Return a session as a case worker would say it; one that nobody came to has its own answers."""
    if not attended:
        minutes, done = None, ("follow_up_call",)
        next_step, next_step_on = next_step or "Call again", next_step_on or on + timedelta(days=2)
    return Said(
        session=SessionLogged(
            on=on,
            domain=domain,
            attended=attended,
            minutes=minutes,
            done=done,
            note=note,
            next_step=next_step,
            next_step_on=next_step_on,
        ),
        agency_id=agency_id,
    )


def a_support_session(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    days_ago: int = 0,
    key: uuid.UUID | None = None,
    at: datetime | None = None,
    **more: object,
) -> SupportSession:
    """Log one session of a person in treatment."""
    at = at or now()
    on = london_date(at) - timedelta(days=days_ago)
    return log_support_session(
        clinic=clinic,
        person=person_id,
        said=said(on, **more),  # type: ignore[arg-type]  # a test's own changes
        key=key or uuid.uuid4(),
        by=by,
        at=at,
    )
