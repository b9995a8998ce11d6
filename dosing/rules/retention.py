"""How long records are kept, and when one may be removed: never sooner, and never under a legal hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

REASON_LENGTH: Final = 500


class RetentionClass(StrEnum):
    """What kind of record something is. Source: clinical rules 50 and 52."""

    CLINICAL = "clinical"
    REGISTER = "register"
    WORKSHEET = "worksheet"
    TRAIL = "trail"
    ALWAYS = "always"

    @property
    def label(self) -> str:
        """The class in words."""
        return {
            "clinical": "clinical record",
            "register": "controlled-drug register",
            "worksheet": "preparation worksheet",
            "trail": "audit trail",
            "always": "kept as long as the program is used",
        }[self.value]

    @property
    def years(self) -> int | None:
        """Whole years after the last entry; None where no number of years decides.

        The audit trail is kept as long as the longest record that it covers. Source: clinical rules 50 and 52.
        """
        return {"clinical": 20, "register": 7, "worksheet": 11, "trail": 20, "always": None}[self.value]


@dataclass(frozen=True, slots=True)
class KeptThing:
    """One thing that is kept as a whole: a person's record, a ledger, or the like.

    `last_on` is the Europe/London day of its last entry; None while it is in use or has no entry to count from.
    """

    kept_as: RetentionClass
    last_on: date | None
    is_on_hold: bool


def kept_until(kept_as: RetentionClass, last_on: date) -> date | None:
    """Return the last day on which something is kept: the whole day of the anniversary is.

    29 February has its anniversary on 1 March in a year that has none. None for what is always kept.
    Source: clinical rules 50 and 52.
    """
    years = kept_as.years
    if years is None:
        return None
    if (last_on.month, last_on.day) == (2, 29):
        year = last_on.year + years
        try:
            return date(year, 2, 29)
        except ValueError:
            return date(year, 3, 1)
    return last_on.replace(year=last_on.year + years)


def may_remove(thing: KeptThing, today: date) -> Decision:
    """Decide whether something is old enough to be removed, as far as its age and legal holds go.

    It is refused on every day up to and including the last one of its class, while it is in use, and while a legal
    hold stands on it, however old it is. Source: clinical rules 50 and 52.
    """
    return Decision.of([_hold(thing.is_on_hold), _age(thing, today)])


def _hold(is_on_hold: bool) -> Finding | None:
    if not is_on_hold:
        return None
    return block(
        "legal_hold",
        "A legal hold stands on it. The manager or the privacy officer lifts it, with a reason, before anything "
        "is removed.",
        "clinical rule 50",
    )


def _age(thing: KeptThing, today: date) -> Finding | None:
    if thing.last_on is None:
        return block("in_use", "It is still in use, so its time has not begun.", "clinical rule 52")
    until = kept_until(thing.kept_as, thing.last_on)
    if until is None:
        return block("always_kept", "It is kept as long as the program is used.", "clinical rule 52")
    if today <= until:
        return block(
            "too_young",
            f"It is kept until {until.day} {until:%B %Y}: {thing.kept_as.label}, {thing.kept_as.years} years "
            f"after the last entry of {thing.last_on.day} {thing.last_on:%B %Y}.",
            "clinical rule 52",
        )
    return None


def may_lift_hold(*, is_lifted: bool, reason: str) -> Decision:
    """Decide whether a legal hold is lifted for this reason. Source: clinical rule 50."""
    return Decision.of([_stands(is_lifted), _reason(reason)])


def may_set_hold(*, is_held: bool, reason: str) -> Decision:
    """Decide whether a legal hold is set for this reason on something that has none. Source: clinical rule 50."""
    return Decision.of(
        [
            block("held_already", "A legal hold stands on it already.", "clinical rule 50")
            if is_held
            else None,
            _reason(reason),
        ]
    )


def _stands(is_lifted: bool) -> Finding | None:
    if not is_lifted:
        return None
    return block("not_held", "This legal hold is lifted already.", "clinical rule 50")


def _reason(reason: str) -> Finding | None:
    if not reason.strip():
        return block("no_reason", "Write the reason.", "clinical rule 50")
    if len(reason.strip()) > REASON_LENGTH:
        return block(
            "reason_too_long",
            f"Write the reason in at most {REASON_LENGTH} characters.",
            "clinical rule 50",
        )
    return None
