"""Somebody being observed: the readings so far, as rules read them and as the page shows them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Max, Q

from dosing.models import Emergency, Injection, Reading, Visit
from dosing.queries.correction_words import correction_in_words
from dosing.queries.emergencies import get_naloxone_at
from dosing.queries.further import FurtherInjection, get_further_injection
from dosing.queries.sessions import SessionKey
from dosing.queries.standing import as_it_stands
from dosing.queries.visits import RoomHead, as_readings, get_room_head
from dosing.rules.observation import (
    OPENS_EARLY,
    Escalation,
    ReadingTaken,
    Watched,
    due_minutes,
    due_now,
    late_minute,
    may_leave,
    missing_minutes,
    watch_until,
)
from dosing.rules.orders import Site
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision


def get_watched(*, visit: Visit) -> Watched:
    """Return the observation of a visit that has come to it, as rules read it.

    Raises ValueError for one that has not.
    """
    if visit.injected_at is None or visit.observe_minutes is None:
        raise ValueError("This visit has no observation.")
    taken: dict[uuid.UUID, list[ReadingTaken]] = defaultdict(list)
    standing = Reading.objects.filter(session_id=visit.session_id, amended_by__isnull=True)
    for reading in standing.order_by("taken_at"):
        taken[reading.injection_id].append(
            ReadingTaken(readings=as_readings(reading), taken_at=reading.taken_at, minute=reading.minute)
        )
    injections = Injection.objects.filter(session_id=visit.session_id).order_by("number")
    *before, last = injections.values_list("id", "ended_at", "started_at")
    # The longest time that applied to any injection of the session is kept in the visit, and asked of each.
    watched = [
        Watched(ended_at=ended_at, minutes=visit.observe_minutes, readings=tuple(taken[injection_id]))
        for injection_id, ended_at, _ in [*before, last]
    ]
    theirs = Emergency.objects.filter(patient_id=visit.patient_id)
    first_started_at = [*before, last][0][2]
    began = theirs.filter(Q(session_id=visit.session_id) | Q(began_at__gte=first_started_at))
    return replace(
        watched[-1],
        before=tuple(watched[:-1]),
        emergency_at=began.aggregate(last=Max("began_at"))["last"],
        naloxone_at=get_naloxone_at(patient_id=visit.patient_id),
    )


# --- the page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One line of the readings: recorded, due now, or still to come."""

    label: str
    minute: int | None
    time: str
    sedation: str
    breaths: str
    oxygen: str
    pulse: str
    by: str
    is_recorded: bool
    is_due: bool
    escalation: str
    reading_id: uuid.UUID | None = None
    why: str = ""
    is_amended: bool = False


@dataclass(frozen=True, slots=True)
class ObservePage:
    """All that the page of somebody being observed prints. Times in seconds count from the end of the injection."""

    head: RoomHead
    injected_words: str
    given_words: str
    ended_at: datetime
    elapsed_s: int
    until_s: int
    minutes: int
    due_minute: int | None
    due_at: datetime | None
    overdue_s: int
    late_minute: int | None
    opens_in_s: int
    until_at: datetime
    rows: tuple[ReadingRow, ...]
    escalation: Escalation
    leaving: Decision
    missing: tuple[int, ...]
    next_words: str
    further: FurtherInjection | None
    is_drawn: bool


def get_observe_page(*, clinic: Clinic, visit: Visit, at: datetime) -> ObservePage:
    """Return the page of somebody being observed, or who has been."""
    watched = get_watched(visit=visit)
    injection = visit.outcome.injection if visit.outcome is not None else None
    if injection is None:
        raise ValueError("This visit has no injection.")
    session = SessionKey(visit.session.service_date, visit.session.slot)
    until = watch_until(watched)
    due = due_now(watched, at=at)
    due_at = watched.ended_at + timedelta(minutes=due) if due is not None else None
    stands = as_it_stands(injection)
    started, ended = injection.started_at.astimezone(LONDON), injection.ended_at.astimezone(LONDON)
    not_before = injection.guard.upper.astimezone(LONDON)
    is_drawn = visit.state == VisitState.PREPARED
    is_one_of_several = bool(watched.before)
    return ObservePage(
        head=get_room_head(
            clinic=clinic,
            person=visit.patient,
            session=session,
            visit=visit,
            order=visit.session.order,
            at=at,
        ),
        injected_words=f"Injected {started:%H:%M} to {ended:%H:%M}",
        given_words=f"{stands.given_mg} mg, {Site(stands.site).label}"
        + (f" · {visit.outcome.given_mg} mg in this session" if is_one_of_several and visit.outcome else ""),
        ended_at=watched.ended_at,
        elapsed_s=_seconds(at - watched.ended_at),
        until_s=_seconds(until - watched.ended_at),
        minutes=_seconds(until - watched.ended_at) // 60,
        due_minute=due,
        due_at=due_at,
        overdue_s=max(0, _seconds(at - due_at)) if due_at is not None else 0,
        late_minute=late_minute(watched, at=at),
        opens_in_s=max(0, _seconds(due_at - OPENS_EARLY - at)) if due_at is not None else 0,
        until_at=until,
        rows=_rows(visit, watched, due, at),
        escalation=Escalation(visit.escalation),
        leaving=may_leave(watched, at=at),
        missing=tuple(minute for minute in missing_minutes(watched)),
        next_words=f"Not before {not_before:%H:%M}"
        + ("" if not_before.date() == ended.date() else f" on {not_before.day} {not_before:%B}"),
        further=get_further_injection(clinic=clinic, visit=visit, at=at)
        if visit.state == VisitState.OBSERVED
        else None,
        is_drawn=is_drawn,
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _rows(visit: Visit, watched: Watched, due: int | None, at: datetime) -> tuple[ReadingRow, ...]:
    taken = list(
        Reading.objects.select_related("taken_by", "correction__corrected_by", "amended_by")
        .filter(session_id=visit.session_id)
        .order_by("taken_at")
    )
    first = {reading.id: reading for reading in taken}
    taken = [reading for reading in taken if not hasattr(reading, "amended_by")]
    last = visit.outcome.injection_id if visit.outcome is not None else None
    earlier = [reading for reading in taken if reading.injection_id != last]
    taken = [reading for reading in taken if reading.injection_id == last]
    recorded = {reading.minute: reading for reading in taken if reading.minute is not None}
    rows = [row for reading in earlier for row in _chain_rows(reading, first, is_earlier=True)]
    for minute in due_minutes(watched.minutes):
        if minute in recorded:
            rows += _chain_rows(recorded[minute], first)
            continue
        moment = watched.ended_at + timedelta(minutes=minute)
        rows.append(
            ReadingRow(
                label=f"{minute} min",
                minute=minute,
                time=_due_words(minute, due, moment, at),
                sedation="",
                breaths="",
                oxygen="",
                pulse="",
                by="",
                is_recorded=False,
                is_due=minute == due,
                escalation="",
            )
        )
    rows += [row for reading in taken if reading.minute is None for row in _chain_rows(reading, first)]
    return tuple(rows)


def _due_words(minute: int, due: int | None, moment: datetime, at: datetime) -> str:
    if due is None or minute < due:
        return "missing"
    if minute == due and at >= moment - OPENS_EARLY:
        return "now"
    return f"due {moment.astimezone(LONDON):%H:%M}"


def _chain_rows(
    reading: Reading, first: dict[uuid.UUID, Reading], *, is_earlier: bool = False
) -> list[ReadingRow]:
    """Return the rows of one reading: what was written first, then what stands beside it."""
    rows = [replace(_recorded_row(reading, is_earlier=is_earlier), reading_id=reading.id)]
    while reading.amends_id is not None:
        why = correction_in_words(reading.correction)
        rows[0] = replace(rows[0], why=why)
        reading = first[reading.amends_id]
        rows.insert(0, replace(_recorded_row(reading, is_earlier=is_earlier), is_amended=True))
    return rows


def _recorded_row(reading: Reading, *, is_earlier: bool = False) -> ReadingRow:
    which = f"{reading.minute} min" if reading.minute is not None else "beside"
    return ReadingRow(
        label=f"before, {which}" if is_earlier else which,
        minute=reading.minute,
        time=f"{reading.taken_at.astimezone(LONDON):%H:%M}",
        sedation=reading.sedation,
        breaths=str(reading.breaths),
        oxygen=f"{reading.oxygen} %" if reading.oxygen is not None else "not measured",
        pulse=str(reading.pulse) if reading.pulse is not None else "not measured",
        by=reading.taken_by.full_name,
        is_recorded=True,
        is_due=False,
        escalation=reading.escalation,
    )
