"""Corrections of what was written in the treatment room: a later row beside the first, with who, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hat_clinic.core.decisions import Decision, Finding, block


class CorrectedFor(StrEnum):
    """Why something written in the room is put right. The first is offered first."""

    WRONG_KEY = "wrong_key"
    MISREAD = "misread"
    TOLD_WRONG = "told_wrong"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return {
            "wrong_key": "Wrong key",
            "misread": "The device or the count was misread",
            "told_wrong": "I was told something that was not so",
            "other": "Another reason, in words",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is known of a line that somebody wants to put right.

    `stands` tells whether it is the last of its chain, `is_same` whether the new line says what the old one says.
    """

    stands: bool
    is_same: bool
    service_date: date
    today: date


def may_correct(facts: Corrected, *, reason: CorrectedFor, words: str) -> Decision:
    """Decide whether a line may be put right: the one that stands, on its own day, with a reason. All findings at once.

    A line is corrected once; what corrects it may itself be corrected, so that the chain never branches.

    Source: clinical rules 7.11 and trust design 2 (INV-14).
    """
    return Decision.of(
        (
            _is_amended_already(facts),
            block(
                "nothing_changed",
                "The new line says the same as the first. Tap what was right.",
                "clinical rules 7.11",
            )
            if facts.is_same
            else None,
            block(
                "day_is_past",
                "It is put right here on its own day only. Tell the clinical lead, who writes an incident.",
                "trust design 2",
            )
            if facts.today != facts.service_date
            else None,
            block("no_words", "Write in words why it is put right.", "clinical rules 7.11")
            if reason is CorrectedFor.OTHER and not words.strip()
            else None,
        )
    )


def _is_amended_already(facts: Corrected) -> Finding | None:
    if facts.stands:
        return None
    message = (
        "Somebody has put this line right meanwhile. Nothing was saved: look at the line that stands now."
    )
    return block("amended_meanwhile", message, "trust design 2")
