"""What stands on a line of time in words: holds, readings that asked for something, doses not given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dosing.rules.observation import Escalation
from dosing.rules.timeline.facts import (
    DecisionShown,
    GapShown,
    HoldShown,
    Known,
    Mark,
    OrderShown,
    SessionShown,
)

_IN_WORDS = (Mark.WITHHELD, Mark.MISSED, Mark.EXCUSED)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `lasts` when it runs from `at` to `ends_at` (None: it stands). The lightest find room first."""

    at: datetime
    text: str
    weight: int
    is_grave: bool
    lasts: bool = False
    ends_at: datetime | None = None


def events_of(known: Known) -> tuple[Event, ...]:
    """Return every event in words: holds and gaps first, then what readings asked for, then sessions without a dose."""
    return (
        *(_hold(hold) for hold in known.holds),
        *(_gap(gap) for gap in known.gaps),
        *(_decided(decision) for decision in known.decisions),
        *_asked(known.sessions),
        *_ended(known.orders),
        *_not_given(known.sessions),
    )


def _hold(hold: HoldShown) -> Event:
    by = "by" if hold.what == "Review" else "lifted by"
    lifted = f", {by} {hold.lifted_by}" if hold.lifted_at else ", stands"
    return Event(
        hold.opened_at, f"{hold.what}: {hold.why}{lifted}", 0, True, lasts=True, ends_at=hold.lifted_at
    )


def _gap(gap: GapShown) -> Event:
    return Event(gap.since, f"Gap: {gap.words}, {gap.asks}", 1, True, lasts=True, ends_at=gap.ended_at)


def _decided(decision: DecisionShown) -> Event:
    text = f"Decided on the gap: at most {decision.ceiling_mg} mg, {decision.decided_by}"
    return Event(decision.at, text, 1, False)


def _asked(sessions: tuple[SessionShown, ...]) -> Iterator[Event]:
    for session in sessions:
        after = session.after
        if after is not None and after.escalation is not Escalation.NONE:
            done = "emergency" if after.escalation is Escalation.B else "roused, stayed longer"
            yield Event(session.at, f"{after.asked_in_words}: {done}", 1, True)


def _ended(orders: tuple[OrderShown, ...]) -> Iterator[Event]:
    for order in orders:
        if order.ended:
            yield Event(order.ends_at, f"Order {order.version} ended: {order.ended}", 2, False)


def _not_given(sessions: tuple[SessionShown, ...]) -> Iterator[Event]:
    for session in sessions:
        if session.mark in _IN_WORDS:
            word = session.mark.word.capitalize()
            text = f"{word}: {session.reason}" if session.reason else word
            yield Event(session.at, text, 3, session.mark is Mark.WITHHELD)
