"""Which figures of the report an aim may name, each with its label, by subject.

Figures of one month alone are left out: an aim is about everything since the opening.

Source: Indicators 3 and 8 (evaluation).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from outcomes.rules.evaluation.definitions import DEFINITIONS
from outcomes.rules.evaluation.health import SERVICES
from outcomes.rules.evaluation.indicators import Definition, Window
from outcomes.rules.evaluation.offending import GROUPS
from outcomes.rules.evaluation.own import ITEM_WORDS as QUESTIONS
from outcomes.rules.evaluation.own import SHARES
from outcomes.rules.evaluation.top import ITEM_WORDS
from outcomes.rules.evaluation.words import sentence_case
from outcomes.rules.housing import HousingState
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

# What stands in the place of an id, with its words in the label.
_PLACES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "item": {item: sentence_case(ITEM_WORDS[item]) for item in (*DAY_ITEMS, *SCORE_ITEMS)},
        "yes-or-no item": {item: ITEM_WORDS[item] for item in YES_NO_ITEMS},
        "question": {item: sentence_case(QUESTIONS[item]) for item in SHARES},
        "service": dict(SERVICES),
        "group": {group: group for group in GROUPS},
        "state": {state.value: state.label.lower() for state in HousingState},
    }
)
# Items of the outcome form that hold no days have no "none at all".
_DAYS_ALONE = ("abstinent", "initiated")
# Figures about the area and the need for treatment. A report without them says so in their place.
AROUND: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"area.{measure}.{when}": f"{words} in the area, {sheet}"
            for measure, words in {
                "recorded_all": "All recorded offences",
                "recorded_theft": "Recorded theft",
                "drug_deaths": "Drug deaths",
                "overdose_calls": "Ambulance calls to overdoses",
                "needle_finds": "Needles found",
            }.items()
            for when, sheet in {
                "before_12m": "the 12 months before the opening",
                "last_12m": "the last 12 whole months",
            }.items()
        },
        "area.cohort_share": "Offences of people who started, of all recorded in the area in the year before the opening",
        "need.estimate": "People in the area who need this treatment, estimated",
        "need.referred": "People referred, of those estimated to need it",
        "need.started": "People who started, of those estimated to need it",
        "cost.running_per_place_year": "Running cost for each place and year",
    }
)
SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "retention": "Staying in treatment",
        "flow": "Who came and who left",
        "attendance": "Sessions",
        "urine": "Street heroin",
        "offending": "Offences",
        "custody": "Custody",
        "top": "As people told",
        "own": "The clinic’s own questions",
        "housing": "Homes",
        "health": "Other health services",
        "safety": "Safety",
        "cost": "What the programme cost",
        "crime_cost": "What recorded offences cost, by a table",
        "area": "The area",
        "need": "Need",
    }
)


@cache
def list_quotable() -> Mapping[str, str]:
    """The label of every figure that an aim may name, by id."""
    found: dict[str, str] = {}
    for definition in DEFINITIONS:
        if definition.window is Window.CUMULATIVE and definition.domain in SUBJECTS:
            found |= dict(_expanded(definition))
    return MappingProxyType(found | {id: label for id, label in AROUND.items() if id not in found})


def is_quotable(identifier: str) -> bool:
    """Whether an aim may name a figure of this id."""
    return identifier in list_quotable()


def by_subject() -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The figures to choose from: each subject with ids and labels."""
    quotable = list_quotable()
    return [
        (words, [(id, label) for id, label in quotable.items() if id.split(".", 1)[0] == domain])
        for domain, words in SUBJECTS.items()
    ]


def _expanded(definition: Definition) -> Iterator[tuple[str, str]]:
    head, bracket, rest = definition.id.partition("<")
    if not bracket:
        yield definition.id, definition.label
        return
    place, _, tail = rest.partition(">")
    for key, words in _PLACES.get(place, {}).items():
        identifier = f"{head}{key}{tail}"
        if tail[1:] in _DAYS_ALONE and key not in DAY_ITEMS:
            continue
        yield identifier, definition.label.format(words)
