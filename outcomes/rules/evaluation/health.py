"""Use of other health services before the start and during treatment, told and looked up never added.

Each row is a stretch of days of one person that somebody asked or looked up; only those days count as time. A
count that was not asked is no time for that service.

Source: Indicators 2, 3 and 7 (evaluation).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from outcomes.rules.evaluation.indicators import (
    NOBODY_STARTED,
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    make,
)
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR, garwood_rate, rate_ratio

SERVICES = {
    "ambulance": "Ambulance calls",
    "ae": "Visits to A&E",
    "inpatient": "Admissions to hospital",
}
SOURCE_WORDS = {Source.SELF_REPORTED: "as people told", Source.RECORD: "as the service recorded"}
NO_ROWS = "No use of health services is recorded, neither told nor looked up."


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """Events of one service in one window, the days that were asked about, and the people asked."""

    events: int = 0
    days: int = 0
    people: int = 0

    @property
    def years(self) -> float:
        return self.days / DAYS_PER_YEAR


NOTHING = Used()


@dataclass(frozen=True, kw_only=True, slots=True)
class UseOfSource:
    """What one source says of each service: before the start, during, and of how many people in both."""

    pre: Mapping[str, Used]
    during: Mapping[str, Used]
    people_in_both: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthFacts:
    """Use of health services by people who started; a source that says nothing of any of them is not there."""

    started: int
    by_source: Mapping[Source, UseOfSource]


def _define(id: str, label: str, meaning: str, unit: str, denominator: str, method: str) -> Definition:
    return Definition(
        id=f"health.<service>.{id}",
        label=label,
        meaning=f"{meaning} One figure for each source that knows of anybody, never added.",
        group=Group.STARTED,
        source=Source.SELF_REPORTED,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator="events",
        denominator=denominator,
        missing="people who started of whom nothing was asked or looked up there",
        method=method,
    )


RATE = {
    "pre": _define(
        "pre_rate",
        "{}, per person-year before the start",
        "Events in the stretches that ended by the day of the start, per year of those stretches.",
        "per person-year",
        "person-years asked about, of 365.25 days",
        "Garwood 95 %",
    ),
    "during": _define(
        "during_rate",
        "{}, per person-year since the start",
        "Events in the stretches that began on the day of the start or later and ended by the data cut, per "
        "year of those stretches. A stretch over the start counts in neither.",
        "per person-year",
        "person-years asked about, of 365.25 days",
        "Garwood 95 %",
    ),
}
RATIO = _define(
    "rate_ratio",
    "{}, the rate since the start divided by the rate before",
    "Rate since the start divided by the rate before it. People come at their worst, so part of any fall "
    "would have happened anyway.",
    "ratio",
    "the rate before the start",
    "exact conditional 95 % (Clopper-Pearson on the share of events)",
)
DEFINITIONS = (*RATE.values(), RATIO)


def list_health_indicators(facts: HealthFacts, period: Period) -> list[Indicator]:
    """Rates and ratio of each service, one entry for each source; with no rows one null entry. Indicators 3."""
    if not facts.by_source:
        note = NO_ROWS if facts.started else NOBODY_STARTED
        return [
            make(definition, period, key=service, words=words, missing=facts.started, note=note)
            for service, words in SERVICES.items()
            for definition in DEFINITIONS
        ]
    return [
        figure
        for service, words in SERVICES.items()
        for source, use in facts.by_source.items()
        for figure in _of_source(facts, period, service, f"{words}, {SOURCE_WORDS[source]}", source, use)
    ]


def _of_source(
    facts: HealthFacts, period: Period, service: str, words: str, source: Source, use: UseOfSource
) -> list[Indicator]:
    pre, during = use.pre.get(service, NOTHING), use.during.get(service, NOTHING)
    figures = []
    for key, used, when in (("pre", pre, "before the start"), ("during", during, "since the start")):
        rate, interval = garwood_rate(used.events, used.years)
        figures.append(
            make(
                replace(RATE[key], source=source),
                period,
                key=service,
                words=words,
                numerator=used.events,
                denominator=used.years,
                value=rate,
                interval=interval,
                missing=facts.started - used.people,
                note=f"Nothing was asked or looked up {when}: no rate." if rate is None else None,
                extras={"events": used.events, "people": used.people},
            )
        )
    ratio, interval = rate_ratio(during.events, during.years, pre.events, pre.years)
    both = use.people_in_both.get(service, 0)
    figures.append(
        make(
            replace(RATIO, source=source),
            period,
            key=service,
            words=words,
            value=ratio,
            interval=interval,
            missing=facts.started - both,
            note=_why_no_ratio(pre, during) if ratio is None else None,
            extras={"people": both},
        )
    )
    return figures


def _why_no_ratio(pre: Used, during: Used) -> str:
    if not pre.days or not during.days:
        return "Nothing was asked or looked up in one of the windows: no ratio."
    return "No event before the start: nothing to compare with."
