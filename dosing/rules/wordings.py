"""The phrases that direct how a prescription is supplied by instalments.

Source: clinical rule 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """One phrase that directs a supply by instalments. `is_verified`: somebody compared it with the approved text."""

    id: str
    text: str
    is_verified: bool = False


# Five directions, said in our own words: the approved text itself was not to be had. Source: clinical rule 7.
WORDINGS: Final = (
    Wording(
        "closed_days",
        "Supply an instalment that falls on a day the pharmacy is closed on a suitable day before it.",
    ),
    Wording(
        "rest_of_missed",
        "When an instalment was not collected on its day, supply what is left of it for the remaining days.",
    ),
    Wording(
        "consult_after_three",
        "Consult the prescriber when three or more days in a row were missed.",
    ),
    Wording("supervise", "Supervise consumption on the days of collection."),
    Wording("daily_containers", "Supply the dose of each day in a container of its own."),
)
UNVERIFIED: Final = "Wording not verified: compare with the current approved text before signing."


def wordings_of(ids: tuple[str, ...]) -> tuple[Wording, ...]:
    """Return the phrases that were picked, in the order of the list; an id that is none of them is left out."""
    return tuple(wording for wording in WORDINGS if wording.id in ids)
