"""Which sessions somebody missed: every one that an order booked and that is over without an injection.

Nobody has to write a missed session down for it to count. Source: clinical rules 32, 34 and 7.11.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dosing.rules.history import MissedSession
from dosing.rules.orders import LONDON


@dataclass(frozen=True, slots=True)
class Opening:
    """One of the day's sessions with its clock times in Europe/London; `turn` counts from 1."""

    slot: str
    turn: int
    opens_at: time
    closes_at: time

    def begins(self, on: date) -> datetime:
        """Return when it opens on a day, in UTC: two moments of one zone would be compared by their walls."""
        return datetime.combine(on, self.opens_at, tzinfo=LONDON).astimezone(UTC)

    def ends(self, on: date) -> datetime:
        """Return when it closes on a day, in UTC."""
        return datetime.combine(on, self.closes_at, tzinfo=LONDON).astimezone(UTC)

    def is_open(self, at: datetime) -> bool:
        """Tell whether a moment lies in this session of its Europe/London day: from its opening up to its close.

        Where a wall time comes twice, the first of the two opens and closes it, so that a session that is over
        is never open again. Source: clinical rules 7.11.
        """
        on = at.astimezone(LONDON).date()
        return self.begins(on) <= at.astimezone(UTC) < self.ends(on)

    def middle(self, on: date) -> datetime:
        """Return the middle of its clock times on a day: where a session without a time of its own is drawn."""
        half = (datetime.combine(on, self.closes_at) - datetime.combine(on, self.opens_at)) / 2
        wall = datetime.combine(on, self.opens_at) + half
        return wall.replace(tzinfo=LONDON)


@dataclass(frozen=True, slots=True)
class Held:
    """One session that a clinic held on one day."""

    on: date
    slot: str
    turn: int
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """For how long one order was in force, for how many sessions of a day, and the sessions held in that time.

    `ends_at` is when it really ended: an order that was replaced or ended books nothing more. `last_turn` is the
    last session of a day that the clinic holds and the order books.
    """

    starts_at: datetime
    ends_at: datetime
    sessions_per_day: int
    last_turn: int
    held: tuple[Held, ...]

    def books(self, session: Held) -> bool:
        """Tell whether somebody on the order was due in a session, if only for a part of it."""
        return is_booked(session, self.starts_at, self.ends_at, self.sessions_per_day)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One session that something was recorded of: whether a dose was given, else when that was said.

    `closes_at` is when the session is over by its clinic's clock.
    """

    on: date
    slot: str
    turn: int
    is_given: bool
    closes_at: datetime
    said_at: datetime | None = None


def is_booked(session: Held, starts_at: datetime, ends_at: datetime, sessions_per_day: int) -> bool:
    """Tell whether an order in force for a time booked a session: for any part of it, and within its number a day.

    For a part of it, because the stricter reading is the safer one. Source: clinical rules 32 and 7.11.
    """
    return session.turn <= sessions_per_day and starts_at < session.ends_at and session.begins_at < ends_at


def sessions_held(openings: Iterable[Opening], *, first_on: date, at: datetime) -> tuple[Held, ...]:
    """Return each session that a clinic has held since a day and that is over at a moment, the first one first."""
    every, last_on = tuple(openings), at.astimezone(LONDON).date()
    days = [first_on + timedelta(days=days) for days in range((last_on - first_on).days + 1)]
    held = (
        Held(on, opening.slot, opening.turn, opening.begins(on), opening.ends(on))
        for on in days
        for opening in every
    )
    return tuple(sorted((one for one in held if one.ends_at <= at), key=lambda one: one.ends_at))


def missed_sessions(
    bookings: Iterable[Booking], recorded: Iterable[Recorded], *, at: datetime
) -> tuple[MissedSession, ...]:
    """Return the sessions somebody has missed up to a moment, the first one first.

    Each booked session without an injection counts from its close on, whatever the reason and whether or not
    anybody wrote it down; one that was ended without a dose counts from that moment on. A session that is not
    over yet does not count. Source: clinical rules 32, 34 and 7.11.
    """
    there = {(one.on, one.slot): one for one in recorded}
    found: dict[tuple[date, str], tuple[int, datetime, bool]] = {}
    last_turns: dict[date, int] = {}
    for one in there.values():
        last_turns[one.on] = max(one.turn, last_turns.get(one.on, 0))
        over_at = min(one.closes_at, one.said_at) if one.said_at is not None else one.closes_at
        if not one.is_given and over_at <= at:
            found[one.on, one.slot] = (one.turn, over_at, one.said_at is not None)
    for booking in bookings:
        for session in booking.held:
            if not booking.books(session):
                continue
            last_turns[session.on] = max(booking.last_turn, last_turns.get(session.on, 0))
            if (session.on, session.slot) not in there:
                found[session.on, session.slot] = (session.turn, session.ends_at, False)
    return tuple(
        sorted(
            (
                MissedSession(
                    over_at=over_at,
                    on=on,
                    slot=slot,
                    ends_day=turn >= last_turns[on],
                    is_recorded=is_recorded,
                )
                for (on, slot), (turn, over_at, is_recorded) in found.items()
            ),
            key=lambda one: one.over_at,
        )
    )
