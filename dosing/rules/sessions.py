"""One session of one person: how it can end, and whether a dose may be begun."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.limits import Cap
from dosing.rules.orders import LONDON
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, Finding, block, note

# The 900 mg of a day also bind any 20 hours. Source: clinical rule 11.
ROLLING_WINDOW: Final = timedelta(hours=20)

_WHOLE_MG = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


# Within one session, and nobody's limits may say less. Source: clinical rules 13 and 7.9.
TOP_UP_FLOOR: Final = timedelta(minutes=20)
INJECTIONS_MOST: Final = 3


class Outcome(StrEnum):
    """How one planned session of one person ended, in the words of the files and the report."""

    GIVEN = "given"
    GIVEN_REDUCED = "given_reduced"
    WITHHELD = "withheld"
    MISSED = "missed"
    EXCUSED = "excused"


class Reason(StrEnum):
    """Why a session did not end with the whole dose."""

    CUSTODY = "custody"
    HOSPITAL = "hospital"
    CLINIC_CLOSED = "clinic_closed"
    ILL = "ill"
    INTOXICATED = "intoxicated"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    OTHER = "other"


class Reduction(StrEnum):
    """Why somebody had less than the full dose. The last two are written by the program, the others chosen."""

    ASKED = "asked"
    DROWSY = "drowsy"
    TOOK_SOMETHING = "took_something"
    UNWELL = "unwell"
    FIRST_PART = "first_part"
    OTHER = "other"
    NOT_ALL_WENT_IN = "not_all_in"
    LIMITS = "limits"

    @property
    def label(self) -> str:
        """The reason in words."""
        return {
            "asked": "They asked for less",
            "drowsy": "Drowsier than usual, within the limits",
            "took_something": "Alcohol or other drugs, within the limits",
            "unwell": "Unwell",
            "first_part": "A first part: the rest follows in this session",
            "other": "Another reason",
            "not_all_in": "Not all of it went in",
            "limits": "The limits or missed sessions left less",
        }[self.value]


# What a nurse can choose. Source: clinical rule 18.
REDUCTIONS: Final = tuple(
    reason for reason in Reduction if reason not in (Reduction.NOT_ALL_WENT_IN, Reduction.LIMITS)
)

DOSED = (Outcome.GIVEN, Outcome.GIVEN_REDUCED)


def parse_mg(text: str) -> int | None:
    """Return whole milligrams, 1 to 9999, or None when the text is anything else.

    Only the digits 0-9 are read: a sign, point, separator, exponent, unit or another script is refused, never
    cleaned; spaces around the number are let pass. Source: clinical rules 7.11.
    """
    stripped = text.strip(" ")
    return int(stripped) if _WHOLE_MG.fullmatch(stripped) else None


def outcome_of(given_mg: int, ordered_mg: int) -> Outcome:
    """Name the outcome: the whole ordered dose is given, any milligram below it is given_reduced.

    Source: indicators 7.
    """
    return Outcome.GIVEN if given_mg >= ordered_mg else Outcome.GIVEN_REDUCED


def reduction_of(
    *, session_mg: int, ordered_mg: int, given_mg: int, drawn_mg: int, chosen: str, earlier: str
) -> str:
    """Return why a session has less than its whole ordered dose, empty where it has all of it.

    What did not go in of the drawn dose comes first, then what was chosen when it was drawn up, then what stood
    for the injections before; where nobody chose, the limits left less. Source: clinical rule 18.
    """
    if session_mg >= ordered_mg:
        return ""
    if given_mg < drawn_mg:
        return Reduction.NOT_ALL_WENT_IN
    return chosen or earlier or Reduction.LIMITS


@dataclass(frozen=True, slots=True)
class OrderInForce:
    """The live order a dose rests on: milligrams of this session, minutes, and the moment its period ends.

    `is_suspended` says that the account of the doctor who signed it is closed, or the licence revoked.
    `least_mg` is the least of a range, None for one dose; `injections` how many a session may have. A titration
    orders no least; on `is_day_one` of its plan it orders each dose and the day, not the session.
    """

    dose_mg: int
    daily_max_mg: int
    interval_minutes: int
    routes: frozenset[str]
    sites: frozenset[str]
    ends_at: datetime
    is_suspended: bool = False
    least_mg: int | None = None
    injections: int = 1
    is_titration: bool = False
    is_day_one: bool = False

    @property
    def is_chosen(self) -> bool:
        """Whether somebody chooses the milligrams when a dose is drawn up: a range, a step, or a part of a dose."""
        return self.least_mg is not None or self.is_titration or self.injections > 1


@dataclass(frozen=True, slots=True)
class SoFar:
    """What was injected in this session already: how often, milligrams together, when the last one ended."""

    injections: int
    given_mg: int
    last_ended_at: datetime


@dataclass(frozen=True, slots=True)
class EarlierOutcome:
    """What stands already for this session, in words for the person at the screen."""

    text: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of one person at the hatch: totals in administered milligrams of any route, any clinic.

    `last_interval_minutes` is the interval that the last injection was given under; a new order shortens it
    for the next one only. `caps` are what limits and the ladder leave of the dose, `gap` what a gap bars outright.
    `has_left`: the treatment that an order of theirs was signed for has ended.
    """

    at: datetime
    today: date
    session_is_open: bool
    order: OrderInForce | None
    protocol: Protocol | None
    earlier_outcome: EarlierOutcome | None
    last_ended_at: datetime | None
    given_today_mg: int
    given_in_window_mg: int
    last_interval_minutes: int = 0
    caps: tuple[Cap, ...] = ()
    gap: Decision = field(default_factory=Decision)
    so_far: SoFar | None = None
    has_left: bool = False

    @property
    def given_in_session_mg(self) -> int:
        """The milligrams that this session has had already."""
        return self.so_far.given_mg if self.so_far is not None else 0

    @property
    def session_limit_mg(self) -> int:
        """The most that this session may come to by the order and by the limit on a single dose.

        "Single dose" binds the session's total too; the first day of a plan is bound by its day.
        Source: clinical rules 11 and 7.11.
        """
        if self.order is None or self.protocol is None:
            return 0
        if self.order.is_day_one:
            return min(self.order.daily_max_mg, self.protocol.single_block_mg)
        return min(self.order.dose_mg, self.protocol.single_block_mg)


def may_start(facts: SessionFacts) -> Decision:
    """Decide whether this person may have their dose now, before anything is prepared. All reasons at once.

    Source: clinical rules 6, 11, 13, 24, 32 and 7.11.
    """
    if facts.earlier_outcome is not None:
        return Decision((block("already_recorded", facts.earlier_outcome.text, "clinical rule 24"),))
    return rests_on(facts)


def rests_on(facts: SessionFacts) -> Decision:
    """Decide what every injection of a session rests on: limits, an order, the gap, the interval between sessions.

    Source: clinical rules 6, 11, 13, 32 and 7.11.
    """
    if not facts.session_is_open:
        message = "The session of this page is over. Go back to the board and open the person again."
        return Decision((block("session_over", message, "trust design INV-18"),))
    if facts.protocol is None:
        message = "The clinic has no approved limits in force. The clinical lead approves them first."
        return Decision((block("no_protocol", message, "clinical rules 7.11"),))
    if facts.has_left:
        message = (
            "This person is not in treatment here: they have left it. Their order gives nothing any more."
        )
        return Decision((block("not_in_treatment", message, "clinical rules 7.11"),))
    if facts.order is None:
        message = "No order is in force for this person. A licensed doctor signs the next one."
        return Decision((block("no_order", message, "clinical rule 6"),))
    return _suspended(facts.order) | facts.gap | _interval(facts.order, facts.protocol, facts)


def allowed_mg(facts: SessionFacts) -> int:
    """Return the most that may be given now: the least of the order, its limits, the ladder and the day.

    Source: clinical rules 7.11 ("allowed mg is always the minimum").
    """
    if facts.order is None or facts.protocol is None:
        return 0
    daily = min(facts.order.daily_max_mg, facts.protocol.daily_block_mg)
    return max(
        0,
        min(
            facts.order.dose_mg,
            facts.session_limit_mg - facts.given_in_session_mg,
            daily - facts.given_today_mg,
            facts.protocol.daily_block_mg - facts.given_in_window_mg,
            *(cap.mg for cap in facts.caps),
        ),
    )


def least_minutes(order: OrderInForce, protocol: Protocol, facts: SessionFacts) -> int:
    """Return the minutes that must lie between the last injection and the next: the longest that binds.

    Source: clinical rule 13.
    """
    return max(order.interval_minutes, protocol.interval_block_minutes, facts.last_interval_minutes)


def _suspended(order: OrderInForce) -> Decision:
    return Decision((suspension(),)) if order.is_suspended else Decision()


def suspension() -> Finding:
    """Return the reason that an order whose doctor has left gives nothing. Source: clinical rules 7.11."""
    message = (
        "The doctor who signed this order has left or lost the licence, so it is suspended. "
        "A licensed doctor signs the next one."
    )
    return block("order_suspended", message, "clinical rules 7.11")


def _interval(order: OrderInForce, protocol: Protocol, facts: SessionFacts) -> Decision:
    if facts.last_ended_at is None or (
        facts.so_far is not None and facts.so_far.last_ended_at == facts.last_ended_at
    ):
        return Decision()
    # Elapsed time is counted in UTC: across a clock change the wall clock is an hour wrong.
    elapsed = facts.at.astimezone(UTC) - facts.last_ended_at.astimezone(UTC)
    least = least_minutes(order, protocol, facts)
    if elapsed < timedelta(minutes=least):
        minutes = int(elapsed.total_seconds() // 60)
        message = (
            f"The last injection ended {minutes} minutes ago. At least {least} minutes must lie between."
        )
        return Decision((block("interval", message, "clinical rule 13"),))
    if elapsed < timedelta(minutes=protocol.interval_warn_minutes):
        # By the clock, so that the words which somebody ticked are still the same when they sign a minute later.
        ended = facts.last_ended_at.astimezone(LONDON)
        message = (
            f"The last injection ended at {ended:%H:%M}, under {protocol.interval_warn_minutes} minutes ago."
        )
        return Decision((note("short_interval", message, "clinical rule 13"),))
    return Decision()
