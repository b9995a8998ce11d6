"""Reading a file of costs: every line of it, or every problem by line and column.

Source: cohort files, costs.csv.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Final

from outcomes.rules.cohort.columns import FORMAT_OF
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import CostRow
from outcomes.rules.costs import CostCategory, CostSaid

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 2000
MOST_PROBLEMS: Final = 200
FORMAT: Final = FORMAT_OF["costs.csv"]
FILE: Final = FORMAT.name
COLUMNS: Final = FORMAT.columns
TOO_LARGE: Final = "the file is larger than 1 MB; send fewer lines at a time."
TWO_STAND: Final = (
    "two lines of earlier records stand for this month, payer and category; correct the one that is meant."
)
Place = tuple[date, str, str]
# Which column a finding of the rule is about.
COLUMN_OF: Final = {
    "cost_in_future": "month",
    "cost_too_large": "amount_gbp",
}
# The first bytes of files that are sometimes sent under the name of a CSV.
_NOT_CSV: Final = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"<")


@dataclass(frozen=True, slots=True)
class CostLine:
    """One readable row, with the line of the file it begins on."""

    line: int
    said: CostSaid


@dataclass(frozen=True, slots=True)
class CostDifference:
    """One row of a file that says another amount than what stands; `stands` None: the line was struck out."""

    said: CostSaid
    stands: CostSaid | None

    @property
    def category(self) -> str:
        """The category in the words of the page."""
        return CostCategory(self.said.category).label

    @property
    def was(self) -> str:
        """What stands, in words."""
        return self.stands.pounds if self.stands else "struck out: counts for nothing"


@dataclass(frozen=True, slots=True)
class Compared:
    """A file beside what stands: rows that are new, rows that differ, and how many stand already as they are."""

    new: tuple[CostLine, ...]
    different: tuple[CostDifference, ...]
    already_there: int

    @property
    def key(self) -> str:
        """What a confirmation names, so that it is of these differences and no others; empty where there is none."""
        told = [(f"{one.said}", f"{one.stands}") for one in self.different]
        return sha256(f"{told}".encode()).hexdigest() if told else ""


def compare(
    lines: Sequence[CostLine],
    *,
    standing: Mapping[Place, Sequence[CostSaid]],
    struck: Collection[Place],
) -> tuple[Compared, tuple[Problem, ...]]:
    """Put each row of a file beside what stands of its month, payer and category.

    Imported history may hold two lines of one place: which of them the row is about nobody can tell, so that is a
    problem, unless one of them says the same.
    """
    new, different, problems, there = [], [], [], 0
    for one in lines:
        found = standing.get(one.said.place, ())
        if any(stands.pence == one.said.pence for stands in found):
            there += 1
        elif len(found) > 1:
            problems.append(Problem(FILE, one.line, "amount_gbp", TWO_STAND))
        elif found:
            different.append(CostDifference(one.said, found[0]))
        elif one.said.place in struck:
            different.append(CostDifference(one.said, None))
        else:
            new.append(one)
    return Compared(tuple(new), tuple(different), there), tuple(problems)


def read_costs(data: bytes, *, today: date) -> tuple[tuple[CostLine, ...], tuple[Problem, ...]]:
    """Return the lines that can be read and every problem; where there is a problem nothing may be stored.

    `today` is the Europe/London date.
    """
    refusal = refuse_file(data)
    if refusal:
        return (), (Problem(FILE, 0, "", refusal),)
    table, problems = read_table(data, file_format=FORMAT, make=CostRow, today=today)
    if table.readable and not table.rows and not problems:
        problems.append(Problem(FILE, 1, "", "the file has a header and no line."))
    if len(table.rows) > MOST_ROWS:
        message = f"the file has {len(table.rows)} lines; send at most {MOST_ROWS} at a time."
        return (), (Problem(FILE, 0, "", message),)
    lines = tuple(CostLine(row.line, _said(row)) for row in table.rows if not row.broken)
    return lines, (*problems, *_repeated(lines))


def _said(row: CostRow) -> CostSaid:
    pence = int(row.amount_gbp * Decimal(100))
    return CostSaid(month=row.month, payer=row.payer, category=row.category, pence=pence)


def refuse_file(data: bytes) -> str:
    """Return why the file as a whole is no CSV that is read here, or nothing."""
    if not data.strip():
        return "the file is empty."
    if len(data) > MOST_BYTES:
        return TOO_LARGE
    if data.startswith(_NOT_CSV):
        return "the file is no CSV, whatever its name says; save the table as CSV in UTF-8."
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the file is no text; save the table as CSV in UTF-8."
    return ""


def _repeated(lines: Iterable[CostLine]) -> list[Problem]:
    """Return a problem for each row of a month, payer and category which an earlier row tells of."""
    problems, first = [], dict[Place, int]()
    for one in lines:
        line = first.setdefault(one.said.place, one.line)
        if line != one.line:
            message = (
                f"this month, payer and category stand in line {line} already; add the two up in one row."
            )
            problems.append(Problem(FILE, one.line, "payer", message))
    return problems


def in_reading_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems as somebody reads the file: by line, then from the first column to the last."""
    order = {column.name: place for place, column in enumerate(COLUMNS)}
    return tuple(sorted(problems, key=lambda one: (one.line, order.get(one.column, -1), one.message)))
