"""When somebody is asked how things are: at which point of the treatment, and on which day.

The outcome form and the clinic's own four questions are asked at the same points, each stored on its own.

Source: product W 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

WRAPAROUND: Final = "product W 4"
# Unverified, our own proposal: a form of the time before somebody was accepted is at most this old.
DAYS_BEFORE_ACCEPTANCE: Final = 28


class FormStage(StrEnum):
    """At which point of the treatment somebody is asked, in the codes of the files."""

    START = "start"
    REVIEW = "review"
    EXIT = "exit"
    POST_EXIT = "post_exit"

    @property
    def label(self) -> str:
        """The point in words, as a heading begins."""
        return _STAGE_WORDS[self]


_STAGE_WORDS: Final = {
    FormStage.START: "Start",
    FormStage.REVIEW: "Review",
    FormStage.EXIT: "Leaving",
    FormStage.POST_EXIT: "After leaving",
}
# The word of an address for each point.
STAGE_IN_ADDRESS: Final = {
    "start": FormStage.START,
    "review": FormStage.REVIEW,
    "exit": FormStage.EXIT,
    "after": FormStage.POST_EXIT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What is known when answers are to be stored: the day and the point, and what the clinic knows of the person.

    `treated_since` is the day of acceptance that this belongs to, `left_on` the last day of that treatment (None: it
    goes on). `is_empty`: no question has an answer. `day_is_taken`: other answers to the same questions that count
    are of the same day.
    """

    on: date
    stage: str
    today: date
    treated_since: date
    left_on: date | None
    is_empty: bool
    day_is_taken: bool


def may_store_answers(asking: Asking) -> Decision:
    """Decide whether what somebody answered may be stored, with every reason against it."""
    on, left = asking.on, asking.left_on
    earliest = asking.treated_since - timedelta(days=DAYS_BEFORE_ACCEPTANCE)
    return Decision.of(
        [
            block("asked_in_future", "That day has not come yet. Write the day you asked.", WRAPAROUND)
            if on > asking.today
            else None,
            block(
                "asked_long_before",
                f"That day is over {DAYS_BEFORE_ACCEPTANCE} days before this person was accepted here. "
                "Check the day.",
                WRAPAROUND,
            )
            if on < earliest
            else None,
            block(
                "asked_after_leaving_too_soon",
                "This person had not left on that day. Open the form for a review or for leaving.",
                WRAPAROUND,
            )
            if asking.stage == FormStage.POST_EXIT and (left is None or on <= left)
            else None,
            block(
                "asked_after_leaving",
                f"This person left on {left:%-d %B %Y}. Open the form for leaving or for after leaving.",
                WRAPAROUND,
            )
            if asking.stage in (FormStage.START, FormStage.REVIEW) and left is not None and on > left
            else None,
            block(
                "asked_day_taken",
                f"There are already answers of {on:%-d %B %Y}. Correct those instead.",
                WRAPAROUND,
            )
            if asking.day_is_taken
            else None,
            block("asked_nothing_answered", "No question has an answer, so nothing is stored.", WRAPAROUND)
            if asking.is_empty
            else None,
        ]
    )
