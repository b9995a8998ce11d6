"""Writes the rows of a frozen extract as the files of a cohort folder: the way out of what the import takes in.

The extract is what a report is computed from, so the folder tells exactly what was counted. Only the people named
are written, under the names given.

Source: cohort files, indicators 8 (evaluation).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from outcomes.rules.cohort.columns import (
    EVENT_CATEGORIES,
    FORMAT_OF,
    FORMATS,
    OUTCOMES_WITH_DOSE,
    TEXT_LENGTH,
    Kind,
)

Line = Mapping[str, Any]
"""One row of the extract, as JSON gives it: dates as text, numbers, true and false, and None."""

Cells = dict[str, Any]

OTHER: Final = "other"
MONTH_ONE: Final = timedelta(days=28)
ABOUT: Final = timedelta(days=14)

OTHER_NAMES: Final = {
    "session": "slot",
    "dose_mg": "given_mg",
    "from": "starts_on",
    "to": "ends_on",
    "count": "number",
    "as_of": "estimated_on",
}
"""Columns of the files that the extract calls otherwise."""


@dataclass(slots=True)
class Folder:
    """The files, and how many rows of each the format has no words for, by a few words that say which."""

    as_of: date
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, what: str) -> None:
        """Count one row that cannot be written."""
        self.left_out[what] = self.left_out.get(what, 0) + 1


def write_folder(
    tables: Mapping[str, Sequence[Line]],
    *,
    clinic: Line,
    names: Mapping[str, str],
    births: Mapping[str, Line],
    as_of: date,
) -> Folder:
    """Return the files of the folder.

    `tables` maps the tables of an extract to their rows; `clinic` is the one row of programme.csv; `names` maps the
    ids of the people to be written to the names they go out under, everybody else is left out; `births` gives sex
    and birth_year by id. An end from `as_of` on is open. Files without a row are not written, but for the two that
    every folder has.
    """
    folder = Folder(as_of=as_of)
    people = {row["person"]: row for row in tables.get("people", ()) if row["person"] in names}
    rows: dict[str, Iterable[Cells]] = {"programme": [dict(clinic)], "patients": _people(people, births)}
    for name, write in _WRITERS.items():
        told = tables.get(name, ())
        rows[name] = write(
            [row for row in told if "person" not in row or row["person"] in people], people, folder
        )
    for file_format in FORMATS:
        lines = [_named(row, names) for row in rows.get(file_format.name.removesuffix(".csv"), ())]
        if lines or file_format.required:
            folder.files[file_format.name] = _csv(file_format.name, lines)
    return folder


def _people(people: Mapping[str, Line], births: Mapping[str, Line]) -> Iterable[Cells]:
    for person, row in people.items():
        yield {**row, **births.get(person, {})}


def _as_they_are(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    return map(dict, rows)


def _attendance(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        if row["outcome"] is None:
            folder.leave_out("sessions whose outcome nobody has written")
        elif row["outcome"] in OUTCOMES_WITH_DOSE:
            yield {**row, "reason": None}
        else:
            yield {**row, "given_mg": None, "reason": row["reason"] or OTHER}


def _top(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        yield {**row, **row["items"]}


def _own(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        answers = row["answers"]
        yield {**row, **answers, "spend_week_gbp": _pounds(answers.get("spend_week_pence"))}


def _urine(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        if row["result"] is None:
            folder.leave_out("urine samples without a result yet")
        else:
            yield dict(row)


def _periods(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    """What is planned for later is not told: no day of a folder lies in the future."""
    for row in rows:
        later = {
            name for name in ("ends_on", "funded_until") if (row.get(name) or "") >= folder.as_of.isoformat()
        }
        yield {name: None if name in later else value for name, value in row.items()}


def _custody(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    """Stays of one person that overlap are one: the import takes none that do, and each day inside counts once."""
    stays: dict[str, list[Cells]] = {}
    for row in sorted(rows, key=lambda row: row["starts_on"]):
        earlier = stays.setdefault(row["person"], [])
        last = earlier[-1] if earlier else None
        if last is None or (last["ends_on"] is not None and last["ends_on"] <= row["starts_on"]):
            earlier.append(dict(row))
        elif last["ends_on"] is not None:
            last["ends_on"] = None if row["ends_on"] is None else max(last["ends_on"], row["ends_on"])
    for told in stays.values():
        yield from told


def _housing(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    """What a colleague wrote holds from its day on; a row of the file tells of its own day alone. So the home that
    was in force on the two days that the report asks about is written for that day as well."""
    told: dict[tuple[str, str], Cells] = {}
    for row in rows:
        told[row["person"], row["date"]] = dict(row)
    for person, life in people.items():
        own = sorted((row for row in rows if row["person"] == person), key=lambda row: row["date"])
        for day in _days_asked_about(life, folder.as_of):
            before = [row for row in own if row["date"] <= day]
            if before and _holds(before[-1], life, day):
                told.setdefault((person, day), {**before[-1], "date": day})
    yield from told.values()


def _days_asked_about(life: Line, as_of: date) -> list[str]:
    """The day of the start and the one 28 days later, as far as they had come."""
    if life["started_on"] is None:
        return []
    started = date.fromisoformat(life["started_on"])
    return [day.isoformat() for day in (started, started + MONTH_ONE) if day < as_of]


def _holds(row: Line, life: Line, day: str) -> bool:
    if not row.get("holds"):
        return False
    near = date.fromisoformat(day) - date.fromisoformat(row["date"]) <= ABOUT
    return life["exited_on"] is None or day <= life["exited_on"] or near


def _support(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        if row["attended"] is None:
            folder.leave_out("support sessions of which nobody wrote whether they took place")
        else:
            yield dict(row)


def _events(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        kind = row["category"]
        yield {**row, "category": kind if kind in EVENT_CATEGORIES else OTHER}


def _costs(rows: Sequence[Line], people: Mapping[str, Line], folder: Folder) -> Iterable[Cells]:
    for row in rows:
        yield {**row, "month": row["month"][:7], "amount_gbp": _pounds(row["amount_pence"])}


_WRITERS: Final[Mapping[str, Callable[[Sequence[Line], Mapping[str, Line], Folder], Iterable[Cells]]]] = {
    "attendance": _attendance,
    "top": _top,
    "urine": _urine,
    "offences": _as_they_are,
    "custody": _custody,
    "service_use": _as_they_are,
    "housing": _housing,
    "support": _support,
    "events": _events,
    "costs": _costs,
    "phases": _periods,
    "disruptions": _periods,
    "area": _as_they_are,
    "need": _as_they_are,
    "own": _own,
}


def _named(row: Cells, names: Mapping[str, str]) -> Cells:
    return {**row, "patient_ref": names[row["person"]]} if "person" in row else row


def _csv(name: str, rows: list[Cells]) -> bytes:
    """Rows in the order of their cells, so that neither place nor order tells who came when."""
    columns = FORMAT_OF[name].columns
    lines = sorted([_cell(_value(row, column.name), column.kind) for column in columns] for row in rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows(lines)
    return out.getvalue().encode()


def _value(row: Cells, column: str) -> Any:
    value = row.get(column)
    return row.get(OTHER_NAMES[column]) if value is None and column in OTHER_NAMES else value


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _plain(str(value)) if kind is Kind.TEXT else str(value)


def _plain(text: str) -> str:
    """Text that a spreadsheet takes for text: one line, and nothing at its start that would make it a formula."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split()).lstrip("=+-@ ")[:TEXT_LENGTH].rstrip()


def _pounds(pence: int | None) -> str | None:
    return None if pence is None else f"{Decimal(pence) / 100:.2f}"
