"""One session of one person: how it can end, and whether an injection may be recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, block, note

# The 900 mg of a day also bind any 20 hours. Source: clinical rule 11.
ROLLING_WINDOW: Final = timedelta(hours=20)

_WHOLE_MG = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


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


@dataclass(frozen=True, slots=True)
class OrderInForce:
    """The live order a dose rests on: milligrams, minutes, and the moment its period ends.

    `is_suspended` says that the account of the doctor who signed it is closed.
    """

    dose_mg: int
    daily_max_mg: int
    interval_minutes: int
    routes: frozenset[str]
    sites: frozenset[str]
    ends_at: datetime
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class EarlierOutcome:
    """What stands already for this session, in words for the person at the screen."""

    text: str


@dataclass(frozen=True, slots=True)
class Stock:
    """The batch in hand: ampoules left, milligrams in each, and the last day it may be used."""

    ampoules: int
    strength_mg: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of one person at the hatch: totals in administered milligrams of any route, any clinic.

    `last_interval_minutes` is the interval that the last injection was given under; a new order shortens it
    for the next one only.
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


@dataclass(frozen=True, slots=True)
class InjectionAttempt:
    """What the nurse wrote: milligrams given, ampoules opened, route and site, and who signs."""

    given_mg: int
    ampoules: int
    route: str
    site: str
    giver_is_witness: bool
    stock: Stock


def may_start(facts: SessionFacts) -> Decision:
    """Decide whether this person may have their dose now, before anything is prepared. All reasons at once.

    Source: clinical rules 6, 11, 13, 24 and 7.11.
    """
    if facts.earlier_outcome is not None:
        return Decision((block("already_recorded", facts.earlier_outcome.text, "clinical rule 24"),))
    if not facts.session_is_open:
        message = "The session of this page is over. Go back to the board and open the person again."
        return Decision((block("session_over", message, "trust design INV-18"),))
    if facts.protocol is None:
        message = "The clinic has no approved limits in force. The clinical lead approves them first."
        return Decision((block("no_protocol", message, "clinical rules 7.11"),))
    if facts.order is None:
        message = "No order is in force for this person. A licensed doctor signs the next one."
        return Decision((block("no_order", message, "clinical rule 6"),))
    return _suspended(facts.order) | _interval(facts.order, facts.protocol, facts)


def may_inject(facts: SessionFacts, attempt: InjectionAttempt) -> Decision:
    """Decide whether this injection may be stored. Everything `may_start` asks, and the dose itself.

    Source: clinical rules 11, 13, 14, 21, 22, 23, 43 and 7.11.
    """
    starting = may_start(facts)
    if facts.order is None or facts.protocol is None or facts.earlier_outcome is not None:
        return starting | _people_and_stock(facts, attempt)
    return (
        starting
        | _dose(facts.order, facts.protocol, facts, attempt.given_mg)
        | _place(facts.order, attempt)
        | _people_and_stock(facts, attempt)
    )


def allowed_mg(facts: SessionFacts) -> int:
    """Return the most that may be given now: the least of the order, the single and the daily limits.

    Source: clinical rules 7.11 ("allowed mg is always the minimum").
    """
    if facts.order is None or facts.protocol is None:
        return 0
    daily = min(facts.order.daily_max_mg, facts.protocol.daily_block_mg)
    return max(
        0,
        min(
            facts.order.dose_mg,
            facts.protocol.single_block_mg,
            daily - facts.given_today_mg,
            facts.protocol.daily_block_mg - facts.given_in_window_mg,
        ),
    )


def least_minutes(order: OrderInForce, protocol: Protocol, facts: SessionFacts) -> int:
    """Return the minutes that must lie between the last injection and the next: the longest that binds.

    Source: clinical rule 13.
    """
    return max(order.interval_minutes, protocol.interval_block_minutes, facts.last_interval_minutes)


def _suspended(order: OrderInForce) -> Decision:
    if not order.is_suspended:
        return Decision()
    message = (
        "The doctor who signed this order has left, so it is suspended. A licensed doctor signs the next one."
    )
    return Decision((block("order_suspended", message, "clinical rules 7.11"),))


def _interval(order: OrderInForce, protocol: Protocol, facts: SessionFacts) -> Decision:
    if facts.last_ended_at is None:
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
        minutes = int(elapsed.total_seconds() // 60)
        message = f"The last injection ended {minutes} minutes ago, under {protocol.interval_warn_minutes}."
        return Decision((note("short_interval", message, "clinical rule 13"),))
    return Decision()


def _dose(order: OrderInForce, protocol: Protocol, facts: SessionFacts, mg: int) -> Decision:
    today = facts.given_today_mg + mg
    window = facts.given_in_window_mg + mg
    daily = min(order.daily_max_mg, protocol.daily_block_mg)
    return Decision.of(
        (
            block(
                "over_order",
                f"The order is {order.dose_mg} mg, and {mg} mg was written. "
                "Give what is ordered, or ask the doctor for a new order.",
                "clinical rules 7.11",
            )
            if mg > order.dose_mg
            else None,
            block(
                "over_single",
                f"{mg} mg is over the limit for one dose, {protocol.single_block_mg} mg. Nobody can lift this.",
                "clinical rule 11",
            )
            if mg > protocol.single_block_mg
            else None,
            block(
                "over_day",
                f"With {facts.given_today_mg} mg given today, {mg} mg would make {today} mg; "
                f"the day's limit is {daily} mg.",
                "clinical rule 11",
            )
            if today > daily
            else None,
            block(
                "over_window",
                f"With {facts.given_in_window_mg} mg in the last 20 hours, {mg} mg would make {window} mg; "
                f"the limit is {protocol.daily_block_mg} mg.",
                "clinical rule 11",
            )
            if window > protocol.daily_block_mg
            else None,
            note(
                "high_single",
                f"{mg} mg is over {protocol.single_warn_mg} mg in one dose.",
                "clinical rule 11",
            )
            if protocol.single_warn_mg < mg <= protocol.single_block_mg
            else None,
            note(
                "high_day",
                f"This makes {today} mg today, over {protocol.daily_warn_mg} mg.",
                "clinical rule 11",
            )
            if protocol.daily_warn_mg < today <= daily
            else None,
        )
    )


def _place(order: OrderInForce, attempt: InjectionAttempt) -> Decision:
    return Decision.of(
        (
            block(
                "route_not_ordered", "That route is not on the order. Choose one that is.", "clinical rule 4"
            )
            if attempt.route not in order.routes
            else None,
            block(
                "site_not_ordered", "That site is not on the order. Choose one that is.", "clinical rule 23"
            )
            if attempt.site not in order.sites
            else None,
        )
    )


def _people_and_stock(facts: SessionFacts, attempt: InjectionAttempt) -> Decision:
    stock = attempt.stock
    drawn = attempt.ampoules * stock.strength_mg
    return Decision.of(
        (
            block(
                "same_person",
                "The witness is somebody else than the person who gives.",
                "clinical rule 22",
            )
            if attempt.giver_is_witness
            else None,
            block(
                "batch_expired",
                f"This batch ended on {stock.expires_on.day} {stock.expires_on:%B %Y}. Use another.",
                "clinical rule 21",
            )
            if facts.today > stock.expires_on
            else None,
            block(
                "too_few_ampoules_opened",
                f"{attempt.ampoules} × {stock.strength_mg} mg is {drawn} mg, less than {attempt.given_mg} mg given. "
                "Write how many ampoules were opened.",
                "clinical rule 43",
            )
            if drawn < attempt.given_mg
            else None,
            block(
                "not_in_stock",
                f"The register holds {stock.ampoules} ampoules of this batch, and {attempt.ampoules} were opened. "
                "Tell the controlled-drug lead.",
                "clinical rule 42",
            )
            if attempt.ampoules > stock.ampoules
            else None,
        )
    )
