"""Reading the results of many urine samples out of one CSV file: all of them, or every error by line and column.

Source: product W 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from outcomes.rules.cohort.columns import Column, FileFormat, Kind
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import Row
from outcomes.rules.urine import Assay, Found
from outcomes.rules.urine_results import ResultSaid

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 500
MOST_PROBLEMS: Final = 200
FILE: Final = "results"
COLUMNS: Final = (
    Column("reference", Kind.REF, required=True),
    Column("assay", Kind.CODE, required=True, codes=tuple(Assay)),
    Column("result", Kind.CODE, required=True, codes=tuple(Found)),
    Column("reported_on", Kind.DATE, required=True),
)
FORMAT: Final = FileFormat(FILE, COLUMNS)
TOO_LARGE: Final = "the file is larger than 1 MB; send fewer results at a time."
# Which column a finding of the rule is about; the others are about the sample.
COLUMN_OF: Final = {"urine_result_known": "result", "urine_reported_when": "reported_on"}
# The first bytes of files that are sometimes sent under the name of a CSV.
_NOT_CSV: Final = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"<")


@dataclass(frozen=True, slots=True)
class ResultRow(Row):
    """One readable row: one test of one sample."""

    reference: str
    assay: str
    result: str
    reported_on: date

    @property
    def label(self) -> str:
        """The number of the label as it is stored: small letters are the same label as capitals."""
        return self.reference.upper()

    @property
    def said(self) -> ResultSaid:
        """What the laboratory reported."""
        return ResultSaid(assay=Assay(self.assay), found=Found(self.result), reported_on=self.reported_on)


def read_results(data: bytes, *, today: date) -> tuple[tuple[ResultRow, ...], tuple[Problem, ...]]:
    """Return the rows that can be read and every problem; where there is a problem nothing may be stored.

    `today` is the Europe/London date. Source: product W 5.
    """
    refusal = _refuse_file(data)
    if refusal:
        return (), (Problem(FILE, 0, "", refusal),)
    table, problems = read_table(data, file_format=FORMAT, make=ResultRow, today=today)
    if table.readable and not table.rows and not problems:
        problems.append(Problem(FILE, 1, "", "the file has a header and no result."))
    if len(table.rows) > MOST_ROWS:
        message = f"the file has {len(table.rows)} rows; send at most {MOST_ROWS} at a time."
        return (), (Problem(FILE, 0, "", message),)
    rows = tuple(row for row in table.rows if not row.broken)
    return rows, (*problems, *_repeated(rows))


def _refuse_file(data: bytes) -> str:
    """Return why the file as a whole is no CSV that is read here, or nothing."""
    if not data.strip():
        return "the file is empty."
    if len(data) > MOST_BYTES:
        return TOO_LARGE
    if data.startswith(_NOT_CSV):
        return "the file is no CSV, whatever its name says; save the table as CSV in UTF-8."
    return "the file is no text; save the table as CSV in UTF-8." if _is_binary(data) else ""


def _is_binary(data: bytes) -> bool:
    """UTF-16 has such bytes too, and is told in its own words."""
    return b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _repeated(rows: Iterable[ResultRow]) -> list[Problem]:
    """Return a problem for each row that tells of a test of a sample which an earlier row tells of."""
    problems, first = [], dict[tuple[str, str], int]()
    for row in rows:
        line = first.setdefault((row.label, row.assay), row.line)
        if line != row.line:
            message = f"this test of this sample stands in line {line} already; keep one of the two rows."
            problems.append(Problem(FILE, row.line, "reference", message))
    return problems


def in_reading_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems as somebody reads the file: by line, then from the first column to the last."""
    order = {column.name: place for place, column in enumerate(COLUMNS)}
    return tuple(sorted(problems, key=lambda one: (one.line, order.get(one.column, -1), one.message)))
