"""The pages of closed sessions: all of them, and one with the people it took sessions from and who was told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, Max, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Greatest

from dosing.models import ClosedPerson, Closure, Contact, IdentityCheck, Reopening
from dosing.queries.closures import list_sessions_ahead
from dosing.queries.worklist_row import Row
from dosing.rules.closures import ClosedFor, closed_in_words, reopens_in_words, session_in_words
from dosing.rules.contacts import TELLS_OF_THEM
from dosing.rules.history import counted
from dosing.rules.missed import Held
from dosing.rules.moments import moment_in_words
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date

SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReopeningShown:
    """One reopening of a closure as it is told."""

    with_session: str
    words: str
    by: str
    when: str


@dataclass(frozen=True, slots=True)
class ClosureShown:
    """One closure as it is told, with what cut it short. `is_standing` says that a session of it is still to come."""

    id: uuid.UUID
    first: str
    last: str
    sessions: int
    reason: str
    words: str
    sentence: str
    by: str
    when: str
    people: int
    reopenings: tuple[ReopeningShown, ...]
    is_standing: bool

    @property
    def is_one(self) -> bool:
        """Whether it is a single session."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class ToldShown:
    """One person of a closure: what they miss, what covers it, what follows, and whether somebody reached them."""

    patient_id: uuid.UUID
    name: str
    sessions: int
    row: int
    oral: str
    due: str
    is_told: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class ClosurePage:
    """All that the page of one closure prints."""

    shown: ClosureShown
    people: tuple[ToldShown, ...]

    @property
    def still_to_tell(self) -> int:
        """How many nobody has reached yet."""
        return sum(not one.is_told for one in self.people)


def list_closures(*, clinic: Clinic, at: datetime) -> tuple[ClosureShown, ...]:
    """Return the last closures of a clinic, the newest first, in two statements and one for the people."""
    closures = _closures(clinic).order_by("-starts_at", "-closed_at")[:SHOWN]
    return tuple(_shown(one, at) for one in closures)


def get_closure_page(*, clinic: Clinic, closure_id: uuid.UUID, at: datetime) -> ClosurePage | None:
    """Return one closure of a clinic with its people by name; None for another's."""
    closure = _closures(clinic).filter(id=closure_id).first()
    if closure is None:
        return None
    people = _with_told(ClosedPerson.objects.filter(closure=closure)).order_by(
        "patient__family_name", "patient__given_names"
    )
    return ClosurePage(
        shown=_shown(closure, at),
        people=tuple(
            ToldShown(
                patient_id=one.patient_id,
                name=one.patient.full_name,
                sessions=one.sessions,
                row=one.row,
                oral=one.oral_plan,
                due=moment_in_words(one.contact_due_at),
                is_told=one.is_told,
                is_late=not one.is_told and one.contact_due_at <= at,
            )
            for one in people
        ),
    )


def reopening_choices(*, clinic: Clinic, closure_id: uuid.UUID, at: datetime) -> list[tuple[str, str]]:
    """Return the sessions that a closure may end before, as a form offers them; none where nothing is left of it."""
    closure = Closure.objects.filter(clinic=clinic, id=closure_id).prefetch_related("reopenings").first()
    if closure is None:
        return []
    until = min([closure.ends_at, *(one.from_at for one in closure.reopenings.all())])
    return [
        (f"{one.on.isoformat()} {one.slot}", session_in_words(one.on, one.slot))
        for one in list_sessions_ahead(clinic=clinic, at=at)
        if _is_left(one, closure, until)
    ]


def _is_left(session: Held, closure: Closure, until: datetime) -> bool:
    return closure.starts_at < session.ends_at and session.begins_at < until


def closure_rows(clinic: Clinic, at: datetime) -> list[Row]:
    """Return who is still to be told that sessions are closed, or reopen early, in one statement.

    Until somebody has reached the person, or somebody who has seen them, or the person came to the hatch.
    Source: clinical rules 34 and 35.
    """
    waiting = _with_told(
        ClosedPerson.objects.filter(
            closure__clinic=clinic,
            episode__exited_on__isnull=True,
            closure__ends_at__gt=at - timedelta(days=21),
        )
    ).filter(is_told=False)
    rows = []
    for one in waiting.order_by("contact_due_at", "patient__family_name", "patient__given_names"):
        is_reopened = one.reopened_at is not None
        due_at = one.contact_due_at if one.reopened_at is None else one.reopened_at
        misses = (
            "The closure was cut short."
            if is_reopened
            else f"{one.patient.full_name} misses {counted(one.sessions, 'session')}."
        )
        oral = f"Oral: {one.oral_plan}." if one.oral_plan else "No oral order is in force."
        rows.append(
            Row(
                group=_group(due_at, at),
                matter=Matter.CLOSED,
                patient_id=one.patient_id,
                name=one.patient.full_name,
                tag="Reopened" if is_reopened else "Closed",
                what="Tell them that it reopens earlier"
                if is_reopened
                else f"Tell them before {moment_in_words(due_at)} that sessions are closed",
                facts=f"{_from_to(one.closure)}: “{one.closure.words}” {misses} {oral}",
                since="",
                since_exactly="",
            )
        )
    return rows


def _group(due_at: datetime, at: datetime) -> Group:
    if due_at <= at:
        return Group.NOW
    return Group.TODAY if due_at <= at + timedelta(days=1) else Group.WEEK


def _with_told(people: QuerySet[ClosedPerson]) -> Any:
    """Say of each whether they were told since the closure, or since it was cut short: by a contact, or by coming."""
    reopened = Reopening.objects.filter(closure=OuterRef("closure")).order_by()
    contact = Contact.objects.filter(
        episode=OuterRef("episode"), reached__in=list(TELLS_OF_THEM), noted_at__gte=OuterRef("since")
    )
    came = IdentityCheck.objects.filter(
        patient=OuterRef("patient"),
        is_right=True,
        made_at__gte=Greatest(OuterRef("since"), OuterRef("closure__starts_at")),
    )
    return (
        people.select_related("patient", "closure")
        .annotate(
            reopened_at=reopened.values("closure").annotate(last=Max("reopened_at")).values("last")[:1],
        )
        .annotate(
            since=Coalesce(F("reopened_at"), F("closure__closed_at"), output_field=DateTimeField()),
        )
        .annotate(is_told=Exists(contact) | Exists(came))
    )


def _closures(clinic: Clinic) -> QuerySet[Closure]:
    return (
        Closure.objects.filter(clinic=clinic)
        .select_related("closed_by")
        .prefetch_related("reopenings__reopened_by", "people")
    )


def _shown(closure: Closure, at: datetime) -> ClosureShown:
    reopenings = sorted(closure.reopenings.all(), key=lambda one: one.reopened_at)
    earliest = min(reopenings, key=lambda one: one.from_at, default=None)
    until = min(closure.ends_at, earliest.from_at) if earliest else closure.ends_at
    on, slot = (
        (earliest.from_on, earliest.from_slot) if earliest else (closure.reopens_on, closure.reopens_slot)
    )
    return ClosureShown(
        id=closure.id,
        first=session_in_words(closure.first_on, closure.first_slot),
        last=session_in_words(closure.last_on, closure.last_slot),
        sessions=closure.sessions,
        reason=ClosedFor(closure.reason).label,
        words=closure.words,
        sentence=closed_in_words(closure.words, reopens_in_words(on, slot, today=london_date(at))),
        by=closure.closed_by.full_name,
        when=moment_in_words(closure.closed_at),
        people=len(closure.people.all()),
        reopenings=tuple(
            ReopeningShown(
                with_session=session_in_words(one.from_on, one.from_slot),
                words=one.words,
                by=one.reopened_by.full_name,
                when=moment_in_words(one.reopened_at),
            )
            for one in reopenings
        ),
        is_standing=until > at,
    )


def _from_to(closure: Closure) -> str:
    first = session_in_words(closure.first_on, closure.first_slot)
    last = session_in_words(closure.last_on, closure.last_slot)
    return first if first == last else f"{first}, to {last}"
