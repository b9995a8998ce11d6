"""Which numbers a clinic may have for its outcome forms, and who may approve them.

The bounds are our own, unverified ([P]).

Source: product W 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

FEWEST_DAYS: Final = 14
MOST_DAYS: Final = 366
SOURCE_LENGTH: Final = 300
SOURCE: Final = "product-W-4"


@dataclass(frozen=True, slots=True)
class ScheduleSaid:
    """What somebody writes: from when on, days between two reviews, days before and after, and where it is from."""

    from_day: date
    every_days: int
    window_days: int
    source: str


def may_write_schedule(said: ScheduleSaid, *, today: date) -> Decision:
    """Decide whether the numbers can be stored; each reason against them is a sentence."""
    return Decision.of(
        [
            _is_to_come(said.from_day, today),
            _block(
                "form_schedule_days",
                f"Write {FEWEST_DAYS} to {MOST_DAYS} days between two reviews.",
            )
            if not FEWEST_DAYS <= said.every_days <= MOST_DAYS
            else None,
            _block(
                "form_schedule_window",
                "Write fewer days around a due day than half of those between two: else a form belongs to two of them.",
            )
            if not 0 <= 2 * said.window_days < said.every_days
            else None,
            _block("form_schedule_source", "Write where the numbers come from.")
            if not said.source.strip()
            else None,
        ]
    )


def may_approve_schedule(
    *, from_day: date, today: date, is_own: bool, is_approved: bool, is_confirmed: bool
) -> Decision:
    """Decide whether somebody may approve what another wrote."""
    return Decision.of(
        [
            _block("form_schedule_approved", "These numbers are approved already.") if is_approved else None,
            _block("form_schedule_own", "You wrote these numbers. Somebody else approves them.")
            if is_own
            else None,
            _is_to_come(from_day, today),
            _block("form_schedule_unconfirmed", "Tick that you read where the numbers come from.")
            if not is_confirmed
            else None,
        ]
    )


def _is_to_come(from_day: date, today: date) -> Finding | None:
    if from_day > today:
        return None
    return _block(
        "form_schedule_past",
        "The first day is over or is today: what was due would change. Write numbers from tomorrow or later.",
    )


def _block(code: str, message: str) -> Finding:
    return block(code, message, SOURCE)
