"""Money spent on the programme: a line is what one payer spent in one month on one category.

Source: cohort files, costs.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.support import STRIKING, Correction

FILES: Final = "cohort files"
LONGEST_PAYER: Final = 120
_POUNDS: Final = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{2}))?", re.ASCII)
_MONTH: Final = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
MOST_PENCE: Final = 99_999_999_999
# A line of money is about no person.
REASONS: Final = tuple(reason for reason in Correction if reason is not Correction.WRONG_PERSON)
STRUCK: Final = tuple(reason.value for reason in STRIKING)


class CostCategory(StrEnum):
    """What money was spent on, in the codes of the files."""

    DRUG = "drug"
    STAFF = "staff"
    PREMISES = "premises"
    SETUP = "setup"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The category in the words of the page."""
        return _CATEGORY_WORDS[self]


_CATEGORY_WORDS: Final = {
    CostCategory.DRUG: "Medicine",
    CostCategory.STAFF: "Staff",
    CostCategory.PREMISES: "Premises",
    CostCategory.SETUP: "Setting up",
    CostCategory.OTHER: "Other",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CostSaid:
    """What one payer spent in one month, named by its first day, on one category, in pence."""

    month: date
    payer: str
    category: str
    pence: int

    @property
    def pounds(self) -> str:
        """The amount in words of money."""
        return in_pounds(self.pence)

    @property
    def place(self) -> tuple[date, str, str]:
        """What may stand once: two spellings of one payer in capitals and small letters are one."""
        return self.month, self.payer.lower(), self.category


def in_pounds(pence: int) -> str:
    """Return an amount in pounds, with pence where there are some."""
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence // 100:,}.{pence % 100:02}"


def must_have_amount(amounts: int) -> Decision:
    """Decide whether a form tells anything: at least one amount, which may be 0."""
    missing = "Write at least one amount: 0 if nothing was spent. Leave empty what you do not know."
    return Decision.of([block("cost_without_amount", missing, FILES) if amounts == 0 else None])


def read_pence(text: str) -> int | None:
    """Read an amount of pounds, with or without two digits of pence, as pence; None for anything else."""
    found = _POUNDS.fullmatch(text.strip(" "))
    return int(found[1]) * 100 + int(found[2] or 0) if found else None


def read_month(text: str) -> date | None:
    """Read a month as it stands in an address, such as 2026-10, as its first day; None for anything else."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def may_record_cost(said: CostSaid, *, today: date, taken: CostSaid | None) -> Decision:
    """Decide whether a line may be stored, with every reason against it.

    Money may be spent before the clinic opened, never in a month that has not begun. `taken`: the line that stands for
    the same month, payer and category.
    """
    return Decision.of(
        [
            block("cost_in_future", "That month has not begun.", FILES) if said.month > today else None,
            _payer(said.payer),
            block("cost_too_large", "The amount is more than a line can hold. Check it.", FILES)
            if said.pence > MOST_PENCE
            else None,
            block("cost_known", already_there(taken), FILES) if taken else None,
        ]
    )


def already_there(taken: CostSaid) -> str:
    """Return the sentence for a second line of the same month, payer and category."""
    label = CostCategory(taken.category).label
    return (
        f"{taken.payer} has {taken.pounds} for {label} in {taken.month:%B %Y} already. Nothing was changed. "
        "Correct that line, with the reason."
    )


def _payer(payer: str) -> Finding | None:
    if not payer:
        return block("cost_without_payer", "Write who paid.", FILES)
    if len(payer) > LONGEST_PAYER:
        return block("cost_long_payer", f"Keep the payer to {LONGEST_PAYER} letters.", FILES)
    try:
        refuse_bad_characters(payer)
    except Unreadable as wrong:
        return block("cost_payer_spelling", f"The payer {wrong}", FILES)
    return None
