"""Reading many referrals out of one CSV file: all of them or none, every error by its line and column.

Source: product R 5.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from hat_clinic.core.csv_cells import Unreadable, quoted, refuse_bad_characters, shown
from hat_clinic.core.csv_records import Record, records
from referrals.rules.asking import (
    HIGHEST_DOSE_MG,
    LONGEST_AREA,
    REASONS,
    SERVICES,
    Answer,
    Ending,
    Flag,
    Identity,
    Treatment,
    is_same_person,
    read_nhs_number,
)
from referrals.rules.whens import When, read_kept

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 500
MOST_PROBLEMS: Final = 200
SEXES: Final = ("F", "M", "X")
REQUIRED: Final = ("given_names", "family_name", "born_on", "agreed", "contact")
LENGTHS: Final = {
    "given_names": 120,
    "family_name": 120,
    "address": 300,
    "reach": 300,
    "area": LONGEST_AREA,
    "concern": 500,
    "contact": 200,
}
# The first bytes of files that are sometimes sent under the name of a CSV.
_NOT_CSV: Final = {
    b"PK\x03\x04": "a spreadsheet or a ZIP file",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
    b"<": "a web page",
}

T = TypeVar("T")


def _columns() -> tuple[str, ...]:
    names = [*REQUIRED[:3], "sex", "nhs_number", "address", "reach", "area", "concern"]
    names += [flag.value for flag in (*REASONS, *SERVICES)]
    for treatment in Treatment:
        parts = ["", "_from", "_until", "_ending"]
        parts += ["_mg", "_supervised"] if treatment.is_oral_opioid else []
        names += [f"{treatment.value}{part}" for part in parts]
    return (*names, "release_on", "agreed", "contact")


COLUMNS: Final = _columns()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that must be put right: the line where its row begins, the column, and a sentence."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadTreatment:
    """What a row says of one treatment."""

    answer: Answer
    started: When | None = None
    ended: When | None = None
    ending: Ending | None = None
    highest_dose_mg: int | None = None
    supervised: Answer | None = None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One readable row: one person."""

    line: int
    given_names: str
    family_name: str
    born_on: date
    sex: str
    nhs_number: str | None
    address: str
    reach: str
    area: str
    concern: str
    flags: Mapping[Flag, Answer]
    treatments: Mapping[Treatment, ReadTreatment]
    release_on: date | None
    contact: str

    @property
    def identity(self) -> Identity:
        """What tells the person from others."""
        return Identity(self.given_names, self.family_name, self.born_on, self.nhs_number)


@dataclass(slots=True)
class _Cells:
    """The cells of one row by column, and what was found wrong with them."""

    line: int
    cells: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def read(self, column: str, how: Callable[[str], T]) -> T | None:
        """Return a cell's value, None where it is empty or unreadable; what is wrong is kept."""
        text = self.cells.get(column, "")
        try:
            if not text:
                if column in REQUIRED:
                    raise Unreadable("is empty; this column must be filled in.")
                return None
            refuse_bad_characters(text)
            return how(text)
        except Unreadable as unreadable:
            self.problems.append(Problem(self.line, column, str(unreadable)))
            return None

    def refuse(self, column: str, message: str) -> None:
        """Keep one more thing that is wrong."""
        self.problems.append(Problem(self.line, column, message))


def read_file(data: bytes) -> tuple[tuple[ReadRow, ...], tuple[Problem, ...]]:
    """Return the rows of a file, or every problem and no row. Dates are not held against a day yet.

    Source: product R 5.
    """
    refusal = _refuse_file(data)
    if refusal:
        return (), (Problem(0, "", refusal),)
    found = list(records(data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")))
    if not found:
        return (), (Problem(1, "", _no_header()),)
    problems = _check_header(found[0])
    if problems:
        return (), tuple(problems)
    if len(found) == 1:
        return (), (Problem(1, "", "the file has a header and no person."),)
    if len(found) - 1 > MOST_ROWS:
        message = f"the file has {len(found) - 1} people; send at most {MOST_ROWS} at a time."
        return (), (Problem(0, "", message),)
    rows: list[ReadRow] = []
    for record in found[1:]:
        row, wrong = _read_row(record, found[0].cells)
        problems += wrong
        if row is not None:
            rows.append(row)
    problems += _repeated(rows)
    return ((), tuple(_in_order(problems))) if problems else (tuple(rows), ())


def _refuse_file(data: bytes) -> str:
    """Return why the file as a whole is no CSV that is read here, or nothing."""
    if not data.strip():
        return "the file is empty."
    if len(data) > MOST_BYTES:
        return "the file is larger than 1 MB; send fewer people at a time."
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "the file is UTF-16; save it as CSV in UTF-8."
    for mark, kind in _NOT_CSV.items():
        if data.startswith(mark):
            return f"the file is {kind}, whatever its name says; save the table as CSV in UTF-8."
    return "the file is no text; save the table as CSV in UTF-8." if b"\x00" in data else ""


def _no_header() -> str:
    return f"the file has no header; its first line names the columns, at least {', '.join(REQUIRED)}."


def _check_header(record: Record) -> list[Problem]:
    names = record.cells
    if record.fault is not None:
        return [Problem(record.line, "", f"cell {len(names) + 1} of the header {record.fault}")]
    if set(COLUMNS).isdisjoint(names):
        return [Problem(record.line, "", _no_header())]
    problems = [
        Problem(
            record.line, shown(name), f"{quoted(name)} is not a known column; remove it or correct its name."
        )
        for name in names
        if name not in COLUMNS
    ]
    problems += [
        Problem(record.line, name, "the column stands twice in the header; keep one of them.")
        for name, times in Counter(names).items()
        if times > 1 and name in COLUMNS
    ]
    return problems + [
        Problem(record.line, name, "the column is missing from the header; it must be filled in.")
        for name in REQUIRED
        if name not in names
    ]


def _read_row(record: Record, names: list[str]) -> tuple[ReadRow | None, list[Problem]]:
    have, wanted = len(record.cells), len(names)
    if record.fault is not None:
        column = names[min(have, wanted - 1)]
        return None, [Problem(record.line, column, f"the cell {record.fault}")]
    if have != wanted:
        message = (
            f"the row has {have} cells where the header has {wanted}; "
            "put a cell that holds a comma between quotation marks."
        )
        return None, [Problem(record.line, names[min(have, wanted - 1)], message)]
    cells = _Cells(record.line, dict(zip(names, record.cells, strict=True)))
    texts = {name: cells.read(name, _text(most)) or "" for name, most in LENGTHS.items()}
    born_on = cells.read("born_on", _day)
    sex = cells.read("sex", _one_of(SEXES)) or ""
    nhs_number = cells.read("nhs_number", _nhs_number)
    flags = {flag: cells.read(flag.value, _answer) or Answer.UNKNOWN for flag in REASONS}
    services = {flag: cells.read(flag.value, _answer) for flag in SERVICES}
    treatments = {treatment: _read_treatment(cells, treatment) for treatment in Treatment}
    release_on = cells.read("release_on", _day)
    if cells.read("agreed", _answer) not in (Answer.YES, None):
        cells.refuse("agreed", "the person must know and agree; take the row out, or ask them and write yes.")
    if cells.problems or born_on is None:
        return None, cells.problems
    row = ReadRow(
        line=record.line,
        given_names=texts["given_names"],
        family_name=texts["family_name"],
        born_on=born_on,
        sex=sex,
        nhs_number=nhs_number,
        address=texts["address"],
        reach=texts["reach"],
        area=texts["area"],
        concern=texts["concern"],
        flags=flags | {flag: answer for flag, answer in services.items() if answer is Answer.YES},
        treatments=treatments,
        release_on=release_on,
        contact=texts["contact"],
    )
    return row, []


def _read_treatment(cells: _Cells, treatment: Treatment) -> ReadTreatment:
    name = treatment.value
    answer = cells.read(name, _answer) or Answer.UNKNOWN
    started = cells.read(f"{name}_from", _when)
    ended = cells.read(f"{name}_until", _when)
    ending = cells.read(f"{name}_ending", lambda text: Ending(_one_of(tuple(Ending))(text)))
    highest_mg = cells.read(f"{name}_mg", _mg) if treatment.is_oral_opioid else None
    supervised = cells.read(f"{name}_supervised", _answer) if treatment.is_oral_opioid else None
    if answer is not Answer.YES:
        given = [started, ended, ending, highest_mg, supervised]
        if any(value is not None for value in given):
            cells.refuse(name, "has details; write yes here, or empty the details.")
        return ReadTreatment(answer)
    return ReadTreatment(answer, started, ended, ending, highest_mg, supervised)


def _repeated(rows: list[ReadRow]) -> list[Problem]:
    """Return a problem for each row about somebody whom an earlier row is about."""
    problems = []
    for place, row in enumerate(rows):
        for earlier in rows[:place]:
            if is_same_person(earlier.identity, row.identity):
                message = f"is the person of line {earlier.line}; keep one of the two rows."
                problems.append(Problem(row.line, "family_name", message))
                break
    return problems


def _in_order(problems: list[Problem]) -> list[Problem]:
    order = {name: place for place, name in enumerate(COLUMNS)}
    return sorted(problems, key=lambda one: (one.line, order.get(one.column, -1), one.message))


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most:
            raise Unreadable(f"{quoted(text)} has {len(text)} characters; shorten it to at most {most}.")
        return text

    return read


def _one_of(codes: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in codes:
            raise Unreadable(
                f"{quoted(text)} is not a known code; write one of {', '.join(codes)}, or nothing."
            )
        return text

    return read


def _answer(text: str) -> Answer:
    return Answer(_one_of(tuple(Answer))(text))


def _day(text: str) -> date:
    when = read_kept(text)
    if when is None or when.day is None:
        try:
            return _before_1960(text)
        except ValueError:
            raise Unreadable(
                f"{quoted(text)} is not a day; write it as YYYY-MM-DD, such as 1986-05-04."
            ) from None
    return when.first


def _before_1960(text: str) -> date:
    """Return a day before the first year of treatments, which somebody may be born on."""
    if len(text) != len("1986-05-04") or not text.isascii():
        raise ValueError
    return date.fromisoformat(text)


def _when(text: str) -> When:
    when = read_kept(text)
    if when is None:
        raise Unreadable(f"{quoted(text)} is not a date; write 2024, 2024-03 or 2024-03-14.")
    return when


def _nhs_number(text: str) -> str:
    number = read_nhs_number(text)
    if number is None:
        raise Unreadable(f"{quoted(text)} is not an NHS number; check its ten digits, or leave it empty.")
    return number


def _mg(text: str) -> int:
    is_whole = text.isascii() and text.isdecimal() and not text.startswith("0")
    if not is_whole or len(text) > 4 or int(text) > HIGHEST_DOSE_MG:
        raise Unreadable(f"{quoted(text)} is not a dose; write whole mg from 1 to {HIGHEST_DOSE_MG}.")
    return int(text)
