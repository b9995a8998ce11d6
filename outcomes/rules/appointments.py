"""Appointments: when one may be booked, moved and cancelled, and when an agency is in the clinic.

Times of day are those of the clock on the wall in London. None lies in the night, so that none is missing or comes
twice when the clocks change.

Source: trust design 3; product W3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.support import LONGEST_LINE, LONGEST_MINUTES

LONDON: Final = ZoneInfo("Europe/London")
EARLIEST, LATEST = time(6), time(22)
FURTHEST: Final = timedelta(days=366)
SHORTEST: Final = 5  # minutes
MOST_PLACES: Final = 30
TRUST: Final = "trust design 3"
DAYS_OF_THE_WEEK: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Ending(StrEnum):
    """How an appointment ended before anybody could come."""

    CANCELLED = "cancelled"
    MOVED = "moved"

    @property
    def label(self) -> str:
        """The word on the pages."""
        return {Ending.CANCELLED: "Cancelled", Ending.MOVED: "Moved"}[self]


class Whose(StrEnum):
    """Who cancelled or moved it."""

    PERSON = "person"
    CLINIC = "clinic"
    AGENCY = "agency"

    @property
    def label(self) -> str:
        """The words on the keys."""
        return {Whose.PERSON: "The person", Whose.CLINIC: "The clinic", Whose.AGENCY: "The agency"}[self]


# --- the times of an agency ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotSaid:
    """When an agency is in the clinic, as it was written. `weekday` is 1 for Monday; `last_on` None: no end."""

    weekday: int
    begins: time
    ends: time
    room: str
    places: int
    first_on: date
    last_on: date | None = None

    @property
    def minutes_of_a_place(self) -> int:
        """How long each place is, in whole minutes."""
        return (_minute(self.ends) - _minute(self.begins)) // self.places

    def runs_on(self, on: date) -> bool:
        """Tell whether the agency is there on a day."""
        return (
            on.isoweekday() == self.weekday
            and self.first_on <= on
            and (self.last_on is None or on <= self.last_on)
        )

    def meets(self, other: SlotSaid) -> bool:
        """Tell whether both are there at one moment of at least one day."""
        if self.weekday != other.weekday or self.begins >= other.ends or self.ends <= other.begins:
            return False
        first = max(self.first_on, other.first_on)
        first += timedelta(days=(self.weekday - first.isoweekday()) % 7)
        return all(said.last_on is None or first <= said.last_on for said in (self, other))

    def times(self) -> tuple[time, ...]:
        """Return when each place begins."""
        begins = _minute(self.begins)
        return tuple(
            time(*divmod(begins + number * self.minutes_of_a_place, 60)) for number in range(self.places)
        )


def may_set_slot(
    said: SlotSaid, *, today: date, in_the_room: Sequence[tuple[str, SlotSaid]] = ()
) -> Decision:
    """Decide whether an agency's time may be written down, with every reason against it.

    `in_the_room` are the other times of the same room, each with its agency: a room holds one agency at a time.
    """
    return Decision.of([*_slot_times(said), *_slot_days(said, today), *_slot_room(said, in_the_room)])


def _slot_room(said: SlotSaid, in_the_room: Sequence[tuple[str, SlotSaid]]) -> list[Finding]:
    if not 1 <= said.weekday <= 7:
        return []
    return [
        block(
            "slot_room_taken",
            f"{agency} is in that room then: {DAYS_OF_THE_WEEK[other.weekday - 1]}, {other.begins:%H:%M} to "
            f"{other.ends:%H:%M}. Choose another room or another time.",
            TRUST,
        )
        for agency, other in in_the_room
        if said.meets(other)
    ][:1]


def _slot_times(said: SlotSaid) -> list[Finding | None]:
    is_in_order = said.begins < said.ends
    has_places = 1 <= said.places <= MOST_PLACES
    return [
        block("slot_ends_first", "It must end after it begins.", TRUST) if not is_in_order else None,
        _in_the_night("slot_in_the_night", said.begins, said.ends),
        block("slot_without_room", "Write in which room they are.", TRUST) if not said.room.strip() else None,
        block("slot_long_room", f"Keep the room to {LONGEST_LINE} letters.", TRUST)
        if len(said.room) > LONGEST_LINE
        else None,
        block("slot_places", f"Write how many people they see: 1 to {MOST_PLACES}.", TRUST)
        if not has_places
        else None,
        block("slot_short_places", f"That leaves less than {SHORTEST} minutes for each person.", TRUST)
        if has_places and is_in_order and said.minutes_of_a_place < SHORTEST
        else None,
    ]


def _slot_days(said: SlotSaid, today: date) -> list[Finding | None]:
    return [
        block("slot_weekday", "Choose a day of the week.", TRUST) if not 1 <= said.weekday <= 7 else None,
        block("slot_last_before_first", "The last day must be the first day or later.", TRUST)
        if said.last_on is not None and said.last_on < said.first_on
        else None,
        block("slot_is_over", "The last day has gone by. Check the day.", TRUST)
        if said.last_on is not None and said.last_on < today
        else None,
        block("slot_far_away", "The first day is more than a year away. Check the year.", TRUST)
        if abs(said.first_on - today) > FURTHEST
        else None,
    ]


def may_end_slot(
    *, last_on: date | None, first_on: date, has_ended: bool, booked_on: Sequence[date]
) -> Decision:
    """Decide whether an agency's time may end after `last_on` (None: it was a mistake, and never was).

    `booked_on` are the days on which somebody is booked in it: nobody is left with an appointment with nobody.
    """
    after = [on for on in booked_on if last_on is None or on > last_on]
    return Decision.of(
        [
            block("slot_has_ended", "This time was ended before.", TRUST) if has_ended else None,
            block(
                "slot_ends_before_it_began",
                f"The first day was {first_on:%-d %B %Y}. Write that day or a later one.",
                TRUST,
            )
            if last_on is not None and last_on < first_on
            else None,
            block(
                "slot_has_appointments",
                f"Somebody is booked on {min(after):%-d %B %Y}. Move or cancel what is booked first.",
                TRUST,
            )
            if after
            else None,
        ]
    )


# --- one appointment ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class AppointmentSaid:
    """One appointment as it was said, in the time of the clock on the wall."""

    on: date
    begins: time
    minutes: int
    domain: str
    where: str = ""
    words: str = ""

    @property
    def starts_at(self) -> datetime:
        """When it starts, in UTC."""
        return moment_of(self.on, self.begins)

    @property
    def ends_at(self) -> datetime:
        """When it ends, in UTC."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingFacts:
    """What stands in the database around a booking.

    `slot` is the agency's time it is booked in, None for a time of its own; `other` is when the person is booked
    already at that time, `of_worker` when the colleague is booked with somebody else, None where they are free.
    `has_died`: a treatment of theirs ended so.
    """

    slot: SlotSaid | None
    place_is_taken: bool
    other: datetime | None
    is_with_somebody: bool
    worker_is_here: bool
    has_died: bool = False
    of_worker: datetime | None = None


def may_book(said: AppointmentSaid, facts: BookingFacts, *, at: datetime) -> Decision:
    """Decide whether an appointment may be booked, with every reason against it."""
    return Decision.of(
        [*_when(said, at), *_with_whom(facts), *_in_the_slot(said, facts), *_free(said, facts)]
    )


def _when(said: AppointmentSaid, at: datetime) -> list[Finding | None]:
    today = at.astimezone(LONDON).date()
    return [
        block(
            "appointment_gone_by",
            "That time has gone by. Log what happened as a support session.",
            TRUST,
        )
        if said.starts_at < at
        else None,
        block("appointment_far_away", "That day is more than a year away. Check the year.", TRUST)
        if said.on > today + FURTHEST
        else None,
        _in_the_night("appointment_in_the_night", said.begins, None)
        or (
            block("appointment_ends_in_the_night", "It must end by 22:00 on that day.", TRUST)
            if SHORTEST <= said.minutes <= LONGEST_MINUTES and said.ends_at > moment_of(said.on, LATEST)
            else None
        ),
        block(
            "appointment_minutes",
            f"Say how long it takes: {SHORTEST} to {LONGEST_MINUTES} minutes.",
            TRUST,
        )
        if not SHORTEST <= said.minutes <= LONGEST_MINUTES
        else None,
        block("appointment_long_line", f"Keep each line to {LONGEST_LINE} letters.", TRUST)
        if max(len(said.where), len(said.words)) > LONGEST_LINE
        else None,
    ]


def _with_whom(facts: BookingFacts) -> list[Finding | None]:
    return [
        block("appointment_of_the_dead", "This person has died. Nothing can be booked for them.", TRUST)
        if facts.has_died
        else None,
        block("appointment_with_nobody", "Choose with whom it is.", TRUST)
        if not facts.is_with_somebody
        else None,
        block("appointment_worker_elsewhere", "Choose a case worker of this clinic.", TRUST)
        if not facts.worker_is_here
        else None,
    ]


def _in_the_slot(said: AppointmentSaid, facts: BookingFacts) -> list[Finding | None]:
    slot = facts.slot
    if slot is None:
        return []
    is_there = (
        slot.runs_on(said.on) and said.begins in slot.times() and said.minutes == slot.minutes_of_a_place
    )
    return [
        block(
            "appointment_outside_slot",
            "The agency is not in the clinic at that time any more. Choose another one.",
            TRUST,
        )
        if not is_there
        else None,
        block("appointment_place_taken", "Somebody else took that place. Choose another one.", TRUST)
        if facts.place_is_taken
        else None,
    ]


def _free(said: AppointmentSaid, facts: BookingFacts) -> list[Finding | None]:
    found: list[Finding | None] = []
    if facts.other is not None:
        found.append(
            block(
                "appointment_twice_at_once",
                f"They have another appointment then: {_on_the_wall(facts.other)}. Move that one, or choose another "
                "time.",
                TRUST,
            )
        )
    if facts.of_worker is not None:
        found.append(
            block(
                "appointment_worker_booked",
                f"That colleague is booked with somebody else then: {_on_the_wall(facts.of_worker)}. Choose another "
                "time or another colleague.",
                TRUST,
            )
        )
    return found


def may_end_appointment(
    *, has_ended: bool, is_logged: bool, words: str, has_begun: bool = False, whose: Whose = Whose.PERSON
) -> Decision:
    """Decide whether an appointment may be cancelled or moved: once, with why, and not after it was logged.

    Once it has begun only the clinic and the agency can still call it off: that somebody did not come is logged.
    """
    return Decision.of(
        [
            block(
                "appointment_has_begun",
                "This appointment has begun. Log whether they came.",
                TRUST,
            )
            if has_begun and whose == Whose.PERSON and not (has_ended or is_logged)
            else None,
            block(
                "appointment_has_ended",
                "This appointment was cancelled or moved meanwhile. Look at it again.",
                TRUST,
            )
            if has_ended
            else None,
            block(
                "appointment_is_logged",
                "This appointment is logged. If that is wrong, correct the session.",
                TRUST,
            )
            if is_logged
            else None,
            block("appointment_end_says_nothing", "Write why, in one line.", TRUST)
            if not words.strip()
            else None,
            block("appointment_end_long_line", f"Keep the line to {LONGEST_LINE} letters.", TRUST)
            if len(words) > LONGEST_LINE
            else None,
        ]
    )


def may_log_appointment(
    *, starts_at: datetime, at: datetime, on: date, has_ended: bool, is_logged: bool
) -> Decision:
    """Decide whether what came of an appointment may be logged on a day: once it has begun, once, on its own day."""
    return Decision.of(
        [
            block("appointment_not_begun", "This appointment has not begun yet.", TRUST)
            if at < starts_at
            else None,
            block("appointment_other_day", "A session of an appointment is on its day.", TRUST)
            if on != starts_at.astimezone(LONDON).date()
            else None,
            block(
                "appointment_has_ended",
                "This appointment was cancelled or moved meanwhile. Look at it again.",
                TRUST,
            )
            if has_ended
            else None,
            block("appointment_is_logged", "This appointment is logged already.", TRUST)
            if is_logged
            else None,
        ]
    )


# --- times of day -------------------------------------------------------------------------------------------


def moment_of(on: date, wall: time) -> datetime:
    """Return the moment of a time on the wall on a day, in UTC; of a time that comes twice, the first."""
    return datetime.combine(on, wall, tzinfo=LONDON).astimezone(UTC)


def _on_the_wall(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%-d %B at %H:%M}"


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _in_the_night(code: str, begins: time, ends: time | None) -> Finding | None:
    is_by_day = EARLIEST <= begins <= LATEST and (ends is None or ends <= LATEST)
    return None if is_by_day else block(code, "Write a time between 06:00 and 22:00.", TRUST)
