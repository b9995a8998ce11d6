"""What one team tells the next at the end of a session, and who may sign and read it.

It never bars a dose. Source: trust design 2 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from dosing.rules.signatures import content_sha256
from hat_clinic.core.decisions import Decision, block

GENERAL_LENGTH: Final = 500
NOTE_LENGTH: Final = 300


class FactKind(StrEnum):
    """What a line of a handover is about, in the order of the page."""

    DRAWN = "drawn"
    OBSERVED = "observed"
    EMERGENCY = "emergency"
    IN_ROOM = "in_room"
    HOLD = "hold"
    LEFT_EARLY = "left_early"
    SYRINGE = "syringe"
    NOT_GIVEN = "not_given"
    NEW_DOSE = "new_dose"
    PAPER = "paper"
    CASE = "case"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The heading of these lines."""
        return _LABELS[self]


_LABELS: Final = {
    FactKind.DRAWN: "Drawn up, without an ending",
    FactKind.OBSERVED: "Being observed",
    FactKind.EMERGENCY: "Emergencies",
    FactKind.IN_ROOM: "Came, without an ending",
    FactKind.HOLD: "On hold",
    FactKind.LEFT_EARLY: "Left early",
    FactKind.SYRINGE: "Syringe not returned",
    FactKind.NOT_GIVEN: "No dose in this session",
    FactKind.NEW_DOSE: "New dose since three days",
    FactKind.PAPER: "Paper packs: not entered, contested, not in the register",
    FactKind.CASE: "Stock: cases not finished",
    FactKind.CLOSED: "Closed sessions",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a handover: about what, whom (None for the clinic), and in words that no clock changes."""

    kind: FactKind
    words: str
    name: str = ""
    patient_id: UUID | None = None

    def frozen(self) -> dict[str, str]:
        """Return it as it is stored."""
        return {
            "kind": self.kind.value,
            "words": self.words,
            "name": self.name,
            "patient": str(self.patient_id or ""),
        }

    @classmethod
    def thawed(cls, told: Mapping[str, Any]) -> Fact:
        """Return it as it was stored."""
        patient = UUID(told["patient"]) if told["patient"] else None
        return cls(FactKind(told["kind"]), told["words"], told["name"], patient)


def grouped(facts: Iterable[Fact]) -> tuple[tuple[str, tuple[Fact, ...]], ...]:
    """Return facts under their headings, in the order of the page, without the headings that are empty."""
    every = tuple(facts)
    found = ((kind.label, tuple(one for one in every if one.kind is kind)) for kind in FactKind)
    return tuple((label, theirs) for label, theirs in found if theirs)


def facts_sha256(facts: Iterable[Fact], signer_id: UUID) -> str:
    """Return the hash of what a page listed, and for whom."""
    return content_sha256({str(number): one.frozen() for number, one in enumerate(facts)}, signer_id)


def may_hand_over(*, may_sign: bool, is_signed: bool, has_changed: bool) -> Decision:
    """Decide whether a session is handed over: by a nurse, on the facts that the page showed.

    `is_signed` when somebody signed for the session since the page was opened: they are read first.

    Source: trust design 5.
    """
    return Decision.of(
        (
            _not_a_nurse() if not may_sign else None,
            block(
                "handed_over",
                "Somebody handed this session over since you opened this page. Nothing was signed. Read theirs, "
                "then sign what you add to it.",
                "trust design 5",
            )
            if is_signed
            else None,
            block(
                "facts_changed",
                "Something changed since you opened this page. Nothing was signed. Read the facts again, then sign.",
                "trust design 5",
            )
            if has_changed and not is_signed
            else None,
        )
    )


def may_acknowledge(*, may_sign: bool, is_signer: bool) -> Decision:
    """Decide whether somebody acknowledges a handover: a nurse, and not the one who signed it.

    Source: trust design 2.
    """
    return Decision.of(
        (
            _not_a_nurse() if not may_sign else None,
            block(
                "signed_it_yourself",
                "You signed this handover yourself. Somebody of the next team reads it and signs.",
                "trust design 2",
            )
            if is_signer
            else None,
        )
    )


def _not_a_nurse() -> Any:
    return block("not_a_nurse", "Only a nurse of this clinic signs a handover.", "trust design 2")
