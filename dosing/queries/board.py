"""The board: everybody of the session that is open now, and whoever is still in the room or being observed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import JSONObject, RowNumber

from dosing.models import DowntimePack, Hold, ProtocolVersion, Visit
from dosing.queries.clocks import get_clock
from dosing.queries.days import DayState, day_state, with_day
from dosing.queries.downtime import openings_of
from dosing.queries.due import list_due
from dosing.queries.due_tiles import due_tile
from dosing.queries.premises import premises_of, premises_of_terminal
from dosing.queries.sessions import SessionKey, slot_open_at
from dosing.queries.tiles import Mark as Mark
from dosing.queries.tiles import Place as Place
from dosing.queries.tiles import Tile as Tile
from dosing.queries.used_packs import of_used_packs
from dosing.queries.visits import STEPS_DONE, initials_of
from dosing.rules.downtime import NewestPack, session_of_pack, what_is_wrong_with_the_pack
from dosing.rules.paper import not_entered_in_words
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.visits import IN_THE_ROOM, VisitState, late_reason
from hat_clinic.accounts.models import Clinic, SessionSlot
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.compiled import ask_compiled
from patients.queries.around import heaviest_alert_of
from patients.queries.photos import photo_address, photo_of
from patients.rules.alerts import Severity

# More people than this cannot be taken in at a glance: their column tells the number.
FOLDED_ABOVE = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its tiles, and how many people stand in it. A folded one shows the number alone."""

    place: Place
    tiles: tuple[Tile, ...]
    count: int

    @property
    def is_folded(self) -> bool:
        """Whether people stand here who are not shown."""
        return self.count > len(self.tiles)


@dataclass(frozen=True, slots=True)
class Board:
    """Everybody booked into one session, column by column, and what is true of the day.

    `folded` tells how many people are due, or have left, where they are too many to be shown; nobody who is in
    the room or being observed is ever folded away.
    """

    session: SessionKey | None
    next_opening: str
    tiles: tuple[Tile, ...]
    folded: dict[Place, int]
    trouble: str
    paper: str
    unentered: tuple[str, ...]
    looked_at: datetime
    day: DayState

    def in_place(self, place: Place) -> tuple[Tile, ...]:
        """Return the tiles of one column."""
        return tuple(tile for tile in self.tiles if tile.place is place)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order of a visit."""
        return tuple(
            Column(place, tiles, self.folded.get(place, len(tiles)))
            for place in Place
            for tiles in [self.in_place(place)]
        )

    @property
    def open_draws(self) -> tuple[Tile, ...]:
        """The drawn doses without an ending."""
        return tuple(tile for tile in self.tiles if tile.mark is Mark.ACT)

    @property
    def state(self) -> str:
        """What would have to be drawn anew if it differed: everything but seconds that a browser counts itself."""
        tiles = [(str(tile.place), str(tile.patient_id), tile.state) for tile in self.tiles]
        return repr(
            (
                self.session,
                self.next_opening,
                tiles,
                sorted(self.folded.items()),
                self.trouble,
                self.day,
                self.paper,
                self.unentered,
            )
        )

    @property
    def is_large(self) -> bool:
        """Whether the tiles shrink one step: more than fifteen people."""
        return len(self.tiles) > 15


def get_board(
    *, clinic: Clinic, at: datetime, terminal_id: uuid.UUID | None = None, unfolded: Place | None = None
) -> Board:
    """Return the board of the session that is open now, in the same three statements for 10 people and 500.

    The day is that of the terminal's premises where `terminal_id` is known.

    Of more than 40 people who are due, or have left, only the number is told, unless their column is `unfolded`.
    """
    frame = _frame(clinic, at, terminal_id)
    slots, protocol = frame.slots, frame.protocol
    session = slot_open_at(slots, at)
    tiles: list[Tile] = []
    folded: dict[Place, int] = {}
    ended = 0
    for visit in _visits(clinic, session, at, everybody=unfolded is Place.LEFT):
        ended = visit.count if visit.ended_at is not None else ended
        tiles.append(_marked(_visit_tile(visit, at), visit, clinic))
    if ended > FOLDED_ABOVE and unfolded is not Place.LEFT:
        tiles = [tile for tile in tiles if tile.place not in (Place.LEFT, Place.MISSED)]
        folded[Place.LEFT] = ended
    if session is not None:
        due = list_due(
            clinic=clinic, session=session, at=at, most=None if unfolded is Place.DUE else FOLDED_ABOVE
        )
        if due and due[0].count > FOLDED_ABOVE and unfolded is not Place.DUE:
            folded[Place.DUE] = due[0].count
        else:
            tiles += [_marked(due_tile(one, protocol, at), one, clinic) for one in due]
    return Board(
        session=session,
        next_opening=_next_opening(slots, at) if session is None else "",
        tiles=tuple(sorted(tiles, key=_by_need)),
        folded=folded,
        trouble=""
        if protocol is not None
        else "The clinic has no approved limits in force: no dose can be begun. Tell the clinical lead.",
        paper=what_is_wrong_with_the_pack(session_of_pack(openings_of(slots), at), frame.pack, at=at),
        unentered=frame.unentered,
        looked_at=at,
        day=frame.day,
    )


def _visits(clinic: Clinic, session: SessionKey | None, at: datetime, *, everybody: bool) -> list[Any]:
    """Return the visits that have not ended, and those of this session that have, the last of them first.

    Of the ended ones no more than can be shown, each with how many there are (`count`).
    """
    asked = _all_visits if everybody else _shown_visits
    on, slot = (session.service_date, str(session.slot)) if session else (date.min, "")
    return ask_compiled(asked, clinic=clinic.id, at=at, on=on, slot=slot, today=london_date(at))


def _shown_visits(*, clinic: uuid.UUID, at: datetime, on: date, slot: str, today: date) -> QuerySet[Visit]:
    visits: Any = _all_visits(clinic=clinic, at=at, on=on, slot=slot, today=today)
    shown: QuerySet[Visit] = visits.filter(Q(ended_at__isnull=True) | Q(turn__lte=FOLDED_ABOVE))
    return shown


def _all_visits(*, clinic: uuid.UUID, at: datetime, on: date, slot: str, today: date) -> QuerySet[Visit]:
    has_ended = ExpressionWrapper(Q(ended_at__isnull=False), output_field=BooleanField())
    of_this_session = Q(session__service_date=on, session__slot=slot)
    return (
        Visit.objects.select_related("session", "patient", "preparation", "outcome", "with_staff")
        .filter(Q(ended_at__isnull=True) | of_this_session, clinic_id=clinic)
        .annotate(
            photo=photo_of("patient_id", at=at),
            alert=heaviest_alert_of("patient_id", today=today),
            is_held=Exists(Hold.objects.filter(patient_id=OuterRef("patient_id"), lifted_at__isnull=True)),
            count=Window(Count("*"), partition_by=has_ended),
            turn=Window(RowNumber(), partition_by=has_ended, order_by="-ended_at"),
        )
    )


def _by_need(tile: Tile) -> tuple[int, int, str]:
    if tile.place is Place.OBSERVED:
        late = tile.elapsed_s - (tile.due_s if tile.due_s is not None else tile.of_s)
        return (list(Place).index(tile.place), -late, tile.name)
    return (list(Place).index(tile.place), 0, tile.name)


def _marked(tile: Tile, row: Any, clinic: Clinic) -> Tile:
    """Return the tile with the photo that may be shown and the heaviest alert; `row` was asked for both."""
    photo = photo_address(clinic, tile.patient_id, row.photo) if row.photo else ""
    alert = Severity(row.alert).label if row.alert else ""
    return replace(tile, photo=photo, alert=alert) if photo or alert else tile


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is asked for beside the people: day, sessions, limits, the newest paper pack."""

    day: DayState
    slots: list[SessionSlot]
    protocol: Protocol | None
    pack: NewestPack | None
    unentered: tuple[str, ...]


def _frame(clinic: Clinic, at: datetime, terminal_id: uuid.UUID | None) -> _Frame:
    """Return the frame of the board, in one statement."""
    today = london_date(at)
    if terminal_id is None:
        rows = ask_compiled(_frame_of_clinic, clinic=clinic.id, at=at, today=today)
    else:
        rows = ask_compiled(_frame_at_terminal, clinic=clinic.id, terminal=terminal_id, at=at, today=today)
    found = rows[0] if rows else None
    day = day_state(found, today=today)
    if found is None:
        beside = _of_the_clinic("pk", at)
        found = Clinic.objects.filter(id=clinic.id).annotate(**beside).values(*beside).get()
    slots = [
        SessionSlot(
            name=told["name"],
            opens_at=time.fromisoformat(told["opens_at"]),
            closes_at=time.fromisoformat(told["closes_at"]),
        )
        for told in found["its_slots"]
    ]
    protocol = Protocol(**found["limits"]) if found["limits"] else None
    unentered = tuple(not_entered_in_words(told["number"], told["missing"]) for told in found["used_packs"])
    return _Frame(day, slots, protocol, _newest(found["pack"]), unentered)


def _frame_of_clinic(*, clinic: uuid.UUID, at: datetime, today: date) -> Any:
    return with_day(premises_of(clinic), at=at, today=today, **_of_the_clinic("clinic", at))


def _frame_at_terminal(*, clinic: uuid.UUID, terminal: uuid.UUID, at: datetime, today: date) -> Any:
    premises = premises_of_terminal(clinic, terminal)
    return with_day(premises, at=at, today=today, **_of_the_clinic("clinic", at))


def _newest(told: dict[str, str] | None) -> NewestPack | None:
    if not told:
        return None
    made_at = datetime.fromisoformat(told["made_at"])
    return NewestPack(date.fromisoformat(told["on"]), told["slot"], made_at)


def _of_the_clinic(clinic: str, at: datetime) -> dict[str, Any]:
    """Return what tells the frame of the clinic that a row names in its column `clinic`."""
    limits = JSONObject(**{field.name: field.name for field in fields(Protocol)})
    return {
        "its_slots": ArraySubquery(
            SessionSlot.objects.filter(clinic=OuterRef(clinic))
            .order_by("opens_at")
            .values(told=JSONObject(name="name", opens_at="opens_at", closes_at="closes_at"))
        ),
        "limits": Subquery(
            ProtocolVersion.objects.filter(clinic=OuterRef(clinic), starts_at__lte=at)
            .order_by("-number")
            .values(told=limits)[:1]
        ),
        "used_packs": ArraySubquery(
            of_used_packs(OuterRef(clinic))
            .filter(entered__lt=F("people"))
            .order_by("pack__number")
            .values(told=JSONObject(number="pack__number", missing=F("people") - F("entered")))
        ),
        "pack": Subquery(
            DowntimePack.objects.filter(clinic=OuterRef(clinic), file__emptied_at__isnull=True)
            .exclude(file=None)
            .order_by("-made_at", "-number")
            .values(told=JSONObject(on="service_date", slot="slot", made_at="made_at"))[:1]
        ),
    }


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
    is_held = getattr(visit, "is_held", False)
    if state is VisitState.PREPARED and visit.injected_at is not None:
        # Watched after an injection while the next one is drawn up: the clock never leaves the board.
        tile = replace(tile, facts=f"With {visit.with_staff.full_name}")
        return replace(
            _observed_tile(tile, visit, at), tag="Next dose drawn up · not yet injected", mark=Mark.ACT
        )
    if state is VisitState.ARRIVED:
        minutes = int((at - visit.arrived_at).total_seconds() // 60)
        held = ("HOLD: see doctor first", Mark.HOLD) if is_held else ("", Mark.NONE)
        return replace(tile, facts=f"Waiting {minutes} min", tag=held[0], mark=held[1])
    if state in IN_THE_ROOM:
        is_drawn = state is VisitState.PREPARED
        if is_held and not is_drawn:
            facts = f"With {visit.with_staff.full_name}"
            return replace(tile, place=Place.ROOM, facts=facts, tag="HOLD: see doctor first", mark=Mark.HOLD)
        return replace(
            tile,
            place=Place.ROOM,
            facts=f"With {visit.with_staff.full_name}",
            tag=_TAGS[state],
            mark=Mark.ACT if is_drawn else Mark.LOOK,
        )
    if state is VisitState.OBSERVED:
        return _observed_tile(tile, visit, at)
    ended = f"{visit.ended_at.astimezone(LONDON):%H:%M}" if visit.ended_at else ""
    if state is VisitState.NOT_GIVEN and visit.outcome is not None:
        outcome = Outcome(visit.outcome.outcome)
        reason = visit.outcome.reason.replace("_", " ")
        here = outcome is Outcome.WITHHELD
        comes = late_reason(outcome, Reason(visit.outcome.reason)) is not None
        return replace(
            tile,
            goes_to="dosing:identify_person" if comes else "",
            place=Place.LEFT if here else Place.MISSED,
            facts=f"{outcome.value.capitalize()} {ended}: {reason}",
        )
    word = "Left early" if state is VisitState.LEFT_EARLY else "Left"
    return replace(tile, place=Place.LEFT, facts=f"{word} {ended}")


def _observed_tile(tile: Tile, visit: Visit, at: datetime) -> Tile:
    clock = get_clock(visit, at)
    return replace(
        tile,
        place=Place.OBSERVED,
        due_minute=visit.next_due_minute,
        elapsed_s=clock.elapsed_s,
        of_s=clock.of_s,
        due_s=clock.due_s,
    )


def _next_opening(slots: list[SessionSlot], at: datetime) -> str:
    wall = at.astimezone(LONDON).time()
    later = [slot.opens_at for slot in slots if slot.opens_at > wall]
    if later:
        return f"today at {later[0]:%H:%M}"
    return f"tomorrow at {slots[0].opens_at:%H:%M}" if slots else "when the manager sets the sessions"
