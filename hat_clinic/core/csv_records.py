"""Text of a CSV file to rows of cells, strictly as RFC 4180 has it, with the line on which each row begins.

The standard library's reader forgives text after a closing quotation mark and an open one at the end, and
counts lines only where a row ends; so the few rows with quotation marks are read here by hand.

Source: cohort files (evaluation), text and files.
"""

from collections.abc import Iterator
from typing import NamedTuple

OPEN_QUOTE = "opens a quotation mark that is not closed; close it, or double it where it is part of the text."
TEXT_AFTER_QUOTE = (
    "has text after its closing quotation mark; double a quotation mark that is part of the text."
)
STRAY_QUOTE = (
    "holds a quotation mark but does not begin with one; "
    "put the whole cell between quotation marks and double the one inside."
)


class Record(NamedTuple):
    """One row as text. With a `fault`, `cells` holds only the cells before the faulty one."""

    line: int
    cells: list[str]
    fault: str | None = None


class _Malformed(Exception):
    def __init__(self, cells: list[str], fault: str) -> None:
        super().__init__(fault)
        self.cells = cells
        self.fault = fault


def records(text: str) -> Iterator[Record]:
    """Every row that is not a blank line, the header first; `\\n` and `\\r\\n` end a line.

    A row that breaks the rules of quoting is handed over with its fault, and reading goes on at the next
    physical line, so that one open quotation mark does not hide the rest of the file. A cell with line breaks
    is only believed where the row then has as many cells as the header; otherwise its quotation mark is open.
    """
    lines = text.split("\n")
    for index in range(len(lines) - 1):
        if lines[index].endswith("\r"):
            lines[index] = lines[index][:-1]

    width: int | None = None
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line:
            at += 1
            continue
        if '"' not in line:
            record, after = Record(at + 1, line.split(",")), at + 1
        else:
            record, after = _quoted_record(lines, at, width)
        if width is None:
            width = len(record.cells)
        yield record
        at = after


def _quoted_record(lines: list[str], at: int, width: int | None) -> tuple[Record, int]:
    try:
        cells, last = _cells(lines, at)
        if last > at and len(cells) != width:
            first_broken = next(index for index, cell in enumerate(cells) if "\n" in cell)
            raise _Malformed(cells[:first_broken], OPEN_QUOTE)
    except _Malformed as malformed:
        return Record(at + 1, malformed.cells, malformed.fault), at + 1
    return Record(at + 1, cells), last + 1


def _cells(lines: list[str], at: int) -> tuple[list[str], int]:
    """The cells of the row that begins at `lines[at]`, and the index of the line on which it ends."""
    first = at
    line = lines[at]
    cells: list[str] = []
    position = 0
    while True:
        if not line.startswith('"', position):
            comma = line.find(",", position)
            cell = line[position:] if comma < 0 else line[position:comma]
            if '"' in cell:
                raise _Malformed(cells, STRAY_QUOTE if at == first else OPEN_QUOTE)
            cells.append(cell)
            if comma < 0:
                return cells, at
            position = comma + 1
            continue

        position += 1
        parts: list[str] = []
        while True:
            mark = line.find('"', position)
            if mark < 0:
                parts += (line[position:], "\n")
                at += 1
                if at == len(lines):
                    raise _Malformed(cells, OPEN_QUOTE)
                line, position = lines[at], 0
            elif line.startswith('"', mark + 1):
                parts += (line[position:mark], '"')
                position = mark + 2
            else:
                parts.append(line[position:mark])
                position = mark + 1
                break
        if position < len(line) and line[position] != ",":
            raise _Malformed(cells, TEXT_AFTER_QUOTE if at == first else OPEN_QUOTE)
        cells.append("".join(parts))
        if position == len(line):
            return cells, at
        position += 1
