"""The board: everybody of the session that is open now, and whoever is still in the room or being observed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from dosing.models import Hold, Injection, OrderPeriod, ProtocolVersion, Visit
from dosing.queries.sessions import SessionKey, as_order_in_force, minutes_between, slot_open_at
from dosing.queries.visits import STEPS_DONE, initials_of
from dosing.rules.orders import Product
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import Outcome, SessionFacts, least_minutes, may_start
from dosing.rules.visits import IN_THE_ROOM, UNFINISHED, VisitState
from hat_clinic.accounts.models import Clinic, SessionSlot, Slot
from hat_clinic.core.clock import LONDON, london_date
from patients.queries.consents import standing_consents
from patients.queries.photos import photo_address, photo_of
from patients.rules.consents import Purpose

SLOT_ORDER = [Slot.AM, Slot.PM, Slot.EVE]
NEW_DOSE_FOR = timedelta(hours=72)


class Place(StrEnum):
    """Which column of the board a person stands in."""

    DUE = "due"
    ARRIVED = "arrived"
    ROOM = "room"
    OBSERVED = "observed"
    LEFT = "left"
    MISSED = "missed"


class Mark(StrEnum):
    """What a tag on a tile says, besides its words."""

    NONE = ""
    HOLD = "hold"
    WAIT = "wait"
    NEW = "new"
    ACT = "act"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Tile:
    """One person on the board: no dose on it, because the board is seen from the hatch.

    `goes_to` is the name of the page that a tap opens, empty for none. Seconds count from the end of the
    injection for those observed: `elapsed_s` of `of_s`, the next reading at `due_s`.
    """

    patient_id: uuid.UUID
    session_id: uuid.UUID | None
    name: str
    initials: str
    place: Place
    goes_to: str
    facts: str
    tag: str = ""
    mark: Mark = Mark.NONE
    steps_done: int = 0
    elapsed_s: int = 0
    of_s: int = 0
    due_s: int | None = None
    due_minute: int | None = None
    escalation: str = ""
    photo: str = ""

    @property
    def of_min(self) -> int:
        """The minutes of the whole observation."""
        return self.of_s // 60

    @property
    def steps(self) -> tuple[bool, ...]:
        """Which of the five steps are done."""
        return tuple(place < self.steps_done for place in range(5))

    @property
    def is_overdue(self) -> bool:
        """Whether a reading is over a minute late. Source: clinical rule 27."""
        return self.due_s is not None and self.elapsed_s > self.due_s + 60

    @property
    def overdue_s(self) -> int:
        """How many seconds the reading is late."""
        return max(0, self.elapsed_s - self.due_s) if self.due_s is not None else 0

    @property
    def due_in_s(self) -> int:
        """In how many seconds the reading is due."""
        return max(0, self.due_s - self.elapsed_s) if self.due_s is not None else 0


@dataclass(frozen=True, slots=True)
class Board:
    """Everybody booked into one session, column by column, and what is true of the day."""

    session: SessionKey | None
    next_opening: str
    tiles: tuple[Tile, ...]
    trouble: str
    looked_at: datetime

    def in_place(self, place: Place) -> tuple[Tile, ...]:
        """Return the tiles of one column."""
        return tuple(tile for tile in self.tiles if tile.place is place)

    @property
    def columns(self) -> tuple[tuple[Place, tuple[Tile, ...]], ...]:
        """The columns in the order of a visit."""
        return tuple((place, self.in_place(place)) for place in Place)

    @property
    def open_draws(self) -> tuple[Tile, ...]:
        """The drawn doses without an ending."""
        return tuple(tile for tile in self.tiles if tile.mark is Mark.ACT)

    @property
    def is_large(self) -> bool:
        """Whether the tiles shrink one step: more than fifteen people."""
        return len(self.tiles) > 15


def get_board(*, clinic: Clinic, at: datetime) -> Board:
    """Return the board of the session that is open now, in the same three statements for 10 people and 500."""
    slots, protocol = _frame(clinic, at)
    session = slot_open_at(slots, at)
    visits = list(
        Visit.objects.select_related("session", "patient", "preparation", "outcome", "with_staff")
        .annotate(photo=photo_of("patient_id", at=at))
        .filter(
            Q(state__in=UNFINISHED)
            | Q(
                session__service_date=session.service_date if session else date.min,
                session__slot=session.slot if session else "",
            ),
            clinic=clinic,
        )
    )
    tiles = [_with_photo(_visit_tile(visit, at), visit, clinic) for visit in visits]
    if session is not None:
        seen = {
            visit.patient_id
            for visit in visits
            if (visit.session.service_date, visit.session.slot) == (session.service_date, session.slot)
        }
        tiles += [
            _with_photo(_due_tile(period, protocol, at), period, clinic)
            for period in _due(clinic, session, at)
            if period.patient_id not in seen
        ]
    return Board(
        session=session,
        next_opening=_next_opening(slots, at) if session is None else "",
        tiles=tuple(sorted(tiles, key=_by_need)),
        trouble=""
        if protocol is not None
        else "The clinic has no approved limits in force: no dose can be begun. Tell the clinical lead.",
        looked_at=at,
    )


def _with_photo(tile: Tile, row: Any, clinic: Clinic) -> Tile:
    """Return the tile with the photo that may be shown; `row` was asked for it."""
    return replace(tile, photo=photo_address(clinic, tile.patient_id, row.photo)) if row.photo else tile


def _by_need(tile: Tile) -> tuple[int, int, str]:
    if tile.place is Place.OBSERVED:
        late = tile.elapsed_s - (tile.due_s if tile.due_s is not None else tile.of_s)
        return (list(Place).index(tile.place), -late, tile.name)
    return (list(Place).index(tile.place), 0, tile.name)


def _frame(clinic: Clinic, at: datetime) -> tuple[list[SessionSlot], Protocol | None]:
    """Return the clinic's sessions and the limits in force, in one statement."""
    limits = JSONObject(**{field.name: field.name for field in fields(Protocol)})
    found = (
        Clinic.objects.filter(id=clinic.id)
        .annotate(
            its_slots=ArraySubquery(
                SessionSlot.objects.filter(clinic=OuterRef("pk"))
                .order_by("opens_at")
                .values(told=JSONObject(name="name", opens_at="opens_at", closes_at="closes_at"))
            ),
            limits=Subquery(
                ProtocolVersion.objects.filter(clinic=OuterRef("pk"), starts_at__lte=at)
                .order_by("-starts_at", "-number")
                .values(told=limits)[:1]
            ),
        )
        .values_list("its_slots", "limits")
        .get()
    )
    slots = [
        SessionSlot(
            name=told["name"],
            opens_at=time.fromisoformat(told["opens_at"]),
            closes_at=time.fromisoformat(told["closes_at"]),
        )
        for told in found[0]
    ]
    return slots, Protocol(**found[1]) if found[1] else None


def _due(clinic: Clinic, session: SessionKey, at: datetime) -> list[Any]:
    """Return the order periods of a session, each with what is asked beside it."""
    turn = SLOT_ORDER.index(Slot(session.slot)) + 1
    person = Q(patient_id=OuterRef("patient_id"))
    last = Injection.objects.filter(person, started_at__gt=at - timedelta(days=1)).order_by("-ended_at")
    return list(
        OrderPeriod.objects.select_related("order__signed_by", "order__replaces", "patient")
        .filter(
            order__premises__clinic=clinic,
            product=Product.DIAMORPHINE,
            during__contains=at,
            order__sessions_per_day__gte=turn,
            order__episode__exited_on__isnull=True,
        )
        .annotate(
            last_ended_at=Subquery(last.values("ended_at")[:1]),
            last_guard=Subquery(last.values("guard")[:1]),
            photo=photo_of("patient_id", at=at),
            is_held=Exists(Hold.objects.filter(person, lifted_at__isnull=True)),
            has_consent=Exists(
                standing_consents(at=at).filter(person_id=OuterRef("patient_id"), purpose=Purpose.TREATMENT)
            ),
        )
        .order_by("patient__family_name", "patient__given_names")
    )


def _due_tile(period: Any, protocol: Protocol | None, at: datetime) -> Tile:
    person, order = period.patient, period.order
    facts = SessionFacts(
        at=at,
        today=london_date(at),
        session_is_open=True,
        order=as_order_in_force(order),
        protocol=protocol,
        earlier_outcome=None,
        last_ended_at=period.last_ended_at,
        given_today_mg=0,
        given_in_window_mg=0,
        last_interval_minutes=minutes_between(period.last_ended_at, period.last_guard)
        if period.last_ended_at
        else 0,
    )
    tile = Tile(
        patient_id=person.id,
        session_id=None,
        name=person.full_name,
        initials=initials_of(person.given_names, person.family_name),
        place=Place.DUE,
        goes_to="dosing:identify_person",
        facts="Due",
    )
    tag, mark = _due_tag(period, facts)
    return replace(tile, tag=tag, mark=mark)


def _due_tag(period: Any, facts: SessionFacts) -> tuple[str, Mark]:
    if period.is_held:
        return "HOLD: see doctor first", Mark.HOLD
    if not period.has_consent:
        return "No consent to treatment", Mark.HOLD
    if facts.order is not None and facts.protocol is not None and facts.last_ended_at is not None:
        moment = facts.last_ended_at + timedelta(minutes=least_minutes(facts.order, facts.protocol, facts))
        if moment > facts.at:
            return f"Not before {moment.astimezone(LONDON):%H:%M}", Mark.WAIT
    refusals = may_start(facts).refusals
    if refusals:
        return refusals[0].message, Mark.HOLD
    replaced = period.order.replaces
    is_new = replaced is not None and replaced.dose_mg != period.order.dose_mg
    if is_new and period.order.starts_at > facts.at - NEW_DOSE_FOR:
        return "New dose", Mark.NEW
    return "", Mark.NONE


_GOES_TO = {
    VisitState.ARRIVED: "dosing:identify_person",
    VisitState.IDENTIFIED: "dosing:record_check",
    VisitState.CHECKED: "dosing:prepare_dose",
    VisitState.PREPARED: "dosing:record_injection",
    VisitState.OBSERVED: "dosing:record_reading",
    VisitState.RELEASED: "dosing:record_reading",
    VisitState.LEFT_EARLY: "dosing:record_reading",
}
_TAGS = {
    VisitState.IDENTIFIED: "Check",
    VisitState.CHECKED: "Checked · to prepare",
    VisitState.PREPARED: "Prepared · not yet injected",
}


def _visit_tile(visit: Visit, at: datetime) -> Tile:
    state = VisitState(visit.state)
    tile = Tile(
        patient_id=visit.patient_id,
        session_id=visit.session_id,
        name=visit.patient.full_name,
        initials=initials_of(visit.patient.given_names, visit.patient.family_name),
        place=Place.ARRIVED,
        goes_to=_GOES_TO.get(state, ""),
        facts="",
        steps_done=STEPS_DONE[state],
        escalation=visit.escalation,
    )
    if state is VisitState.ARRIVED:
        minutes = int((at - visit.arrived_at).total_seconds() // 60)
        return replace(tile, facts=f"Waiting {minutes} min")
    if state in IN_THE_ROOM:
        is_drawn = state is VisitState.PREPARED
        return replace(
            tile,
            place=Place.ROOM,
            facts=f"With {visit.with_staff.full_name}",
            tag=_TAGS[state],
            mark=Mark.ACT if is_drawn else Mark.LOOK,
        )
    if state is VisitState.OBSERVED:
        clock = _clock(visit, at)
        return replace(
            tile,
            place=Place.OBSERVED,
            due_minute=visit.next_due_minute,
            elapsed_s=clock.elapsed_s,
            of_s=clock.of_s,
            due_s=clock.due_s,
        )
    ended = f"{visit.ended_at.astimezone(LONDON):%H:%M}" if visit.ended_at else ""
    if state is VisitState.NOT_GIVEN and visit.outcome is not None:
        outcome = Outcome(visit.outcome.outcome)
        reason = visit.outcome.reason.replace("_", " ")
        here = outcome is Outcome.WITHHELD
        return replace(
            tile,
            place=Place.LEFT if here else Place.MISSED,
            facts=f"{outcome.value.capitalize()} {ended}: {reason}",
        )
    word = "Left early" if state is VisitState.LEFT_EARLY else "Left"
    return replace(tile, place=Place.LEFT, facts=f"{word} {ended}")


def _clock(visit: Visit, at: datetime) -> Clock:
    began = visit.injected_at
    initials = ".".join(initials_of(visit.patient.given_names, visit.patient.family_name)) + "."
    if began is None or visit.observe_until is None:
        return Clock(initials=initials, elapsed_s=0, of_s=0, due_s=None)
    due = visit.next_due_at
    return Clock(
        initials=initials,
        elapsed_s=int((at - began).total_seconds()),
        of_s=int((visit.observe_until - began).total_seconds()),
        due_s=int((due - began).total_seconds()) if due else None,
    )


def _next_opening(slots: list[SessionSlot], at: datetime) -> str:
    wall = at.astimezone(LONDON).time()
    later = [slot.opens_at for slot in slots if slot.opens_at > wall]
    if later:
        return f"today at {later[0]:%H:%M}"
    return f"tomorrow at {slots[0].opens_at:%H:%M}" if slots else "when the manager sets the sessions"


@dataclass(frozen=True, slots=True)
class Clock:
    """One person being observed, by initials: seconds since the injection, and when the next reading is due."""

    initials: str
    elapsed_s: int
    of_s: int
    due_s: int | None

    @property
    def is_overdue(self) -> bool:
        """Whether a reading is over a minute late."""
        return self.due_s is not None and self.elapsed_s > self.due_s + 60

    @property
    def left_s(self) -> int:
        """Seconds until the next reading is due; how late it is when it is past."""
        return abs(self.due_s - self.elapsed_s) if self.due_s is not None else 0


def list_observed_clocks(*, clinic: Clinic, at: datetime, besides: uuid.UUID | None = None) -> list[Clock]:
    """Return the clocks of everybody being observed in a clinic besides one session, the most urgent first."""
    visits = (
        Visit.objects.select_related("patient")
        .filter(clinic=clinic, state=VisitState.OBSERVED)
        .exclude(session_id=besides)
        .order_by("next_due_at", "observe_until")
    )
    return [_clock(visit, at) for visit in visits]
