"""Correcting the register: a dated note beside a line, and an adjustment by the lead and another person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dosing.rules.stock import BatchFacts
from hat_clinic.core.decisions import Decision, Finding, block


@dataclass(frozen=True, slots=True)
class AmendedLine:
    """The line that was wrong: its author, the batch it moved as that stands now (None: it moved none).

    `is_on_the_way` is a sending that has not been taken in.
    """

    author_id: UUID
    batch: BatchFacts | None
    is_on_the_way: bool = False


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
    in_quarantine: bool,
    reason: str,
    approvers: tuple[Approver, ...],
) -> Decision:
    """Decide whether the balance is adjusted beside a line that was wrong.

    `ampoules` is signed; with `in_quarantine` it is those in quarantine that are missing or too many, otherwise
    those in the cabinet. The controlled-drug lead and a second person approve, and neither wrote the line. Until
    both are known nothing else is told, and no reason tells a number of the book: the next count is blind.
    Source: clinical rules 40, 42, 47 and 7.11.
    """
    two = {approver.id for approver in approvers}
    if len(two) < 2 or not any(approver.is_lead for approver in approvers):
        message = "An adjustment needs the controlled-drug lead and a second person, each with their own PIN."
        return _no("needs_lead_and_second", message)
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
            if line.batch is None
            else None,
            block(
                "still_on_the_way",
                "These ampoules are on the way. The other premises take in what came, or that nothing came; then "
                "adjust.",
                "clinical rule 42",
            )
            if line.is_on_the_way
            else None,
            block(
                "wrote_the_line",
                f"{wrote.name} wrote the line that is corrected, so somebody else approves.",
                "clinical rules 7.11",
            )
            if wrote is not None
            else None,
            _more_than_there(line.batch, -ampoules, in_quarantine=in_quarantine) if line.batch else None,
        )
    )


def _more_than_there(batch: BatchFacts, taken: int, *, in_quarantine: bool) -> Finding | None:
    if in_quarantine:
        message = f"{taken} ampoules were written, and fewer of this batch are in quarantine. Count again."
        return block("not_in_quarantine", message, "clinical rule 48") if taken > batch.quarantined else None
    message = (
        f"{taken} ampoules were written, and fewer of this batch are in the cabinet that are not drawn up. Count "
        "again; what is drawn up is given or wasted first, and what is missing from quarantine is written as that."
    )
    return block("not_in_cabinet", message, "clinical rule 42") if taken > batch.in_cabinet else None


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 40"),))
