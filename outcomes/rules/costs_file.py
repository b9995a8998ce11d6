"""Reading a file of costs: every line of it, or every problem by line and column.

Source: cohort files, costs.csv.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from outcomes.rules.cohort.columns import FORMAT_OF
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import CostRow
from outcomes.rules.costs import CostSaid

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 2000
MOST_PROBLEMS: Final = 200
FORMAT: Final = FORMAT_OF["costs.csv"]
FILE: Final = FORMAT.name
COLUMNS: Final = FORMAT.columns
TOO_LARGE: Final = "the file is larger than 1 MB; send fewer lines at a time."
# Which column a finding of the rule is about.
COLUMN_OF: Final = {
    "cost_in_future": "month",
    "cost_too_large": "amount_gbp",
    "cost_known": "amount_gbp",
}
# The first bytes of files that are sometimes sent under the name of a CSV.
_NOT_CSV: Final = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"<")


@dataclass(frozen=True, slots=True)
class CostLine:
    """One readable row, with the line of the file it begins on."""

    line: int
    said: CostSaid


def read_costs(data: bytes, *, today: date) -> tuple[tuple[CostLine, ...], tuple[Problem, ...]]:
    """Return the lines that can be read and every problem; where there is a problem nothing may be stored.

    `today` is the Europe/London date.
    """
    refusal = _refuse_file(data)
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


def _refuse_file(data: bytes) -> str:
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
    problems, first = [], dict[tuple[date, str, str], int]()
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
