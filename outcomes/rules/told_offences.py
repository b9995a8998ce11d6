"""Offences that a person tells their case worker of: what may be written down.

Police's own record comes in a file, is kept apart and is never added to these.

Source: cohort files, offences.csv; indicators (evaluation) 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from hat_clinic.core.decisions import Decision, block

FILES: Final = "cohort files"


@dataclass(frozen=True, kw_only=True, slots=True)
class OffenceTold:
    """One offence as a person told of it: the day, and the code of the offence table."""

    on: date
    kind: str


def may_record_told_offence(
    said: OffenceTold, *, today: date, born_on: date | None, kind_is_known: bool
) -> Decision:
    """Decide whether an offence may be written down, with every reason against it.

    Two of one kind on one day are two offences. `kind_is_known`: the offence table has the code.
    """
    return Decision.of(
        [
            block("offence_in_future", "That day has not come yet. Check the day.", FILES)
            if said.on > today
            else None,
            block("offence_before_birth", "That day is before this person was born. Check the year.", FILES)
            if born_on is not None and said.on < born_on
            else None,
            block("offence_kind_unknown", "That kind of offence is not on the list. Choose another.", FILES)
            if not kind_is_known
            else None,
        ]
    )
