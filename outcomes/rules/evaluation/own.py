"""The clinic's own four questions: each at the start beside the latest answers, of the same people.

Paired as the outcome forms are: the start answers nearest to the start, within 14 days, and the last review or exit
answers after them. Contact with the family is asked of people who want it and for whom it is safe: nobody is counted
as lacking what they do not want.

Source: Indicators 7 and 8 (evaluation).
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

SPEND, FAMILY = "spend_week_gbp", "family_contact"
YES_OR_NO = ("public_injecting", "unsafe_disposal")
SHARES = (*YES_OR_NO, FAMILY)
ITEM_WORDS = {
    SPEND: "money spent on street drugs in the last week",
    "public_injecting": "injected in a public place",
    "unsafe_disposal": "left a used needle where somebody could be hurt",
    FAMILY: "has the contact with the family that is wanted and safe",
}
NEVER_ASKED = "The clinic's own questions have no answer in the records."
NOBODY_PAIRED = "Nobody has this answer both at the start and later."


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnFacts:
    """Pairs of answers of people who started, (at the start, latest).

    Money is in pence, yes and "has the contact" are 1, no is 0. `not_asking` counts people who answered about the
    family both times and at least once did not want contact or had none that is safe. `rows` counts answered sheets
    of anybody in the whole extract.
    """

    rows: int
    started: int
    not_asking: int
    pairs: Mapping[str, Sequence[tuple[int, int]]]

    def paired(self, item: str) -> Sequence[tuple[int, int]]:
        """The pairs of an item, one a person."""
        return self.pairs.get(item, ())

    def missing(self, item: str) -> int:
        """People who started and are not paired for the item, though it asks about them."""
        return self.started - len(self.paired(item)) - (self.not_asking if item == FAMILY else 0)


SHEETS = (
    "Start = the start answers nearest to the day of the start, within 14 days either side, the earlier of two as "
    "near. Latest = the last review or exit answers after them and before the data cut."
)
WHENS = {"start": "at the start", "latest": "in the latest answers"}
PAIRED = "people paired for the item"
NOT_PAIRED = "people who started and are not paired for the item"
ASKED = (
    f"Of people paired, those who answered yes. For the family: of people who want contact and for whom it is safe, "
    f"both times, those who have it; not_asking counts the others who answered. {SHEETS}"
)


def _define(
    id: str, label: str, meaning: str, unit: str, numerator: str, denominator: str, method: str
) -> Definition:
    return Definition(
        id=f"own.{id}",
        label=label,
        meaning=meaning,
        group=Group.STARTED,
        source=Source.SELF_REPORTED,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        missing=NOT_PAIRED,
        method=method,
    )


MIDDLE = {
    when: _define(
        f"{SPEND}.{when}",
        f"Money spent on street drugs in a week, the middle person, {words}",
        f"Pounds spent on street drugs in the last 7 days, over people paired. {SHEETS}",
        "GBP per week",
        "none: a median",
        "none: people paired, as people_paired; people_due are all who started",
        "median, no interval",
    )
    for when, words in WHENS.items()
}
SHIFT = _define(
    f"{SPEND}.change",
    "Money spent on street drugs in a week, change from the start to the latest answers",
    f"The middle of the averages of every pair of people's own changes, each with itself too. {SHEETS}",
    "GBP per week",
    "none: a shift",
    "none: people paired, as people_paired; people_due are all who started",
    "Hodges-Lehmann shift, no interval",
)
SHARE = {
    when: _define(
        f"<question>.{when}", f"{{}}, {words}", ASKED, "proportion", "people who do", PAIRED, "Wilson 95 %"
    )
    for when, words in WHENS.items()
}
SHARE_CHANGE = _define(
    "<question>.change",
    "{}, change from the start to the latest answers",
    f"The share in the latest answers less the share at the start, of the same people. {SHEETS}",
    "difference of proportions",
    "people who do in the latest answers, less people who did at the start",
    PAIRED,
    "a difference, no interval",
)
DEFINITIONS = (*MIDDLE.values(), SHIFT, *SHARE.values(), SHARE_CHANGE)


def list_own_indicators(facts: OwnFacts, period: Period) -> list[Indicator]:
    """Every figure of the clinic's own questions. What nobody answered twice is null."""
    return [*_spend(facts, period), *(one for item in SHARES for one in _shares(facts, period, item))]


def _empty(facts: OwnFacts) -> str:
    if not facts.started:
        return NOBODY_STARTED
    return NOBODY_PAIRED if facts.rows else NEVER_ASKED


def _extras(facts: OwnFacts, item: str) -> dict[str, int]:
    extras = {"people_paired": len(facts.paired(item)), "people_due": facts.started}
    return extras | ({"not_asking": facts.not_asking} if item == FAMILY else {})


def _spend(facts: OwnFacts, period: Period) -> list[Indicator]:
    pairs = facts.paired(SPEND)
    values = (
        (MIDDLE["start"], median([start for start, _ in pairs])),
        (MIDDLE["latest"], median([latest for _, latest in pairs])),
        (SHIFT, hodges_lehmann([latest - start for start, latest in pairs])),
    )
    return [
        make(
            definition,
            period,
            value=None if pence is None else pence / 100,
            missing=facts.missing(SPEND),
            note=_empty(facts) if pence is None else None,
            extras=_extras(facts, SPEND),
        )
        for definition, pence in values
    ]


def _shares(facts: OwnFacts, period: Period, item: str) -> list[Indicator]:
    pairs, words = facts.paired(item), ITEM_WORDS[item][0].upper() + ITEM_WORDS[item][1:]
    start, latest = sum(first for first, _ in pairs), sum(last for _, last in pairs)
    missing, extras = facts.missing(item), _extras(facts, item)
    return [
        *(
            proportion(
                SHARE[when],
                period,
                number,
                len(pairs),
                key=item,
                words=words,
                empty=_empty(facts),
                missing=missing,
                extras=extras,
            )
            for when, number in (("start", start), ("latest", latest))
        ),
        make(
            SHARE_CHANGE,
            period,
            key=item,
            words=words,
            numerator=latest - start,
            denominator=len(pairs),
            value=(latest - start) / len(pairs) if pairs else None,
            missing=missing,
            note=None if pairs else _empty(facts),
            extras=extras,
        ),
    ]
