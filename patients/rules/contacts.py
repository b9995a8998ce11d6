"""Ways to reach somebody, and what each may be used for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

LONGEST_WORDS: Final = 200
SOURCE: Final = "trust design 7"


class ContactPurpose(StrEnum):
    """What a way to reach somebody may be used for."""

    APPOINTMENTS = "appointments"
    MISSED = "missed"
    EMERGENCY = "emergency"
    LETTERS = "letters"
    PROFESSIONAL = "professional"

    @property
    def label(self) -> str:
        """The purpose in the clinic's words."""
        return _LABELS[self]


_LABELS: Final = {
    ContactPurpose.APPOINTMENTS: "appointments and reminders",
    ContactPurpose.MISSED: "finding them after missed sessions",
    ContactPurpose.EMERGENCY: "emergencies",
    ContactPurpose.LETTERS: "letters",
    ContactPurpose.PROFESSIONAL: "a professional who works with them",
}


@dataclass(frozen=True, slots=True)
class ContactContent:
    """One way to reach somebody, as it is written: who it reaches, how, for what, and what may be said there."""

    purpose: ContactPurpose | None
    who: str
    how: str
    knows_of_treatment: bool | None


def may_add_contact(content: ContactContent) -> Decision:
    """Decide whether a way to reach somebody may be added. A finding's code is the name of its field.

    Whether the other end knows of the treatment is always said: a message that tells it to the wrong ear cannot be
    taken back. Source: trust design 7.
    """
    return Decision.of(
        (
            None if content.purpose else block("purpose", "Choose what it may be used for.", SOURCE),
            None if content.who else block("who", "Write who it reaches: the person, or who else.", SOURCE),
            None if content.how else block("how", "Write the number or the address.", SOURCE),
            block(
                "knows_of_treatment", "Choose whether they know that the person is in treatment here.", SOURCE
            )
            if content.knows_of_treatment is None
            else None,
        )
    )
