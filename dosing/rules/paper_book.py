"""What a dose on paper takes out of the book, and when its register line waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dosing.rules.paper import SOURCE, DoseOnPaper
from hat_clinic.core.decisions import Decision, block

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
