"""Correcting the register: a dated note beside a line, and an adjustment by the lead and another person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hat_clinic.core.decisions import Decision, block


@dataclass(frozen=True, slots=True)
class AmendedLine:
    """The line that was wrong: its author, and whether it moved ampoules and is itself a note."""

    author_id: UUID
    moved_ampoules: bool


@dataclass(frozen=True, slots=True)
class Approver:
    """One of the two who approve an adjustment."""

    id: UUID
    name: str
    is_lead: bool


def may_note(text: str) -> Decision:
    """Decide whether a note may be written beside a line. The line stays as it is. Source: clinical rule 40."""
    if text.strip():
        return Decision()
    return _no("no_reason", "Write what was wrong and what is right.")


def may_adjust(
    line: AmendedLine,
    *,
    ampoules: int,
    in_batch: int,
    reason: str,
    approvers: tuple[Approver, ...],
) -> Decision:
    """Decide whether the balance is adjusted beside a line that was wrong.

    `ampoules` is signed, `in_batch` what the register has of the batch. The controlled-drug lead and a second
    person approve, and neither wrote the line. Source: clinical rules 40, 42 and 7.11.
    """
    two = {approver.id for approver in approvers}
    wrote = next((approver for approver in approvers if approver.id == line.author_id), None)
    return Decision.of(
        (
            block("no_reason", "Write what was wrong and what is right.", "clinical rule 40")
            if not reason.strip()
            else None,
            block(
                "moves_nothing", "An adjustment adds or takes away at least one ampoule.", "clinical rule 40"
            )
            if ampoules == 0
            else None,
            block(
                "line_moved_nothing",
                "That line moved no ampoules. Adjust beside the line whose number was wrong.",
                "clinical rule 40",
            )
            if not line.moved_ampoules
            else None,
            block(
                "needs_lead_and_second",
                "An adjustment needs the controlled-drug lead and a second person, each with their own PIN.",
                "clinical rule 40",
            )
            if len(two) < 2 or not any(approver.is_lead for approver in approvers)
            else None,
            block(
                "wrote_the_line",
                f"{wrote.name} wrote the line that is corrected, so somebody else approves.",
                "clinical rules 7.11",
            )
            if wrote is not None
            else None,
            block(
                "below_none",
                f"The register has {in_batch} of this batch; this would take {-ampoules} away.",
                "clinical rule 42",
            )
            if ampoules < -in_batch
            else None,
        )
    )


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 40"),))
