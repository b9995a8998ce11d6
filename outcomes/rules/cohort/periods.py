"""Half-open periods that may not overlap.

Source: cohort files (evaluation), custody stays and phases.
"""

from bisect import bisect_left, bisect_right
from datetime import date


class Periods:
    """Periods taken one after another; `claim` says which earlier line a new one overlaps.

    Kept as disjoint pieces in order of time, each with the line of the last period that covered it, so that a
    hundred thousand periods are as quick to check as their sorting. An end of None means that the period goes
    on; every period holds at least one day.
    """

    def __init__(self) -> None:
        self._starts: list[date] = []
        self._ends: list[date] = []
        self._lines: list[int] = []

    def meets(self, start: date, end: date | None) -> int | None:
        """The line of a period that shares a day with [start, end), None where there is none."""
        first, after = self._touched(start, end or date.max)
        return self._lines[first] if first < after else None

    def claim(self, start: date, end: date | None, line: int) -> int | None:
        """`meets`, after which the period itself is taken too."""
        stop = end or date.max
        earlier = self.meets(start, end)
        first, after = self._touched(start, stop)
        pieces = [(start, stop, line)]
        if first < after:
            if self._starts[first] < start:
                pieces.insert(0, (self._starts[first], start, self._lines[first]))
            if self._ends[after - 1] > stop:
                pieces.append((stop, self._ends[after - 1], self._lines[after - 1]))
        self._starts[first:after] = [piece[0] for piece in pieces]
        self._ends[first:after] = [piece[1] for piece in pieces]
        self._lines[first:after] = [piece[2] for piece in pieces]
        return earlier

    def _touched(self, start: date, stop: date) -> tuple[int, int]:
        """The pieces that share a day with [start, stop), as a slice."""
        return bisect_right(self._ends, start), bisect_left(self._starts, stop)
