"""Safety: over-sedation, overdoses, naloxone and deaths since opening, of people who ever started.

Source: Indicators 3, 7 and 8 (evaluation).
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
from outcomes.rules.evaluation.statistics import clopper_pearson_upper
from outcomes.rules.evaluation.words import percent


@dataclass(frozen=True, kw_only=True, slots=True)
class SafetyFacts:
    """Events of people who started, from opening to the data cut."""

    started: int
    over_sedation: int
    overdose_on_site: int
    overdose_off_site: int
    naloxone: int
    deaths_in_treatment: int
    deaths_after_exit_28d: int


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
}
DEFINITIONS = (OVER_SEDATION, *OVERDOSE.values(), NALOXONE, *DEATHS.values())


def list_safety_indicators(facts: SafetyFacts, period: Period) -> list[Indicator]:
    """Every count of safety; a nought says what it still allows. Counts of nobody are null. Indicators 3."""
    counts = (
        (OVER_SEDATION, facts.over_sedation),
        (OVERDOSE["on_site"], facts.overdose_on_site),
        (OVERDOSE["off_site"], facts.overdose_off_site),
        (NALOXONE, facts.naloxone),
        (DEATHS["in_treatment"], facts.deaths_in_treatment),
        (DEATHS["after_exit_28d"], facts.deaths_after_exit_28d),
    )
    return [_count(definition, period, number, facts.started) for definition, number in counts]


def _count(definition: Definition, period: Period, number: int, started: int) -> Indicator:
    upper = clopper_pearson_upper(0, started)
    if upper is None:
        return make(definition, period, note=NOBODY_STARTED)
    if number:
        return count(definition, period, number)
    people = "one person" if started == 1 else f"{started} people"
    note = f"None of {people}: up to {percent(upper, 1)} of such people could still be affected (exact 95 % limit)."
    return count(definition, period, 0, note=note, extras={"upper_if_zero": upper})
