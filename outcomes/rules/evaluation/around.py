"""The programme around the clinic: what others published of the area, how many need it, and what a place costs.

Area figures stand side by side. They are never subtracted from each other and never called an effect.

Source: Indicators 8 (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from outcomes.rules.evaluation.indicators import (
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    make,
    proportion,
)
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR

LAST, BEFORE = "last_12m", "before_12m"
MEASURE_WORDS = {
    "recorded_all": "all recorded offences",
    "recorded_theft": "recorded theft",
    "drug_deaths": "drug deaths",
    "overdose_calls": "ambulance calls to overdoses",
    "needle_finds": "needles found",
}
NO_COUNT = "No count of this kind for these months is recorded."
OVERLAP = "Two counts of one area share days, so that they cannot be added."
NO_OFFENCES_OF_AREA = "No count of all recorded offences of the area in these days is recorded."
NO_OFFENCES_OF_PEOPLE = "No offence recorded by police is in the records, of anybody."
NOBODY = "Nobody had started treatment by the data cut."
NO_ESTIMATE = "No estimate of how many people need this treatment is recorded."
TWICE = "Two estimates of one area and day are recorded: which of them holds is not known."
NO_NEED = "The estimate is 0 people, so there is no share."
MORE_THAN_ESTIMATED = "More people than were estimated: no interval."
NO_RUNNING_COST = "No cost other than setting up is recorded."
NO_PLACES = "The programme had no place on any day from its opening to the data cut."
GAP = "Days of no phase count no place."


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaSum:
    """The counts of one measure that lie wholly in twelve months.

    `days` are the days they cover, of `whole` days for each area that has any; `has_overlap` where two of one area
    share a day.
    """

    total: int
    days: int
    whole: int
    has_overlap: bool
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortShare:
    """Recorded offences of everybody who started, and of the area, on the days that the area's counts cover."""

    rows: int = 0
    started: int = 0
    offences: int = 0
    people: int = 0
    of_area: AreaSum | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedFacts:
    """The estimates of the latest day before the data cut, added over areas; None where there is none."""

    estimated_on: date | None = None
    people: int = 0
    areas: tuple[str, ...] = ()
    is_twice: bool = False
    methods: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AroundFacts:
    """All of it. `sums` by measure and window; `place_days` from the opening to the data cut, `gap_days` of no phase."""

    sums: Mapping[tuple[str, str], AreaSum] = field(default_factory=lambda: MappingProxyType({}))
    share: CohortShare = field(default_factory=CohortShare)
    need: NeedFacts = field(default_factory=NeedFacts)
    place_days: int = 0
    gap_days: int = 0


def last_twelve(period: Period) -> tuple[date, date]:
    """The last twelve whole months before the data cut."""
    first = period.as_of.replace(day=1)
    return _a_year_before(first), first


def twelve_before(period: Period) -> tuple[date, date]:
    """The twelve whole months before the clinic opened."""
    first = period.opened_on.replace(day=1)
    return _a_year_before(first), first


def _a_year_before(first: date) -> date:
    return first.replace(year=first.year - 1)


def _of_area(id: str, label: str, meaning: str) -> Definition:
    return Definition(
        id=id,
        label=label,
        meaning=meaning,
        group=Group.REFERRED,
        source=Source.RECORD,
        window=Window.CUMULATIVE,
        unit="counted",
        numerator="what was counted",
        denominator="none: a count",
        missing="days of the twelve months that no published count covers",
        method="a sum of published counts, no interval",
    )


BESIDE = "It stands beside the other twelve months and is not taken from them: much else changes in an area."
AREA = {
    LAST: _of_area(
        f"area.<measure>.{LAST}",
        "The area, {}: the last twelve months",
        "Published counts of the area that lie wholly in the last twelve whole months before the data cut, added up. "
        + BESIDE,
    ),
    BEFORE: _of_area(
        f"area.<measure>.{BEFORE}",
        "The area, {}: the twelve months before opening",
        "Published counts of the area that lie wholly in the twelve whole months before the clinic opened, added up. "
        + BESIDE,
    ),
}
COHORT_SHARE = Definition(
    id="area.cohort_share",
    label="Share of the area's recorded offences that were of people who later started",
    meaning=(
        "Offences that police recorded, in the 365 days before the clinic opened, of everybody who has started since, "
        "of all recorded offences of the area on the same days. It is the most that the area's figure could fall by if "
        "none of them offended again."
    ),
    group=Group.STARTED,
    source=Source.RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="recorded offences of people who started, on days that a count of the area covers",
    denominator="all recorded offences of the area on these days",
    missing="days of the 365 that no published count covers",
    method="Wilson interval",
)


def _need(id: str, label: str, meaning: str, numerator: str, group: Group, *, is_share: bool) -> Definition:
    return Definition(
        id=f"need.{id}",
        label=label,
        meaning=meaning,
        group=group,
        source=Source.RECORD,
        window=Window.CUMULATIVE,
        unit="proportion" if is_share else "people",
        numerator=numerator,
        denominator="people estimated to need it" if is_share else "none: an estimate",
        missing="not known",
        method="Wilson interval, which knows nothing of how unsure the estimate is"
        if is_share
        else "as published",
    )


ESTIMATE = _need(
    "estimate",
    "People estimated to need this treatment",
    "The latest estimate before the data cut, as it was published; of several areas on one day their sum.",
    "people estimated to need it",
    Group.REFERRED,
    is_share=False,
)
REFERRED = _need(
    "referred",
    "People referred, of those estimated to need it",
    "Everybody referred by the data cut, of the latest estimate of how many need this treatment.",
    "people referred",
    Group.REFERRED,
    is_share=True,
)
STARTED = _need(
    "started",
    "People who started, of those estimated to need it",
    "Everybody who started by the data cut, of the latest estimate of how many need this treatment.",
    "people who started",
    Group.STARTED,
    is_share=True,
)
PER_PLACE_YEAR = Definition(
    id="cost.running_per_place_year",
    label="Running cost for each place and year",
    meaning=(
        "All that was spent but for setting up, divided by the years that places were open, from the opening to the "
        "data cut. The places of a day are those of its phase, taken or not. Every month before the data cut counts."
    ),
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="GBP per place-year",
    numerator="pounds, setting up left out",
    denominator="place-years of 365.25 days, from the opening",
    missing="days of no phase count no place",
    method="a sum, no interval",
)
DEFINITIONS = (AREA[LAST], AREA[BEFORE], COHORT_SHARE, ESTIMATE, REFERRED, STARTED, PER_PLACE_YEAR)


def list_around_indicators(
    facts: AroundFacts, period: Period, *, referred: int, started: int, running_pence: int | None
) -> list[Indicator]:
    """The area, the need, and the cost of a place; each is null with a sentence where its rows are missing."""
    windows = {LAST: last_twelve(period), BEFORE: twelve_before(period)}
    return [
        *(
            _sum(facts.sums.get((measure, which)), AREA[which], period, measure, windows[which])
            for measure in MEASURE_WORDS
            for which in (LAST, BEFORE)
        ),
        _cohort_share(facts.share, period),
        *_need_figures(facts.need, period, referred, started),
        _per_place_year(facts, period, running_pence),
    ]


def _sum(
    found: AreaSum | None, definition: Definition, period: Period, measure: str, window: tuple[date, date]
) -> Indicator:
    words = MEASURE_WORDS[measure]
    if found is None or found.has_overlap:
        figure = make(
            definition, period, key=measure, words=words, note=NO_COUNT if found is None else OVERLAP
        )
    else:
        figure = make(
            definition,
            period,
            key=measure,
            words=words,
            value=found.total,
            numerator=found.total,
            missing=found.whole - found.days,
            note=_uncovered(found),
        )
    return replace(figure, window=window)


def _uncovered(found: AreaSum) -> str | None:
    if found.days == found.whole:
        return None
    return f"The published counts cover {found.days:,} of {found.whole:,} days."


def _cohort_share(share: CohortShare, period: Period) -> Indicator:
    area = share.of_area
    why = None
    if not share.started:
        why = NOBODY
    elif not share.rows:
        why = NO_OFFENCES_OF_PEOPLE
    elif area is None or not area.total:
        why = NO_OFFENCES_OF_AREA
    elif area.has_overlap:
        why = OVERLAP
    if why is not None or area is None:
        figure = make(COHORT_SHARE, period, note=why)
    elif share.offences > area.total:
        figure = make(
            COHORT_SHARE,
            period,
            numerator=share.offences,
            denominator=area.total,
            note="More offences of these people than of the whole area: the counts are not of the same.",
        )
    else:
        figure = proportion(
            COHORT_SHARE,
            period,
            share.offences,
            area.total,
            empty=NO_OFFENCES_OF_AREA,
            missing=area.whole - area.days,
            note=_uncovered(area),
            extras={"people": share.people},
        )
    return replace(figure, window=year_before_opening(period))


def year_before_opening(period: Period) -> tuple[date, date]:
    """The 365 days before the clinic opened."""
    return date.fromordinal(period.opened_on.toordinal() - 365), period.opened_on


def _need_figures(need: NeedFacts, period: Period, referred: int, started: int) -> Sequence[Indicator]:
    if need.estimated_on is None or need.is_twice:
        note = TWICE if need.is_twice else NO_ESTIMATE
        return [make(definition, period, note=note) for definition in (ESTIMATE, REFERRED, STARTED)]
    return [
        make(ESTIMATE, period, value=need.people, numerator=need.people),
        _share_of_need(REFERRED, period, referred, need.people),
        _share_of_need(STARTED, period, started, need.people),
    ]


def _share_of_need(definition: Definition, period: Period, people: int, estimate: int) -> Indicator:
    if not estimate:
        return make(definition, period, numerator=people, denominator=0, note=NO_NEED)
    if people > estimate:
        return make(
            definition,
            period,
            numerator=people,
            denominator=estimate,
            value=people / estimate,
            note=MORE_THAN_ESTIMATED,
        )
    return proportion(definition, period, people, estimate, empty="")


def _per_place_year(facts: AroundFacts, period: Period, pence: int | None) -> Indicator:
    years = facts.place_days / DAYS_PER_YEAR
    if pence is None or not years:
        return make(PER_PLACE_YEAR, period, note=NO_RUNNING_COST if pence is None else NO_PLACES)
    return make(
        PER_PLACE_YEAR,
        period,
        numerator=pence / 100,
        denominator=years,
        value=pence / 100 / years,
        missing=facts.gap_days,
        note=GAP if facts.gap_days else None,
    )
