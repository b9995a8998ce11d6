"""The figures of a clinic's reports as pages: which there are, one through the months, two months side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import JSONField, QuerySet, Value
from django.db.models.expressions import Func

from hat_clinic.accounts.models import Clinic
from outcomes.models import ReportRun
from outcomes.queries.disruptions import standing_disruptions
from outcomes.queries.releases import runs_shown
from outcomes.rules.evaluation.definitions import DEFINITIONS
from outcomes.rules.evaluation.disturbed import Disturbance, bands_in_words, bands_of
from outcomes.rules.evaluation.drawing import Drawing, draw
from outcomes.rules.evaluation.indicators import Definition, Source, Window
from outcomes.rules.evaluation.series import (
    Point,
    Series,
    finding,
    make_series,
    number_words,
    read_point,
    value_words,
)
from outcomes.rules.evaluation.words import sentence_case
from outcomes.rules.releases import Audience


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure in the list: its value in the month that is shown, and in the one it is held against."""

    id: str
    label: str
    source_key: str
    source: str
    value: str
    note: str
    other: str


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one subject."""

    key: str
    title: str
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Every figure of one month by subject, beside those of another month where one is chosen."""

    clinic: Clinic
    months: tuple[date, ...]
    month: date | None
    other: date | None
    is_provisional: bool
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of one figure, as the table beside the chart prints it."""

    month: date
    value: str
    missing: int
    note: str
    issue: int
    is_provisional: bool
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigurePage:
    """One figure: what it means, its months, its chart."""

    clinic: Clinic
    id: str
    label: str
    definition: Definition
    source: str
    window: str
    finding: str
    rows: tuple[MonthRow, ...]
    drawing: Drawing | None
    bands: str
    series: Series
    mean: str
    low: str
    high: str


SUBJECTS = {
    "flow": "Coming in and going out",
    "retention": "Staying in treatment",
    "attendance": "Attendance",
    "dosing": "Doses",
    "urine": "Urine samples",
    "offending": "Offending",
    "crime_cost": "Cost of crime",
    "top": "Outcome form",
    "own": "The clinic's own questions",
    "housing": "Housing",
    "support": "Help given",
    "health": "Health services",
    "safety": "Safety",
    "cost": "What the programme cost",
    "area": "The area, as others published it",
    "need": "How many need this treatment",
    "quality": "How complete the records are",
    "legacy": "As the reports of 2020 and 2021 printed it",
}


def get_figures_page(
    *, clinic: Clinic, audience: Audience, month: date | None, other: date | None
) -> FiguresPage:
    """Return every figure of a month, the newest unless one is named, from the newest issue that the reader may see."""
    known = {run.month: run for run in _newest(clinic, audience).defer("figures", "segments")}
    months = tuple(known)
    shown = month if month in known else next(iter(months), None)
    against = other if other in known and other != shown else None
    figures = _figures_of(known, shown)
    held = _figures_of(known, against)
    sections: dict[str, list[FigureRow]] = {}
    for key, figure in figures.items():
        point = _point(figure)
        beside = held.get(key)
        sections.setdefault(figure["domain"], []).append(
            FigureRow(
                id=figure["id"],
                label=figure["label"],
                source_key=figure["source"],
                source=source_words(figure["source"]),
                value=value_words(point, figure["unit"]),
                note=point.note,
                other=value_words(_point(beside), beside["unit"]) if beside else "–",
            )
        )
    return FiguresPage(
        clinic=clinic,
        months=months,
        month=shown,
        other=against,
        is_provisional=bool(shown and known[shown].is_provisional),
        sections=tuple(
            Section(key, SUBJECTS.get(key, sentence_case(key.replace("_", " "))), tuple(rows))
            for key, rows in sections.items()
        ),
    )


def get_figure_page(*, clinic: Clinic, audience: Audience, figure_id: str, source: str) -> FigurePage | None:
    """Return one figure through all months that were built, or None where no definition has its name.

    What is told and what is recorded may bear one name: `source` says which; without one it is the definition's.
    """
    definition = find_definition(figure_id)
    if definition is None or source not in {"", *Source}:
        return None
    found = (
        _newest(clinic, audience)
        .annotate(
            figure=Func(
                "figures",
                Value("$.indicators[*] ? (@.id == $id && @.source == $source)"),
                Func(
                    Value("id"),
                    Value(figure_id),
                    Value("source"),
                    Value(source or str(definition.source)),
                    function="jsonb_build_object",
                ),
                function="jsonb_path_query_first",
                template="%(function)s(%(expressions)s)",
                arg_joiner=", ",
                output_field=JSONField(),
            )
        )
        .values_list("month", "issue", "is_provisional", "figure")
    )
    label, points = definition.label.replace("{}", "…"), list[Point]()
    for month, issue, is_provisional, figure in reversed(found):
        point = read_point(month=month, issue=issue, is_provisional=is_provisional, figure=figure)
        if point is not None:
            label = figure["label"]
            points.append(point)
    series = make_series(points, unit=definition.unit, is_monthly=definition.window is Window.MONTH)
    limits = series.limits
    periods = _not_as_usual(clinic)
    return FigurePage(
        clinic=clinic,
        id=figure_id,
        label=label,
        definition=definition,
        source=source_words(source or definition.source),
        window=WINDOWS[definition.window],
        finding=finding(series),
        rows=tuple(_row(point, series) for point in reversed(points)),
        drawing=draw(series, periods),
        bands=bands_in_words(bands_of(periods, [point.month for point in points])),
        series=series,
        mean=number_words(limits.mean, series.unit) if limits else "",
        low=number_words(limits.low, series.unit) if limits else "",
        high=number_words(limits.high, series.unit) if limits else "",
    )


WINDOWS = {
    Window.MONTH: "the month alone",
    Window.CUMULATIVE: "everything from opening to the end of the month",
}


def find_definition(figure_id: str) -> Definition | None:
    """Return what a figure means; `flow.exited.died` is found under `flow.exited.<reason>`."""
    for definition in DEFINITIONS:
        head, place, rest = definition.id.partition("<")
        if not place and definition.id == figure_id:
            return definition
        tail = rest.partition(">")[2]
        if (
            place
            and figure_id.startswith(head)
            and figure_id.endswith(tail)
            and len(figure_id) > len(head + tail)
        ):
            return definition
    return None


def source_words(source: str) -> str:
    """Whose records a figure rests on, as a reader says it."""
    return {
        "clinic_record": "the clinic's records",
        "self_reported": "told by people",
        "police_recorded": "recorded by the police",
        "laboratory": "the laboratory",
        "record": "records of others",
    }[str(source)]


def _not_as_usual(clinic: Clinic) -> list[Disturbance]:
    """What stands of the clinic's disruptions today; a report prints what stood at its own data cut."""
    return [
        Disturbance(starts_on=row.from_on, ends_on=row.to_on, kind=row.kind, label=row.label)
        for row in standing_disruptions(clinic).order_by("from_on", "kind", "label")
    ]


def _newest(clinic: Clinic, audience: Audience) -> QuerySet[ReportRun]:
    """The exact figures that the reader may see, of each month in its newest issue."""
    shown = runs_shown(clinic=clinic, audience=audience).filter(edition=ReportRun.Edition.RESTRICTED)
    return shown.order_by("-month", "-issue").distinct("month")


def _figures_of(
    known: Mapping[date, ReportRun], month: date | None
) -> dict[tuple[str, str], Mapping[str, Any]]:
    if month is None:
        return {}
    document = known[month].figures
    return {(figure["id"], figure["source"]): figure for figure in document["indicators"]}


def _point(figure: Mapping[str, Any]) -> Point:
    point = read_point(month=date.min, issue=0, is_provisional=False, figure=figure)
    assert point is not None  # noqa: S101 - a figure is given
    return point


def _row(point: Point, series: Series) -> MonthRow:
    return MonthRow(
        month=point.month,
        value=value_words(point, series.unit),
        missing=point.missing,
        note=point.note,
        issue=point.issue,
        is_provisional=point.is_provisional,
        signals=series.signals.get(point.month, ()),
    )
