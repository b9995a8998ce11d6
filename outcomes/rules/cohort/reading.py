"""One file of the folder: from bytes to typed rows and the problems of single cells.

A cell that cannot be read is reported once, and its row is kept with that column marked as broken, so that
everything else about the row is still checked and nothing false is said about the broken part.

Source: cohort files (evaluation), text and files.
"""

import codecs
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from hat_clinic.core.csv_records import Record, records
from outcomes.rules.cohort.cells import CellReader, Unreadable, Value, read_cell
from outcomes.rules.cohort.columns import PATIENT_REF, Column, FileFormat
from outcomes.rules.cohort.problems import Problem, quoted, shown
from outcomes.rules.cohort.rows import Row

R = TypeVar("R", bound=Row)

HEADER_LINE = 1


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """The rows of one file, as far as they could be read.

    `readable` is False where the file or its header was refused: that a row is not here then proves nothing.
    `lost` are the columns broken in every row. `unread_refs` holds, for each row whose patient_ref could not
    be read, the text of that cell, empty where there is none.
    """

    rows: tuple[R, ...] = ()
    readable: bool = True
    lost: frozenset[str] = frozenset()
    unread_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Header:
    """`columns` stand as in the file, None for one that is not read; `order` gives, for every column of the
    format, its place in the file, and -1 where the file lacks it."""

    names: tuple[str, ...]
    columns: tuple[Column | None, ...]
    order: tuple[int, ...]
    lost: frozenset[str]


class _Skipped(dict[str, Value]):
    """Reads the cells of a column that the format does not know, or has already read: None for each."""

    def __missing__(self, text: str) -> Value:
        return None


def read_table(
    data: bytes, *, file_format: FileFormat, make: Callable[..., R], today: date
) -> tuple[Table[R], list[Problem]]:
    """The rows of a file, made by `make(line, broken, *values)`, and what is wrong with its cells.

    `values` are in the order of the format's columns. `today` is the Europe/London date.
    """
    name = file_format.name
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        sentence = "the file is UTF-16; save it as CSV in UTF-8."
        return Table(readable=False), [Problem(name, HEADER_LINE, "", sentence)]

    found = records(_decoded(data))
    first = next(found, None)
    if first is None:
        return Table(readable=False), [Problem(name, HEADER_LINE, "", _no_header(file_format))]
    header, problems = _read_header(first, file_format)
    if header is None:
        return Table(readable=False), problems
    table = _read_rows(found, header, file_format, make, today, problems)
    return table, problems


def _decoded(data: bytes) -> str:
    """The text without its byte order mark; a byte that is not UTF-8 becomes a lone surrogate, which the
    reading of the cell then refuses with its line and column."""
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def _no_header(file_format: FileFormat) -> str:
    names = ",".join(column.name for column in file_format.columns)
    return f"the file has no header; its first line must name the columns: {names}."


def _read_header(record: Record, file_format: FileFormat) -> tuple[_Header | None, list[Problem]]:
    file, line = file_format.name, record.line
    if record.fault is not None:
        return None, [Problem(file, line, "", f"cell {len(record.cells) + 1} of the header {record.fault}")]
    known = {column.name: column for column in file_format.columns}
    names = tuple(record.cells)
    if known.keys().isdisjoint(names):
        return None, [Problem(file, line, "", _no_header(file_format))]

    problems = []
    unknown = [name for name in names if name not in known]
    for name in unknown:
        problems.append(Problem(file, line, shown(name), _unknown_column(name, known)))
    repeated = [name for name, times in Counter(names).items() if times > 1 and name in known]
    for name in repeated:
        problems.append(Problem(file, line, name, "the column stands twice in the header; keep one of them."))
    absent = [column for column in file_format.columns if column.name not in names]
    for column in absent:
        if column.required:
            sentence = "the column is missing from the header; add it, this column must be filled in."
            problems.append(Problem(file, line, column.name, sentence))

    # With an unknown column, one that seems left out may be there under a wrong name: say nothing about it.
    lost = {*repeated, *(column.name for column in absent if column.required or unknown)}
    return (
        _Header(
            names=names,
            columns=tuple(known.get(name) for name in names),
            order=tuple(
                names.index(column.name) if column.name in names else -1 for column in file_format.columns
            ),
            lost=frozenset(lost),
        ),
        problems,
    )


def _unknown_column(name: str, known: dict[str, Column]) -> str:
    if not name:
        return "the header has a column without a name; remove it or name it."
    if name.strip().lower() in known:
        return f"{quoted(name)} is not a known column; write {name.strip().lower()}."
    return f"{quoted(name)} is not a known column; remove it. Known are {', '.join(known)}."


def _read_rows(
    found: Iterator[Record],
    header: _Header,
    file_format: FileFormat,
    make: Callable[..., R],
    today: date,
    problems: list[Problem],
) -> Table[R]:
    file = file_format.name
    width = len(header.names)
    all_columns = frozenset(column.name for column in file_format.columns)
    ref_at = header.names.index(PATIENT_REF.name) if PATIENT_REF.name in header.names else -1
    faults: list[tuple[str, str]] = []
    readers = [
        CellReader(column, today=today, faults=faults) if column else _Skipped() for column in header.columns
    ]
    in_order = header.order == tuple(range(width))
    rows: list[R] = []
    unread_refs: list[str] = []

    for record in found:
        line, cells, _ = record
        broken = header.lost
        if record.fault is not None or len(cells) != width:
            problems.append(_bad_row(file, record, header.names))
            ref = _readable_ref(cells, ref_at, today)
            broken = all_columns if ref is None else all_columns - {PATIENT_REF.name}
            values: list[Value] = [ref if column is PATIENT_REF else None for column in file_format.columns]
        else:
            values = [reader[cell] for reader, cell in zip(readers, cells, strict=True)]
            if faults:
                problems += (Problem(file, line, column, sentence) for column, sentence in faults)
                broken = broken.union(column for column, _ in faults)
                faults.clear()
            if not in_order:
                values = [values[place] if place >= 0 else None for place in header.order]
        if broken and PATIENT_REF.name in broken:
            unread_refs.append(cells[ref_at] if 0 <= ref_at < len(cells) else "")
        rows.append(make(line, broken, *values))

    return Table(tuple(rows), lost=header.lost, unread_refs=tuple(unread_refs))


def _bad_row(file: str, record: Record, names: tuple[str, ...]) -> Problem:
    """The problem of a row that cannot be cut into its cells."""
    have, wanted = len(record.cells), len(names)
    column = shown(names[min(have, wanted - 1)])
    if record.fault is not None:
        return Problem(file, record.line, column, f"the cell {record.fault}")
    if have < wanted:
        sentence = f"the row has {have} cells where the header has {wanted}; add the cells that are missing."
    else:
        sentence = (
            f"the row has {have} cells where the header has {wanted}; "
            "remove the cells too many, or put a cell that holds a comma between quotation marks."
        )
    return Problem(file, record.line, column, sentence)


def _readable_ref(cells: list[str], ref_at: int, today: date) -> Value:
    if not 0 <= ref_at < len(cells):
        return None
    try:
        return read_cell(cells[ref_at], column=PATIENT_REF, today=today)
    except Unreadable:
        return None
