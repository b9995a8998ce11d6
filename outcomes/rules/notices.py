"""Telling readers by mail that a report was signed off: what the letter says, and when a late one is shown.

Source: Indicators 4 (evaluation).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

# A letter goes out within the minute; what waits longer than this is shown to who signs reports off.
LATE_AFTER: Final = timedelta(minutes=5)
# After that it is no longer new, and nobody is told.
TRIED_FOR: Final = timedelta(days=7)


class Telling(StrEnum):
    """What became of one letter."""

    SENT = "sent"
    NOT_NEEDED = "not_needed"


def letter(*, clinic: str, month: date, is_again: bool) -> tuple[str, str]:
    """Return the subject and the text that tell a reader of a report: neither a figure nor a word about anybody.

    Source: Indicators 4 (evaluation).
    """
    again = " It replaces an earlier issue; What changed lists every difference." if is_again else ""
    return (
        "A report is ready to read",
        f"The report of {clinic} for {month:%B %Y} is signed off.{again}\n\n"
        "Sign in and open Reports to read it. This letter holds no figures, and nobody reads an answer to it.\n",
    )


def is_late(*, released_at: datetime, at: datetime) -> bool:
    """Decide whether a letter that was not sent has waited too long and is still tried.

    Source: Indicators 4 (evaluation).
    """
    return LATE_AFTER < at - released_at < TRIED_FOR


def is_given_up(*, released_at: datetime, at: datetime) -> bool:
    """Decide whether a letter that was not sent is not tried any more.

    Source: Indicators 4 (evaluation).
    """
    return at - released_at >= TRIED_FOR
