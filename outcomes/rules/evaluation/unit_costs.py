"""What an offence costs each body, as a table that is loaded: one row an offence, one column a body.

Every row says of which year its prices are, where they are from, and who verified them; where nobody did it says so.
An empty cell is "not costed" and never £0. A table stands in no report until somebody else approved it.

Source: Indicators 5 and 8 (evaluation).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.cohort.columns import Column, FileFormat, Kind
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.reading import read_table
from outcomes.rules.cohort.rows import Row

SOURCE: Final = "indicators-8"
FILE: Final = "unit-costs.csv"
MOST_BYTES: Final = 256 * 1024
MOST_ROWS: Final = 500
MOST_PROBLEMS: Final = 200
LONGEST_NAME: Final = 120
TOO_LARGE: Final = "the file is larger than 256 kB."
BODIES: Final = {
    "police": "Police",
    "courts": "Courts",
    "prison": "Prison",
    "probation": "Probation",
    "health": "Health",
    "victim": "Victim",
}
COLUMNS: Final = (
    "offence",
    *(f"{body}_gbp" for body in BODIES),
    "price_year",
    "source",
    "verified_by",
    "verified_on",
)
EARLIEST_YEAR: Final = 1990
_NOT_CSV: Final = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"<")


@dataclass(frozen=True, slots=True)
class UnitCostRow(Row):
    """One row of a file: an offence with its cost to each body in pounds, None where it is not costed."""

    offence: str
    police_gbp: Decimal | None
    courts_gbp: Decimal | None
    prison_gbp: Decimal | None
    probation_gbp: Decimal | None
    health_gbp: Decimal | None
    victim_gbp: Decimal | None
    price_year: int
    source: str
    verified_by: str | None
    verified_on: date | None

    def to_json(self) -> dict[str, Any]:
        """The row as it is stored and frozen; amounts in whole pence."""
        amounts = {body: getattr(self, f"{body}_gbp") for body in BODIES}
        return {
            "offence": self.offence,
            "pence": {body: None if gbp is None else int(gbp * 100) for body, gbp in amounts.items()},
            "price_year": self.price_year,
            "source": self.source,
            "verified_by": self.verified_by,
            "verified_on": self.verified_on.isoformat() if self.verified_on else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitCost:
    """One row of a stored or frozen table."""

    offence: str
    pence: Mapping[str, int | None]
    price_year: int
    source: str
    verified_by: str
    verified_on: str

    @property
    def is_verified(self) -> bool:
        """Whether a named person verified the row."""
        return bool(self.verified_by)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitCostsFacts:
    """The table in force at the data cut, with the labels of its offences; no row where none was loaded."""

    version: str = ""
    rows: tuple[UnitCost, ...] = ()
    labels: Mapping[str, str] | None = None

    def label(self, offence: str) -> str:
        """The offence in words."""
        return (self.labels or {}).get(offence, offence)


def as_unit_cost(row: Mapping[str, Any]) -> UnitCost:
    """A row from how it is stored."""
    return UnitCost(
        offence=row["offence"],
        pence={body: row["pence"].get(body) for body in BODIES},
        price_year=row["price_year"],
        source=row["source"],
        verified_by=row["verified_by"] or "",
        verified_on=row["verified_on"] or "",
    )


def read_unit_costs(
    data: bytes, *, today: date, codes: frozenset[str]
) -> tuple[tuple[UnitCostRow, ...], tuple[Problem, ...]]:
    """Return the rows and every problem by line and column; where there is a problem nothing may be stored.

    `codes` are those of the offence table.
    """
    refusal = _refuse_file(data)
    if refusal:
        return (), (Problem(FILE, 0, "", refusal),)
    columns = (
        Column("offence", Kind.CODE, required=True, codes=tuple(sorted(codes))),
        *(Column(f"{body}_gbp", Kind.MONEY) for body in BODIES),
        Column("price_year", Kind.WHOLE, required=True, low=EARLIEST_YEAR, high=today.year),
        Column("source", Kind.TEXT, required=True),
        Column("verified_by", Kind.TEXT),
        Column("verified_on", Kind.DATE),
    )
    table, problems = read_table(data, file_format=FileFormat(FILE, columns), make=UnitCostRow, today=today)
    if table.readable and not table.rows and not problems:
        problems.append(Problem(FILE, 1, "", "the file has a header and no line."))
    if len(table.rows) > MOST_ROWS:
        message = f"the file has {len(table.rows)} lines; send at most {MOST_ROWS}."
        return (), (Problem(FILE, 0, "", message),)
    problems += [*_half_verified(table.rows), *_too_long(table.rows), *_repeated(table.rows)]
    order = {name: place for place, name in enumerate(COLUMNS)}
    rows = tuple(row for row in table.rows if not row.broken)
    return rows, tuple(sorted(problems, key=lambda one: (one.line, order.get(one.column, -1), one.message)))


def may_load_unit_costs(*, from_day: date, today: date, opened_on: date, is_first: bool) -> Decision:
    """Decide whether a table may begin on a day. The first may begin when the clinic opened, a later one tomorrow."""
    return Decision.of([_begins(from_day, today=today, opened_on=opened_on, is_first=is_first)])


def may_approve_unit_costs(
    *,
    from_day: date,
    today: date,
    opened_on: date,
    is_first: bool,
    is_own: bool,
    is_approved: bool,
    is_confirmed: bool,
) -> Decision:
    """Decide whether somebody may approve the table that another loaded."""
    return Decision.of(
        [
            _block("unit_costs_approved", "This table is approved already.") if is_approved else None,
            _block("unit_costs_own", "You loaded this table. Somebody else approves it.") if is_own else None,
            _begins(from_day, today=today, opened_on=opened_on, is_first=is_first),
            _block("unit_costs_unconfirmed", "Tick that you compared the table with where it is from.")
            if not is_confirmed
            else None,
        ]
    )


def _begins(from_day: date, *, today: date, opened_on: date, is_first: bool) -> Finding | None:
    if from_day < opened_on:
        return _block("unit_costs_before_opening", "The clinic had not opened on that day.")
    if is_first or from_day > today:
        return None
    return _block(
        "unit_costs_past", "Prices are not changed after the fact: a new table begins tomorrow or later."
    )


def _half_verified(rows: Iterable[UnitCostRow]) -> list[Problem]:
    problems = []
    for row in rows:
        if not row.reads("verified_by", "verified_on"):
            continue
        if row.verified_by and not row.verified_on:
            problems.append(
                Problem(FILE, row.line, "verified_on", "the day is missing: write when it was verified.")
            )
        if row.verified_on and not row.verified_by:
            problems.append(
                Problem(FILE, row.line, "verified_by", "the name is missing: write who verified it.")
            )
    return problems


def _too_long(rows: Iterable[UnitCostRow]) -> list[Problem]:
    return [
        Problem(FILE, row.line, "verified_by", f"the name is longer than {LONGEST_NAME} letters.")
        for row in rows
        if row.reads("verified_by") and len(row.verified_by or "") > LONGEST_NAME
    ]


def _repeated(rows: Iterable[UnitCostRow]) -> list[Problem]:
    problems, first = [], dict[str, int]()
    for row in rows:
        if row.reads("offence") and first.setdefault(row.offence, row.line) != row.line:
            message = f"this offence stands in line {first[row.offence]} already; keep one of them."
            problems.append(Problem(FILE, row.line, "offence", message))
    return problems


def _refuse_file(data: bytes) -> str:
    """Return why the file as a whole is not read, or nothing."""
    if not data.strip():
        return "the file is empty."
    if len(data) > MOST_BYTES:
        return TOO_LARGE
    if data.startswith(_NOT_CSV) or b"\x00" in data:
        return "the file is no CSV, whatever its name says; save the table as CSV in UTF-8."
    return ""


def _block(code: str, message: str) -> Finding:
    return block(code, message, SOURCE)
