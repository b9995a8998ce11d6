"""The Treatment Outcomes Profile: each item at the start beside the latest form, of the same people.

A person is paired for an item when the form at the start and the last review or exit form after it both hold
it. Everything here is what people said of the last four weeks.

Source: Indicators 2, 3 and 7 (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outcomes.rules.evaluation.indicators import (
    NOBODY_STARTED,
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    make,
    proportion,
)
from outcomes.rules.evaluation.statistics import hodges_lehmann, median
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

EVERY_DAY = 28
SHOPLIFTING = "shoplifting_days"
NOBODY_PAIRED = "Nobody has this answer both at the start and in a later form."
ITEM_WORDS = {
    "alcohol_days": "alcohol",
    "opiates_days": "opiates, street heroin above all",
    "crack_days": "crack",
    "cocaine_days": "cocaine powder",
    "amphetamines_days": "amphetamines",
    "cannabis_days": "cannabis",
    "tobacco_days": "tobacco",
    "other_days": "another drug",
    "injecting_days": "injecting",
    "shoplifting_days": "shoplifting",
    "drug_selling_days": "selling drugs",
    "paid_work_days": "paid work",
    "education_days": "education",
    "psychological": "psychological health",
    "physical": "physical health",
    "quality_of_life": "quality of life",
    "sharing": "shared needles or works",
    "other_theft": "another theft",
    "assault": "an assault",
    "housing_acute": "an acute housing problem",
    "eviction_risk": "at risk of eviction",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TopFacts:
    """Answers of people who started. A pair is (at the start, latest); yes is 1 and no is 0.

    `with_start` counts people with a usable form at the start, `asked_shoplifting` those of them whose form
    says on how many days they shoplifted, `shoplifted_daily` those of these who say every day. `compared` counts
    people with any answer both at the start and in their latest form.
    """

    started: int
    with_start: int
    asked_shoplifting: int
    shoplifted_daily: int
    compared: int
    pairs: Mapping[str, Sequence[tuple[int, int]]]

    def paired(self, item: str) -> Sequence[tuple[int, int]]:
        """The pairs of an item, one a person."""
        return self.pairs.get(item, ())


FORMS = (
    "Start = the start form nearest to the day of the start, within 14 days either side, the earlier of two as "
    "near. Latest = the last review or exit form after it and before the data cut."
)


def _define(
    id: str, label: str, meaning: str, unit: str, numerator: str, denominator: str, missing: str, method: str
) -> Definition:
    return Definition(
        id=f"top.{id}",
        label=label,
        meaning=meaning,
        group=Group.STARTED,
        source=Source.SELF_REPORTED,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        missing=missing,
        method=method,
    )


NOT_PAIRED = "people who started and are not paired for the item"
WHENS = {"start": "at the start", "latest": "in the latest form"}
MIDDLE = {
    when: _define(
        f"<item>.{when}",
        f"{{}}, the middle person, {words}",
        f"Days of the last 28, or a score of 0 to 20 (higher is better), over people paired. {FORMS}",
        "days or score",
        "none: a median",
        "none: people paired, as people_paired; people_due are all who started",
        NOT_PAIRED,
        "median, no interval",
    )
    for when, words in WHENS.items()
}
CHANGE = _define(
    "<item>.change",
    "{}, change from the start to the latest form",
    (
        "The middle of the averages of every pair of people's own changes, each with itself too. A score that "
        f"rises is better; days that rise may be better or worse. {FORMS}"
    ),
    "days or score",
    "none: a shift",
    "none: people paired, as people_paired; people_due are all who started",
    NOT_PAIRED,
    "Hodges-Lehmann shift, no interval",
)
ABSTINENT = _define(
    "<item>.abstinent",
    "{}: none in the latest form, of those with some at the start",
    f"Of people paired with at least one day at the start, those with no day in the latest form. {FORMS}",
    "proportion",
    "people with no day in the latest form",
    "people paired with at least one day at the start",
    NOT_PAIRED,
    "Wilson 95 %",
)
INITIATED = _define(
    "<item>.initiated",
    "{}: some in the latest form, of those with none at the start",
    f"Of people paired with no day at the start, those with at least one in the latest form. {FORMS}",
    "proportion",
    "people with at least one day in the latest form",
    "people paired with no day at the start",
    NOT_PAIRED,
    "Wilson 95 %",
)
DAILY_AT_START = _define(
    f"{SHOPLIFTING}.daily_at_start",
    "Shoplifting on every day, at the start",
    "Of people who started and answered at the start, those who shoplifted on all of the last 28 days.",
    "proportion",
    "people who say 28 days",
    "people whose start form says on how many days",
    "people who started and have no such answer",
    "Wilson 95 %",
)
DAILY_TO_ZERO = _define(
    f"{SHOPLIFTING}.daily_to_zero",
    "Shoplifting on every day at the start, and none in the latest form",
    f"Of people paired who shoplifted on all of 28 days at the start, those with no day latest. {FORMS}",
    "proportion",
    "people with no day in the latest form",
    "people paired who say 28 days at the start",
    "people who say 28 days at the start and have no latest answer",
    "Wilson 95 %",
)
YES = {
    when: _define(
        f"<yes-or-no item>.{when}",
        f"Yes to {{}}, {words}",
        f"Of people paired, those who answered yes. {FORMS}",
        "proportion",
        "people who answered yes",
        "people paired for the item",
        NOT_PAIRED,
        "Wilson 95 %",
    )
    for when, words in WHENS.items()
}
FORM_AT_START = Definition(
    id="quality.top_start",
    label="People with an outcome form at the start",
    meaning=(
        "People who started and have a start form within 14 days of the day of the start, either side, "
        "whatever it holds."
    ),
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="people with a usable start form",
    denominator="people who started",
    missing="people who started and have no such form",
    method="Wilson 95 %",
)
DEFINITIONS = (
    *MIDDLE.values(),
    CHANGE,
    ABSTINENT,
    INITIATED,
    DAILY_AT_START,
    DAILY_TO_ZERO,
    *YES.values(),
    FORM_AT_START,
)


def list_top_indicators(facts: TopFacts, period: Period) -> list[Indicator]:
    """Every figure of the outcome forms. What nobody answered twice is null. Indicators 3."""
    return [
        *(one for item in (*DAY_ITEMS, *SCORE_ITEMS) for one in _middles(facts, period, item)),
        *(
            one
            for item in DAY_ITEMS
            for one in (
                _turned(ABSTINENT, facts, period, item, from_none=False),
                _turned(INITIATED, facts, period, item, from_none=True),
            )
        ),
        _daily_at_start(facts, period),
        _daily_to_zero(facts, period),
        *(_yes(facts, period, item, when) for item in YES_NO_ITEMS for when in WHENS),
        proportion(
            FORM_AT_START,
            period,
            facts.with_start,
            facts.started,
            missing=facts.started - facts.with_start,
            empty=NOBODY_STARTED,
        ),
    ]


def _capital(item: str) -> str:
    words = ITEM_WORDS[item]
    return words[0].upper() + words[1:]


def _middles(facts: TopFacts, period: Period, item: str) -> list[Indicator]:
    pairs = facts.paired(item)
    values = (
        (MIDDLE["start"], median([start for start, _ in pairs])),
        (MIDDLE["latest"], median([latest for _, latest in pairs])),
        (CHANGE, hodges_lehmann([latest - start for start, latest in pairs])),
    )
    return [
        make(
            definition,
            period,
            key=item,
            words=_capital(item),
            value=value,
            missing=facts.started - len(pairs),
            note=_why_empty(facts) if value is None else None,
            extras={"people_paired": len(pairs), "people_due": facts.started},
        )
        for definition, value in values
    ]


def _turned(
    definition: Definition, facts: TopFacts, period: Period, item: str, *, from_none: bool
) -> Indicator:
    pairs = facts.paired(item)
    asked = [latest for start, latest in pairs if (start == 0) == from_none]
    reason = f"Nobody paired had {'no day' if from_none else 'a day'} of it at the start."
    return proportion(
        definition,
        period,
        sum((latest > 0) == from_none for latest in asked),
        len(asked),
        key=item,
        words=_capital(item),
        missing=facts.started - len(pairs),
        empty=reason if pairs else _why_empty(facts),
    )


def _daily_at_start(facts: TopFacts, period: Period) -> Indicator:
    return proportion(
        DAILY_AT_START,
        period,
        facts.shoplifted_daily,
        facts.asked_shoplifting,
        missing=facts.started - facts.asked_shoplifting,
        empty="No start form says on how many days." if facts.started else NOBODY_STARTED,
    )


def _daily_to_zero(facts: TopFacts, period: Period) -> Indicator:
    daily = [latest for start, latest in facts.paired(SHOPLIFTING) if start == EVERY_DAY]
    return proportion(
        DAILY_TO_ZERO,
        period,
        daily.count(0),
        len(daily),
        missing=facts.shoplifted_daily - len(daily),
        empty="Nobody paired shoplifted on every day at the start." if facts.started else NOBODY_STARTED,
    )


def _yes(facts: TopFacts, period: Period, item: str, when: str) -> Indicator:
    pairs = facts.paired(item)
    answers = [start if when == "start" else latest for start, latest in pairs]
    return proportion(
        YES[when],
        period,
        sum(answers),
        len(answers),
        key=item,
        words=ITEM_WORDS[item],
        missing=facts.started - len(pairs),
        empty=_why_empty(facts),
    )


def _why_empty(facts: TopFacts) -> str:
    return NOBODY_PAIRED if facts.started else NOBODY_STARTED
