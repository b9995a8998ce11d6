"""The sentence that says what a page found: chosen by rule from the figures, never written for one month.

It is the heading of the page and the alternative text of its chart.

Source: Indicators 5 and 7 (evaluation).
"""

from collections.abc import Sequence
from datetime import date
from enum import Enum

from outcomes.rules.evaluation.attendance import MonthOfSessions
from outcomes.rules.evaluation.costs import CostFacts
from outcomes.rules.evaluation.flow import FlowFacts
from outcomes.rules.evaluation.health import HealthFacts
from outcomes.rules.evaluation.housing import HousingFacts, Moment
from outcomes.rules.evaluation.indicators import MONTHS_SHOWN, Indicator, Source
from outcomes.rules.evaluation.offending import OffendingFacts
from outcomes.rules.evaluation.retention import RetentionFacts
from outcomes.rules.evaluation.safety import SafetyFacts
from outcomes.rules.evaluation.statistics import Interval, Limits
from outcomes.rules.evaluation.support import SupportFacts
from outcomes.rules.evaluation.top import TopFacts
from outcomes.rules.evaluation.urine import Samples
from outcomes.rules.evaluation.words import (
    day,
    decimal,
    joined,
    month_name,
    of,
    people,
    percent,
    plural,
    short_month,
    whole,
)

# Fewer events than this in both windows together, and a page says "too few" instead of rose or fell.
FEW_EVENTS = 5
# Fewer months than this, and no limits of ordinary change are drawn.
MONTHS_FOR_LIMITS = 12


class Change(Enum):
    """What can be said of a before and an after."""

    ROSE = "rose"
    FELL = "fell"
    UNCLEAR = "unclear"
    TOO_FEW = "too few"
    NONE = "none"


def change_of_ratio(
    ratio: float | None, interval: Interval | None, events: int, *, followed: bool = True
) -> Change:
    """Which of the five a ratio shows: rose or fell only where its interval does not hold 1."""
    if events == 0 or not followed:
        return Change.NONE
    if events < FEW_EVENTS or ratio is None or interval is None:
        return Change.TOO_FEW
    if interval.high < 1:
        return Change.FELL
    if interval.low > 1:
        return Change.ROSE
    return Change.UNCLEAR


def flow_finding(flow: FlowFacts, as_of: date) -> str:
    """Who came and who is in treatment."""
    if not flow.referred:
        return f"Nobody had been referred by {day(as_of)}"
    if not flow.started:
        return f"{people(flow.referred)} had been referred and nobody had started by {day(as_of)}"
    if flow.referred == 1:
        still = "was" if flow.in_treatment else "was no longer"
        return f"The one person referred had started and {still} in treatment on {day(as_of)}"
    left = f"{flow.in_treatment} of them in treatment" if flow.in_treatment else "none of them in treatment"
    return f"{of(flow.started, flow.referred)} people referred had started, {left} on {day(as_of)}"


def retention_finding(retention: RetentionFacts, as_of: date) -> str:
    """How many of those who started were still there."""
    k, n = retention.in_treatment, retention.started
    if n == 0:
        return f"Nobody had started treatment by {day(as_of)}"
    if n == 1:
        still = "was still" if k else "was no longer"
        return f"The one person who started {still} in treatment on {day(as_of)}"
    if k == n:
        return f"All {n} people who started were still in treatment on {day(as_of)}"
    if k == 0:
        return f"None of the {n} people who started were in treatment on {day(as_of)}"
    return f"{k} of the {n} people who started were still in treatment on {day(as_of)}"


def attendance_finding(months: Sequence[MonthOfSessions], limits: Limits | None) -> str:
    """Whether attendance held, or which month lay outside the limits of ordinary change."""
    shares = [(month.month, month.share) for month in months if month.share is not None]
    if not shares:
        if len(months) >= MONTHS_SHOWN:
            return f"No session was offered in the last {MONTHS_SHOWN} months"
        return "No session had been offered"
    if len(shares) == 1:
        only = next(month for month in months if month.share is not None)
        return f"{of(only.attended, only.offered)} sessions were attended in {month_name(only.month)}"
    lowest, highest = min(share for _, share in shares), max(share for _, share in shares)
    if limits and len(shares) >= MONTHS_FOR_LIMITS:
        above = [month for month, share in shares if share > limits.high]
        below = [month for month, share in shares if share < limits.low]
        if above or below:
            return _outside(above, below)
        return f"Attendance held between {percent(lowest)} and {percent(highest)} in every month"
    return (
        f"Attendance was between {percent(lowest)} and {percent(highest)} in the first {len(shares)} months"
    )


def urine_finding(samples: Samples) -> str:
    """How many tested samples were free of street heroin."""
    if not samples.due:
        return "No urine sample was due"
    if not samples.valid:
        return "No urine sample that was due has a valid result"
    if samples.negative == samples.valid:
        return f"All {whole(samples.valid)} urine samples tested were free of street heroin"
    if not samples.negative:
        return f"None of the {whole(samples.valid)} urine samples tested were free of street heroin"
    return f"{whole(samples.negative)} of the {whole(samples.valid)} urine samples tested were free of street heroin"


def offending_finding(
    facts: OffendingFacts, ratio: float | None, interval: Interval | None, *, started: int
) -> str:
    """Whether recorded offending rose, fell, or cannot be said to have done either."""
    if not started:
        return "Nobody had started treatment, so there is no before and after"
    change = change_of_ratio(ratio, interval, facts.pre_total + facts.post_total)
    if change is Change.NONE:
        return "No offence was recorded in the year before the start or after it"
    if change is Change.TOO_FEW:
        return "Too few recorded offences to say whether they rose or fell"
    if change is Change.UNCLEAR:
        return "Recorded offending may have risen or fallen: the interval holds no change"
    assert ratio is not None  # noqa: S101 - rose and fell are said of a ratio only
    verb = "fell" if change is Change.FELL else "rose"
    return f"Recorded offending {verb} to {decimal(ratio, 2)} of its rate before treatment"


def self_report_finding(facts: OffendingFacts, *, started: int) -> str:
    """What people told of themselves, in its own sentence."""
    if not started:
        return "Nobody had started treatment."
    if not facts.rows:
        return "No self-report of offences is recorded, so nothing can be said of what people told."
    return (
        f"People told of {plural(facts.pre_total, 'offence', 'offences')} in the year before the start "
        f"and {facts.post_total} after it."
    )


def support_finding(facts: SupportFacts) -> str:
    """How many sessions people came to in the month, of those booked."""
    booked = facts.attended + facts.not_attended
    if not facts.started:
        return "Nobody had started treatment, so no support is counted"
    if not booked:
        return "No support session was logged in the month"
    if booked == 1:
        return f"The one support session booked in the month was {'' if facts.attended else 'not '}attended"
    if not facts.not_attended:
        return f"All {booked} support sessions booked in the month were attended"
    if not facts.attended:
        return f"None of the {booked} support sessions booked in the month were attended"
    return f"{facts.attended} of the {booked} support sessions booked in the month were attended"


def answers_finding(facts: TopFacts) -> str:
    """How many of those who used opiates at the start told of none last."""
    if not facts.started:
        return "Nobody had started treatment, so nobody was asked twice"
    asked = [latest for start, latest in facts.paired("opiates_days") if start]
    if not any(facts.pairs.values()):
        return "Nobody has an outcome form both at the start and later"
    if not asked:
        return "Nobody asked twice told of opiates at the start"
    none = asked.count(0)
    if len(asked) == 1:
        told = "told of none last" if none else "still told of some last"
        return f"The one person asked twice who told of opiates at the start {told}"
    return f"{of(none, len(asked))} people who told of opiates at the start told of none in their latest form"


def housing_finding(facts: HousingFacts) -> str:
    """How many people recorded had no home at the start, and last."""
    start, latest = facts.recorded(Moment.START), facts.recorded(Moment.LATEST)
    if not facts.started:
        return "Nobody had started treatment, so no home is counted"
    if not latest:
        return "It is recorded of nobody who started where they live"
    last = f"{of(facts.homeless(Moment.LATEST), latest)} in the latest record"
    if not start:
        return f"Without a home: {last}"
    return f"Without a home: {of(facts.homeless(Moment.START), start)} at the start, {last}"


def health_finding(facts: HealthFacts) -> str:
    """How often other services were used before the start and since, by the source that knows."""
    if not facts.started:
        return "Nobody had started treatment, so no use of health services is counted"
    if not facts.by_source:
        return "No use of other health services is recorded"
    source, use = next(iter(facts.by_source.items()))
    told = "People told of" if source is Source.SELF_REPORTED else "Services recorded"
    before, since = (sum(used.events for used in window.values()) for window in (use.pre, use.during))
    days, more = (max((u.days for u in window.values()), default=0) for window in (use.pre, use.during))
    if not days and not more:
        return "Nothing is known of other health services before the start or since"
    if not days or not more:
        used = plural(before or since, "use", "uses")
        known, unknown = ("since", "before") if more else ("before", "since")
        return f"{told} {used} of other health services {known} the start; nothing was asked of the time {unknown}"
    return (
        f"{told} {plural(before, 'use', 'uses')} of other health services in {plural(days, 'day', 'days')} before "
        f"the start, {whole(since)} in {plural(more, 'day', 'days')} since"
    )


def safety_finding(facts: SafetyFacts) -> str:
    """What happened since opening, the worst first."""
    if not facts.started and not facts.deaths_before_start:
        return "Nobody had started treatment, so no event is counted"
    counts = (
        (facts.deaths_before_start, "death before a start", "deaths before a start"),
        (facts.deaths_in_treatment, "death in treatment", "deaths in treatment"),
        (facts.deaths_after_exit_28d, "death within 28 days of leaving", "deaths within 28 days of leaving"),
        (facts.deaths_after_exit_later, "later death", "later deaths"),
        (facts.overdose_on_site + facts.overdose_off_site, "overdose", "overdoses"),
        (facts.over_sedation, "over-sedation", "over-sedations"),
    )
    parts = [plural(number, one, many) for number, one, many in counts if number]
    if not parts:
        return "No death, no overdose and no over-sedation is recorded"
    return f"Recorded since opening: {joined(parts)}"


def cost_finding(facts: CostFacts, each: Indicator) -> str:
    """What a year of treatment cost, or what was spent in all."""
    if not facts.by_category:
        return "No cost of the programme is recorded"
    if each.value is not None:
        return f"A year of treatment cost £{whole(each.value)}, setting up left out"
    return f"The programme cost £{whole(sum(facts.by_category.values()) / 100)} so far"


def _outside(above: list[date], below: list[date]) -> str:
    if len(above) + len(below) > 1:
        return f"Attendance was unusual in {len(above) + len(below)} months"
    (month,) = above or below
    return f"Attendance in {short_month(month)} was unusually {'high' if above else 'low'}"
