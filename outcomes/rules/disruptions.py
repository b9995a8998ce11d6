"""Periods when the service or the area was not as usual, as a manager enters them.

Source: cohort files, disruptions.csv.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block

FILES: Final = "cohort files"
LONGEST_LABEL: Final = 120


class DisruptionKind(StrEnum):
    """What was not as usual, in the codes of the files."""

    CLOSED = "closed"
    REDUCED = "reduced"
    AREA_WIDE = "area_wide"

    @property
    def label(self) -> str:
        """The kind in the words of the page."""
        return _KIND_WORDS[self]


_KIND_WORDS: Final = {
    DisruptionKind.CLOSED: "The clinic was closed",
    DisruptionKind.REDUCED: "The clinic did less than usual",
    DisruptionKind.AREA_WIDE: "The whole area was disturbed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DisruptionSaid:
    """What was disturbed, by what, from the first day to the last, which counts; no last day: it goes on."""

    first_on: date
    last_on: date | None
    kind: str
    label: str

    @property
    def to_on(self) -> date | None:
        """The first day after, as it is stored."""
        return self.last_on + timedelta(days=1) if self.last_on else None

    def shares_a_day_with(self, other: DisruptionSaid) -> bool:
        """Whether both were at once."""
        ends_before = self.last_on is not None and self.last_on < other.first_on
        begins_after = other.last_on is not None and other.last_on < self.first_on
        return not (ends_before or begins_after)


def may_record_disruption(
    said: DisruptionSaid, *, today: date, standing: Iterable[DisruptionSaid]
) -> Decision:
    """Decide whether a disruption may be stored, with every reason against it.

    It may have begun before the clinic opened, never after today, so that no report counts days that have not been.
    `standing`: the others of the clinic that count. Two of one kind never share a day; of two kinds they may.
    """
    taken = next((one for one in standing if one.kind == said.kind and one.shares_a_day_with(said)), None)
    return Decision.of(
        [
            block("disruption_in_future", "The first day lies ahead. Enter it when it has begun.", FILES)
            if said.first_on > today
            else None,
            _end(said, today),
            _label(said.label),
            block("disruption_known", _already_there(taken), FILES) if taken else None,
        ]
    )


def _end(said: DisruptionSaid, today: date) -> Finding | None:
    if said.last_on is None:
        return None
    if said.last_on < said.first_on:
        return block("disruption_ends_before", "The last day is before the first.", FILES)
    if said.last_on > today:
        ahead = "The last day lies ahead. Leave it empty while it goes on."
        return block("disruption_end_in_future", ahead, FILES)
    return None


def _label(label: str) -> Finding | None:
    if not label:
        return block("disruption_without_label", "Write what happened.", FILES)
    if len(label) > LONGEST_LABEL:
        return block("disruption_long_label", f"Keep it to {LONGEST_LABEL} letters.", FILES)
    try:
        refuse_bad_characters(label)
    except Unreadable as wrong:
        return block("disruption_label_spelling", f"What happened {wrong}", FILES)
    return None


def _already_there(taken: DisruptionSaid) -> str:
    first = f"{taken.first_on.day} {taken.first_on:%B %Y}"
    last = f"to {taken.last_on.day} {taken.last_on:%B %Y}" if taken.last_on else "on, and is not over"
    return (
        f"{taken.label} is entered already, from {first} {last}. Nothing was changed. "
        "Correct that one, with the reason, or give its last day."
    )
