"""The paper pack for when the computer is off: for which session, how old it may be, and when the next is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dosing.rules.missed import Opening
from dosing.rules.orders import LONDON

# In session hours an older pack is told of on the board. Source: clinical rule 46.
MOST_AGE: Final = timedelta(minutes=15)
# The worker makes the next one well before, so that one that fails leaves time for two more tries.
MADE_EVERY: Final = timedelta(minutes=5)
# Before a session opens the pack of the session is as fresh as in it; else, as over night, once an hour.
FRESH_BEFORE: Final = timedelta(hours=1)
MADE_AT_LEAST: Final = timedelta(hours=1)
# How many files of one session are kept: a pack is a copy, and what was printed of it lies on paper.
FILES_KEPT: Final = 3
# Lines at the end of a pack for people who are not on it.
BLANK_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class PackSession:
    """The session that a pack is for: the one that is open, else the next, with its moments in UTC."""

    on: date
    slot: str
    begins_at: datetime
    ends_at: datetime

    def is_open(self, at: datetime) -> bool:
        """Tell whether the session has begun."""
        return self.begins_at <= at

    def judged_at(self, at: datetime) -> datetime:
        """Return the moment that doses are looked at for: now, or the opening of a session still to come."""
        return max(at, self.begins_at)


@dataclass(frozen=True, slots=True)
class NewestPack:
    """Which session the newest pack of a clinic is for, and when it was made."""

    on: date
    slot: str
    made_at: datetime

    def is_for(self, session: PackSession) -> bool:
        """Tell whether it is for a session."""
        return (self.on, self.slot) == (session.on, session.slot)


def session_of_pack(openings: Iterable[Opening], at: datetime) -> PackSession | None:
    """Return the session that is open at a moment, else the next one; None for a clinic that holds none.

    Source: clinical rule 46.
    """
    today = at.astimezone(LONDON).date()
    every = [
        PackSession(on, one.slot, one.begins(on), one.ends(on))
        for one in openings
        for on in (today, today + timedelta(days=1))
    ]
    to_come = [one for one in every if one.ends_at > at.astimezone(UTC)]
    return min(to_come, key=lambda one: one.begins_at, default=None)


def is_pack_due(
    session: PackSession, newest: NewestPack | None, *, changed_at: datetime | None, at: datetime
) -> bool:
    """Tell whether the worker makes a pack now: none for the session, an order changed since, or it grows old.

    Source: clinical rule 46.
    """
    if newest is None or not newest.is_for(session):
        return True
    if changed_at is not None and changed_at > newest.made_at:
        return True
    is_near = session.begins_at - FRESH_BEFORE <= at
    return at - newest.made_at >= (MADE_EVERY if is_near else MADE_AT_LEAST)


def what_is_wrong_with_the_pack(
    session: PackSession | None, newest: NewestPack | None, *, at: datetime
) -> str:
    """Return what the room is told of its paper pack in session hours, or nothing; no dose waits for it.

    Exactly 15 minutes are still in time. Source: clinical rule 46.
    """
    if session is None or not session.is_open(at):
        return ""
    if newest is None or not newest.is_for(session):
        return "There is no paper pack of this session."
    age = at - newest.made_at
    if age <= MOST_AGE:
        return ""
    return f"The paper pack is {age // timedelta(minutes=1)} minutes old."


def paper_reference(number: int, line: int) -> str:
    """Return what stands beside one line of a pack on paper, and nowhere else in the clinic: "P12-03"."""
    return f"P{number}-{line:02d}"
