"""Forms, samples, stays and homes: what may not stand twice, and what goes together.

Source: cohort files (evaluation), top.csv, urine.csv, custody.csv, housing.csv, checks across rows and more
errors.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from outcomes.rules.cohort.checks.programme import is_a_period
from outcomes.rules.cohort.columns import NOT_TAKEN
from outcomes.rules.cohort.periods import Periods
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.rows import HousingRow, TopRow
from outcomes.rules.cohort.tables import Tables


def check_forms(tables: Tables) -> Iterator[Problem]:
    """One outcomes form of a person on a date."""
    return _once_a_day("top.csv", tables.top.rows, "an outcomes form")


def check_housing(tables: Tables) -> Iterator[Problem]:
    """One home of a person on a date."""
    return _once_a_day("housing.csv", tables.housing.rows, "a housing row")


def _once_a_day(file: str, rows: Iterable[TopRow | HousingRow], what: str) -> Iterator[Problem]:
    lines: dict[tuple[str, date], int] = {}
    for row in rows:
        if not row.reads("patient_ref", "date"):
            continue
        earlier = lines.setdefault((row.patient_ref, row.on), row.line)
        if earlier != row.line:
            yield Problem(
                file,
                row.line,
                "date",
                f'"{row.on}" already has {what} of this person on line {earlier}; keep one of the two.',
            )


def check_custody(tables: Tables) -> Iterator[Problem]:
    """Stays of one person do not overlap; a stay without `to` goes on."""
    taken: dict[str, Periods] = {}
    for row in tables.custody.rows:
        if not row.reads("patient_ref") or not is_a_period(row):
            continue
        earlier = taken.setdefault(row.patient_ref, Periods()).claim(row.from_on, row.to_on, row.line)
        if earlier is not None:
            yield Problem(
                "custody.csv",
                row.line,
                "from",
                f'"{row.from_on}" begins a stay that overlaps the stay of this person on line {earlier}; '
                "end one before the other begins.",
            )


def check_samples(tables: Tables) -> Iterator[Problem]:
    """`taken_on` is empty exactly where the result is not_taken."""
    for row in tables.urine.rows:
        if not row.reads("result"):
            continue
        if not row.reads("taken_on") and "taken_on" in tables.urine.lost:
            continue
        taken = row.taken_on is not None or not row.reads("taken_on")
        if taken and row.result == NOT_TAKEN:
            message = "must be empty where the result is not_taken; empty it or correct the result."
            yield Problem("urine.csv", row.line, "taken_on", message)
        if not taken and row.result != NOT_TAKEN:
            message = (
                "is empty, but the result is that of a sample that was taken; write when, or write not_taken."
            )
            yield Problem("urine.csv", row.line, "taken_on", message)
