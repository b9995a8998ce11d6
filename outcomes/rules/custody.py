"""Stays in custody: what may be recorded, ended and put right.

Source: cohort files, custody.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.support import Correction

FILES: Final = "cohort files"
A_DAY: Final = timedelta(days=1)
# The reason of the row that says when an open stay ended: no correction, nothing was wrong before.
ENDED: Final = "ended"
REASONS: Final[dict[str, str]] = {
    ENDED: "They came out",
    **{correction.value: correction.label for correction in Correction},
}
NOT_RECORDED: Final = "Not recorded"


class CustodyKind(StrEnum):
    """Which custody it was."""

    POLICE = "police"
    PRISON = "prison"

    @property
    def label(self) -> str:
        """The kind in the words on the keys."""
        return _KIND_WORDS[self]


class CustodySource(StrEnum):
    """Who told of a stay; the two are kept apart."""

    SELF_REPORTED = "self_reported"
    RECORD = "record"

    @property
    def label(self) -> str:
        """The source in the words on the keys."""
        return _SOURCE_WORDS[self]


_KIND_WORDS: Final = {
    CustodyKind.POLICE: "Police custody (an arrest)",
    CustodyKind.PRISON: "Prison",
}
_SOURCE_WORDS: Final = {
    CustodySource.SELF_REPORTED: "The person",
    CustodySource.RECORD: "Another service, such as police, prison or probation",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodySaid:
    """One stay: its first and its last day, both in custody, at least in part. None: still in.

    An empty kind or source is imported history of which nobody told it.
    """

    first_on: date
    last_on: date | None
    kind: str
    source: str

    @property
    def out_on(self) -> date | None:
        """The first day that was not in custody any more."""
        return self.last_on + A_DAY if self.last_on else None

    @property
    def days(self) -> str:
        """The days in words."""
        if self.last_on is None:
            return f"since {self.first_on:%-d %B %Y}, still in"
        if self.last_on == self.first_on:
            return f"on {self.first_on:%-d %B %Y}"
        return f"from {self.first_on:%-d %B %Y} to {self.last_on:%-d %B %Y}"

    @property
    def kind_label(self) -> str:
        """Which custody, in words."""
        return CustodyKind(self.kind).label if self.kind else "Custody, which one was not recorded"

    @property
    def source_label(self) -> str:
        """Who told it, in words."""
        return CustodySource(self.source).label if self.source else NOT_RECORDED


def last_day(out_on: date | None) -> date | None:
    """Return the last day in custody, of the first day out."""
    return out_on - A_DAY if out_on else None


def may_record_custody(
    said: CustodySaid, *, today: date, born_on: date | None, taken: CustodySaid | None
) -> Decision:
    """Decide whether a stay may be stored, with every reason against it.

    It may have begun before the treatment, never before the person was born. `taken`: another stay that counts, told
    by the same source, that shares a day with this one.
    """
    first = said.first_on
    return Decision.of(
        [
            block("custody_in_future", "That day has not come yet. Record it once they are in.", FILES)
            if first > today
            else None,
            block("custody_before_birth", "That day is before this person was born. Check the year.", FILES)
            if born_on is not None and first < born_on
            else None,
            _ends(said, said.last_on, today),
            _taken(taken),
        ]
    )


def may_end_custody(stands: CustodySaid, last_on: date, *, is_struck: bool, today: date) -> Decision:
    """Decide whether an open stay may end on a day. `is_struck`: the line counts for nothing."""
    return Decision.of(
        [
            block("custody_struck", "This line counts for nothing. Record the stay anew.", FILES)
            if is_struck
            else None,
            block(
                "custody_not_open",
                f"This stay has its last day already, {stands.last_on:%-d %B %Y}. Correct that line instead.",
                FILES,
            )
            if stands.last_on
            else None,
            _ends(stands, last_on, today),
        ]
    )


def _ends(said: CustodySaid, last_on: date | None, today: date) -> Finding | None:
    if last_on is None:
        return None
    if last_on > today:
        return block(
            "custody_end_in_future", "That day has not come yet. Write the last day once they are out.", FILES
        )
    if last_on < said.first_on:
        return block(
            "custody_ends_before",
            f"The last day is before the first, {said.first_on:%-d %B %Y}. Check both days.",
            FILES,
        )
    return None


def _taken(taken: CustodySaid | None) -> Finding | None:
    if taken is None:
        return None
    told = f"The same source already tells of custody {taken.days}."
    remedy = (
        "If they have come out, write that there first."
        if taken.last_on is None
        else "Correct that one instead."
    )
    return block("custody_days_taken", f"{told} {remedy}", FILES)
