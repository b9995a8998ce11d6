"""Alerts: what everybody who works with somebody must know, from a day on. No alert stops a dose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

LONGEST_WORDS: Final = 300
SOURCE: Final = "product P 4"


class Severity(StrEnum):
    """How much an alert weighs, the heaviest first. None of them bars a dose: a hold alone does that."""

    DANGER = "danger"
    WARNING = "warning"
    CAUTION = "caution"
    NOTE = "note"

    @property
    def label(self) -> str:
        """The severity as it is printed."""
        return self.value.capitalize()

    @property
    def meaning(self) -> str:
        """What the severity asks of whoever reads it."""
        return _MEANINGS[self]

    @property
    def is_on_board(self) -> bool:
        """True where the board says that one stands, by its weight alone: its words are read at the check-in.

        The board is seen from the hatch; what says no more than take care would hide what does.
        """
        return self in (Severity.DANGER, Severity.WARNING)


_MEANINGS: Final = {
    Severity.DANGER: "somebody may come to serious harm: read it before you go near or give anything",
    Severity.WARNING: "harm is likely if it is not heeded",
    Severity.CAUTION: "take care",
    Severity.NOTE: "good to know",
}


@dataclass(frozen=True, slots=True)
class AlertContent:
    """An alert as it is written. `ends_on` is its last day, None where it stands until somebody ends it."""

    severity: Severity | None
    words: str
    starts_on: date | None
    ends_on: date | None


def may_set_alert(content: AlertContent, *, today: date) -> Decision:
    """Decide whether an alert may be set. A finding's code is the name of the field it is about.

    Source: product P 4 (four severities, with start and end).
    """
    starts_on = content.starts_on
    is_backwards = (
        content.ends_on is not None and starts_on is not None and content.ends_on < max(starts_on, today)
    )
    return Decision.of(
        (
            None if content.severity else block("severity", "Choose how much it weighs.", SOURCE),
            None if content.words else block("words", "Write what to know, and what to do.", SOURCE),
            None if starts_on else block("starts_on", "Write from which day it stands.", SOURCE),
            block("starts_on", "It stands from today or an earlier day on.", SOURCE)
            if starts_on is not None and starts_on > today
            else None,
            block("ends_on", "Its last day is today or later. Leave it empty for an open end.", SOURCE)
            if is_backwards
            else None,
        )
    )


def is_standing(*, starts_on: date, ends_on: date | None, is_ended: bool, today: date) -> bool:
    """Tell whether an alert stands on a day: from its first to its last day, until somebody ends it.

    Source: product P 4.
    """
    return not is_ended and starts_on <= today and (ends_on is None or today <= ends_on)
