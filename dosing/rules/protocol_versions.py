"""Drafts and versions of a clinic's limits: who may write one, which stands when, and what a new one changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from dosing.rules.protocol import LIMITS, NOT_OVER, Limit, against_the_ceilings
from hat_clinic.core.decisions import Decision, block

REASON_LENGTH: Final = 500
# The limits as pages lay them out.
GROUPS: Final = (
    (
        "One dose and one day",
        (
            *("single_warn_mg", "single_stop_mg", "single_block_mg", "daily_warn_mg", "daily_block_mg"),
            "step_percent",
        ),
    ),
    ("The first day", ("first_dose_mg", "first_repeat_minutes", "day_one_dose_mg", "day_one_gap_minutes")),
    (
        "Sessions, and the time between injections",
        (
            *("sessions_per_day_max", "interval_block_minutes", "interval_warn_minutes", "top_up_minutes"),
            "top_up_titration_minutes",
        ),
    ),
    ("After an injection", ("observation_minutes", "oral_delay_minutes")),
    (
        "After missed sessions",
        (
            *("gap_full_hours", "gap_cap_hours", "gap_decide_hours"),
            *("gap_full_missed", "gap_cap_missed", "gap_decide_missed"),
            *("gap_cap_percent", "gap_decide_percent"),
        ),
    ),
    ("Orders and drawing up", ("order_days_usual", "order_days_max", "concentration_mg_per_ml")),
    ("Oral opioids", ("methadone_block_mg", "buprenorphine_block_mg", "morphine_block_mg")),
)
# Times to wait and to watch are stricter the longer they are; every other limit the smaller it is.
STRICTER_WHEN_MORE: Final = frozenset(
    {
        *("first_repeat_minutes", "day_one_gap_minutes", "interval_block_minutes", "interval_warn_minutes"),
        *("top_up_minutes", "top_up_titration_minutes", "observation_minutes", "oral_delay_minutes"),
    }
)
# A concentration is another way of drawing up and bounds nothing.
NEITHER: Final = frozenset({"concentration_mg_per_ml"})
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,3}")


class Direction(StrEnum):
    """What a changed limit means for the people it binds."""

    STRICTER = "stricter"
    LOOSER = "looser"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The direction in the words of a page."""
        return {"stricter": "Stricter", "looser": "Looser", "other": "Neither stricter nor looser"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Change:
    """One limit that differs between two versions."""

    limit: Limit
    before: int
    after: int

    @property
    def direction(self) -> Direction:
        """Tell whether the later number binds more or less than the earlier one."""
        if self.limit.name in NEITHER:
            return Direction.OTHER
        is_more = self.after > self.before
        return Direction.STRICTER if is_more == (self.limit.name in STRICTER_WHEN_MORE) else Direction.LOOSER


def changes_between(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[Change, ...]:
    """Return the limits that differ, in the order of `LIMITS`."""
    return tuple(
        Change(limit, before[limit.name], after[limit.name])
        for limit in LIMITS
        if before[limit.name] != after[limit.name]
    )


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when a version is in force, half-open; `ends_at` is None while no newer one ends it."""

    starts_at: datetime
    ends_at: datetime | None

    @property
    def never_begins(self) -> bool:
        """True where a newer version starts before this one, or with it."""
        return self.ends_at is not None and self.ends_at <= self.starts_at

    def holds(self, at: datetime) -> bool:
        """Tell whether the version is in force at a moment."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


def periods_of(starts: Iterable[tuple[int, datetime]]) -> dict[int, Period]:
    """Return from when until when each version is in force, by number; `starts` gives number and start of each.

    In force is the newest approval that has begun: it ends every version before it at its start, and one that
    would begin at that moment or later never does. Source: clinical rules 7.11.
    """
    periods: dict[int, Period] = {}
    ends_at: datetime | None = None
    for number, starts_at in sorted(starts, reverse=True):
        periods[number] = Period(starts_at, ends_at)
        ends_at = starts_at if ends_at is None else min(ends_at, starts_at)
    return periods


def parse_limit(text: str) -> int | None:
    """Return a whole number from 0 to 9999, or None when the text is anything else.

    Only the digits 0-9 are read: a sign, point, separator, exponent, unit, leading zero or another script is
    refused, never cleaned; spaces around the number are let pass. Source: clinical rules 7.11.
    """
    stripped = text.strip(" ")
    return int(stripped) if _WHOLE.fullmatch(stripped) else None


def with_unit(limit: Limit, number: int) -> str:
    """Return such as "450 mg", "1 session" or "20 minutes"."""
    one = {"minutes": "minute", "hours": "hour", "days": "day", "sessions": "session"}
    return f"{number} {one.get(limit.unit, limit.unit) if number == 1 else limit.unit}"


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What is known when a draft of a clinic's limits is written."""

    reason: str
    writer_may_draft: bool


def may_draft_protocol(numbers: Mapping[str, int], facts: DraftFacts) -> Decision:
    """Decide whether a draft may be stored: nothing outside the ceilings, why it is written, and by whom.

    `numbers` may leave limits out that could not be read; a draft without all of them is refused.
    Source: clinical rules 7.9 and 7.11.
    """
    found = list(against_the_ceilings(numbers))
    found += [
        block(f"missing_{limit.name}", f"{limit.label}: write a number.", "clinical rules 7.9")
        for limit in LIMITS
        if limit.name not in numbers
    ]
    if not facts.reason.strip():
        message = "Write why the limits should change, or why they should stay."
        found.append(block("reason", message, "clinical rules 7.11"))
    if not facts.writer_may_draft:
        message = "A clinical lead, a doctor or a manager of this clinic writes a draft of its limits."
        found.append(block("may_not_draft", message, "clinical rules 7.11"))
    return Decision.of(found)


def limit_meant(code: str) -> str:
    """Return the name of the limit that a finding's code is about, or "" where it is about none."""
    what, _, name = code.partition("_")
    if what in ("outside", "missing", "unconfirmed"):
        return name if any(limit.name == name for limit in LIMITS) else ""
    return next((smaller for smaller, larger in NOT_OVER if code == f"over_{larger}"), "")
