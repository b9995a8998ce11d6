"""Where the marks of a chart of months stand: numbers only, so that a page can draw it without a library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.rules.evaluation.disturbed import Disturbance, bands_of
from outcomes.rules.evaluation.series import PROPORTION, Series, number_words

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 110, 16, 44
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """One month: where its point stands, and whether it is ordinary."""

    x: float
    y: float
    is_signal: bool
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A level line across the chart with its words; `kind` is mean, limit or axis."""

    y: float
    words: str
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a month under the axis; the year stands under the first label of each year."""

    x: float
    month: str
    year: str


@dataclass(frozen=True, slots=True)
class Stripe:
    """Months that were not as usual: from where to where, with the number under which they are told."""

    x: float
    width: float
    middle: float
    number: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart of months in the units of its own box. `path` joins the points that have a value."""

    width: int
    height: int
    left: int
    right: int
    base: int
    path: str
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    stripes: tuple[Stripe, ...] = ()


def draw(series: Series, periods: Sequence[Disturbance] = ()) -> Drawing | None:
    """Place every mark; None where no month has a value. The axis of a count or a share begins at 0.

    `periods` are striped where they touch a month of the chart.
    """
    told = [(place, point) for place, point in enumerate(series.points) if point.value is not None]
    if not told:
        return None
    heights = [float(point.value or 0) for _, point in told]
    if series.limits:
        heights += [series.limits.high, series.limits.low if series.limits.low > 0 else 0]
    low, high = min(0.0, *heights), max(heights)
    if series.unit == PROPORTION:
        high = max(1.0, high)
    step = _step(high - low or 1)
    low, high = math.floor(low / step) * step, math.ceil((high or 1) / step) * step
    span = WIDTH - LEFT - RIGHT
    gap = span / max(1, len(series.points) - 1)

    def across(place: int) -> float:
        return round(LEFT + gap * place, 1) if len(series.points) > 1 else LEFT + span / 2

    def up(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    marks = tuple(
        Mark(
            across(place),
            up(float(point.value or 0)),
            point.month in series.signals,
            point.is_provisional,
        )
        for place, point in told
    )
    lines = [
        Line(up(low + step * number), number_words(round(low + step * number, 10), series.unit), "axis")
        for number in range(round((high - low) / step) + 1)
    ]
    if series.limits:
        lines.append(
            Line(up(series.limits.mean), f"mean {number_words(series.limits.mean, series.unit)}", "mean")
        )
        for words, value in (("upper", series.limits.high), ("lower", series.limits.low)):
            # A limit that cannot be reached (below nothing, above everybody) is not drawn.
            if low <= value <= high:
                lines.append(Line(up(value), f"{words} {number_words(value, series.unit)}", "limit"))
    every = max(1, math.ceil(len(series.points) / MOST_LABELS))
    labels = tuple(
        Label(
            across(place),
            f"{point.month:%b}",
            str(point.month.year)
            if place == 0 or series.points[place - every].month.year != point.month.year
            else "",
        )
        for place, point in enumerate(series.points)
        if place % every == 0
    )
    path = " ".join(f"{'L' if number else 'M'}{mark.x} {mark.y}" for number, mark in enumerate(marks))
    half = gap / 2 if len(series.points) > 1 else span / 2
    stripes = []
    for band in bands_of(periods, [point.month for point in series.points]):
        first = max(across(band.first) - half, LEFT)
        last = min(across(band.last) + half, WIDTH - RIGHT)
        stripes.append(
            Stripe(round(first, 1), round(last - first, 1), round((first + last) / 2, 1), band.number)
        )
    return Drawing(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        HEIGHT - BOTTOM,
        path,
        marks,
        tuple(lines),
        labels,
        tuple(stripes),
    )


def _step(span: float) -> float:
    """A round step that divides the span into four to ten parts."""
    rough = span / 5
    size = 10.0 ** math.floor(math.log10(rough))
    return min((size, 2 * size, 5 * size, 10 * size), key=lambda step: abs(step - rough))
