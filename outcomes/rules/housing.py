"""Where somebody lives: the states, and what may be recorded.

Source: cohort files, housing.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

FILES: Final = "cohort files"


class HousingState(StrEnum):
    """Where somebody lives, in the codes of the files."""

    ROUGH = "rough"
    EMERGENCY = "emergency"
    SOFA = "sofa"
    SUPPORTED = "supported"
    OWN = "own"
    INSTITUTION = "institution"

    @property
    def label(self) -> str:
        """The state in the words on the keys."""
        return _STATE_WORDS[self]


_STATE_WORDS: Final = {
    HousingState.ROUGH: "Sleeping rough",
    HousingState.EMERGENCY: "Emergency shelter",
    HousingState.SOFA: "With friends, no home",
    HousingState.SUPPORTED: "Supported housing",
    HousingState.OWN: "Own home",
    HousingState.INSTITUTION: "Hospital, prison or other institution",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class HousingSaid:
    """Where somebody has lived, and since which day."""

    on: date
    state: str


def may_record_housing(
    said: HousingSaid, *, today: date, born_on: date | None, day_is_taken: bool
) -> Decision:
    """Decide whether a line may be stored, with every reason against it.

    It may have begun before the treatment, never before the person was born. `day_is_taken`: another line that
    counts begins on the same day.
    """
    return Decision.of(
        [
            block("housing_in_future", "That day has not come yet. Record it once they live there.", FILES)
            if said.on > today
            else None,
            block("housing_before_birth", "That day is before this person was born. Check the year.", FILES)
            if born_on is not None and said.on < born_on
            else None,
            block(
                "housing_day_taken",
                f"Another line already begins on {said.on:%-d %B %Y}. Correct that line instead.",
                FILES,
            )
            if day_is_taken
            else None,
        ]
    )
