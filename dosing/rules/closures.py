"""Sessions that a clinic does not hold: who closes and reopens them, what that bars, and what the gap comes to.

A closed session counts as missed like any other. Source: clinical rules 32, 34 and 7.11.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.history import Gap, Row, Standing, counted, row_of
from dosing.rules.ladder import rungs_of
from dosing.rules.missed import Held, Opening, is_booked
from dosing.rules.orders import LONDON
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, Finding, Level, block, note

# How far ahead a session can be chosen: whoever closes for longer ends the programme, with a plan for each person.
DAYS_AHEAD: Final = 31
LONGEST_WORDS: Final = 200
SLOT_WORDS: Final = {"am": "morning", "pm": "afternoon", "eve": "evening"}


class ClosedFor(StrEnum):
    """Why sessions are not held. Source: clinical rule 34."""

    WEATHER = "weather"
    STAFF = "staff"
    STOCK = "stock"
    PREMISES = "premises"
    SAFETY = "safety"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in the words of the page."""
        return {
            "weather": "Bad weather",
            "staff": "Not enough staff",
            "stock": "No stock",
            "premises": "The premises: heating, water, power, damage",
            "safety": "Safety or police",
            "other": "Another reason",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Booked:
    """One order of somebody at this clinic: from when to when it is in force, and for how many sessions a day."""

    starts_at: datetime
    ends_at: datetime
    sessions_per_day: int

    def books(self, session: Held) -> bool:
        """Tell whether the person is due in a session. Source: clinical rules 32 and 7.11."""
        return is_booked(session, self.starts_at, self.ends_at, self.sessions_per_day)


def sessions_of_days(openings: Iterable[Opening], *, first_on: date, days: int) -> tuple[Held, ...]:
    """Return every session of some days from one on, the first one first."""
    every = tuple(openings)
    held = (
        Held(on, opening.slot, opening.turn, opening.begins(on), opening.ends(on))
        for on in (first_on + timedelta(days=number) for number in range(days))
        for opening in every
    )
    return tuple(sorted(held, key=lambda one: (one.begins_at, one.turn)))


def sessions_between(
    every: Sequence[Held], *, first: tuple[date, str], last: tuple[date, str]
) -> tuple[Held, ...]:
    """Return the sessions from the first to the last, both included; none where they are not in that order."""
    places = {(one.on, one.slot): number for number, one in enumerate(every)}
    if first not in places or last not in places:
        return ()
    return tuple(every[places[first] : places[last] + 1])


def next_session(every: Sequence[Held], *, after: datetime, sessions_per_day: int = 9) -> Held | None:
    """Return the first session that begins at a moment or later, of those that somebody is due in."""
    return next(
        (one for one in every if one.begins_at >= after and one.turn <= sessions_per_day),
        None,
    )


def session_in_words(on: date, slot: str) -> str:
    """Return such as "Tuesday 1 December, morning"."""
    return f"{on:%A} {on.day} {on:%B}, {SLOT_WORDS[slot]}"


def reopens_in_words(on: date | None, slot: str, *, today: date) -> str:
    """Return such as "Reopens Tuesday morning.", with the date where it is a week or more away."""
    if on is None:
        return ""
    if on == today:
        return f"Reopens today, {SLOT_WORDS[slot]}."
    if on < today + timedelta(days=7):
        return f"Reopens {on:%A} {SLOT_WORDS[slot]}."
    return f"Reopens {on:%A} {on.day} {on:%B}, {SLOT_WORDS[slot]}."


def closed_in_words(words: str, reopens: str) -> str:
    """Return such as "Closed: heating failed. Reopens Tuesday morning."."""
    said = f"Closed: {words.strip().rstrip('.')}."
    return f"{said} {reopens}" if reopens else said


def closed_session(sentence: str) -> Finding:
    """Return the reason that nothing is drawn up in a session that is closed. Source: clinical rule 34."""
    return Finding(
        code="session_closed",
        level=Level.BLOCK,
        message=f"{sentence} Nothing is drawn up in a closed session: the clinical lead reopens it first.",
        source="clinical rule 34",
    )


# --- closing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClosingOfSessions:
    """What is known when sessions are closed: which, who is in them now, and what somebody closed already.

    `in_room` counts the people whose visit of one of the sessions has not ended, `drawn` the doses drawn up among
    them. `without_oral` counts the affected people without an oral order in force, `oral_taken_here` those who take
    theirs here, a nurse watching.
    """

    at: datetime
    is_lead: bool
    sessions: tuple[Held, ...]
    words: str
    in_room: int = 0
    drawn: int = 0
    closed_already: str = ""
    without_oral: int = 0
    oral_taken_here: int = 0


def may_close_sessions(facts: ClosingOfSessions) -> Decision:
    """Decide whether a clinic's sessions may be closed: by the lead, ahead, with a reason, and under nobody in them.

    A session that is over was held or missed and is closed no more; the one that is open now can be.
    Source: clinical rules 32, 34 and 7.11.
    """
    return Decision.of(
        (
            _not_the_lead(is_lead=facts.is_lead),
            block(
                "no_sessions",
                "The last session is before the first. Choose them again.",
                "clinical rule 34",
            )
            if not facts.sessions
            else None,
            block(
                "session_is_over",
                "The first session is over. Choose one that is open now or still to come.",
                "clinical rule 34",
            )
            if facts.sessions and facts.sessions[0].ends_at <= facts.at
            else None,
            block("no_closing_words", "Write in a few words why it is closed.", "clinical rule 34")
            if not facts.words.strip()
            else None,
            block("closed_already", facts.closed_already, "clinical rule 34")
            if facts.closed_already
            else None,
            block(
                "dose_is_drawn",
                f"{counted(facts.drawn, 'dose')} {_is(facts.drawn)} drawn up and without an ending. Each is injected "
                "or wasted first.",
                "clinical rule 34",
            )
            if facts.drawn
            else None,
            block(
                "people_in_room",
                f"{_people(facts.in_room)} {_is(facts.in_room)} in this session now. Each leaves, or is recorded as "
                "not given, first; or close from the next session on.",
                "clinical rule 34",
            )
            if facts.in_room
            else None,
            note(
                "no_oral_order",
                f"{_people(facts.without_oral)} of these {'has' if facts.without_oral == 1 else 'have'} no oral order "
                "in force: nothing covers the sessions they miss. A prescriber is told today.",
                "clinical rule 34",
            )
            if facts.without_oral
            else None,
            note(
                "oral_taken_here",
                f"{_people(facts.oral_taken_here)} of these {_take(facts.oral_taken_here)} oral medicine here, a nurse "
                "watching: a closed clinic gives none of that either. A prescriber settles today how they get it.",
                "clinical rule 34",
            )
            if facts.oral_taken_here
            else None,
        )
    )


def may_reopen_sessions(
    *, is_lead: bool, reopens_with: Held | None, closed_until: datetime, words: str, at: datetime
) -> Decision:
    """Decide whether a closure is cut short, so that it ends before one of its sessions.

    Only earlier than it ends now, and never for a session that is over: that one was closed, and nobody came.
    Source: clinical rules 34 and 7.11.
    """
    return Decision.of(
        (
            _not_the_lead(is_lead=is_lead),
            block(
                "not_closed",
                "That session is not one of those that are closed. Look again.",
                "clinical rule 34",
            )
            if reopens_with is None or reopens_with.begins_at >= closed_until
            else None,
            block(
                "session_is_over",
                "That session is over. Choose one that is open now or still to come.",
                "clinical rule 34",
            )
            if reopens_with is not None and reopens_with.ends_at <= at
            else None,
            block("no_closing_words", "Write in a few words why it reopens.", "clinical rule 34")
            if not words.strip()
            else None,
        )
    )


def _not_the_lead(*, is_lead: bool) -> Finding | None:
    if is_lead:
        return None
    return block("not_the_lead", "Only the clinical lead closes and reopens sessions.", "clinical rule 34")


def contact_due_at(sessions: tuple[Held, ...], *, at: datetime) -> datetime:
    """Return until when somebody is told: before the first closed session, or within the day where it has begun.

    Source: clinical rules 34 and 35.
    """
    first = sessions[0].begins_at
    if first > at:
        return first
    day = at.astimezone(LONDON).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


# --- what the gap comes to ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnReturn:
    """What a closure does to one person: the sessions they miss, and the ladder's row when they come back.

    `allows` is what that row says, a consequence and no dose. `order_ends` says that no order is in force by then.
    """

    missed: int
    row: Row
    allows: str
    words: str
    order_ends: bool


def on_return(
    *,
    closed: Sequence[Held],
    before: Sequence[Held],
    after: Sequence[Held],
    closed_besides: Sequence[Held] = (),
    orders: Sequence[Booked],
    recorded: frozenset[tuple[date, str]],
    standing: Standing,
    is_barred: bool,
    protocol: Protocol,
) -> OnReturn | None:
    """Return what somebody misses and where the ladder puts them on return; None for whom nothing is booked.

    Whoever is due in a session `before` the closure is taken to come to it, at its opening, unless the ladder bars
    them already; everybody else's gap runs on. Neither `before` nor `after` holds a session that another closure
    takes: those are `closed_besides`, and count as missed. `recorded` are the sessions that have an ending or a visit.
    Source: clinical rules 32, 34 and 7.11.
    """
    missed = [one for one in closed if _is_due(one, orders, recorded)]
    if not missed:
        return None
    per_day = max(order.sessions_per_day for order in orders)
    back = next_session(after, after=closed[-1].ends_at, sessions_per_day=per_day)
    comes = [one for one in before if _is_due(one, orders, recorded)]
    since = comes[-1].begins_at if comes and not is_barred else None
    besides = [
        one
        for one in closed_besides
        if _is_due(one, orders, recorded)
        and (since is None or one.begins_at > since)
        and (back is None or one.begins_at < back.begins_at)
    ]
    gap = _gap_on_return(since, len(comes), len(missed) + len(besides), back, standing)
    row = row_of(gap, protocol) if gap is not None else Row.FULL
    there = Standing(gap=gap, row=row, returned_at=None, restarted_at=None)
    return OnReturn(
        missed=len(missed),
        row=row,
        allows=rungs_of(there, protocol)[row - 1].allows if gap is not None else "no dose is recorded yet",
        words=f"{counted(gap.hours, 'hour')} and {counted(gap.missed, 'session')} missed" if gap else "",
        order_ends=back is not None and not any(order.books(back) for order in orders),
    )


def _is_due(one: Held, orders: Sequence[Booked], recorded: frozenset[tuple[date, str]]) -> bool:
    return (one.on, one.slot) not in recorded and any(order.books(one) for order in orders)


def _gap_on_return(
    comes_at: datetime | None, before: int, missed: int, back: Held | None, standing: Standing
) -> Gap | None:
    if back is None:
        return None
    if comes_at is not None:
        since, already = comes_at, 0
    elif standing.gap is not None:
        since, already = standing.gap.since, standing.gap.missed + before
    else:
        return None
    elapsed = back.begins_at.astimezone(UTC) - since.astimezone(UTC)
    return Gap(since=since, elapsed=elapsed, missed=already + missed)


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _take(number: int) -> str:
    return "takes their" if number == 1 else "take their"
