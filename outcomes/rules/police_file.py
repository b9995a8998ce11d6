"""Reading a police force's CSV file of offences: every error by line and column, and what can be matched.

Source: trust design 7; product W 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from outcomes.rules.cohort.columns import Column, FileFormat, Kind
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import Row

MOST_BYTES: Final = 256 * 1024
MOST_ROWS: Final = 2000
MOST_PROBLEMS: Final = 200
FILE: Final = "offences"
COLUMNS: Final = ("reference", "occurred_on", "offence")
# The first bytes of files that are sometimes sent under the name of a CSV.
_NOT_CSV: Final = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"<")


@dataclass(frozen=True, slots=True)
class OffenceRow(Row):
    """One readable row: one offence of whoever has the reference."""

    reference: str
    occurred_on: date
    offence: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """The rows of a file by what becomes of them: stored, of nobody here, or of somebody without consent."""

    stored: tuple[OffenceRow, ...]
    unknown: tuple[int, ...]
    no_consent: tuple[int, ...]

    @property
    def not_stored(self) -> int:
        """How many rows are not stored."""
        return len(self.unknown) + len(self.no_consent)


def read_offences(
    data: bytes, *, today: date, period: tuple[date, date], codes: frozenset[str]
) -> tuple[tuple[OffenceRow, ...], tuple[Problem, ...]]:
    """Return the rows and every problem; where there is a problem nothing may be stored.

    A header alone is a file: it says that nothing was recorded in the period. Source: product W 7.
    """
    refusal = _refuse_file(data)
    if refusal:
        return (), (Problem(FILE, 0, "", refusal),)
    columns = (
        Column("reference", Kind.REF, required=True),
        Column("occurred_on", Kind.DATE, required=True),
        Column("offence", Kind.CODE, required=True, codes=tuple(sorted(codes))),
    )
    table, problems = read_table(data, file_format=FileFormat(FILE, columns), make=OffenceRow, today=today)
    if len(table.rows) > MOST_ROWS:
        message = f"the file has {len(table.rows)} rows; send at most {MOST_ROWS} at a time."
        return (), (Problem(FILE, 0, "", message),)
    rows = tuple(row for row in table.rows if not row.broken)
    first, last = period
    problems += (
        Problem(FILE, row.line, "occurred_on", "this day is outside the days that you wrote for the file.")
        for row in rows
        if not first <= row.occurred_on <= last
    )
    order = {name: place for place, name in enumerate(COLUMNS)}
    return rows, tuple(sorted(problems, key=lambda one: (one.line, order.get(one.column, -1), one.message)))


def sort_rows(
    rows: tuple[OffenceRow, ...], *, known: Mapping[str, object], allowed: frozenset[object]
) -> Sorted:
    """Sort rows by reference alone. `known` maps a reference to a person; `allowed` are those whose rows may come in."""
    stored, unknown, no_consent = [], [], []
    for row in rows:
        if row.reference not in known:
            unknown.append(row.line)
        elif known[row.reference] not in allowed:
            no_consent.append(row.line)
        else:
            stored.append(row)
    return Sorted(tuple(stored), tuple(unknown), tuple(no_consent))


def _refuse_file(data: bytes) -> str:
    """Return why the file as a whole is not read, or nothing."""
    if not data.strip():
        return "the file is empty; a file without offences still has its header."
    if len(data) > MOST_BYTES:
        return "the file is larger than 256 kB; send fewer offences at a time."
    if data.startswith(_NOT_CSV) or b"\x00" in data:
        return "the file is no CSV, whatever its name says; save the table as CSV in UTF-8."
    return ""
