"""Safety: over-sedation, overdoses, naloxone and deaths since opening, deaths with their rates.

Source: Indicators 3, 7 and 8 (evaluation).
"""

from dataclasses import dataclass, replace

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
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR, clopper_pearson_upper, garwood_rate
from outcomes.rules.evaluation.words import percent


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyFacts:
    """Events of people who started, from opening to the data cut; deaths before a start are of all referred.

    The days are person-days under observation: each stretch ends with a death.
    """

    referred: int
    started: int
    over_sedation: int
    overdose_on_site: int
    overdose_off_site: int
    naloxone: int
    deaths_before_start: int
    deaths_in_treatment: int
    deaths_after_exit_28d: int
    deaths_after_exit_later: int
    days_before_start: int
    days_in_treatment: int
    days_after_exit_28d: int
    days_after_exit_later: int


def _define(id: str, label: str, meaning: str, unit: str) -> Definition:
    return Definition(
        id=f"safety.{id}",
        label=label,
        meaning=meaning,
        group=Group.STARTED,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator=unit,
        denominator="none: a count",
        missing="not known: an event that nobody wrote down is not here",
        method="a count; with none, the upper 95 % limit on people (Clopper-Pearson, 0 of those who started)",
    )


OVER_SEDATION = _define(
    "over_sedation",
    "Over-sedation",
    "Events of over-sedation since opening, of people who ever started.",
    "events",
)
OVERDOSE = {
    "on_site": _define(
        "overdose.on_site",
        "Overdoses in the clinic",
        "Overdoses in the clinic since opening, of people who ever started.",
        "events",
    ),
    "off_site": _define(
        "overdose.off_site",
        "Overdoses elsewhere",
        "Overdoses elsewhere that the clinic came to know of, of people who ever started.",
        "events",
    ),
}
NALOXONE = _define(
    "naloxone",
    "Events in which naloxone was given",
    "Events of any kind in which naloxone was given, in the clinic or elsewhere. An emergency of the treatment "
    "room and the incident written down about the same person and day are one.",
    "events",
)
DEATHS = {
    "before_start": replace(
        _define(
            "deaths.before_start",
            "Deaths before a start",
            "People referred who died and had not started treatment.",
            "people",
        ),
        group=Group.REFERRED,
        method="a count; with none, the upper 95 % limit on people (Clopper-Pearson, 0 of those referred)",
    ),
    "in_treatment": _define(
        "deaths.in_treatment",
        "Deaths in treatment",
        "People who died after they started and before they left. A death on the day somebody left counts here "
        "where the reason for leaving is that they died.",
        "people",
    ),
    "after_exit_28d": _define(
        "deaths.after_exit_28d",
        "Deaths within 28 days of leaving",
        "People who died on the day they left or in the 27 days after it, and not in treatment.",
        "people",
    ),
    "after_exit_later": _define(
        "deaths.after_exit_later",
        "Deaths 28 days or more after leaving",
        "People who died on the 28th day after they left or later.",
        "people",
    ),
}
OBSERVED = {
    "before_start": "from the referral, or the opening where that is later, to the start",
    "in_treatment": "from the start to the day of leaving",
    "after_exit_28d": "from the day of leaving, for 28 days",
    "after_exit_later": "from the 28th day after leaving on",
}
DEATH_RATES = {
    key: replace(
        deaths,
        id=f"{deaths.id}.rate",
        label=f"{deaths.label}, for 100 person-years",
        meaning=f"{deaths.meaning} For 100 years of all people's time {OBSERVED[key]}, until a death or the data cut.",
        unit="per 100 person-years",
        denominator="person-years of 365.25 days under observation",
        method="Garwood 95 %",
    )
    for key, deaths in DEATHS.items()
}
DEFINITIONS = (
    OVER_SEDATION,
    *OVERDOSE.values(),
    NALOXONE,
    *(one for key in DEATHS for one in (DEATHS[key], DEATH_RATES[key])),
)
NOBODY_REFERRED = "Nobody had been referred by the data cut."
NO_DAY_OBSERVED = "Nobody was under observation for a day of this time: no rate."


def list_safety_indicators(facts: SafetyFacts, period: Period) -> list[Indicator]:
    """Every count of safety; a nought says what it still allows. Counts of nobody are null. Indicators 3 and 8."""
    counts = (
        (OVER_SEDATION, facts.over_sedation),
        (OVERDOSE["on_site"], facts.overdose_on_site),
        (OVERDOSE["off_site"], facts.overdose_off_site),
        (NALOXONE, facts.naloxone),
    )
    deaths = {
        "before_start": (facts.deaths_before_start, facts.days_before_start),
        "in_treatment": (facts.deaths_in_treatment, facts.days_in_treatment),
        "after_exit_28d": (facts.deaths_after_exit_28d, facts.days_after_exit_28d),
        "after_exit_later": (facts.deaths_after_exit_later, facts.days_after_exit_later),
    }
    figures = [
        _count(definition, period, number, facts.started, NOBODY_STARTED) for definition, number in counts
    ]
    for key, (number, days) in deaths.items():
        people, nobody = facts.started, NOBODY_STARTED
        if key == "before_start":
            people, nobody = facts.referred, NOBODY_REFERRED
        figures += [
            _count(DEATHS[key], period, number, people, nobody),
            _rate(DEATH_RATES[key], period, number, days, people, nobody),
        ]
    return figures


def _count(definition: Definition, period: Period, number: int, among: int, nobody: str) -> Indicator:
    upper = clopper_pearson_upper(0, among)
    if upper is None:
        return make(definition, period, note=nobody)
    if number:
        return count(definition, period, number)
    people = "one person" if among == 1 else f"{among} people"
    note = f"None of {people}: up to {percent(upper, 1)} of such people could still be affected (exact 95 % limit)."
    return count(definition, period, 0, note=note, extras={"upper_if_zero": upper})


def _rate(
    definition: Definition, period: Period, number: int, days: int, among: int, nobody: str
) -> Indicator:
    years = days / DAYS_PER_YEAR
    if not among:
        return make(definition, period, note=nobody)
    if not days:
        return make(definition, period, numerator=number, denominator=years, note=NO_DAY_OBSERVED)
    rate, interval = garwood_rate(number, years / 100)
    return make(definition, period, numerator=number, denominator=years, value=rate, interval=interval)
