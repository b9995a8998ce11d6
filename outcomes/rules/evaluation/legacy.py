"""Figures the way the first reports printed them, of people treated for 30 weeks or more and of all who started.

They stand beside better figures of the same thing. Known offences before have no window of their own, so they
are counts only.

Source: Indicators 3, 7 and 8 (evaluation).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outcomes.rules.evaluation.housing import HousingFacts, Moment, homeless_among
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
    proportion,
)
from outcomes.rules.evaluation.offending import OffendingFacts
from outcomes.rules.housing import HousingState

NOBODY_LONG = "Nobody had been treated for 30 weeks by the data cut."
SCORES = {"psychological": "psychological health", "physical": "physical health"}
# What the first reports called saved, and the known offences they divided it by. Indicators 3.
SAVED_GBP, KNOWN_OFFENCES = 2_100_000, 541


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthOne:
    """A score summed over people with it in both forms: at the start, and about a month later."""

    people: int
    start: int
    month1: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyFacts:
    """People of L30: how many, their recorded offences before and since, their scores about a month in."""

    people: int
    known_before: int
    recorded_after: int
    people_none_after: int
    scores: Mapping[str, MonthOne]


def _define(
    id: str,
    label: str,
    meaning: str,
    unit: str,
    numerator: str,
    denominator: str,
    *,
    source: Source,
    method: str = "no interval",
    group: Group = Group.RETAINED_30_WEEKS,
    missing: str = "not known: an offence nobody recorded is not here",
) -> Definition:
    return Definition(
        id=f"legacy.{id}",
        label=label,
        meaning=meaning,
        group=group,
        source=source,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        missing=missing,
        method=method,
    )


KNOWN_BEFORE = _define(
    "known_before",
    "Recorded offences ever before the start, of people treated 30 weeks or more",
    "Every recorded offence before the start, however long ago. A count: no rate and no percentage, because "
    "the length of this time is not known. Better: offending.recorded.pre_rate, of all who started.",
    "offences",
    "offences",
    "none: a count",
    source=Source.POLICE_RECORDED,
    method="a count, no interval",
)
RECORDED_AFTER = _define(
    "recorded_after",
    "Recorded offences since the start, of people treated 30 weeks or more",
    "Recorded offences from each start for 365 days, or until the data cut. Better: "
    "offending.recorded.post_rate, of all who started.",
    "offences",
    "offences",
    "none: a count",
    source=Source.POLICE_RECORDED,
    method="a count, no interval",
)
NONE_AFTER = _define(
    "none_after",
    "No recorded offence since the start, of people treated 30 weeks or more",
    "People with none from the start for 365 days, or until the data cut. Said as n of N only. Better: "
    "offending.recorded.none_post, of all who started.",
    "proportion",
    "people with none",
    "people treated for 210 days or more",
    source=Source.POLICE_RECORDED,
    method="Wilson 95 %",
)
SCORE_CHANGE = {
    item: _define(
        f"{item}_change_percent",
        f"Change of the summed score of {words} in the first month, in per cent",
        (
            "100 times the sum about a month after the start less the sum at the start, divided by the sum at "
            "the start, over people treated for 210 days or more who have both. The later form is the one "
            "nearest to 28 days after the start, within 14 days, and not the start form. A percentage of a "
            f"score has no meaning of its own. Better: top.{item}.change."
        ),
        "percent",
        "the change of the sum",
        "the sum at the start",
        source=Source.SELF_REPORTED,
        missing="people treated for 210 days or more without both answers",
    )
    for item, words in SCORES.items()
}
HOMELESS_MONTH_1 = _define(
    "homeless_month1",
    "Without a home a month after the start, of people treated 30 weeks or more",
    "People sleeping rough, in an emergency shelter or with friends 28 days after the start, by the "
    "record that housing.homeless.month1 goes by. Better: that one, of all who started.",
    "proportion",
    "people without a home",
    "people with such a record",
    source=Source.CLINIC_RECORD,
    method="Wilson 95 %",
    missing="people treated for 210 days or more without such a record",
)
AT_START = {
    key: _define(
        f"{key}_start",
        f"{words} at the start, of people treated 30 weeks or more",
        f"People {meaning} at the start, by the record that housing.*.start goes by. Better: that one, of all who "
        "started.",
        "proportion",
        f"people {meaning}",
        "people with such a record",
        source=Source.CLINIC_RECORD,
        method="Wilson 95 %",
        missing="people treated for 210 days or more without such a record",
    )
    for key, words, meaning in (
        ("secure", "A secure home", "in supported housing or their own home"),
        ("rough", "Sleeping rough", "sleeping rough"),
    )
}
OFFENDING_CHANGE = _define(
    "offending_change_percent",
    "Change of recorded offences from the year before the start to the time since, in per cent",
    "100 times the offences since the start less those in the year before, divided by those in the year before. "
    "The time since is shorter than a year for some. Better: offending.recorded.rate_ratio.",
    "percent",
    "the change",
    "recorded offences in the year before the start",
    source=Source.POLICE_RECORDED,
    group=Group.STARTED,
)
SAVING = _define(
    "saving_gbp",
    "Saving as the first reports reckoned it",
    "Recorded offences in the year before the start less those since, times £2,100,000 divided by 541: the "
    "average cost of a known offence that the first reports implied. Nobody gets this money back. Better: "
    "crime_cost.*, with its table.",
    "GBP",
    "pounds",
    "none: a sum of money",
    source=Source.POLICE_RECORDED,
    group=Group.STARTED,
)
DEFINITIONS = (
    KNOWN_BEFORE,
    RECORDED_AFTER,
    NONE_AFTER,
    *SCORE_CHANGE.values(),
    HOMELESS_MONTH_1,
    *AT_START.values(),
    OFFENDING_CHANGE,
    SAVING,
)


def list_legacy_indicators(
    facts: LegacyFacts, housing: HousingFacts, recorded: OffendingFacts, period: Period
) -> list[Indicator]:
    """Every figure of the legacy page. Indicators 3."""
    empty = NOBODY_LONG if housing.started else NOBODY_STARTED
    before_and_after = ((KNOWN_BEFORE, facts.known_before), (RECORDED_AFTER, facts.recorded_after))
    return [
        *(
            count(definition, period, number) if facts.people else make(definition, period, note=empty)
            for definition, number in before_and_after
        ),
        proportion(NONE_AFTER, period, facts.people_none_after, facts.people, empty=empty),
        *(_score(facts, period, item, empty) for item in SCORES),
        _at(HOMELESS_MONTH_1, facts, housing, period, empty, Moment.MONTH_1, homeless_among),
        _at(AT_START["secure"], facts, housing, period, empty, Moment.START, _secure_among),
        _at(AT_START["rough"], facts, housing, period, empty, Moment.START, _rough_among),
        *_of_all(recorded, housing.started, period),
    ]


def _score(facts: LegacyFacts, period: Period, item: str, empty: str) -> Indicator:
    found = facts.scores.get(item, MonthOne(people=0, start=0, month1=0))
    note = None
    if not facts.people:
        note = empty
    elif not found.people:
        note = "None of them has this answer both at the start and about a month later."
    elif not found.start:
        note = "The sum at the start is nought: no percentage of it."
    change = found.month1 - found.start
    return make(
        SCORE_CHANGE[item],
        period,
        numerator=change,
        denominator=found.start,
        value=100 * change / found.start if found.start else None,
        missing=facts.people - found.people,
        note=note,
        extras={"people": found.people},
    )


def _at(
    definition: Definition,
    facts: LegacyFacts,
    housing: HousingFacts,
    period: Period,
    empty: str,
    moment: Moment,
    among: Callable[[Mapping[str, int]], int],
) -> Indicator:
    people = housing.people_of_l30[moment]
    recorded = sum(people.values())
    return proportion(
        definition,
        period,
        among(people),
        recorded,
        missing=facts.people - recorded,
        empty="None of them has such a housing record." if facts.people else empty,
    )


def _secure_among(people: Mapping[str, int]) -> int:
    return sum(people.get(state.value, 0) for state in (HousingState.SUPPORTED, HousingState.OWN))


def _rough_among(people: Mapping[str, int]) -> int:
    return people.get(HousingState.ROUGH.value, 0)


def _of_all(recorded: OffendingFacts, started: int, period: Period) -> list[Indicator]:
    if not started:
        return [make(definition, period, note=NOBODY_STARTED) for definition in (OFFENDING_CHANGE, SAVING)]
    pre, post = recorded.pre_total, recorded.post_total
    saved = (pre - post) * SAVED_GBP / KNOWN_OFFENCES
    return [
        make(
            OFFENDING_CHANGE,
            period,
            numerator=post - pre,
            denominator=pre,
            value=100 * (post - pre) / pre if pre else None,
            note=None if pre else "No recorded offence in the year before the start: no percentage.",
        ),
        count(SAVING, period, saved, note="Not cash-releasing."),
    ]
