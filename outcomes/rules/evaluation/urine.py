"""Street heroin: urine samples on the street-heroin marker, and steady responders in weeks 14 to 26.

Source: Indicators 3 and 7 (evaluation).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

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

ASSAY = "street_heroin_marker"
FIRST_WEEK, LAST_WEEK = 14, 26
WEEKS = LAST_WEEK - FIRST_WEEK + 1
NEGATIVE_WEEKS_NEEDED = 7
MANY_FROM_ONE = "One person contributes many samples, so the interval is too narrow."


@dataclass(frozen=True, kw_only=True, slots=True)
class Samples:
    """Samples due in a window. What is not negative, positive, void or not taken has no result yet.

    `at_laboratory` of those without a result were taken; of the others nothing is written down.
    """

    due: int
    negative: int
    positive: int
    void: int
    not_taken: int
    at_laboratory: int = 0

    @property
    def valid(self) -> int:
        return self.negative + self.positive

    @property
    def no_result(self) -> int:
        return self.due - self.valid - self.void - self.not_taken

    @property
    def taken(self) -> int:
        return self.valid + self.void + self.at_laboratory

    @property
    def unknown(self) -> int:
        return self.no_result - self.at_laboratory


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonWeeks:
    """One person followed 26 weeks: of the 13 weeks, those negative and those with a valid result."""

    negative: int
    valid: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthOfSamples:
    """One month of the chart."""

    month: date
    samples: Samples


def add_up(months: Sequence[MonthOfSamples]) -> Samples:
    """The samples of all these months."""
    return Samples(
        **{one.name: sum(getattr(month.samples, one.name) for month in months) for one in fields(Samples)}
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class UrineFacts:
    """Samples of people who started, and the weeks of each person with 182 days since the start."""

    month: Samples
    cumulative: Samples
    weeks: Sequence[PersonWeeks]
    started: int
    months: Sequence[MonthOfSamples]


def left_out_words(months: Sequence[MonthOfSamples]) -> str:
    """Return what samples that show nothing are called: not taken, and those without a result where there are any."""
    waits = any(month.samples.no_result for month in months)
    return "not taken or no result yet" if waits else "not taken"


def is_responder(weeks: PersonWeeks) -> bool:
    """Whether 7 or more of the 13 weeks were negative; an empty week is not. Indicators 3."""
    return weeks.negative >= NEGATIVE_WEEKS_NEEDED


def is_responder_as_observed(weeks: PersonWeeks) -> bool:
    """Whether half or more of the weeks with a valid result were negative. Indicators 3."""
    return weeks.valid > 0 and 2 * weeks.negative >= weeks.valid


def _samples(id: str, label: str, window: Window) -> Definition:
    return Definition(
        id=f"urine.negative_samples.{id}",
        label=label,
        meaning=(
            "Samples negative for the street-heroin marker, of those negative or positive, by the day "
            "they were due. Prescribed diamorphine does not carry the marker. Other assays are not "
            "counted."
        ),
        group=Group.STARTED,
        source=Source.LABORATORY,
        window=window,
        unit="proportion",
        numerator="samples negative",
        denominator="samples negative or positive",
        missing="samples due that were not taken, void or still without a result",
        method="Wilson 95 %, too narrow because one person contributes many samples",
    )


NEGATIVE_MONTH = _samples("month", "Samples without street heroin, this month", Window.MONTH)
NEGATIVE_CUMULATIVE = _samples(
    "cumulative", "Samples without street heroin, since opening", Window.CUMULATIVE
)
RESPONDERS = Definition(
    id="urine.responders",
    label="Steady responders, weeks 14 to 26",
    meaning=(
        "People with 182 days since the start. Weeks 14 to 26 are 13 slots of seven days counted from "
        "the start; a slot is negative when it holds a negative sample and no positive one; an empty "
        "slot is not negative. Responder: 7 or more of 13."
    ),
    group=Group.STARTED,
    source=Source.LABORATORY,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="responders",
    denominator="people who started at least 182 days before the data cut",
    missing="people without any valid sample in the 13 weeks; they count as not responding",
    method="Wilson 95 %",
)
RESPONDERS_AS_OBSERVED = Definition(
    id="urine.responders_as_observed",
    label="Steady responders, as observed",
    meaning=(
        "The same people with at least one slot that holds a valid result; responder when half or more "
        "of those slots are negative. It leaves out weeks without a sample, so it flatters."
    ),
    group=Group.STARTED,
    source=Source.LABORATORY,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="responders among slots with a valid result",
    denominator="people with at least one slot that holds a valid result",
    missing="people with 182 days since the start and no valid sample in the 13 weeks",
    method="Wilson 95 %",
)
TAKEN = Definition(
    id="quality.urine_taken",
    label="Urine samples taken, of those due",
    meaning=(
        "Samples taken, those void or still without a result too, of samples due on the street-heroin "
        "marker since opening."
    ),
    group=Group.STARTED,
    source=Source.LABORATORY,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="samples taken",
    denominator="samples due",
    missing="samples due of which nothing is written down",
    method="Wilson 95 %, too narrow because one person contributes many samples",
)
DEFINITIONS = (NEGATIVE_MONTH, NEGATIVE_CUMULATIVE, RESPONDERS, RESPONDERS_AS_OBSERVED, TAKEN)


def list_urine_indicators(facts: UrineFacts, period: Period) -> list[Indicator]:
    """Every figure of urine, and how complete the samples are."""
    tested = [weeks for weeks in facts.weeks if weeks.valid]
    untested = len(facts.weeks) - len(tested)
    nobody_long_enough = (
        "Nobody had started at least 182 days before the data cut." if facts.started else NOBODY_STARTED
    )
    return [
        _negative(NEGATIVE_MONTH, facts.month, period, "No sample with a valid result was due in the month."),
        _negative(
            NEGATIVE_CUMULATIVE,
            facts.cumulative,
            period,
            "No sample with a valid result was due by the data cut.",
        ),
        proportion(
            RESPONDERS,
            period,
            sum(map(is_responder, facts.weeks)),
            len(facts.weeks),
            empty=nobody_long_enough,
            missing=untested,
        ),
        proportion(
            RESPONDERS_AS_OBSERVED,
            period,
            sum(map(is_responder_as_observed, tested)),
            len(tested),
            empty="Nobody has a valid sample in weeks 14 to 26." if facts.weeks else nobody_long_enough,
            missing=untested,
        ),
        proportion(
            TAKEN,
            period,
            facts.cumulative.taken,
            facts.cumulative.due,
            empty="No sample was due by the data cut.",
            missing=facts.cumulative.unknown,
            note=MANY_FROM_ONE,
        ),
    ]


def _negative(definition: Definition, samples: Samples, period: Period, empty: str) -> Indicator:
    return proportion(
        definition,
        period,
        samples.negative,
        samples.valid,
        empty=empty,
        missing=samples.due - samples.valid,
        note=MANY_FROM_ONE,
        extras={"due": samples.due, "void": samples.void, "not_taken": samples.not_taken},
    )
