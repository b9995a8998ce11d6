"""A person's recovery plan: what a goal says, how it goes on, and how it ends.

Source: trust design 3; product W2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.support import LONGEST_LINE, Domain

# A goal that nobody looks at within half a year is no plan.
FURTHEST_REVIEW: Final = timedelta(days=183)
TRUST: Final = "trust design 3"


class GoalEnd(StrEnum):
    """Why a goal is ended."""

    REACHED = "reached"
    DROPPED = "dropped"
    NOT_WANTED = "not_wanted"
    MISTAKE = "mistake"

    @property
    def label(self) -> str:
        """The reason in the words on the keys."""
        return _END_WORDS[self]


_END_WORDS: Final = {
    GoalEnd.REACHED: "Reached",
    GoalEnd.DROPPED: "The person dropped it",
    GoalEnd.NOT_WANTED: "No longer wanted",
    GoalEnd.MISTAKE: "Written by mistake",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GoalSaid:
    """A goal as it was agreed. `wanted` and `safe` are None where nobody asked."""

    domain: str
    words: str
    review_on: date | None
    wanted: bool | None = None
    safe: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepSaid:
    """How it went, and either when to look again or why the goal ends."""

    words: str
    review_on: date | None
    ended: str


def may_set_goal(said: GoalSaid, *, today: date, owner_is_here: bool) -> Decision:
    """Decide whether a goal may stand, with every reason against it.

    Contact with the family is a goal only where the person wants it and it is safe for everybody: both are asked.
    """
    return Decision.of([*_words(said.words), *_review(said.review_on, today), *_family(said, owner_is_here)])


def _words(words: str) -> list[Finding | None]:
    return [
        block("goal_says_nothing", "Write it in one line, in the words of the person.", TRUST)
        if not words.strip()
        else None,
        block("goal_long_line", f"Keep the line to {LONGEST_LINE} letters.", TRUST)
        if len(words) > LONGEST_LINE
        else None,
    ]


def _review(review_on: date | None, today: date) -> list[Finding | None]:
    if review_on is None:
        return [block("goal_without_review", "Write on which day you look at it together again.", TRUST)]
    return [
        block("goal_review_not_ahead", "The day to look at it again lies after today.", TRUST)
        if review_on <= today
        else None,
        block(
            "goal_review_far_away",
            "Look at it again within half a year. Check the day.",
            TRUST,
        )
        if review_on > today + FURTHEST_REVIEW
        else None,
    ]


def _family(said: GoalSaid, owner_is_here: bool) -> list[Finding | None]:
    is_family = said.domain == Domain.FAMILY
    return [
        block("goal_family_not_wanted", "A family goal needs a yes to: does the person want it?", TRUST)
        if is_family and said.wanted is not True
        else None,
        block("goal_family_not_safe", "A family goal needs a yes to: is it safe for everybody?", TRUST)
        if is_family and said.safe is not True
        else None,
        block("goal_owner_elsewhere", "Choose the person or a case worker of this clinic.", TRUST)
        if not owner_is_here
        else None,
    ]


def may_note_step(said: StepSaid, *, today: date, has_ended: bool) -> Decision:
    """Decide whether a step of a goal may be written: an ended goal stays as it is."""
    if has_ended:
        return Decision.of([block("goal_has_ended", "This goal has ended. Set a new one.", TRUST)])
    if said.ended:
        return Decision.of(
            [
                *_words(said.words),
                block("goal_end_with_review", "A goal that ends has no day to look at it again.", TRUST)
                if said.review_on is not None
                else None,
            ]
        )
    return Decision.of([*_words(said.words), *_review(said.review_on, today)])
