"""One person's line of time: everything of a clinic, in the same number of queries for 1 day and for 84."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Min

from dosing.models import Hold, Injection, Order, PlannedSession, PreInjectionCheck, Reading, SessionOutcome
from dosing.queries.corrections import list_put_right
from dosing.queries.missed import openings_of
from dosing.queries.oral import list_oral_doses
from dosing.queries.orders import get_episode_here
from dosing.queries.standing import found_standing, with_what_stands
from dosing.queries.timeline_gaps import list_gap_decisions, list_gaps
from dosing.queries.visits import HOLD_WORDS, opener_of
from dosing.rules.checks import Readings, Sedation
from dosing.rules.holds import HoldSeverity
from dosing.rules.missed import Opening
from dosing.rules.observation import Escalation
from dosing.rules.orders import EndReason, Product, Route, Site
from dosing.rules.sessions import Outcome, Reason, Reduction
from dosing.rules.timeline.axis import Window, window_of
from dosing.rules.timeline.drawing import Drawing, draw
from dosing.rules.timeline.facts import (
    After,
    HoldShown,
    Known,
    OralShown,
    OrderShown,
    SessionShown,
    after_of,
    mark_of,
    without_record,
)
from dosing.rules.timeline.rows import Row, list_rows
from hat_clinic.accounts.models import Clinic, Slot
from hat_clinic.core.clock import london_date
from patients.models import Episode
from patients.queries.people import PersonHead
from patients.queries.photos import photo_url

# Where imported sessions of a slot stand that this clinic does not open.
_USUAL = {
    Slot.AM: Opening(Slot.AM, 1, time(8), time(12)),
    Slot.PM: Opening(Slot.PM, 2, time(12), time(17)),
    Slot.EVE: Opening(Slot.EVE, 3, time(17), time(21)),
}


@dataclass(frozen=True, slots=True)
class StandingHold:
    """The hold that bars any dose now."""

    id: uuid.UUID
    opened_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """All that the page of one person's line of time prints. `days` is None for all of them."""

    head: PersonHead
    days: int | None
    window: Window
    known: Known
    drawing: Drawing
    rows: tuple[Row, ...]
    hold: StandingHold | None
    elsewhere: int

    @property
    def is_in_treatment(self) -> bool:
        """Tell whether the treatment here has not ended."""
        return self.head.episode.exited_on is None


def get_timeline(
    *, clinic: Clinic, patient_id: uuid.UUID, days: int | None, at: datetime
) -> TimelinePage | None:
    """Return the line of time of somebody who is or was in treatment in a clinic; None for anybody else.

    Doses at another clinic are counted (`elsewhere`) and not drawn.
    """
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        return None
    orders = _orders(patient_id, clinic, at)
    window = window_of(days, known_since=_known_since(patient_id, clinic, episode, orders), at=at)
    openings = openings_of(clinic)
    holds = _holds(patient_id, clinic)
    standing = next((hold for hold in holds if hold.lifted_at is None), None)
    sessions = _sessions(patient_id, clinic, window, openings, standing)
    silent = without_record(
        orders=orders,
        openings=openings,
        known=[(session.on, slot) for slot, session in sessions],
        first_on=window.first_on,
        at=at,
    )
    shown = [*(session for _, session in sessions), *(_with_label(gap) for gap in silent)]
    known = Known(
        sessions=tuple(sorted(shown, key=lambda session: session.at)),
        orders=tuple(
            order for order in orders if order.starts_at < window.ends_at and order.ends_at > window.starts_at
        ),
        holds=tuple(
            _hold(hold)
            for hold in holds
            if hold.opened_at < window.ends_at
            and (hold.lifted_at is None or hold.lifted_at >= window.starts_at)
        ),
        oral=list_oral(patient_id=patient_id, window=window),
        gaps=list_gaps(episode=episode, window=window, at=at),
        decisions=list_gap_decisions(patient_id=patient_id, window=window),
    )
    return TimelinePage(
        head=PersonHead(episode, photo_url(clinic=clinic, person_id=patient_id, at=at)),
        days=days,
        window=window,
        known=known,
        drawing=draw(known, window, at=at),
        rows=list_rows(known),
        hold=StandingHold(standing.id, standing.opened_at, _why(standing)) if standing else None,
        elsewhere=_count_elsewhere(patient_id, clinic, window),
    )


def list_oral(*, patient_id: uuid.UUID, window: Window) -> tuple[OralShown, ...]:
    """Return the oral doses of a window, the first one first."""
    return tuple(
        OralShown(at=dose.given_at, medicine=dose.drug.label, given_mg=dose.mg)
        for dose in list_oral_doses(patient_id=patient_id, since=window.starts_at)
        if dose.given_at < window.ends_at
    )


def _known_since(
    patient_id: uuid.UUID, clinic: Clinic, episode: Episode, orders: tuple[OrderShown, ...]
) -> date:
    first: date | None = PlannedSession.objects.filter(patient_id=patient_id, clinic=clinic).aggregate(
        first=Min("service_date")
    )["first"]
    days = [episode.accepted_on, *(london_date(order.starts_at) for order in orders)]
    return min([*days, first] if first else days)


def _orders(patient_id: uuid.UUID, clinic: Clinic, at: datetime) -> tuple[OrderShown, ...]:
    """Return the orders that were in force for any time up to now; one signed for later is not drawn."""
    rows = (
        Order.objects.select_related("period", "written_by", "signed_by")
        .filter(
            patient_id=patient_id,
            premises__clinic=clinic,
            product=Product.DIAMORPHINE,
            period__during__overlap=DateTimeTZRange(None, at, "(]"),
        )
        .order_by("version")
    )
    return tuple(
        OrderShown(
            version=row.version,
            dose_mg=row.dose_mg,
            sessions_per_day=row.sessions_per_day,
            starts_at=row.period.during.lower,
            ends_at=row.period.during.upper,
            ended=_how_it_ended(row, at),
            by_two=f"Written by {row.written_by.full_name}, signed by {row.signed_by.full_name}."
            if row.written_by is not None
            else "",
        )
        for row in rows
    )


def _how_it_ended(order: Order, at: datetime) -> str:
    period = order.period
    if period.ended_at is None or period.end_reason == EndReason.REPLACED or period.during.upper > at:
        return ""
    return EndReason(period.end_reason).label


def _sessions(
    patient_id: uuid.UUID,
    clinic: Clinic,
    window: Window,
    openings: list[Opening],
    standing: Hold | None,
) -> list[tuple[str, SessionShown]]:
    """Return the sessions of a window that something was recorded of, each with its slot."""
    span = {"service_date__gte": window.first_on, "service_date__lte": window.last_on}
    inside = {f"session__{name}": value for name, value in span.items()} | {
        "session__patient_id": patient_id,
        "session__clinic": clinic,
    }
    outcomes = {
        row.session_id: row for row in SessionOutcome.objects.filter(amended_by__isnull=True, **inside)
    }
    injections: dict[uuid.UUID, list[Injection]] = defaultdict(list)
    given = with_what_stands(Injection.objects.select_related("release", "order"))
    for row in given.filter(**inside).order_by("started_at"):
        injections[row.session_id].append(row)
    after = _after(inside)
    put_right = list_put_right(patient_id=patient_id, clinic=clinic, window=span)
    planned = PlannedSession.objects.select_related("order", "visit").filter(
        patient_id=patient_id, clinic=clinic, **span
    )
    middles = {opening.slot: opening for opening in openings}
    return [
        (
            row.slot,
            _session(
                row,
                outcomes.get(row.id),
                injections[row.id],
                after.get(row.id),
                put_right.get(row.id, ()),
                middles.get(row.slot) or _USUAL[Slot(row.slot)],
                standing if standing is not None and _session_of(standing) == row.id else None,
            ),
        )
        for row in planned
    ]


def _session_of(hold: Hold) -> uuid.UUID | None:
    return hold.check_made.session_id if hold.check_made is not None else None


def _after(inside: dict[str, Any]) -> dict[uuid.UUID, After]:
    taken: dict[uuid.UUID, list[tuple[Readings, Escalation]]] = defaultdict(list)
    for row in Reading.objects.filter(amended_by__isnull=True, **inside):
        readings = Readings(Sedation(row.sedation), row.breaths, row.oxygen, row.pulse)
        taken[row.session_id].append((readings, Escalation(row.escalation)))
    return {session: found for session, sets in taken.items() if (found := after_of(sets)) is not None}


def _session(
    row: PlannedSession,
    outcome: SessionOutcome | None,
    injections: list[Injection],
    after: After | None,
    put_right: tuple[str, ...],
    opening: Opening,
    held: Hold | None,
) -> SessionShown:
    mark = mark_of(Outcome(outcome.outcome) if outcome else None, is_held=held is not None)
    first = injections[0] if injections else None
    moment = first.started_at if first else _judged_at(row, outcome, held)
    order = first.order if first else row.order
    given = sum(found_standing(injection).given_mg for injection in injections) or (
        outcome.given_mg if outcome else None
    )
    return SessionShown(
        on=row.service_date,
        slot=_label(row.slot),
        at=moment or opening.middle(row.service_date),
        is_timed=moment is not None,
        mark=mark,
        given_mg=given,
        ordered_mg=order.dose_mg if order else None,
        how=_how(first) if first else "",
        reason=_reason(outcome),
        after=after,
        notes=(*_notes(row, injections, after), *put_right),
        session_id=row.id if hasattr(row, "visit") else None,
    )


def _how(injection: Injection) -> str:
    """Return how a dose went in: "into a vein, left arm"."""
    said = found_standing(injection)
    return f"{Route(said.route).label}, {Site(said.site).label}"


def _judged_at(row: PlannedSession, outcome: SessionOutcome | None, held: Hold | None) -> datetime | None:
    """Return when a dose was withheld or held, if that was written down on its day.

    A session that was missed has no moment of its own.
    """
    if outcome is None:
        return held.opened_at if held is not None else None
    if outcome.recorded_at is None or outcome.outcome != Outcome.WITHHELD:
        return None
    return outcome.recorded_at if london_date(outcome.recorded_at) == row.service_date else None


def _reason(outcome: SessionOutcome | None) -> str:
    if outcome is not None and outcome.reduced_for:
        label = Reduction(outcome.reduced_for).label
        return label[0].lower() + label[1:]
    if outcome is None or not outcome.reason:
        return ""
    return "reason unknown" if outcome.reason == Reason.UNKNOWN else outcome.reason.replace("_", " ")


def _notes(row: PlannedSession, injections: list[Injection], after: After | None) -> Iterator[str]:
    roused = after is not None and after.escalation is not Escalation.NONE
    if row.import_run_id is not None:
        yield "From earlier records."
    for injection in injections:
        release = getattr(injection, "release", None)
        if injection.is_contested:
            yield "Contested: stored as it happened, against a rule."
        if release is not None and release.left_early:
            yield f"Left early: {release.reason}"
        elif release is not None:
            yield "Tolerated." if release.is_tolerated and not roused else "Not counted as tolerated."


def _holds(patient_id: uuid.UUID, clinic: Clinic) -> list[Hold]:
    return list(
        Hold.objects.select_related("check_made", "opened_by", "lifted_by")
        .filter(patient_id=patient_id, clinic=clinic)
        .order_by("opened_at")
    )


def _hold(hold: Hold) -> HoldShown:
    return HoldShown(
        opened_at=hold.opened_at,
        why=_why(hold),
        opened_by=opener_of(hold),
        lifted_at=hold.lifted_at,
        lifted_by=hold.lifted_by.full_name if hold.lifted_by else "",
        lift_reason=hold.lift_reason,
        what="Review" if hold.severity == HoldSeverity.REVIEW else "Hold",
    )


def _why(hold: Hold) -> str:
    """Return what a hold is for, in figures where the check has one: "oxygen 93 %, breath alcohol 24 µg"."""
    check = hold.check_made
    words = ((_figure(code, check) if check else "") or HOLD_WORDS.get(code, code) for code in hold.codes)
    # What a review is about stands beside it in the same picture, with its own readings.
    said = hold.reason if hold.severity != HoldSeverity.REVIEW else ""
    brief = (word.removeprefix("having had to be ") for word in words)
    return ", ".join(dict.fromkeys(brief)) + (f" (“{said}”)" if said else "")


def _figure(code: str, check: PreInjectionCheck) -> str:
    if code == "sedation":
        return f"POSS {check.sedation}"
    if code == "breathing":
        return f"breathing {check.breaths}"
    if code == "oxygen":
        return f"oxygen {check.oxygen} %"
    if code in ("alcohol", "alcohol_stop"):
        known = check.alcohol_ug is not None
        return f"breath alcohol {check.alcohol_ug} µg" if known else "breath alcohol not known"
    return ""


def _with_label(gap: SessionShown) -> SessionShown:
    return replace(gap, slot=_label(gap.slot))


def _label(slot: str) -> str:
    return str(Slot(slot).label)


def _count_elsewhere(patient_id: uuid.UUID, clinic: Clinic, window: Window) -> int:
    given = Injection.objects.filter(
        patient_id=patient_id, started_at__gte=window.starts_at, started_at__lt=window.ends_at
    )
    return given.exclude(session__clinic=clinic).count()
