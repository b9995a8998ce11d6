"""Housing: where people lived at the start, a month later and last, and how many of them had no home.

Source: Indicators 3 and 7 (evaluation).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from outcomes.rules.evaluation.indicators import (
    NOBODY_STARTED,
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    proportion,
)
from outcomes.rules.housing import HousingState

HOMELESS_STATES = (HousingState.ROUGH, HousingState.EMERGENCY, HousingState.SOFA)


class Moment(StrEnum):
    """When somebody is asked about: by the line in force, else the record nearest within 14 days; and last of all."""

    START = "start"
    MONTH_1 = "month1"
    LATEST = "latest"


MOMENT_WORDS = {
    Moment.START: "at the start",
    Moment.MONTH_1: "a month after the start",
    Moment.LATEST: "in the latest record",
}
_WHICH = {
    Moment.START: (
        "the clinic's own line in force on the day of their start, or else the imported record nearest to it, within "
        "14 days either side"
    ),
    Moment.MONTH_1: (
        "the clinic's own line in force 28 days after their start, or else the imported record nearest to that day, "
        "within 14 days either side"
    ),
    Moment.LATEST: "their last housing record before the data cut",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class HousingFacts:
    """People who started by the state they were recorded in, for each moment; and of those, people of L30."""

    started: int
    people: Mapping[Moment, Mapping[str, int]]
    people_of_l30: Mapping[Moment, Mapping[str, int]]

    def recorded(self, moment: Moment) -> int:
        """People with a record for the moment."""
        return sum(self.people.get(moment, {}).values())

    def homeless(self, moment: Moment) -> int:
        """People of them without a home: sleeping rough, in emergency shelter, or with friends."""
        return homeless_among(self.people.get(moment, {}))


def homeless_among(people: Mapping[str, int]) -> int:
    """How many people of a breakdown by state had no home."""
    return sum(people.get(state.value, 0) for state in HOMELESS_STATES)


def _define(id: str, label: str, moment: Moment, numerator: str) -> Definition:
    return Definition(
        id=f"housing.{id}.{moment}",
        label=label,
        meaning=(
            f"Of people who started, by {_WHICH[moment]}; of two as near the earlier counts. A line is in force until "
            "the next begins; of a day after they left it tells only when it began within 14 days before. A line "
            "that was corrected counts as its last correction says."
        ),
        group=Group.STARTED,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit="proportion",
        numerator=numerator,
        denominator="people with such a record",
        missing="people who started and have no such record",
        method="Wilson 95 %",
    )


STATE = {
    moment: _define("<state>", f"Home {words}: {{}}", moment, "people recorded in this state")
    for moment, words in MOMENT_WORDS.items()
}
HOMELESS = {
    moment: _define(
        "homeless",
        f"Without a home {words}",
        moment,
        "people sleeping rough, in an emergency shelter, or with friends and no home",
    )
    for moment, words in MOMENT_WORDS.items()
}
RECORDED_AT_START = Definition(
    id="quality.housing_start",
    label="People whose home at the start is recorded",
    meaning=(
        "People who started and have a line of the clinic in force on the day of their start, or an imported housing "
        "record within 14 days of it, either side."
    ),
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="people with a housing record at the start",
    denominator="people who started",
    missing="people who started and have no such record",
    method="Wilson 95 %",
)
DEFINITIONS = (*STATE.values(), *HOMELESS.values(), RECORDED_AT_START)


def list_housing_indicators(facts: HousingFacts, period: Period) -> list[Indicator]:
    """Every figure of housing. A share of nobody recorded is null. Indicators 3."""
    return [
        *(_share(facts, period, moment, state) for moment in Moment for state in HousingState),
        *(_homeless(facts, period, moment) for moment in Moment),
        proportion(
            RECORDED_AT_START,
            period,
            facts.recorded(Moment.START),
            facts.started,
            missing=facts.started - facts.recorded(Moment.START),
            empty=NOBODY_STARTED,
        ),
    ]


def _share(facts: HousingFacts, period: Period, moment: Moment, state: HousingState) -> Indicator:
    return proportion(
        STATE[moment],
        period,
        facts.people.get(moment, {}).get(state.value, 0),
        facts.recorded(moment),
        key=state.value,
        words=state.label[0].lower() + state.label[1:],
        missing=facts.started - facts.recorded(moment),
        empty=_why_empty(facts),
    )


def _homeless(facts: HousingFacts, period: Period, moment: Moment) -> Indicator:
    return proportion(
        HOMELESS[moment],
        period,
        facts.homeless(moment),
        facts.recorded(moment),
        missing=facts.started - facts.recorded(moment),
        empty=_why_empty(facts),
    )


def _why_empty(facts: HousingFacts) -> str:
    if not facts.started:
        return NOBODY_STARTED
    return "Nobody who started has such a housing record."
