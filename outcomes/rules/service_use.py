"""Health-service use of a person over a period: what may be recorded.

Source: cohort files, service_use.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

FILES: Final = "cohort files"
A_DAY: Final = timedelta(days=1)
# More in one period is a slip of the key: once a day, every day of a year.
MOST_TIMES: Final = 366


class UseSource(StrEnum):
    """Who told of a period; the two are kept apart and never added together."""

    SELF_REPORTED = "self_reported"
    RECORD = "record"

    @property
    def label(self) -> str:
        """The source in the words on the keys."""
        return _SOURCE_WORDS[self]


_SOURCE_WORDS: Final = {
    UseSource.SELF_REPORTED: "The person",
    UseSource.RECORD: "Another service’s record, such as the ambulance service’s or a hospital’s",
}
# What is counted, in the names of the files, with the words for it.
COUNTS: Final = {
    "ambulance": "Ambulance called",
    "ae": "Went to A&E",
    "inpatient": "Admitted to hospital",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class UseSaid:
    """How often in one period, its first and last day included. None was not asked, and is not zero."""

    first_on: date
    last_on: date
    source: str
    ambulance: int | None
    ae: int | None
    inpatient: int | None

    @property
    def to_on(self) -> date:
        """The first day after the period."""
        return self.last_on + A_DAY

    @property
    def counts(self) -> dict[str, int | None]:
        """The numbers by their names."""
        return {"ambulance": self.ambulance, "ae": self.ae, "inpatient": self.inpatient}

    @property
    def lines(self) -> list[tuple[str, int | None]]:
        """The numbers with their words."""
        return [(COUNTS[name], count) for name, count in self.counts.items()]

    @property
    def days(self) -> str:
        """The period in words."""
        if self.first_on == self.last_on:
            return f"{self.first_on:%-d %B %Y}"
        return f"{self.first_on:%-d %B %Y} to {self.last_on:%-d %B %Y}"

    @property
    def source_label(self) -> str:
        """Who told it, in words."""
        return UseSource(self.source).label


def may_record_use(said: UseSaid, *, today: date, born_on: date | None, taken: UseSaid | None) -> Decision:
    """Decide whether a period may be stored, with every reason against it.

    It may be before the treatment, never before the person was born, and it is over: what is asked about a day that
    still runs would be asked again. `taken`: another period that counts, of the same source, that shares a day.
    """
    return Decision.of(
        [
            block("use_before_birth", "That day is before this person was born. Check the year.", FILES)
            if born_on is not None and said.first_on < born_on
            else None,
            block(
                "use_not_over",
                "Today is not over. Write yesterday as the last day at the latest, and ask about today next time.",
                FILES,
            )
            if said.last_on >= today
            else None,
            block(
                "use_ends_before",
                f"The last day is before the first, {said.first_on:%-d %B %Y}. Check both days.",
                FILES,
            )
            if said.last_on < said.first_on
            else None,
            block(
                "use_days_taken",
                f"The same source already tells of {taken.days}, which shares days with these. "
                "Choose other days, or correct that period.",
                FILES,
            )
            if taken
            else None,
            block(
                "use_without_number",
                "Write at least one number: 0 if there was none. Leave empty only what was not asked.",
                FILES,
            )
            if all(count is None for count in said.counts.values())
            else None,
            *(_too_many(name, count) for name, count in said.counts.items()),
        ]
    )


def _too_many(name: str, count: int | None) -> Finding | None:
    if count is None or count <= MOST_TIMES:
        return None
    return block(f"use_{name}_many", f"{count} times is more than can be. Check the number.", FILES)
