"""The axis of a line of time: which days it shows, and where a moment stands on it.

A place on the axis follows from elapsed time in UTC, so that no hour is drawn twice or left out: the day on which
the clocks go back is an hour wider than the others, the one on which they go forward an hour narrower.
Source: clinical rule 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Final

from dosing.rules.orders import LONDON

# How many days can be asked for; None stands for all of them.
LENGTHS: Final = (14, 28, 84, None)
# Below these widths of a day in units, its name, its number, and a week's date no longer fit.
DAY_NAME_NEEDS: Final = 60
DAY_NUMBER_NEEDS: Final = 22
LABEL_NEEDS: Final = 64
# What is left free between two marks.
CLEAR: Final = 2.5


def days_asked(text: str) -> int | None:
    """Return how many days were asked for in an address: 14, 28, 84, None for "all"; anything else is 14."""
    known = {str(days): days for days in LENGTHS if days is not None}
    return None if text == "all" else known.get(text, LENGTHS[0])


@dataclass(frozen=True, slots=True)
class Window:
    """Whole Europe/London days, the last one included."""

    first_on: date
    last_on: date

    @property
    def starts_at(self) -> datetime:
        """Return the first moment, in UTC."""
        return midnight(self.first_on)

    @property
    def ends_at(self) -> datetime:
        """Return the first moment after it, in UTC."""
        return midnight(self.last_on + timedelta(days=1))

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last_on - self.first_on).days + 1


def midnight(day: date) -> datetime:
    """Return the first moment of a Europe/London day, in UTC."""
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def window_of(days: int | None, *, known_since: date, at: datetime) -> Window:
    """Return the days that end with the one of a moment: so many, or all from the first that something is known of."""
    today = at.astimezone(LONDON).date()
    if days is None:
        return Window(min(known_since, today), today)
    return Window(today - timedelta(days=days - 1), today)


@dataclass(frozen=True, slots=True)
class Axis:
    """A window drawn from `left` to `right`, in units of the drawing."""

    window: Window
    left: float
    right: float

    def x_of(self, moment: datetime) -> float:
        """Return where a moment stands; before and after the window it is the edge."""
        start, end = self.window.starts_at, self.window.ends_at
        share = (moment.astimezone(UTC) - start) / (end - start)
        return round(self.left + (self.right - self.left) * min(1.0, max(0.0, share)), 1)

    @property
    def day_width(self) -> float:
        """Return how wide a usual day is."""
        return (self.right - self.left) / self.window.days


@dataclass(frozen=True, slots=True)
class Tick:
    """One stretch of the axis with its label: a day, a week, a month or a year. Every second one is shaded.

    `halves` are where "am" and "pm" stand, where there is room.
    """

    x: float
    width: float
    label: str
    is_shaded: bool
    is_today: bool
    halves: tuple[float, ...] = ()

    @property
    def middle(self) -> float:
        """Return where a centred label stands."""
        return round(self.x + self.width / 2, 1)


def ticks_of(axis: Axis, *, today: date) -> tuple[Tick, ...]:
    """Return the stretches of an axis, as fine as there is room for their labels."""
    starts = _starts_of_stretches(axis)
    edges = [*starts, axis.window.last_on + timedelta(days=1)]
    return tuple(_tick(axis, edges, place, today) for place in range(len(starts)))


def _tick(axis: Axis, edges: list[date], place: int, today: date) -> Tick:
    first, after = edges[place], edges[place + 1]
    x, end = axis.x_of(midnight(first)), axis.x_of(midnight(after))
    is_day = axis.day_width >= DAY_NUMBER_NEEDS
    return Tick(
        x=x,
        width=round(end - x, 1),
        label=_label(axis, first, is_first=place == 0) if end - x >= _needs(axis) else "",
        is_shaded=place % 2 == 0,
        is_today=is_day and first == today,
        halves=_halves(axis, first) if axis.day_width >= DAY_NAME_NEEDS else (),
    )


def _starts_of_stretches(axis: Axis) -> list[date]:
    window, width = axis.window, axis.day_width
    every = [window.first_on + timedelta(days=day) for day in range(window.days)]
    if width >= DAY_NUMBER_NEEDS:
        return every
    if width * 7 >= LABEL_NEEDS:
        return [day for day in every if day == window.first_on or day.weekday() == 0]
    months = [day for day in every if day == window.first_on or day.day == 1]
    if width * 30 >= LABEL_NEEDS:
        return months
    return [day for day in months if day == window.first_on or day.month == 1]


def _needs(axis: Axis) -> float:
    return DAY_NUMBER_NEEDS if axis.day_width >= DAY_NUMBER_NEEDS else LABEL_NEEDS - 16


def _label(axis: Axis, day: date, *, is_first: bool) -> str:
    if axis.day_width >= DAY_NAME_NEEDS:
        return f"{day:%a} {day.day}"
    if axis.day_width >= DAY_NUMBER_NEEDS:
        return f"{day.day} {day:%b}" if is_first or day.day == 1 else str(day.day)
    if axis.day_width * 7 >= LABEL_NEEDS:
        return f"{day.day} {day:%b}"
    return f"{day:%b %Y}" if axis.day_width * 30 >= LABEL_NEEDS else str(day.year)


def _halves(axis: Axis, day: date) -> tuple[float, ...]:
    return tuple(axis.x_of(datetime.combine(day, time(hour), tzinfo=LONDON)) for hour in (6, 18))


def widths_of(xs: Sequence[float], *, most: float, least: float) -> list[float]:
    """Return how wide each mark may be so that it keeps clear of both its neighbours; never under `least`.

    `xs` are the middles of the marks, in their order. None is wider than the one in the middle of them all: a lone
    mark with room around it means no more than the others.
    """
    if not xs:
        return []
    gaps = [after - before for before, after in pairwise(xs)]
    around = zip([most + CLEAR, *gaps], [*gaps, most + CLEAR], strict=True)
    widths = [round(min(most, max(least, min(pair) - CLEAR)), 1) for pair in around]
    return [min(width, median_low(widths)) for width in widths]


def scale_of(most_mg: int) -> tuple[int, tuple[int, ...]]:
    """Return the milligrams at the top of the dose lane, and the lines under it: even steps, four at most."""
    step = next(step for step in _steps() if step * 4 >= most_mg)
    lines = tuple(range(step, most_mg + step, step))
    return lines[-1] if lines else step, lines


def _steps() -> Iterator[int]:
    unit = 1
    while True:
        yield from (unit * 5, unit * 10, unit * 25)
        unit *= 10
