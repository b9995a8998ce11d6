"""Telling somebody outside about a person: on a consent that stands at that moment, or in an emergency with a reason.

Source: product P 8; trust design 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

SOURCE: Final = "product P 8"
SHORTEST_REASON: Final = 20
LONGEST_WORDS: Final = 500


class RecipientKind(StrEnum):
    """Who a last-dose statement is for."""

    CUSTODY = "custody"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"

    @property
    def label(self) -> str:
        """The kind in the clinic's words."""
        return _KINDS[self]


_KINDS: Final = {
    RecipientKind.CUSTODY: "police custody or a prison",
    RecipientKind.HOSPITAL: "a hospital or an ambulance",
    RecipientKind.PHARMACY: "a pharmacy",
}


@dataclass(frozen=True, slots=True)
class DisclosureFacts:
    """What a statement rests on: `has_consent` for the agency it names, or an emergency with its reason in words."""

    kind: RecipientKind | None
    recipient: str
    names_agency: bool
    has_consent: bool
    emergency_words: str


def may_disclose(facts: DisclosureFacts) -> Decision:
    """Decide whether a statement may leave the clinic. A finding's code is the name of the field it is about.

    A consent is to share with one named agency and must stand at this moment. Without one only an emergency opens the
    way, with what happened in words. Source: product P 8; trust design 7.
    """
    is_emergency = bool(facts.emergency_words)
    letters = len("".join(facts.emergency_words.split()))
    return Decision.of(
        (
            None if facts.kind else block("kind", "Choose who it is for.", SOURCE),
            None
            if facts.recipient or facts.names_agency
            else block("recipient", "Write the name of the place, and who asked there.", SOURCE),
            block(
                "no_consent",
                "No consent to share with this agency stands. Record one, or write why it is an emergency.",
                "trust design 7",
            )
            if facts.names_agency and not facts.has_consent and not is_emergency
            else None,
            block(
                "emergency_words",
                "Without a consent, write why it cannot wait: who asked, and what happens without it.",
                SOURCE,
            )
            if not facts.names_agency and not is_emergency
            else None,
            block("emergency_words", f"Say it in at least {SHORTEST_REASON} letters.", SOURCE)
            if is_emergency and letters < SHORTEST_REASON
            else None,
        )
    )
