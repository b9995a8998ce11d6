"""The phases of a programme as a manager enters them: from when to when, how many places and sessions, who pays.

Places, occupancy and the sessions of a day are those of the phase of that day. Source: cohort files, phases.csv.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block

FILES: Final = "cohort files"
LONGEST_NAME: Final = 120
MOST_PLACES: Final = 9_999
MOST_SESSIONS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseSaid:
    """One phase, from its first day to its last, which counts; no last day: it goes on."""

    name: str
    first_on: date
    last_on: date | None
    places: int
    sessions_per_day: int
    funded_by: str
    funded_until: date | None

    @property
    def to_on(self) -> date | None:
        """The first day after, as it is stored."""
        return self.last_on + timedelta(days=1) if self.last_on else None

    def shares_a_day_with(self, other: PhaseSaid) -> bool:
        """Whether both were at once."""
        ends_before = self.last_on is not None and self.last_on < other.first_on
        begins_after = other.last_on is not None and other.last_on < self.first_on
        return not (ends_before or begins_after)


def may_record_phase(said: PhaseSaid, *, today: date, standing: Iterable[PhaseSaid]) -> Decision:
    """Decide whether a phase may be stored, with every reason against it.

    It has begun, so that no report counts places that are not there yet; money may be promised for days ahead.
    `standing`: the others of the clinic that count, of which none shares a day with it.
    """
    taken = next((one for one in standing if one.shares_a_day_with(said)), None)
    return Decision.of(
        [
            _line("name", said.name) if said.name else block("no_name", "Write what it is called.", FILES),
            _line("funder", said.funded_by) if said.funded_by else None,
            block("phase_in_future", "The first day lies ahead. Enter it when it has begun.", FILES)
            if said.first_on > today
            else None,
            _end(said, today),
            block("phase_places", f"Write a whole number from 1 to {MOST_PLACES:,}.", FILES)
            if not 1 <= said.places <= MOST_PLACES
            else None,
            block("phase_sessions", "A day has one, two or three sessions.", FILES)
            if not 1 <= said.sessions_per_day <= MOST_SESSIONS
            else None,
            block("phase_funded_before", "The money ends before the phase begins.", FILES)
            if said.funded_until is not None and said.funded_until < said.first_on
            else None,
            block("phase_known", _already_there(taken), FILES) if taken else None,
        ]
    )


def _end(said: PhaseSaid, today: date) -> Finding | None:
    if said.last_on is None:
        return None
    if said.last_on < said.first_on:
        return block("phase_ends_before", "The last day is before the first.", FILES)
    if said.last_on > today:
        ahead = "The last day lies ahead. Leave it empty while it goes on."
        return block("phase_end_in_future", ahead, FILES)
    return None


def _line(name: str, text: str) -> Finding | None:
    if len(text) > LONGEST_NAME:
        return block(f"long_{name}", f"Keep it to {LONGEST_NAME} letters.", FILES)
    try:
        refuse_bad_characters(text)
    except Unreadable as wrong:
        return block(f"bad_{name}", f"The line {wrong}", FILES)
    return None


def _already_there(taken: PhaseSaid) -> str:
    first = f"{taken.first_on.day} {taken.first_on:%B %Y}"
    last = f"to {taken.last_on.day} {taken.last_on:%B %Y}" if taken.last_on else "on, and is not over"
    return (
        f"{taken.name} has some of these days, from {first} {last}. Nothing was changed. "
        "Correct that one first, or give its last day."
    )
