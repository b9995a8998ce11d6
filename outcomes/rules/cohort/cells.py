"""One cell: from its text to its typed value, or to the sentence that says why it has none.

Cells are not trimmed, and an empty cell is None: "not recorded" is never zero and never no.

Source: cohort files (evaluation), text and numbers.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from hat_clinic.core.csv_cells import Unreadable, quoted, refuse_bad_characters
from outcomes.rules.cohort.columns import REF_LENGTH, TEXT_LENGTH, Column, Kind

__all__ = ["CellReader", "Unreadable", "Value", "read_cell"]

EARLIEST = date(1900, 1, 1)
"""No date of a cohort lies before it."""

Value = str | int | bool | date | Decimal | None

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_WHOLE = re.compile(r"[0-9]{1,9}")
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_CLINIC_CODE = re.compile(r"[A-Z0-9]{2,12}")
_LISTED_CODES = 30


class CellReader(dict[str, Value]):
    """Reads the cells of one column, each distinct text once: `reader[text]` is the value.

    A cell that cannot be read gives None, and (column, sentence) is added to `faults`.
    """

    def __init__(self, column: Column, *, today: date, faults: list[tuple[str, str]]) -> None:
        super().__init__()
        self.column = column
        self.today = today
        self.faults = faults

    def __missing__(self, text: str) -> Value:
        try:
            value = read_cell(text, column=self.column, today=self.today)
        except Unreadable as unreadable:
            self.faults.append((self.column.name, str(unreadable)))
            return None
        self[text] = value
        return value


def read_cell(text: str, *, column: Column, today: date) -> Value:
    """The typed value of a cell, None where it is empty and may be.

    `today` is the Europe/London date: a date after it lies in the future. Raises Unreadable with the first
    thing that is wrong with the cell.
    """
    if not text:
        if column.required:
            raise Unreadable(f"is empty; this column must be filled in{_how(column)}.")
        return None
    refuse_bad_characters(text)
    return _READ[column.kind](text, column, today)


def _how(column: Column) -> str:
    """The hint after "must be filled in", where the kind has a short one."""
    return {
        Kind.DATE: " with a date such as 2020-03-31",
        Kind.MONTH: " with a month such as 2020-03",
        Kind.YES_NO: " with yes or no",
    }.get(column.kind, "")


def _ref(text: str, column: Column, today: date) -> str:
    if len(text) > REF_LENGTH:
        raise Unreadable(f"{quoted(text)} has {len(text)} characters; a reference has at most {REF_LENGTH}.")
    return text


def _text(text: str, column: Column, today: date) -> str:
    if len(text) > TEXT_LENGTH:
        raise Unreadable(f"{quoted(text)} has {len(text)} characters; shorten it to at most {TEXT_LENGTH}.")
    return text


def _clinic_code(text: str, column: Column, today: date) -> str:
    if not _CLINIC_CODE.fullmatch(text):
        raise Unreadable(f"{quoted(text)} is not a clinic code; write 2 to 12 of A-Z and 0-9, such as MBRO.")
    return text


def _code(text: str, column: Column, today: date) -> str:
    if text in column.codes:
        return text
    if text.lower() in column.codes or text.upper() in column.codes:
        right = text.lower() if text.lower() in column.codes else text.upper()
        raise Unreadable(f"{quoted(text)} is written in the wrong case; write {right}.")
    if len(column.codes) > _LISTED_CODES:
        raise Unreadable(f"{quoted(text)} is not a known code; see the table of codes.")
    raise Unreadable(f"{quoted(text)} is not a known code; write one of {', '.join(column.codes)}.")


def _yes_no(text: str, column: Column, today: date) -> bool:
    if text not in ("yes", "no"):
        raise Unreadable(f"{quoted(text)} is neither yes nor no; write yes or no in small letters.")
    return text == "yes"


def _date(text: str, column: Column, today: date) -> date:
    parts = _DATE.fullmatch(text)
    if parts is None:
        raise Unreadable(f"{quoted(text)} is not a date; write it as YYYY-MM-DD, such as 2020-03-31.")
    try:
        day = date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        raise Unreadable(f"{quoted(text)} is not a day of the calendar; correct the date.") from None
    if day < EARLIEST:
        raise Unreadable(f"{quoted(text)} is before 1900; correct the date.")
    if day > today:
        raise Unreadable(
            f"{quoted(text)} is in the future; the last day that can be imported is {today.isoformat()}."
        )
    return day


def _month(text: str, column: Column, today: date) -> date:
    parts = _MONTH.fullmatch(text)
    if parts is None:
        raise Unreadable(f"{quoted(text)} is not a month; write it as YYYY-MM, such as 2020-03.")
    try:
        month = date(int(parts[1]), int(parts[2]), 1)
    except ValueError:
        raise Unreadable(f"{quoted(text)} is not a month of the calendar; correct it.") from None
    if month < EARLIEST:
        raise Unreadable(f"{quoted(text)} is before 1900; correct the month.")
    if month > today:
        raise Unreadable(
            f"{quoted(text)} is in the future; the last month that can be imported is {today:%Y-%m}."
        )
    return month


def _whole(text: str, column: Column, today: date) -> int:
    if not _WHOLE.fullmatch(text):
        raise Unreadable(f"{quoted(text)} is not a whole number; write digits only, such as 180.")
    number = int(text)
    if not column.low <= number <= column.high:
        raise Unreadable(
            f"{quoted(text)} is out of range; write a whole number from {column.low} to {column.high}."
        )
    return number


def _birth_year(text: str, column: Column, today: date) -> int:
    if not _WHOLE.fullmatch(text):
        raise Unreadable(f"{quoted(text)} is not a year; write four digits, such as 1984.")
    if not EARLIEST.year <= int(text) <= today.year:
        raise Unreadable(f"{quoted(text)} is not a year of birth from {EARLIEST.year} to {today.year}.")
    return int(text)


def _money(text: str, column: Column, today: date) -> Decimal:
    if not _MONEY.fullmatch(text):
        raise Unreadable(
            f"{quoted(text)} is not an amount in pounds; write digits with at most two decimals, "
            "such as 1450.00."
        )
    return Decimal(text)


_READ: dict[Kind, Callable[[str, Column, date], Value]] = {
    Kind.REF: _ref,
    Kind.TEXT: _text,
    Kind.CLINIC_CODE: _clinic_code,
    Kind.CODE: _code,
    Kind.DATE: _date,
    Kind.MONTH: _month,
    Kind.YES_NO: _yes_no,
    Kind.WHOLE: _whole,
    Kind.MONEY: _money,
    Kind.BIRTH_YEAR: _birth_year,
}
