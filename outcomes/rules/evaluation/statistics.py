"""Intervals, rates, survival and limits for very small groups of people.

Every function answers finite numbers or None. None means "cannot be computed", and the caller says why in
the note of the figure. All intervals are two-sided 95 %. SciPy is imported where it is used, so that the web
process, which only asks whether a report may be built, does not load it; of SciPy only its special functions, because
its package of statistics alone would take a sixth of what a build may use of memory.

Source: Indicators 2, 6 and 7 (evaluation).
"""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, mean

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
Z = NormalDist().inv_cdf(1 - TAIL)
DAYS_PER_YEAR = 365.25
# Two over d2, the usual constant from the mean moving range of pairs to three standard deviations.
XMR_FACTOR = 2.66


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A 95 % interval in the unit of its figure, with the name of the method that made it."""

    low: float
    high: float
    method: str
    level: float = LEVEL


@dataclass(frozen=True, kw_only=True, slots=True)
class Survival:
    """The Kaplan-Meier estimate at one day: the share still in treatment after that day's exits.

    `at_risk` counts durations of at least `day` days. `share` is None where nobody was followed that long.
    `interval` is None where the share is 0 or 1, because log-log Greenwood has no width there.
    """

    day: int
    share: float | None
    interval: Interval | None
    at_risk: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The centre and the natural limits of a chart of individual values (XmR)."""

    mean: float
    low: float
    high: float


def wilson(k: int, n: int) -> Interval | None:
    """The Wilson score interval of k of n, None when n is 0. Exactly 0 or 1 at the ends. Indicators 2."""
    _check_share(k, n)
    if n == 0:
        return None
    middle = (k + Z**2 / 2) / (n + Z**2)
    reach = Z * math.sqrt(k * (n - k) / n + Z**2 / 4) / (n + Z**2)
    low = 0.0 if k == 0 else max(0.0, middle - reach)
    high = 1.0 if k == n else min(1.0, middle + reach)
    return Interval(low=low, high=high, method="wilson")


def clopper_pearson(k: int, n: int) -> Interval | None:
    """The exact interval of k of n, None when n is 0. Indicators 2."""
    from scipy.special import betaincinv

    _check_share(k, n)
    if n == 0:
        return None
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, TAIL))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 1 - TAIL))
    return Interval(low=low, high=high, method="clopper_pearson")


def clopper_pearson_upper(k: int, n: int) -> float | None:
    """The upper end of the exact interval: what "none so far" still allows. None when n is 0."""
    interval = clopper_pearson(k, n)
    return interval.high if interval else None


def garwood_rate(events: int, person_years: float) -> tuple[float | None, Interval | None]:
    """Events per person-year with the exact Poisson interval; (None, None) without person-time."""
    from scipy.special import gammaincinv

    if events < 0 or person_years < 0:
        raise ValueError("events and person-years cannot be negative")
    if person_years == 0:
        return None, None
    low = 0.0 if events == 0 else float(gammaincinv(events, TAIL))
    high = float(gammaincinv(events + 1, 1 - TAIL))
    interval = Interval(low=low / person_years, high=high / person_years, method="garwood")
    return events / person_years, interval


def rate_ratio(
    events: int, person_years: float, reference_events: int, reference_person_years: float
) -> tuple[float | None, Interval | None]:
    """The rate divided by the reference rate, with the exact conditional interval.

    The interval is Clopper-Pearson on the share of all events that fall in the first window. (None, None)
    without person-time in either window or without a reference event. 0 events after some before is 0 with
    an interval. Indicators 2 and 7.
    """
    if person_years <= 0 or reference_person_years <= 0 or reference_events == 0:
        return None, None
    exposure = reference_person_years / person_years
    share = clopper_pearson(events, events + reference_events)
    assert share is not None  # noqa: S101 - reference_events > 0, so the number of events is not 0
    interval = Interval(
        low=share.low / (1 - share.low) * exposure,
        high=share.high / (1 - share.high) * exposure,
        method="exact_conditional",
    )
    return events / reference_events * exposure, interval


def kaplan_meier(durations: Sequence[int], events: Sequence[bool], at: int) -> Survival:
    """The share still in treatment `at` days after the start.

    `durations` are whole days from start to exit or to the end of follow-up, `events` says which ended in an
    exit. The interval is log-log Greenwood. Exits on day `at` itself have happened. Indicators 3 and 7.
    """
    if len(durations) != len(events):
        raise ValueError("every duration needs to say whether it ended in an exit")
    at_risk = sum(1 for duration in durations if duration >= at)
    if at_risk == 0:
        return Survival(day=at, share=None, interval=None, at_risk=0)
    exits = Counter(day for day, event in zip(durations, events, strict=True) if event and day <= at)
    share, greenwood = 1.0, 0.0
    for day, left in sorted(exits.items()):
        followed = sum(1 for duration in durations if duration >= day)
        if left == followed:
            return Survival(day=at, share=0.0, interval=None, at_risk=at_risk)
        share *= 1 - left / followed
        greenwood += left / (followed * (followed - left))
    if not exits:
        return Survival(day=at, share=1.0, interval=None, at_risk=at_risk)
    reach = Z * math.sqrt(greenwood) / -math.log(share)
    low, high = (math.exp(math.log(share) * math.exp(side * reach)) for side in (1, -1))
    return Survival(
        day=at,
        share=share,
        interval=Interval(low=low, high=high, method="log_log_greenwood"),
        at_risk=at_risk,
    )


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two middle values; None of nothing. Indicators 2."""
    if not values:
        return None
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[half])
    return math.fsum((ordered[half - 1], ordered[half])) / 2


def hodges_lehmann(differences: Sequence[float]) -> float | None:
    """The shift of paired values: median of the averages of every pair, each with itself too."""
    return median([(a + b) / 2 for a, b in itertools.combinations_with_replacement(differences, 2)])


def xmr(values: Sequence[float]) -> Limits | None:
    """Centre and natural limits of a monthly series: mean ± 2.66 × mean moving range. None below two values.

    Source: Indicators 5 and 6 (evaluation).
    """
    if len(values) < 2:
        return None
    # Rounded once: a sum and a division may miss by a last digit what all values are, and then none lies within.
    middle = mean(values)
    ranges = [abs(b - a) for a, b in itertools.pairwise(values)]
    reach = XMR_FACTOR * math.fsum(ranges) / len(ranges)
    return Limits(mean=middle, low=middle - reach, high=middle + reach)


def _check_share(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError("a part must lie between 0 and its whole")
