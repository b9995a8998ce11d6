"""What is known of the area: published counts, and estimates of how many people need this treatment.

Entered by a manager from a named publication; nothing is reckoned here. Source: cohort files, area.csv and need.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block

FILES: Final = "cohort files"
LONGEST_NAME: Final = 120
LONGEST_SOURCE: Final = 300
MOST: Final = 999_999_999

MEASURE_WORDS: Final = {
    "recorded_all": "All recorded offences",
    "recorded_theft": "Recorded theft",
    "drug_deaths": "Drug deaths",
    "overdose_calls": "Ambulance calls to overdoses",
    "needle_finds": "Needles found",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaSaid:
    """One published count of an area over days; the last day counts."""

    area: str
    first_on: date
    last_on: date
    measure: str
    count: int
    source: str

    @property
    def to_on(self) -> date:
        """The first day after, as it is stored."""
        return self.last_on + timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedSaid:
    """One estimate: how many people of an area, of which day, worked out how, published where."""

    as_of: date
    area: str
    people: int
    method: str
    source: str


def may_record_area_figure(said: AreaSaid, *, today: date, is_known: bool) -> Decision:
    """Decide whether a count may be stored; `is_known`: one of this area and measure shares a day with it."""
    return Decision.of(
        [
            *_lines(("area", said.area, LONGEST_NAME), ("source", said.source, LONGEST_SOURCE)),
            block("area_ends_before", "The last day is before the first.", FILES)
            if said.last_on < said.first_on
            else None,
            block("area_in_future", "The last day lies ahead: a count is of days that are over.", FILES)
            if said.last_on > today
            else None,
            _number("area_count", said.count),
            block(
                "area_known",
                "A count of this kind for this area and some of these days is entered already. Correct that one.",
                FILES,
            )
            if is_known
            else None,
        ]
    )


def may_record_need(said: NeedSaid, *, today: date, is_known: bool) -> Decision:
    """Decide whether an estimate may be stored; `is_known`: one of this area and day is."""
    return Decision.of(
        [
            *_lines(
                ("area", said.area, LONGEST_NAME),
                ("method", said.method, LONGEST_SOURCE),
                ("source", said.source, LONGEST_SOURCE),
            ),
            block("need_in_future", "The day lies ahead: an estimate is of a day that has been.", FILES)
            if said.as_of > today
            else None,
            _number("need_people", said.people),
            block(
                "need_known",
                "An estimate for this area and day is entered already. Correct that one.",
                FILES,
            )
            if is_known
            else None,
        ]
    )


_WANTED: Final = {
    "area": "Write which area it is about.",
    "method": "Write how it was worked out.",
    "source": "Write where it was published.",
}


def _lines(*lines: tuple[str, str, int]) -> list[Finding | None]:
    return [_line(name, text, longest) for name, text, longest in lines]


def _line(name: str, text: str, longest: int) -> Finding | None:
    if not text:
        return block(f"no_{name}", _WANTED[name], FILES)
    if len(text) > longest:
        return block(f"long_{name}", f"Keep it to {longest} letters.", FILES)
    try:
        refuse_bad_characters(text)
    except Unreadable as wrong:
        return block(f"bad_{name}", f"The line {wrong}", FILES)
    return None


def _number(code: str, number: int) -> Finding | None:
    if 0 <= number <= MOST:
        return None
    return block(code, f"Write a whole number from 0 to {MOST:,}.", FILES)
