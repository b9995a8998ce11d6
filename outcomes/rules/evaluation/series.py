"""One figure month by month: what is ordinary change, and what is not, by the rules of the XmR chart.

The centre is the mean, the limits lie 2.66 mean moving ranges from it. Four things are signals: a month outside the
limits; seven months in a row on one side of the mean; seven in a row that each rise, or each fall; two of three months
in a row in the outer third of the same side.

Source: Indicators 5 and 6; Evidence 4, trend (evaluation). The signal rules are known from teaching and not verified
against a publication ([K]); the page says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from outcomes.rules.evaluation.findings import MONTHS_FOR_LIMITS
from outcomes.rules.evaluation.statistics import Limits, xmr
from outcomes.rules.evaluation.words import FEW_PEOPLE, NBSP, decimal, of, percent

RUN = 7
# A count that is smaller than this in a usual month is rare: limits of a rare count say nothing.
RARE_COUNT = 5
PROPORTION = "proportion"

OUTSIDE = "outside the limits"
SHIFT = "one of seven or more in a row on one side of the mean"
TREND = "one of seven or more in a row that all rise, or all fall"
NEAR = "one of two in three months near the same limit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """The figure of one month, as its newest issue has it. `value` is None where it could not be worked out."""

    month: date
    value: float | None
    numerator: float | None
    denominator: float | None
    missing: int
    note: str
    issue: int
    is_provisional: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One figure over the months that were built, the oldest first, with its limits where they mean something.

    `signals` holds the words for what is not ordinary, by month; `why_no_limits` a sentence where there are none.
    """

    points: tuple[Point, ...]
    unit: str
    limits: Limits | None
    why_no_limits: str
    signals: Mapping[date, tuple[str, ...]]


def read_point(
    *, month: date, issue: int, is_provisional: bool, figure: Mapping[str, Any] | None
) -> Point | None:
    """The point of one issue's figure; None where that issue does not have the figure."""
    if figure is None:
        return None
    return Point(
        month=month,
        value=figure["value"],
        numerator=figure["numerator"],
        denominator=figure["denominator"],
        missing=figure["missing"] or 0,
        note=figure["note"] or "",
        issue=issue,
        is_provisional=is_provisional,
    )


def make_series(points: Sequence[Point], *, unit: str, is_monthly: bool) -> Series:
    """The months in order, the limits where they may be drawn, and the signals against them.

    A month that is not over, and one without a value, is in the table and in no limit.
    """
    whole = [point for point in points if point.value is not None and not point.is_provisional]
    why = _why_no_limits(whole, is_monthly=is_monthly)
    limits = None if why else xmr([float(point.value or 0) for point in whole])
    return Series(
        points=tuple(points),
        unit=unit,
        limits=limits,
        why_no_limits=why,
        signals=_signals(whole, limits) if limits else {},
    )


def _why_no_limits(whole: Sequence[Point], *, is_monthly: bool) -> str:
    if not is_monthly:
        return (
            "This figure covers everything since opening, so that each month holds the one before it: "
            "limits of ordinary change would mean nothing, and none are drawn."
        )
    if len(whole) < MONTHS_FOR_LIMITS:
        return (
            f"Limits of ordinary change need {MONTHS_FOR_LIMITS} whole months with a value. "
            f"There are {len(whole)}."
        )
    counts = [point.numerator for point in whole if point.numerator is not None]
    if counts and sum(counts) / len(counts) < RARE_COUNT:
        return (
            f"Fewer than {RARE_COUNT} are counted in a usual month: limits of so rare a count would mislead."
        )
    return ""


def _signals(whole: Sequence[Point], limits: Limits) -> dict[date, tuple[str, ...]]:
    values = [float(point.value or 0) for point in whole]
    found: dict[int, list[str]] = {}
    for words, places in (
        (OUTSIDE, [i for i, value in enumerate(values) if not limits.low <= value <= limits.high]),
        (SHIFT, _runs([_side(value, limits.mean) for value in values], RUN)),
        (TREND, _trends(values)),
        (NEAR, _near(values, limits)),
    ):
        for place in places:
            found.setdefault(place, []).append(words)
    return {whole[place].month: tuple(words) for place, words in sorted(found.items())}


def _side(value: float, mean: float) -> int:
    return (value > mean) - (value < mean)


def _runs(sides: Sequence[int], length: int) -> list[int]:
    """The places of every run of at least so many equal sides; a value on the line belongs to neither."""
    places: list[int] = []
    start = 0
    for side, group in itertools.groupby(sides):
        end = start + len(list(group))
        if side and end - start >= length:
            places += range(start, end)
        start = end
    return places


def _trends(values: Sequence[float]) -> list[int]:
    """The places of seven months or more that all rise or all fall: six steps or more of one direction."""
    steps = [_side(after, before) for before, after in itertools.pairwise(values)]
    ends = _runs(steps, RUN - 1)
    return sorted({place for step in ends for place in (step, step + 1)})


def _near(values: Sequence[float], limits: Limits) -> list[int]:
    """Two of three in a row beyond two thirds of the way to the same limit."""
    reach = (limits.high - limits.mean) * 2 / 3
    sides = [_side(value, limits.mean) if abs(value - limits.mean) > reach else 0 for value in values]
    places: set[int] = set()
    for start in range(len(values) - 2):
        for side in (1, -1):
            hits = [place for place in range(start, start + 3) if sides[place] == side]
            if len(hits) >= 2:
                places.update(hits)
    return sorted(places)


# --- words -----------------------------------------------------------------------------------------------------


def value_words(point: Point, unit: str) -> str:
    """The value as it is printed: "6 of 9" of few people, with the percentage from ten on; never "67 %" of nine."""
    if point.value is None:
        return "–"
    if unit == PROPORTION:
        k, n = int(point.numerator or 0), int(point.denominator or 0)
        return of(k, n) if n < FEW_PEOPLE else f"{of(k, n)} ({percent(point.value)})"
    return number_words(point.value, unit)


def number_words(value: float, unit: str) -> str:
    """A number of the figure's unit: a mean, a limit, a mark of the axis."""
    if unit == PROPORTION:
        return percent(value)
    digits = 0 if float(value).is_integer() else 1 if abs(value) >= 10 else 2
    if unit == "GBP":
        return ("−" if value < 0 else "") + f"£{decimal(abs(value), 0)}"
    return decimal(value, digits)


def finding(series: Series) -> str:
    """What the months show, in one sentence: the heading of the chart and its alternative text."""
    told = [point for point in series.points if point.value is not None]
    if not told:
        return "No month has a value."
    last = told[-1]
    newest = f"{last.month:%B %Y}: {value_words(last, series.unit)}."
    if series.limits is None:
        return f"{newest} {series.why_no_limits}"
    between = (
        f"The mean is {number_words(series.limits.mean, series.unit)}, and ordinary change reaches from "
        f"{number_words(series.limits.low, series.unit)} to {number_words(series.limits.high, series.unit)}."
    )
    if not series.signals:
        return f"{newest} {between} No month stands out."
    months = list(series.signals)
    named = ", ".join(f"{month:%b}{NBSP}{month.year}" for month in months[-3:])
    many = "1 month stands out" if len(months) == 1 else f"{len(months)} months stand out"
    return (
        f"{newest} {between} {many}, the latest: {named}."
        if len(months) > 3
        else f"{newest} {between} {many}: {named}."
    )
