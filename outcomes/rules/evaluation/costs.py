"""What the programme cost: by what it was spent on, by who paid, and for each year of treatment.

Source: Indicators 3, 7 and 8 (evaluation).
"""

from collections.abc import Mapping
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
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR

SETUP, DRUG = "setup", "drug"
CATEGORY_WORDS = {
    DRUG: "diamorphine and other drugs",
    "staff": "staff",
    "premises": "premises",
    SETUP: "setting up",
    "other": "other",
}
NONE_OF_THIS_KIND = "No cost of this kind is recorded."
NO_COSTS = "No cost of the programme is recorded."
ONLY_SETUP = "No cost other than setting up is recorded."
NO_TREATMENT = "Nobody had a day of treatment by the data cut."


@dataclass(frozen=True, kw_only=True, slots=True)
class CostFacts:
    """Pence spent in the months that began before the data cut, also before opening, and the days of treatment."""

    by_category: Mapping[str, int]
    by_payer: Mapping[str, int]
    started: int
    treatment_days: int

    @property
    def running_pence(self) -> int | None:
        """What was spent other than on setting up; None where nothing but setting up is recorded."""
        running = [pence for category, pence in self.by_category.items() if category != SETUP]
        return sum(running) if running else None


def _define(
    id: str, label: str, meaning: str, unit: str, numerator: str, denominator: str = "none: a sum of money"
) -> Definition:
    return Definition(
        id=f"cost.{id}",
        label=label,
        meaning=meaning,
        group=Group.STARTED,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        missing="not known: money that nobody wrote down is not here",
        method="a sum, no interval",
    )


COUNTED = "Every month before the data cut counts, also months before the clinic opened."
PROGRAMME = _define(
    "programme.<category>",
    "Cost of the programme: {}",
    f"Pounds spent on the programme, by what for. {COUNTED}",
    "GBP",
    "pounds",
)
PAYER = _define(
    "payer.<payer>",
    "Paid for the programme by {}",
    f"Pounds spent on the programme, by who paid. {COUNTED}",
    "GBP",
    "pounds",
)
PER_PATIENT_YEAR = _define(
    "per_patient_year",
    "Running cost for each year of treatment",
    "All that was spent but for setting up, divided by the years that people spent in treatment, from each "
    f"start until the person left or the data cut. {COUNTED}",
    "GBP per person-year",
    "pounds, setting up left out",
    "years in treatment of all who started, of 365.25 days",
)
DRUG_PER_PATIENT_YEAR = _define(
    "drug_per_patient_year",
    "Cost of the drugs for each year of treatment",
    "What was spent on diamorphine and other drugs, divided by the years that people spent in treatment, from each "
    f"start until the person left or the data cut. {COUNTED}",
    "GBP per person-year",
    "pounds for drugs",
    "years in treatment of all who started, of 365.25 days",
)
DEFINITIONS = (PROGRAMME, PAYER, PER_PATIENT_YEAR, DRUG_PER_PATIENT_YEAR)


def list_cost_indicators(facts: CostFacts, period: Period) -> list[Indicator]:
    """Pounds by category and by payer, and for each year of treatment. Without any row all are null."""
    return [
        *(_category(facts, period, category, words) for category, words in CATEGORY_WORDS.items()),
        *(
            count(PAYER, period, _pounds(pence), key=payer, words=payer)
            for payer, pence in facts.by_payer.items()
        ),
        _for_a_year(
            PER_PATIENT_YEAR,
            facts,
            period,
            facts.running_pence,
            none=ONLY_SETUP if facts.by_category else NO_COSTS,
        ),
        _for_a_year(
            DRUG_PER_PATIENT_YEAR,
            facts,
            period,
            facts.by_category.get(DRUG),
            none=NONE_OF_THIS_KIND if facts.by_category else NO_COSTS,
        ),
    ]


def _pounds(pence: int) -> float:
    return pence / 100


def _category(facts: CostFacts, period: Period, category: str, words: str) -> Indicator:
    if not facts.by_category:
        return make(PROGRAMME, period, key=category, words=words, note=NO_COSTS)
    if category not in facts.by_category:
        return make(PROGRAMME, period, key=category, words=words, note=NONE_OF_THIS_KIND)
    return count(PROGRAMME, period, _pounds(facts.by_category[category]), key=category, words=words)


def _for_a_year(
    definition: Definition, facts: CostFacts, period: Period, pence: int | None, *, none: str
) -> Indicator:
    """Pounds for each year of treatment; without the cost `none` says why."""
    years = facts.treatment_days / DAYS_PER_YEAR
    if pence is None:
        return make(definition, period, note=none)
    return make(
        definition,
        period,
        numerator=_pounds(pence),
        denominator=years,
        value=_pounds(pence) / years if years else None,
        note=None if years else (NO_TREATMENT if facts.started else NOBODY_STARTED),
    )
