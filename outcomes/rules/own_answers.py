"""The clinic's own four questions, asked beside the outcome form and never inside it.

Source: cohort files, own.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

# Unverified, our own proposal: a larger sum in one week is a slip of the finger.
MOST_POUNDS: Final = 5_000


class FamilyContact(StrEnum):
    """Contact with the family: whether it is wanted and safe comes first. In the codes of the files."""

    WANTED_HAS = "wanted_has"
    WANTED_NOT = "wanted_not"
    NOT_WANTED = "not_wanted"
    NOT_SAFE = "not_safe"

    @property
    def label(self) -> str:
        """The answer in words."""
        return _FAMILY_WORDS[self]


_FAMILY_WORDS: Final = {
    FamilyContact.WANTED_HAS: "Wanted and safe, and they have it",
    FamilyContact.WANTED_NOT: "Wanted and safe, and they do not have it",
    FamilyContact.NOT_WANTED: "Not wanted",
    FamilyContact.NOT_SAFE: "Not safe",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnSaid:
    """What somebody answered on a day; None and "" were not answered, never zero or no."""

    on: date
    stage: str
    spend_week_pence: int | None
    public_injecting: bool | None
    unsafe_disposal: bool | None
    family_contact: str

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by the names of the files, without day and point."""
        return {
            "spend_week_pence": self.spend_week_pence,
            "public_injecting": self.public_injecting,
            "unsafe_disposal": self.unsafe_disposal,
            "family_contact": self.family_contact,
        }

    @property
    def is_empty(self) -> bool:
        """Whether no question has an answer."""
        return all(answer in (None, "") for answer in self.answers.values())


# The recall of 28 days is our own reading: no source says over how long the second and third question ask.
OWN_QUESTIONS: Final = {
    "spend_week_pence": "Money spent on street drugs in the last 7 days",
    "public_injecting": "Injected in a public place in the last 28 days",
    "unsafe_disposal": "Left a used needle where somebody could be hurt in the last 28 days",
    "family_contact": "Contact with the family",
}
NOT_ANSWERED: Final = "not answered"


def answers_in_words(said: OwnSaid) -> tuple[tuple[str, str], ...]:
    """Return each question with its answer in words; what was not answered says so."""
    return tuple((words, _in_words(said.answers[name])) for name, words in OWN_QUESTIONS.items())


def _in_words(answer: int | bool | str | None) -> str:
    if answer is None or answer == "":
        return NOT_ANSWERED
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, int):
        return f"£{answer // 100:,}" if answer % 100 == 0 else f"£{answer // 100:,}.{answer % 100:02}"
    return FamilyContact(answer).label.lower()
