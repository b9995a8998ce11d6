"""Dates that are known to the year, the month or the day, written and kept as exactly as they are known.

Source: product R 1.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from hat_clinic.core.decisions import Finding, block

FIRST_YEAR = 1960
MONTHS_A_YEAR = 12

_YEAR = re.compile(r"([0-9]{4})", re.ASCII)
_MONTH = re.compile(r"([0-9]{1,2})[/.]([0-9]{4})", re.ASCII)
_DAY = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", re.ASCII)
_KEPT = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A year, a month of a year, or a day. `month` and `day` are None where only the larger part is known."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def kept(self) -> str:
        """The text that is stored, such as 2024, 2024-03 or 2024-03-14."""
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def first(self) -> date:
        """The first day that it may mean."""
        month = 1 if self.month is None else self.month
        return date(self.year, month, 1 if self.day is None else self.day)

    @property
    def last(self) -> date:
        """The last day that it may mean."""
        month = MONTHS_A_YEAR if self.month is None else self.month
        return date(self.year, month, monthrange(self.year, month)[1] if self.day is None else self.day)

    @property
    def words(self) -> str:
        """The date as people read it, no more exact than it is known."""
        if self.day is not None:
            return f"{self.first:%-d %B %Y}"
        return f"{self.first:%B %Y}" if self.month is not None else str(self.year)


def read_when(text: str) -> When | None:
    """Return what was typed as 2024, 3/2024 or 14/3/2024, or None where it is no such date.

    Only the digits 0 to 9 are read; years are from 1960 to 2999.
    """
    stripped = text.strip(" ")
    for pattern in (_YEAR, _MONTH, _DAY):
        found = pattern.fullmatch(stripped)
        if found is not None:
            return _made(*(int(part) for part in reversed(found.groups())))
    return None


def read_kept(text: str) -> When | None:
    """Return what was stored, or written in a file, as 2024, 2024-03 or 2024-03-14; None for anything else."""
    found = _KEPT.fullmatch(text)
    return _made(*(int(part) for part in found.groups() if part is not None)) if found else None


def _made(year: int, month: int | None = None, day: int | None = None) -> When | None:
    when = When(year, month, day)
    try:
        return when if year >= FIRST_YEAR and when.first.year == when.last.year == year < 3000 else None
    except ValueError:
        return None


def check_period(
    label: str, started: When | None, ended: When | None, *, born_on: date | None, today: date
) -> tuple[Finding, ...]:
    """Return what stands against the dates of one treatment: the future, before birth, or the wrong way round.

    Source: product R 1.
    """
    found = []
    for word, when in (("began", started), ("ended", ended)):
        if when is None:
            continue
        if when.first > today:
            message = f"{label}: {when.words} is in the future. Write when it {word}, or leave it empty."
            found.append(block(f"treatment_{word}", message, "product R 1"))
        elif born_on is not None and when.last <= born_on:
            message = f"{label}: {when.words} is before the person was born. Check both dates."
            found.append(block(f"treatment_{word}", message, "product R 1"))
    if started is not None and ended is not None and started.first > ended.last:
        message = f"{label}: it ended in {ended.words}, before it began in {started.words}. Check both."
        found.append(block("treatment_ended", message, "product R 1"))
    return tuple(found)


def least_months(started: When | None, ended: When | None) -> int | None:
    """Return how many whole months a treatment lasted at the least, or None where a date is missing.

    From the last day on which it may have begun to the first on which it may have ended.
    """
    if started is None or ended is None:
        return None
    begun, over = started.last, ended.first
    months = (over.year - begun.year) * MONTHS_A_YEAR + over.month - begun.month - (over.day < begun.day)
    return max(months, 0)
