"""What a dose on paper takes out of the book, when its register line waits, and which drawn dose it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from dosing.rules.orders import LONDON
from dosing.rules.paper import SOURCE, DoseOnPaper
from hat_clinic.core.decisions import Decision, block, note

# What keeps the line of the register waiting: the book would fall below none, or the computer has the ampoules drawn
# up already and they would leave the book twice.
BEYOND_THE_BOOK: Final = frozenset({"not_in_stock", "in_quarantine", "open_draw"})


def ampoules_of(dose: DoseOnPaper, *, strength_mg: int) -> int:
    """Return how many ampoules a dose took: at least those that hold it, whatever was written."""
    return max(dose.ampoules, -(-dose.given_mg // strength_mg))


def waits_for_the_book(conflicts: Iterable[str]) -> bool:
    """Tell whether the register's line waits: the book has too few ampoules, or has them drawn up already.

    Source: clinical rules 42 and 7.11.
    """
    return bool(set(conflicts) & BEYOND_THE_BOOK)


def may_write_waiting(*, free: int, needed: int, is_drawn: bool, is_set_aside: bool) -> Decision:
    """Decide whether a register line that waits is written: for a dose that counts, its ampoules free in the book.

    `is_drawn` while a dose of the person that was drawn up with the computer has no ending; `is_set_aside` where the
    line was settled as never given. Source: clinical rules 42 and 7.11.
    """
    return Decision.of(
        (
            block("set_aside", "This line was settled as never given: no register line is written.", SOURCE)
            if is_set_aside
            else None,
            block(
                "open_draw",
                "A dose of this person was drawn up with the computer and has no ending. End it first: if it is this "
                "one, the computer's record stands.",
                SOURCE,
            )
            if is_drawn
            else None,
            block(
                "not_in_stock",
                f"The book has fewer than {needed} free ampoules of this batch. The controlled-drug lead and a second "
                "person write an adjustment first.",
                SOURCE,
            )
            if free < needed
            else None,
        )
    )


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """A dose that two people drew up with the computer and that has no ending: whole milligrams, and until when.

    `emergency_at` is when the first emergency after it began; `order_is_in_force` tells of the time on paper.
    """

    batch_id: UUID
    ampoules: int
    drawn_mg: int
    dose_mg: int
    prepared_by_id: UUID
    witness_id: UUID
    prepared_at: datetime
    expires_at: datetime
    order_is_in_force: bool
    emergency_at: datetime | None = None


def is_drawn_up(dose: DoseOnPaper, drawn: DrawnUp, *, strength_mg: int) -> bool:
    """Tell whether a dose on paper is the one in the syringe: its batch, ampoules and two people, no more, and later.

    Source: trust design 5 (a power cut never hides a drawn dose).
    """
    return (
        (dose.batch_id, dose.giver_id, dose.witness_id)
        == (drawn.batch_id, drawn.prepared_by_id, drawn.witness_id)
        and ampoules_of(dose, strength_mg=strength_mg) == drawn.ampoules
        and dose.given_mg <= drawn.dose_mg
        and dose.started_at >= drawn.prepared_at
    )


def speaks_against_drawn(dose: DoseOnPaper, drawn: DrawnUp) -> Decision:
    """Return what stands against a drawn dose that went in by the paper; what was asked as it was drawn up is not.

    The waste on paper is what was left in the syringe, with or without what was wasted as it was drawn up.
    Source: clinical rules 5, 21, 43 and 7.11.
    """
    emergency = drawn.emergency_at
    return Decision.of(
        (
            note(
                "ends_drawn_dose",
                f"This is the dose of {drawn.dose_mg} mg that was drawn up with the computer at "
                f"{drawn.prepared_at.astimezone(LONDON):%H:%M}: the paper ends it.",
                "trust design 5",
            ),
            block(
                "order_changed", "The order ended or changed after the dose was drawn up.", "clinical rule 5"
            )
            if not drawn.order_is_in_force
            else None,
            block("syringe_expired", "The syringe was past its time.", "clinical rule 21")
            if dose.started_at > drawn.expires_at
            else None,
            block(
                "emergency_since_drawn",
                f"An emergency began at {emergency.astimezone(LONDON):%H:%M:%S}, before the injection was over.",
                SOURCE,
            )
            if emergency is not None and emergency < dose.ended_at
            else None,
            block(
                "waste_is_not_the_rest",
                f"{drawn.drawn_mg} mg was drawn: {dose.given_mg} mg given and {dose.wasted_mg} mg wasted is not that.",
                "clinical rule 43",
            )
            if dose.wasted_mg not in {drawn.dose_mg - dose.given_mg, drawn.drawn_mg - dose.given_mg}
            else None,
        )
    )
