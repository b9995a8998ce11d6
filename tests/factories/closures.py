"""Closed sessions: closed and reopened by the real actions, and single rows to try alone."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from factory import SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.closures import SentClosing, SessionsToClose, close_sessions, reopen_sessions
from dosing.models import ClosedPerson, Closure, Reopening
from dosing.queries.closures import get_closing_of_sessions, session_choices
from dosing.rules.closures import ClosedFor
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import EpisodeFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

EVERY_NOTE = frozenset({"no_oral_order", "oral_taken_here"})


def a_clinical_lead(room: TreatmentRoom) -> User:
    """Return somebody who leads the clinic."""
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Ann Cole")


def the_sessions(room: TreatmentRoom) -> list[tuple[date, str]]:
    """Return the sessions that can be closed, the one that is open now first."""
    found = [value.split(" ") for value, _ in session_choices(clinic=room.clinic, at=now())]
    return [(date.fromisoformat(on), slot) for on, slot in found]


def to_close(room: TreatmentRoom, first: int, last: int, **changes: Any) -> SessionsToClose:
    """Return the sessions from one to another, counted from the one that is open now."""
    sessions = the_sessions(room)
    content: dict[str, Any] = {
        "first": sessions[first],
        "last": sessions[last],
        "reason": ClosedFor.PREMISES,
        "words": "heating failed",
    }
    return SessionsToClose(**(content | changes))


def seen(room: TreatmentRoom, asked: SessionsToClose, by: User) -> str:
    """Return what the page of these sessions is sealed with now."""
    known = get_closing_of_sessions(
        clinic=room.clinic, first=asked.first, last=asked.last, words=asked.words, by=by, at=now()
    )
    return known.seen


def close(
    room: TreatmentRoom,
    first: int = 0,
    last: int = 1,
    *,
    by: User,
    key: uuid.UUID | None = None,
    was_seen: str | None = None,
    acknowledged: frozenset[str] = EVERY_NOTE,
    **changes: Any,
) -> Closure:
    """Close sessions, every note read."""
    asked = to_close(room, first, last, **changes)
    page = SentClosing(
        key=key or uuid.uuid4(),
        seen=seen(room, asked, by) if was_seen is None else was_seen,
        acknowledged=acknowledged,
    )
    closure_id = close_sessions(clinic=room.clinic, asked=asked, page=page, by=by, at=now())
    return Closure.objects.get(id=closure_id)


def reopen(
    room: TreatmentRoom,
    closure: Closure,
    session: int,
    *,
    by: User,
    key: uuid.UUID | None = None,
    **changes: Any,
) -> Reopening:
    """Reopen a closure from one session on, counted from the one that is open now."""
    content: dict[str, Any] = {"reopens_with": the_sessions(room)[session], "words": "heating works again"}
    reopening_id = reopen_sessions(
        clinic=room.clinic,
        closure_id=closure.id,
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
        **(content | changes),
    )
    return Reopening.objects.get(id=reopening_id)


class ClosureFactory(DjangoModelFactory[Closure]):
    """One morning that was not held, closed the evening before."""

    class Meta:
        model = Closure

    clinic = SubFactory(ClinicFactory)
    first_on = TODAY
    first_slot = "am"
    last_on = TODAY
    last_slot = "am"
    starts_at = NINE
    ends_at = NINE + timedelta(hours=3)
    sessions = 1
    reopens_on = TODAY
    reopens_slot = "pm"
    reason = ClosedFor.WEATHER
    words = "snow"
    closed_at = NINE - timedelta(hours=12)
    closed_by = SubFactory(UserFactory)


class ClosedPersonFactory(DjangoModelFactory[ClosedPerson]):
    """Somebody who misses one session by it."""

    class Meta:
        model = ClosedPerson

    closure = SubFactory(ClosureFactory)
    episode = SubFactory(EpisodeFactory)
    patient = SelfAttribute("episode.person")
    sessions = 1
    row = 1
    oral_plan = ""
    contact_due_at = NINE


class ReopeningFactory(DjangoModelFactory[Reopening]):
    """A closure that ended before its session began."""

    class Meta:
        model = Reopening

    closure = SubFactory(ClosureFactory)
    from_on = TODAY
    from_slot = "am"
    from_at = NINE
    words = "the snow has melted"
    reopened_at = NINE - timedelta(hours=1)
    reopened_by = SubFactory(UserFactory)
