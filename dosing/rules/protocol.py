"""The limits a dose is judged by: hard ceilings in code, and the clinic's own approved version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

# No clinic can loosen these. Source: clinical rules 7.9 and 7.11 (single 450, day 1000, interval 3 h, 28 days).
SINGLE_CEILING_MG: Final = 450
DAILY_CEILING_MG: Final = 1000
INTERVAL_FLOOR_MINUTES: Final = 180
ORDER_DAYS_CEILING: Final = 28
# A dose above this needs a licensed doctor's reason in every clinic; a clinic may ask for one sooner.
# Source: clinical rules 11 and 7.11.
SINGLE_STOP_CEILING_MG: Final = 400
# The most that anybody has after sessions missed in a row. Source: clinical rule 32.
GAP_CAP_CEILING_PERCENT: Final = 75
# Nobody may be let go sooner after an injection. Source: clinical rule 26.
OBSERVATION_FLOOR_MINUTES: Final = 15


@dataclass(frozen=True, slots=True)
class Protocol:
    """One approved version of a clinic's limits: milligrams, minutes, hours, days, sessions and percent.

    Defaults are the starting values of clinical rules 7.9; `LIMITS` says which of them nobody has verified.
    A clinical lead approves them.
    """

    single_warn_mg: int = 300
    single_stop_mg: int = 400
    single_block_mg: int = 450
    daily_warn_mg: int = 600
    daily_block_mg: int = 900
    first_dose_mg: int = 15
    first_repeat_minutes: int = 20
    day_one_dose_mg: int = 30
    day_one_gap_minutes: int = 30
    step_percent: int = 50
    interval_block_minutes: int = 180
    interval_warn_minutes: int = 240
    top_up_minutes: int = 20
    top_up_titration_minutes: int = 30
    sessions_per_day_max: int = 2
    order_days_usual: int = 14
    order_days_max: int = 28
    observation_minutes: int = 20
    gap_full_hours: int = 26
    gap_cap_hours: int = 50
    gap_decide_hours: int = 74
    gap_full_missed: int = 1
    gap_cap_missed: int = 3
    gap_decide_missed: int = 5
    gap_cap_percent: int = 75
    gap_decide_percent: int = 50
    oral_delay_minutes: int = 30
    methadone_block_mg: int = 150
    buprenorphine_block_mg: int = 24
    morphine_block_mg: int = 1200
    concentration_mg_per_ml: int = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """One number of a protocol: what it bounds, its unit, and the range that no clinic may leave.

    `is_verified` is False where nobody has checked the starting value against its source, or it is our own
    proposal: whoever approves it is told to confirm it locally. `source` names where it stands.
    """

    name: str
    label: str
    unit: str
    least: int
    most: int
    source: str
    is_verified: bool = False


LIMITS: Final = (
    Limit("single_warn_mg", "Note over, one dose", "mg", 1, 450, "clinical rule 11", is_verified=True),
    Limit(
        "single_stop_mg",
        "Doctor's reason over, one dose",
        "mg",
        300,
        SINGLE_STOP_CEILING_MG,
        "clinical rule 11",
    ),
    Limit("single_block_mg", "Never over, one dose", "mg", 1, SINGLE_CEILING_MG, "clinical rule 11"),
    Limit("daily_warn_mg", "Note over, one day", "mg", 1, 1000, "clinical rule 11", is_verified=True),
    Limit(
        "daily_block_mg",
        "Never over, one day or any 20 hours",
        "mg",
        1,
        DAILY_CEILING_MG,
        "clinical rule 11",
        is_verified=True,
    ),
    Limit("first_dose_mg", "First dose, at most", "mg", 1, 15, "clinical rule 8", is_verified=True),
    Limit("first_repeat_minutes", "First dose repeated, not before", "minutes", 20, 240, "clinical rule 8"),
    Limit("day_one_dose_mg", "Each further dose of the first day, at most", "mg", 1, 30, "clinical rule 8"),
    Limit("day_one_gap_minutes", "Doses of the first day apart", "minutes", 30, 720, "clinical rule 8"),
    Limit(
        "step_percent",
        "Over the highest tolerated dose, at most",
        "%",
        10,
        50,
        "clinical rule 9",
        is_verified=True,
    ),
    Limit(
        "interval_block_minutes",
        "Sessions apart, at least",
        "minutes",
        INTERVAL_FLOOR_MINUTES,
        1440,
        "clinical rule 13",
    ),
    Limit(
        "interval_warn_minutes",
        "Note under, sessions apart",
        "minutes",
        INTERVAL_FLOOR_MINUTES,
        1440,
        "clinical rule 13",
    ),
    Limit("top_up_minutes", "Injections of one session apart", "minutes", 20, 240, "clinical rule 13"),
    Limit(
        "top_up_titration_minutes",
        "Injections of one session apart, titrating",
        "minutes",
        30,
        240,
        "clinical rule 13",
    ),
    Limit(
        "sessions_per_day_max",
        "Sessions a day, at most",
        "sessions",
        1,
        3,
        "clinical rules 7.9",
        is_verified=True,
    ),
    Limit(
        "order_days_usual",
        "An order runs, unless said otherwise",
        "days",
        1,
        ORDER_DAYS_CEILING,
        "clinical rule 6",
    ),
    Limit("order_days_max", "An order runs, at most", "days", 1, ORDER_DAYS_CEILING, "clinical rule 6"),
    Limit(
        "observation_minutes",
        "Watched after injecting, at least",
        "minutes",
        OBSERVATION_FLOOR_MINUTES,
        240,
        "clinical rule 26",
    ),
    Limit("gap_full_hours", "Full dose after a gap of up to", "hours", 1, 26, "clinical rule 32"),
    Limit("gap_cap_hours", "Capped dose after a gap of up to", "hours", 1, 50, "clinical rule 32"),
    Limit("gap_decide_hours", "A doctor decides after a gap of up to", "hours", 1, 74, "clinical rule 32"),
    Limit("gap_full_missed", "Full dose after missed in a row, up to", "sessions", 0, 1, "clinical rule 32"),
    Limit("gap_cap_missed", "Capped dose after missed in a row, up to", "sessions", 0, 3, "clinical rule 32"),
    Limit(
        "gap_decide_missed",
        "A doctor decides after missed in a row, up to",
        "sessions",
        0,
        5,
        "clinical rule 32",
    ),
    Limit("gap_cap_percent", "The cap after a gap", "%", 1, GAP_CAP_CEILING_PERCENT, "clinical rule 32"),
    Limit(
        "gap_decide_percent", "The ceiling of a doctor's decision after a gap", "%", 1, 50, "clinical rule 32"
    ),
    Limit(
        "oral_delay_minutes",
        "Oral opioid after injecting, not before",
        "minutes",
        20,
        720,
        "clinical rule 31",
    ),
    Limit("methadone_block_mg", "Methadone, never over in one day", "mg", 1, 150, "clinical rules 7.9"),
    Limit(
        "buprenorphine_block_mg", "Buprenorphine, never over in one day", "mg", 1, 24, "clinical rules 7.9"
    ),
    Limit(
        "morphine_block_mg",
        "Slow-release morphine, never over in one day",
        "mg",
        1,
        1200,
        "clinical rules 7.9",
    ),
    Limit("concentration_mg_per_ml", "Drawn up at", "mg in 1 ml", 1, 200, "clinical rule 14"),
)
# What must not be larger than what: a note comes before its block, a row of the ladder before the next.
NOT_OVER: Final = (
    ("single_warn_mg", "single_block_mg"),
    ("daily_warn_mg", "daily_block_mg"),
    ("interval_block_minutes", "interval_warn_minutes"),
    ("order_days_usual", "order_days_max"),
    ("gap_full_hours", "gap_cap_hours"),
    ("gap_cap_hours", "gap_decide_hours"),
    ("gap_full_missed", "gap_cap_missed"),
    ("gap_cap_missed", "gap_decide_missed"),
    ("gap_decide_percent", "gap_cap_percent"),
)


UNVERIFIED: Final = frozenset(limit.name for limit in LIMITS if not limit.is_verified)


def limit_of(name: str) -> Limit:
    """Return what is known of one number of a protocol."""
    return next(limit for limit in LIMITS if limit.name == name)


def numbers_of(protocol: Protocol) -> dict[str, int]:
    """Return the numbers of a protocol by name, in the order of `LIMITS`."""
    names = {field.name for field in fields(Protocol)}
    return {limit.name: getattr(protocol, limit.name) for limit in LIMITS if limit.name in names}


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What is known when a clinic's limits are to be approved.

    `confirmed` holds the names of the unverified numbers that the approver ticked as confirmed locally.
    """

    at: datetime
    starts_at: datetime
    approver_is_clinical_lead: bool
    confirmed: frozenset[str]


def against_the_ceilings(numbers: Mapping[str, int]) -> tuple[Finding, ...]:
    """Return what no clinic may approve of some of its numbers, by the names of `LIMITS`; what is left out is not judged.

    Source: clinical rules 7.9 and 7.11.
    """
    found = [_outside(limit, numbers[limit.name]) for limit in LIMITS if limit.name in numbers]
    found += [
        _turned_round(smaller, larger, numbers)
        for smaller, larger in NOT_OVER
        if smaller in numbers and larger in numbers
    ]
    return tuple(finding for finding in found if finding is not None)


def may_approve_protocol(numbers: Mapping[str, int], facts: ApprovalFacts) -> Decision:
    """Decide whether a clinic's limits may come into force: stricter than the ceilings, and each confirmed.

    `numbers` holds one number for each of `LIMITS`, by name. Source: clinical rules 7.9 and 7.11.
    """
    found = list(against_the_ceilings({limit.name: numbers[limit.name] for limit in LIMITS}))
    found += [
        block(
            f"unconfirmed_{limit.name}",
            f"{limit.label}: nobody has verified this number ({limit.source}). Tick that it is confirmed locally.",
            "clinical rules 7.9",
        )
        for limit in LIMITS
        if not limit.is_verified and limit.name not in facts.confirmed
    ]
    if facts.starts_at < facts.at:
        message = "These limits would start in the past. Choose a later start."
        found.append(block("starts_in_the_past", message, "clinical rules 7.11"))
    if not facts.approver_is_clinical_lead:
        message = "Only the clinical lead approves the clinic's limits."
        found.append(block("not_the_clinical_lead", message, "clinical rules 7.11"))
    return Decision.of(found)


def _outside(limit: Limit, number: int) -> Finding | None:
    if limit.least <= number <= limit.most:
        return None
    message = (
        f"{limit.label}: {number} {limit.unit} is outside {limit.least} to {limit.most} {limit.unit}. "
        "No clinic can loosen this."
    )
    return block(f"outside_{limit.name}", message, limit.source)


def _turned_round(smaller: str, larger: str, numbers: Mapping[str, int]) -> Finding | None:
    if numbers[smaller] <= numbers[larger]:
        return None
    first, second = limit_of(smaller), limit_of(larger)
    message = (
        f"{first.label}: {numbers[smaller]} {first.unit} is over the {numbers[larger]} {second.unit} of "
        f"“{second.label}”. Write a smaller number, or raise the other."
    )
    return block(f"over_{larger}", message, "clinical rules 7.9")
