"""A further injection within one session: a repeat on the first day, a second part, a topping up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from dosing.rules.checks import Readings, Sedation
from dosing.rules.history import is_first_day, since_restart, standing_at
from dosing.rules.limits import LimitFacts
from dosing.rules.observation import Escalation, escalation_of
from dosing.rules.orders import LONDON
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import TOP_UP_FLOOR, OrderInForce, SessionFacts, rests_on
from hat_clinic.core.decisions import Decision, Finding, block

# The readings that a further injection rests on. Source: clinical rules 7.11.
READING_IS_GOOD_FOR: Final = timedelta(minutes=5)

_ORDINALS: Final = {1: "First", 2: "Second", 3: "Third"}


@dataclass(frozen=True, slots=True)
class WatchedSince:
    """What is known of somebody who has injected in this session and is still watched.

    `readings` are the newest set since the last injection, taken at `read_at`, or None. `had_event` tells of a
    reading of this session that asked for rousing or more. `repeats_first` says that the next injection would be
    the one repeat of a first dose.
    """

    is_observed: bool
    readings: Readings | None
    read_at: datetime | None
    had_event: bool
    repeats_first: bool = False


def repeats_first_dose(facts: LimitFacts) -> bool:
    """Tell whether the next dose is the one repeat of a first dose: it waits less than a top-up in titration.

    Source: clinical rules 8 and 13.
    """
    standing = standing_at(facts.history, facts.protocol, at=facts.at)
    return all(
        is_first_day(facts.history, standing, route=route, today=facts.today)
        and sum(dose.given_on == facts.today for dose in since_restart(facts.history, standing, route=route))
        == 1
        for route in facts.routes
    )


def ordinal(number: int) -> str:
    """Return such as "Second"."""
    return _ORDINALS[number]


def top_up_minutes(order: OrderInForce, protocol: Protocol, *, repeats_first: bool) -> int:
    """Return the minutes between two injections of one session: longer in titration, but for the first's repeat.

    Source: clinical rules 8, 13 and 7.9.
    """
    if repeats_first:
        return max(protocol.first_repeat_minutes, protocol.top_up_minutes)
    return protocol.top_up_titration_minutes if order.is_titration else protocol.top_up_minutes


def may_go_on(facts: SessionFacts, since: WatchedSince) -> Decision:
    """Decide whether one injection more may be begun in a session that has had one. All reasons at once.

    The milligrams are asked beside it. Source: clinical rules 8, 13, 24 and 7.11.
    """
    if facts.so_far is None or not since.is_observed:
        message = "A further injection is for somebody who is being observed after one. Go back to the board."
        return Decision((block("not_observed", message, "clinical rules 7.11"),))
    resting = rests_on(facts)
    if facts.order is None or facts.protocol is None:
        return resting
    wait = top_up_minutes(facts.order, facts.protocol, repeats_first=since.repeats_first)
    return (
        resting
        | Decision.of(
            (
                _ordered(facts.order, facts.so_far.injections),
                _session_is_full(facts),
                _spacing(facts.so_far.last_ended_at, timedelta(minutes=wait), at=facts.at),
            )
        )
        | bears_one_more(since, at=facts.at)
    )


def may_go_in(since: WatchedSince, *, last_ended_at: datetime, started_at: datetime) -> Decision:
    """Decide again, when a further injection that is drawn up goes in, what may have changed since.

    Its minutes were asked in full when it was drawn up; here only what nobody's limits may undercut.
    Source: clinical rules 13 and 7.11.
    """
    return Decision.of((_spacing(last_ended_at, TOP_UP_FLOOR, at=started_at),)) | bears_one_more(
        since, at=started_at
    )


def bears_one_more(since: WatchedSince, *, at: datetime) -> Decision:
    """Decide what the readings since the last injection say: no event in the session, and a set that is fresh.

    Source: clinical rules 7.11 (a second injection needs POSS, breathing and oxygen at most 5 min old, no event).
    """
    return Decision.of((_event(since), *_reading(since, at)))


def _ordered(order: OrderInForce, injections: int) -> Finding | None:
    if injections < order.injections:
        return None
    allowed = "1 injection" if order.injections == 1 else f"{order.injections} injections"
    message = f"The order allows {allowed} in a session, and {injections} went in. A doctor signs another order first."
    return block("injections_of_order", message, "clinical rules 7.11")


def _session_is_full(facts: SessionFacts) -> Finding | None:
    if facts.given_in_session_mg < facts.session_limit_mg:
        return None
    message = f"All {facts.session_limit_mg} mg of this session are given. Nothing is left to give."
    return block("session_is_full", message, "clinical rules 7.11")


def _spacing(last_ended_at: datetime, wait: timedelta, *, at: datetime) -> Finding | None:
    # Elapsed time is counted in UTC: across a clock change the wall clock is an hour wrong.
    possible_at = last_ended_at.astimezone(UTC) + wait
    if at.astimezone(UTC) >= possible_at:
        return None
    # Rounded up to the minute, so that it is possible at the time that is shown.
    shown = (possible_at + timedelta(seconds=59, microseconds=999999)).astimezone(LONDON)
    minutes = wait // timedelta(minutes=1)
    message = f"Possible from {shown:%H:%M}: {minutes} minutes lie between two injections of a session."
    return block("top_up", message, "clinical rule 13")


def _event(since: WatchedSince) -> Finding | None:
    if not since.had_event:
        return None
    message = "They had to be roused in this session, or worse. Nothing more is injected in it; the doctor looks first."
    return block("event_in_session", message, "clinical rules 7.11")


def _reading(since: WatchedSince, at: datetime) -> tuple[Finding | None, ...]:
    readings, read_at = since.readings, since.read_at
    fresh = "A reading of sedation, breathing and oxygen at most 5 minutes old is needed."
    if readings is None or read_at is None:
        return (block("no_fresh_reading", f"{fresh} Take one now.", "clinical rules 7.11"),)
    if at.astimezone(UTC) - read_at.astimezone(UTC) > READING_IS_GOOD_FOR:
        last = f"The last was at {read_at.astimezone(LONDON):%H:%M}: take one now."
        return (block("no_fresh_reading", f"{fresh} {last}", "clinical rules 7.11"),)
    if readings.sedation is Sedation.ASLEEP or escalation_of(readings) is not Escalation.NONE:
        message = (
            "The last reading is not within the limits: awake, breathing 12 or more, "
            f"oxygen {readings.target.percent} or more."
        )
        return (block("reading_not_well", message, "clinical rules 7.11"),)
    return ()
