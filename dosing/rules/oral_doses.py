"""Giving an oral opioid: never too soon after an injection, never over the day, and never before one unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from dosing.rules.checks import BREATHS_HOLD_BELOW, Sedation
from dosing.rules.oral import OralDrug, daily_limit_mg
from dosing.rules.orders import LONDON
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, Finding, Level, block, stop

# An injection this soon after an oral opioid waits for a licensed doctor. Source: clinical rules 7.11.
ORAL_BEFORE_INJECTION: Final = timedelta(minutes=30)
AWAKE: Final = (Sedation.ALERT, Sedation.SLIGHTLY_DROWSY)


@dataclass(frozen=True, slots=True)
class OralInForce:
    """The live oral order that a dose rests on. `is_suspended` says that its signer's account is closed."""

    drug: OralDrug
    daily_mg: int
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class OralFacts:
    """What is known of one person before an oral dose. Milligrams are of the order's own drug, on the local day.

    `last_injection_ended_at` is of any injection at any clinic. `open_draw` tells of a drawn dose without an
    ending, `naloxone` of an emergency that no licensed doctor has reviewed, and `withheld` of what stood against
    an injection today; each is in words, or empty. `is_allowed_by_prescriber` says that one decided since.
    """

    at: datetime
    order: OralInForce | None
    protocol: Protocol | None
    person_is_in_treatment: bool
    has_treatment_consent: bool
    given_today_mg: int
    last_injection_ended_at: datetime | None
    open_draw: str = ""
    naloxone: str = ""
    withheld: str = ""
    is_allowed_by_prescriber: bool = False


@dataclass(frozen=True, slots=True)
class OralAttempt:
    """What is about to be given: milligrams, the sedation seen now, and breaths a minute where they were counted."""

    mg: int
    sedation: Sedation
    breaths: int | None
    is_identified: bool


@dataclass(frozen=True, slots=True)
class OralBefore:
    """The last oral opioid that a person was given here: how it is said, and when."""

    words: str
    given_at: datetime


def allowed_oral_mg(facts: OralFacts) -> int:
    """Return what is left of the day: the order's own milligrams or the clinic's limit, less what was given.

    Source: clinical rules 7.11 ("allowed mg is always the minimum").
    """
    if facts.order is None or facts.protocol is None:
        return 0
    most = min(facts.order.daily_mg, daily_limit_mg(facts.protocol, facts.order.drug))
    return max(0, most - facts.given_today_mg)


def stands_against_oral(facts: OralFacts) -> Decision:
    """Return what stands against an oral dose before anything is asked. All reasons at once.

    Source: clinical rules 4, 31 and 7.11.
    """
    return Decision.of(
        (
            _if(
                not facts.person_is_in_treatment,
                block("not_in_treatment", "This person is not in treatment here.", "clinical rule 4"),
            ),
            _if(
                facts.protocol is None,
                block(
                    "no_protocol",
                    "The clinic has no approved limits in force. The clinical lead approves them first.",
                    "clinical rules 7.11",
                ),
            ),
            _if(
                not facts.has_treatment_consent,
                block(
                    "no_consent",
                    "No consent to treatment stands. Without it no dose is given.",
                    "clinical rules 7.11",
                ),
            ),
            *_order(facts),
            _if(
                bool(facts.open_draw),
                block("open_draw", facts.open_draw, "trust design 5"),
            ),
            _too_soon(facts),
            _if(
                bool(facts.naloxone),
                Finding(
                    "after_naloxone", Level.BLOCK, facts.naloxone, "clinical rules 7.11", opens_hold=True
                ),
            ),
            _if(
                bool(facts.withheld) and not facts.is_allowed_by_prescriber,
                stop(
                    "after_withheld",
                    f"{facts.withheld} A prescriber decides whether the oral dose is given.",
                    "clinical rules 7.11",
                ),
            ),
        )
    )


def needs_breathing(facts: OralFacts) -> bool:
    """Tell whether breathing is counted before this oral dose. Source: clinical rules 7.11."""
    return bool(facts.withheld)


def may_give_oral(facts: OralFacts, attempt: OralAttempt) -> Decision:
    """Decide whether this oral dose may be given now. All reasons at once.

    Source: clinical rules 16, 31 and 7.11.
    """
    return stands_against_oral(facts) | Decision.of(
        (
            _if(
                not attempt.is_identified,
                block(
                    "not_identified",
                    "That is not this person's date of birth. Ask again. If it is the same, this is somebody else.",
                    "clinical rule 16",
                ),
            ),
            _amount(facts, attempt.mg),
            _if(
                attempt.sedation not in AWAKE,
                block(
                    "sedation",
                    f"Sedation POSS {attempt.sedation.value}: 1 or 2 is needed for an oral opioid. "
                    "Watch them, and tell the prescriber.",
                    "clinical rule 31",
                ),
            ),
            _breathing(facts, attempt.breaths),
        )
    )


def oral_before_injection(last: OralBefore | None, *, at: datetime) -> Decision:
    """Return the stop on an injection in the 30 minutes after an oral opioid; at 30 minutes it is gone.

    Source: clinical rules 7.11.
    """
    if last is None:
        return Decision()
    elapsed = _elapsed(last.given_at, at)
    if elapsed >= ORAL_BEFORE_INJECTION:
        return Decision()
    message = (
        f"{last.words} was given {_minutes(elapsed)} minutes ago. An injection waits until "
        f"{_clock(last.given_at + ORAL_BEFORE_INJECTION)}, 30 minutes after it."
    )
    return Decision((stop("oral_before", message, "clinical rules 7.11"),))


def _order(facts: OralFacts) -> tuple[Finding | None, ...]:
    order = facts.order
    if order is None:
        message = "No order of an oral opioid is in force for this person. A prescriber signs one."
        return (block("no_oral_order", message, "clinical rule 31"),)
    return (
        _if(
            order.is_suspended,
            block(
                "oral_order_suspended",
                "Who signed this order has left, so it is suspended. A prescriber signs the next one.",
                "clinical rules 7.11",
            ),
        ),
    )


def _amount(facts: OralFacts, mg: int) -> Finding | None:
    if facts.order is None or facts.protocol is None:
        return None
    if mg < 1:
        return block("mg_is_none", "Write at least 1 mg.", "clinical rules 7.11")
    left = allowed_oral_mg(facts)
    message = (
        f"{mg} mg is over what is left of today: {left} mg of {left + facts.given_today_mg} mg. "
        "Give what is ordered, or ask the prescriber for a new order."
    )
    return _if(mg > left, block("over_oral_day", message, "clinical rules 7.11"))


def _too_soon(facts: OralFacts) -> Finding | None:
    if facts.protocol is None or facts.last_injection_ended_at is None:
        return None
    least = timedelta(minutes=facts.protocol.oral_delay_minutes)
    elapsed = _elapsed(facts.last_injection_ended_at, facts.at)
    message = (
        f"The last injection ended {_minutes(elapsed)} minutes ago, less than "
        f"{facts.protocol.oral_delay_minutes}. An oral opioid waits until "
        f"{_clock(facts.last_injection_ended_at + least)}."
    )
    return _if(elapsed < least, block("oral_too_soon", message, "clinical rule 31"))


def _breathing(facts: OralFacts, breaths: int | None) -> Finding | None:
    if breaths is None:
        message = (
            f"Count the breathing: {BREATHS_HOLD_BELOW} or more a minute is needed after what happened today."
        )
        return _if(needs_breathing(facts), block("breathing_unknown", message, "clinical rules 7.11"))
    message = (
        f"Breathing {breaths} a minute, under {BREATHS_HOLD_BELOW}. Watch them, and tell the prescriber."
    )
    return _if(breaths < BREATHS_HOLD_BELOW, block("breathing", message, "clinical rules 7.11"))


def may_allow_oral(*, signer_may_prescribe: bool, withheld: str, reason: str) -> Decision:
    """Decide whether a prescriber may let an oral dose go ahead after an injection was withheld today.

    Source: clinical rules 2 and 7.11.
    """
    return Decision.of(
        (
            _if(
                not signer_may_prescribe,
                block(
                    "not_a_prescriber",
                    "Only a doctor or another prescriber of this clinic decides this. Ask one of them.",
                    "clinical rule 2",
                ),
            ),
            _if(
                not withheld,
                block(
                    "nothing_to_decide",
                    "No injection was withheld today, so no decision is needed.",
                    "clinical rules 7.11",
                ),
            ),
            _if(
                not reason.strip(),
                block("no_reason", "Write what you decided, and why.", "clinical rules 7.11"),
            ),
        )
    )


def _if(found: bool, finding: Finding) -> Finding | None:
    return finding if found else None


def _elapsed(since: datetime, at: datetime) -> timedelta:
    # Counted in UTC: across a clock change the wall clock is an hour wrong.
    return at.astimezone(UTC) - since.astimezone(UTC)


def _minutes(elapsed: timedelta) -> int:
    return max(0, int(elapsed.total_seconds() // 60))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC).astimezone(LONDON):%H:%M}"
