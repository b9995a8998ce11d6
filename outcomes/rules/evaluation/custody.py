"""Custody: days inside and stays begun, a year before each start beside up to a year after it.

The windows are those of offending, all their days counted, inside or not. It says what the records hold; a stay
that nobody wrote down is not here.

Source: Indicators 2 and 8 (evaluation).
"""

from dataclasses import dataclass

from outcomes.rules.evaluation.indicators import (
    NOBODY_STARTED,
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    count,
    make,
)
from outcomes.rules.evaluation.offending import POST, PRE
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR, garwood_rate

NO_STAY = "No stay in custody is in the records, of anybody: nothing can be said of days inside."
WINDOWS = {
    "pre": ("a year before the start", PRE),
    "post": ("up to a year after it", POST),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodyWindow:
    """One window of all who started: its days, those of them inside, the stays begun, and the people inside at all."""

    days: int
    inside: int
    stays: int
    people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CustodyFacts:
    """The two windows of people who started. `rows` counts stays of anybody in the whole extract."""

    rows: int
    started: int
    pre: CustodyWindow
    post: CustodyWindow


def _define(
    id: str, label: str, meaning: str, unit: str, numerator: str, denominator: str, method: str
) -> Definition:
    return Definition(
        id=f"custody.{id}",
        label=label,
        meaning=meaning,
        group=Group.STARTED,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        missing="not known: a stay that nobody wrote down is not here",
        method=method,
    )


YEARS = "person-years of the window, of 365.25 days, days inside too"
DAYS = {
    key: _define(
        f"days.{key}",
        f"Days in custody for each person-year, {label}",
        f"Days in prison or police custody {where}, for each year of all people's time. A day counts once.",
        "days per person-year",
        "days inside",
        YEARS,
        "a mean, no interval: the days of one stay go together",
    )
    for key, (label, where) in WINDOWS.items()
}
STAYS = {
    key: _define(
        f"stays.{key}_rate",
        f"Stays in custody begun for each person-year, {label}",
        (
            f"Stays that began {where}, for each year of all people's time. A stay told twice counts once; one that "
            "follows on the day another ends counts anew."
        ),
        "per person-year",
        "stays begun",
        YEARS,
        "Garwood 95 %",
    )
    for key, (label, where) in WINDOWS.items()
}
PEOPLE = {
    key: _define(
        f"people.{key}",
        f"People with any day in custody, {label}",
        f"People who started and were inside on at least one day {where}.",
        "people",
        "people with any day inside",
        "none: a count",
        "count",
    )
    for key, (label, where) in WINDOWS.items()
}
DEFINITIONS = (*DAYS.values(), *STAYS.values(), *PEOPLE.values())


def list_custody_indicators(facts: CustodyFacts, period: Period) -> list[Indicator]:
    """Every figure of custody. Without a stay in the records all are null, because nobody may have looked."""
    if not facts.started or not facts.rows:
        note = NO_STAY if facts.started else NOBODY_STARTED
        return [make(definition, period, note=note) for definition in DEFINITIONS]
    windows = (("pre", facts.pre), ("post", facts.post))
    return [
        *(_days(DAYS[key], window, period) for key, window in windows),
        *(_stays(STAYS[key], window, period) for key, window in windows),
        *(count(PEOPLE[key], period, window.people) for key, window in windows),
    ]


def _days(definition: Definition, window: CustodyWindow, period: Period) -> Indicator:
    years = window.days / DAYS_PER_YEAR
    return make(
        definition,
        period,
        numerator=window.inside,
        denominator=years,
        value=window.inside / years,
        extras={"people": window.people},
    )


def _stays(definition: Definition, window: CustodyWindow, period: Period) -> Indicator:
    years = window.days / DAYS_PER_YEAR
    rate, interval = garwood_rate(window.stays, years)
    return make(
        definition,
        period,
        numerator=window.stays,
        denominator=years,
        value=rate,
        interval=interval,
        extras={"people": window.people},
    )
