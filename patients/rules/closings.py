"""Closing or pausing a programme: its last day, and what follows for referrals, orders and people.

Source: product P 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from hat_clinic.core.decisions import Decision, Finding, block

LONDON: Final = ZoneInfo("Europe/London")
SOURCE: Final = "product P 7"
# From how many days before its end a programme warns of it. Source: product P 7.
WARNED_DAYS: Final = 90
LONGEST_WORDS: Final = 500


class ClosingKind(StrEnum):
    """What was decided about a programme."""

    CLOSES = "closes"
    PAUSES = "pauses"
    GOES_ON = "goes_on"

    @property
    def label(self) -> str:
        """The decision in words."""
        return {"closes": "It closes", "pauses": "It pauses", "goes_on": "It goes on"}[self.value]


@dataclass(frozen=True, slots=True)
class ClosingContent:
    """A decision as it is written. `last_on` is the last day of doses, None where the programme goes on.

    `resumes_on` is the first day after a pause, where it is known.
    """

    kind: ClosingKind | None
    last_on: date | None
    resumes_on: date | None
    words: str


def may_close_programme(content: ClosingContent, *, stands: ClosingKind | None, today: date) -> Decision:
    """Decide whether a decision about a programme may be stored. A finding's code is the name of its field.

    `stands` is what was decided last, None where nothing was. Source: product P 7 (a date).
    """
    ends = content.kind in (ClosingKind.CLOSES, ClosingKind.PAUSES)
    last_on, resumes_on = content.last_on, content.resumes_on
    return Decision.of(
        (
            None if content.kind else block("kind", "Choose whether it closes, pauses or goes on.", SOURCE),
            block("kind", "The programme goes on already. Nothing was changed.", SOURCE)
            if content.kind is ClosingKind.GOES_ON and stands in (None, ClosingKind.GOES_ON)
            else None,
            block("last_on", "Write the last day on which doses are given.", SOURCE)
            if ends and last_on is None
            else None,
            block("last_on", "The last day is today or later: what was given stays given.", SOURCE)
            if ends and last_on is not None and last_on < today
            else None,
            block("last_on", "A programme that goes on has no last day. Leave it empty.", SOURCE)
            if content.kind is ClosingKind.GOES_ON and last_on is not None
            else None,
            block("resumes_on", "Only a pause has a day on which it goes on again.", SOURCE)
            if resumes_on is not None and content.kind is not ClosingKind.PAUSES
            else None,
            block("resumes_on", "It goes on again after its last day.", SOURCE)
            if resumes_on is not None and last_on is not None and resumes_on <= last_on
            else None,
            None if content.words else block("words", "Write why, in a sentence.", SOURCE),
        )
    )


def end_of(last_on: date) -> datetime:
    """Return the moment at which the last day of doses is over, by the clock in London."""
    return datetime.combine(last_on + timedelta(days=1), time(0), LONDON)


def acceptance_stopped(last_on: date | None) -> Finding | None:
    """Return why nobody is accepted any more, where a programme closes or pauses; else None. Source: product P 7."""
    if last_on is None:
        return None
    message = (
        f"This programme ends on {last_on:%-d %B %Y}: nobody is accepted any more. The manager or the clinical lead can "
        "decide that it goes on."
    )
    return block("programme_ends", message, SOURCE)


def outlives_programme(ends_at: datetime, last_on: date | None) -> Finding | None:
    """Return why an order may not end when it does, where the programme is over before; else None.

    Source: product P 7 (no order may end after it).
    """
    if last_on is None or ends_at <= end_of(last_on):
        return None
    message = f"The programme ends on {last_on:%-d %B %Y}. No order may run longer."
    return block("outlives_programme", message, SOURCE)


def days_left(last_on: date, *, today: date) -> int:
    """Return how many days are left after today; less than none once the last day is over."""
    return (last_on - today).days


def ending_in_words(
    *, last_on: date | None, funded_until: date | None, today: date, without_plan: int
) -> str:
    """Return what a board says of a programme that ends within 90 days, or nothing.

    A decision that was taken counts before the day the funding ends. Source: product P 7.
    """
    ends_on = last_on or funded_until
    if ends_on is None or days_left(ends_on, today=today) > WARNED_DAYS:
        return ""
    left = days_left(ends_on, today=today)
    what = "The last day of doses" if last_on else "The last day that is paid for"
    if left < 0:
        first = f"{what} was {ends_on:%-d %B %Y}."
    elif left == 0:
        first = f"{what} is today."
    else:
        first = f"{what} is {ends_on:%-d %B %Y}, in {left} {'day' if left == 1 else 'days'}."
    if not without_plan:
        return f"{first} Everybody has a transfer plan."
    people = "1 person has" if without_plan == 1 else f"{without_plan} people have"
    return f"{first} {people} no whole transfer plan: see the worklist."
