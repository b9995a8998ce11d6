"""Retention: who was still in treatment, at the data cut and after half a year and a year.

Source: Indicators 2, 3 and 7 (evaluation).
"""

from collections.abc import Sequence
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
from outcomes.rules.evaluation.statistics import Survival, kaplan_meier

HALF_YEAR, YEAR = 182, 364
RISK_DAYS = (0, 91, 182, 273, 364)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionFacts:
    """One entry per person who started: days in treatment, and whether they had left by the data cut."""

    durations: Sequence[int]
    has_left: Sequence[bool]

    @property
    def started(self) -> int:
        return len(self.durations)

    @property
    def in_treatment(self) -> int:
        return self.has_left.count(False)


SNAPSHOT = Definition(
    id="retention.snapshot",
    label="In treatment at the data cut, of those who started",
    meaning="People who started and had not left before the data cut, of all who ever started.",
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="people in treatment",
    denominator="people who started",
    missing="never",
    method="Wilson 95 %",
)


def _survival(day: int, words: str) -> Definition:
    return Definition(
        id=f"retention.km_{day}",
        label=f"Still in treatment after {words} (Kaplan-Meier)",
        meaning=(
            f"Estimated share still in treatment {day} days after their first dose. People who started later "
            "and are still in treatment count for as long as they have been followed; every exit counts, a "
            "planned transfer too."
        ),
        group=Group.STARTED,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit="proportion",
        numerator="none: an estimate from the days of every person",
        denominator="people who started; at_risk counts those followed at least that long",
        missing="never",
        method="Kaplan-Meier, log-log Greenwood 95 %",
    )


KM_HALF_YEAR = _survival(HALF_YEAR, "26 weeks")
KM_YEAR = _survival(YEAR, "52 weeks")
DEFINITIONS = (SNAPSHOT, KM_HALF_YEAR, KM_YEAR)


def list_retention_indicators(facts: RetentionFacts, period: Period) -> list[Indicator]:
    """Every figure of retention."""
    return [
        proportion(SNAPSHOT, period, facts.in_treatment, facts.started, empty=NOBODY_STARTED),
        _km(KM_HALF_YEAR, facts, period, HALF_YEAR),
        _km(KM_YEAR, facts, period, YEAR),
    ]


def list_curve(facts: RetentionFacts) -> list[Survival]:
    """The steps of the Kaplan-Meier curve: the start, each day with an exit, the longest follow-up."""
    if not facts.durations:
        return []
    exits = {day for day, left in zip(facts.durations, facts.has_left, strict=True) if left}
    days = sorted({0, *exits, max(facts.durations)})
    return [kaplan_meier(facts.durations, facts.has_left, day) for day in days]


def list_at_risk(facts: RetentionFacts) -> list[tuple[int, int]]:
    """Pairs of day and people followed at least that long, at 0, 13, 26, 39 and 52 weeks."""
    return [(day, sum(1 for duration in facts.durations if duration >= day)) for day in RISK_DAYS]


def _km(definition: Definition, facts: RetentionFacts, period: Period, day: int) -> Indicator:
    survival = kaplan_meier(facts.durations, facts.has_left, day)
    note = None
    if not facts.durations:
        note = NOBODY_STARTED
    elif survival.share is None:
        note = f"Nobody had been followed for {day} days by the data cut."
    elif survival.interval is None:
        note = (
            "Nobody had left by then: no interval."
            if survival.share
            else "All had left by then: no interval."
        )
    return make(
        definition,
        period,
        value=survival.share,
        interval=survival.interval,
        note=note,
        extras={"at_risk": survival.at_risk},
    )
