"""Offending: a year before the start beside up to a year after it, recorded and self-reported never added.

Each person has windows of their own: before = the 365 days before the start, after = from the start for 365
days or until the data cut, whether or not the person is still in treatment. Days in custody do not count as
time at liberty.

Source: Indicators 2, 3, 7 and 8 (evaluation).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR, garwood_rate, rate_ratio

NO_SELF_REPORT = "no self-report recorded"
NO_TIME = "No day at liberty in this window: no rate."
GROUPS = ("acquisitive", "violence", "drug", "order")


@dataclass(frozen=True, kw_only=True, slots=True)
class OffendingFacts:
    """Offences of one source, by people who started, in the windows before and after each start.

    The days are person-days at liberty. `rows` counts offences of this source in the whole extract.
    """

    rows: int
    pre_total: int
    post_total: int
    earlier_total: int
    people_none_post: int
    pre_by_group: Mapping[str, int]
    post_by_group: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeverityFacts:
    """Medians over people of their summed weights, and offences that the table gives no weight."""

    pre_median: float | None
    post_median: float | None
    pre_not_weighted: int
    post_not_weighted: int
    table_version: str
    weights_verified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """People who started, those with a follow-up of a whole year, and the person-days at liberty."""

    started: int
    full_followup: int
    pre_days: int
    post_days: int


def _define(
    source: Source, id: str, label: str, meaning: str, unit: str, method: str, denominator: str
) -> Definition:
    words = "Recorded by police" if source is Source.POLICE_RECORDED else "Self-reported"
    prefix = "recorded" if source is Source.POLICE_RECORDED else "self_reported"
    return Definition(
        id=f"offending.{prefix}.{id}",
        label=f"{words}: {label}",
        meaning=meaning,
        group=Group.STARTED,
        source=source,
        window=Window.CUMULATIVE,
        unit=unit,
        numerator="offences",
        denominator=denominator,
        missing="not known: an offence nobody recorded or told is not here",
        method=method,
    )


PRE = "in the 365 days before each start"
POST = "from each start for 365 days, or until the data cut, in treatment or not"


def _definitions(source: Source) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for key, label, where in (
        ("pre", "a year before the start", PRE),
        ("post", "up to a year after it", POST),
    ):
        found[f"{key}_total"] = _define(
            source,
            f"{key}_total",
            f"offences, {label}",
            f"Offences {where}.",
            "offences",
            "count",
            "none: a count",
        )
        found[f"{key}_mean"] = _define(
            source,
            f"{key}_mean",
            f"offences a person, {label}",
            f"Offences {where}, divided by people who started.",
            "offences per person",
            "mean; the windows after the start are shorter for some",
            "people who started",
        )
        found[f"{key}_rate"] = _define(
            source,
            f"{key}_rate",
            f"offences per person-year at liberty, {label}",
            f"Offences {where}, per year outside custody.",
            "per person-year",
            "Garwood 95 %",
            "person-years at liberty, of 365.25 days",
        )
    found["rate_ratio"] = _define(
        source,
        "rate_ratio",
        "the rate after, divided by the rate before",
        (
            "Rate per person-year at liberty after the start, divided by the rate before it. "
            "people_full_followup counts people followed a whole year. People come at their worst, so part "
            "of any fall would have happened anyway."
        ),
        "ratio",
        "exact conditional 95 % (Clopper-Pearson on the share of events)",
        "the rate before the start",
    )
    found["none_post"] = replace(
        _define(
            source,
            "none_post",
            "people with no offence after the start",
            f"People who started and have no offence {POST}.",
            "proportion",
            "Wilson 95 %",
            "people who started",
        ),
        numerator="people with none",
    )
    found["earlier_total"] = _define(
        source,
        "earlier_total",
        "offences earlier than a year before the start",
        "Offences before the 365 days before each start. A count only.",
        "offences",
        "count; a rate or percentage is refused, because no window is known",
        "none: a count",
    )
    return found


RECORDED = _definitions(Source.POLICE_RECORDED)
SELF_REPORTED = _definitions(Source.SELF_REPORTED)
RECORDED_GROUP = {
    key: replace(
        RECORDED[f"{key}_total"],
        id=f"offending.recorded.<group>.{key}_total",
        label=RECORDED[f"{key}_total"].label.replace("offences", "{} offences"),
        meaning=RECORDED[f"{key}_total"].meaning.replace(
            "Offences", "Offences of one group of the offence table"
        ),
    )
    for key in ("pre", "post")
}
SEVERITY = {
    key: Definition(
        id=f"offending.severity.{key}_median",
        label=f"Severity score of recorded offences, the middle person, {label}",
        meaning=(
            f"Each person's sum of Crime Severity Score weights of recorded offences {where}; the median "
            "over people who started. not_weighted counts offences that the table gives no weight."
        ),
        group=Group.STARTED,
        source=Source.POLICE_RECORDED,
        window=Window.CUMULATIVE,
        unit="severity score",
        numerator="each person's summed weights",
        denominator="none: a median over people",
        missing="offences without a weight; with any, the median is not given",
        method="median",
    )
    for key, label, where in (
        ("pre", "a year before the start", PRE),
        ("post", "up to a year after it", POST),
    )
}
DEFINITIONS = (
    *RECORDED.values(),
    *RECORDED_GROUP.values(),
    *SEVERITY.values(),
    *SELF_REPORTED.values(),
)


def list_offending_indicators(
    *,
    recorded: OffendingFacts,
    self_reported: OffendingFacts,
    severity: SeverityFacts,
    followed: Followed,
    period: Period,
) -> list[Indicator]:
    """Every figure of offending: recorded first, then its severity, then what people said themselves."""
    return [
        *_of_source(RECORDED, recorded, followed, period, None),
        *_by_group(recorded, followed, period),
        _severity("pre", severity.pre_median, severity.pre_not_weighted, severity, followed, period),
        _severity("post", severity.post_median, severity.post_not_weighted, severity, followed, period),
        *_of_source(
            SELF_REPORTED, self_reported, followed, period, None if self_reported.rows else NO_SELF_REPORT
        ),
    ]


def _of_source(
    define: Mapping[str, Definition],
    facts: OffendingFacts,
    followed: Followed,
    period: Period,
    note: str | None,
) -> list[Indicator]:
    started = followed.started
    pre_years, post_years = followed.pre_days / DAYS_PER_YEAR, followed.post_days / DAYS_PER_YEAR
    figures: list[Indicator] = []
    for key, total, years in (("pre", facts.pre_total, pre_years), ("post", facts.post_total, post_years)):
        figures += [
            _total(define[f"{key}_total"], total, followed, period, note),
            make(
                define[f"{key}_mean"],
                period,
                numerator=total,
                denominator=started,
                value=total / started if started else None,
                note=note if started else NOBODY_STARTED,
            ),
            _rate(define[f"{key}_rate"], total, years, followed, period, note),
        ]
    ratio, interval = rate_ratio(facts.post_total, post_years, facts.pre_total, pre_years)
    figures += [
        make(
            define["rate_ratio"],
            period,
            value=ratio,
            interval=interval,
            note=note if ratio is not None else _why_no_ratio(facts, followed, note),
            extras={"people_full_followup": followed.full_followup},
        ),
        proportion(
            define["none_post"], period, facts.people_none_post, started, empty=NOBODY_STARTED, note=note
        ),
        _total(
            define["earlier_total"],
            facts.earlier_total,
            followed,
            period,
            note or "A count only: no rate and no percentage, because the length of this time is not known.",
        ),
    ]
    return figures


def _total(
    definition: Definition,
    total: int,
    followed: Followed,
    period: Period,
    note: str | None,
    key: str | None = None,
) -> Indicator:
    if not followed.started:
        return make(definition, period, key=key, note=NOBODY_STARTED)
    return count(definition, period, total, key=key, note=note)


def _rate(
    definition: Definition, total: int, years: float, followed: Followed, period: Period, note: str | None
) -> Indicator:
    rate, interval = garwood_rate(total, years)
    if rate is None:
        note = NO_TIME if followed.started else NOBODY_STARTED
    return make(
        definition, period, numerator=total, denominator=years, value=rate, interval=interval, note=note
    )


def _why_no_ratio(facts: OffendingFacts, followed: Followed, note: str | None) -> str:
    if not followed.started:
        return NOBODY_STARTED
    if note:
        return note
    if not facts.pre_total:
        return "No offence in the year before the start: nothing to compare with."
    return "No day at liberty in one of the windows: no ratio."


def _by_group(facts: OffendingFacts, followed: Followed, period: Period) -> list[Indicator]:
    return [
        _total(RECORDED_GROUP[key], by_group.get(group, 0), followed, period, None, group)
        for group in GROUPS
        for key, by_group in (("pre", facts.pre_by_group), ("post", facts.post_by_group))
    ]


def _severity(
    key: str,
    median: float | None,
    not_weighted: int,
    facts: SeverityFacts,
    followed: Followed,
    period: Period,
) -> Indicator:
    note = f"Weights of the Crime Severity Score as in the offence table, version {facts.table_version}"
    note += "." if facts.weights_verified else "; not yet verified by a named person."
    value = None if not_weighted else median
    if not followed.started:
        note = NOBODY_STARTED
    elif not_weighted:
        note = f"No median: the offence table gives no weight for {not_weighted} of these offences."
    return make(
        SEVERITY[key],
        period,
        value=value,
        missing=not_weighted,
        note=note,
        extras={"not_weighted": not_weighted},
    )
