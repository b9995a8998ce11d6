"""Lines that are written again: which row stands, what it corrected, and which row it began with."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from outcomes.models import HealthLine, MoneyLine
from outcomes.rules.health import BEGINS, Topic
from outcomes.rules.support import STRIKING

Row = TypeVar("Row", HealthLine, MoneyLine)


@dataclass(frozen=True, slots=True)
class Line(Generic[Row]):
    """One line: the row that stands, the rows that it corrected, newest first, and the row it began with."""

    row: Row
    before: tuple[Row, ...]

    @property
    def first(self) -> uuid.UUID:
        """The row that was written first: it is what later lines name."""
        return self.before[-1].id if self.before else self.row.id

    @property
    def is_struck(self) -> bool:
        """Whether the line counts for nothing."""
        return self.row.correction in STRIKING


def lines_of(rows: Iterable[Row]) -> list[Line[Row]]:
    """Return the lines that rows make up, in the order of the rows that stand. The rows are all there are of them."""
    every = list(rows)
    by_id = {row.id: row for row in every}
    amended = {row.amends_id for row in every}
    lines = []
    for head in every:
        if head.id in amended:
            continue
        before, row = [], head
        while row.amends_id is not None:
            row = by_id[row.amends_id]
            before.append(row)
        lines.append(Line(head, tuple(before)))
    return lines


def counting(lines: Iterable[Line[Row]]) -> list[Line[Row]]:
    """Return the lines that count: not struck out, nor about something that was.

    A line that begins a kit of its own in place of a struck one counts: that kit was handed out.
    """
    every = list(lines)
    struck = {line.first for line in every if line.is_struck}
    return [
        line
        for line in every
        if not line.is_struck and (line.row.about_id not in struck or _begins_its_own(line.row))
    ]


def _begins_its_own(row: HealthLine | MoneyLine) -> bool:
    return isinstance(row, HealthLine) and row.step in BEGINS.get(Topic(row.topic), frozenset())
