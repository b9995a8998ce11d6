"""The figures of a report as comma-separated files, safe to open in a spreadsheet.

Source: Indicators 5 (evaluation).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.offending import GROUPS
from outcomes.rules.evaluation.retention import RISK_DAYS
from outcomes.rules.evaluation.statistics import kaplan_meier

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "id",
    "label",
    "domain",
    "set",
    "source",
    "from",
    "to",
    "numerator",
    "denominator",
    "value",
    "unit",
    "interval_low",
    "interval_high",
    "interval_level",
    "interval_method",
    "missing",
    "suppressed",
    "note",
)


def figures_csv(document: Mapping[str, Any]) -> str:
    """Every indicator of a document, one a row; extra keys stand in the columns after the note."""
    fixed = {"interval", "window", *COLUMNS}
    extras = sorted({key for figure in document["indicators"] for key in figure if key not in fixed})
    rows = []
    for figure in document["indicators"]:
        interval = figure["interval"] or {}
        row = {
            **figure,
            "from": figure["window"]["from"],
            "to": figure["window"]["to"],
            **{f"interval_{key}": interval.get(key) for key in ("low", "high", "level", "method")},
            "suppressed": "yes" if figure["suppressed"] else "no",
        }
        rows.append([row.get(column) for column in (*COLUMNS, *extras)])
    return to_csv([*COLUMNS, *extras], rows)


def list_files(document: Mapping[str, Any], figures: Figures) -> dict[str, tuple[str, str]]:
    """The data of a report: file name, and its content with one sentence on what is in it."""
    retention = figures.retention
    steps = [kaplan_meier(retention.durations, retention.has_left, day) for day in RISK_DAYS]
    return {
        "figures.csv": (figures_csv(document), "Every figure of this report, one a row"),
        "attendance-by-month.csv": (
            to_csv(
                ["month", "attended", "offered", "excused"],
                [
                    [f"{month.month:%Y-%m}", month.attended, month.offered, month.excused]
                    for month in figures.attendance.months
                ],
            ),
            "Sessions attended, offered and excused in each month since opening",
        ),
        "retention-by-week.csv": (
            to_csv(
                ["weeks_since_start", "followed", "share_in_treatment"],
                [[step.day // 7, step.at_risk, step.share] for step in steps],
            ),
            "People followed and the Kaplan-Meier share at 0, 13, 26, 39 and 52 weeks",
        ),
        "urine-by-month.csv": (
            to_csv(
                ["month", "due", "negative", "positive", "void", "not_taken", "no_result"],
                [
                    [
                        f"{month.month:%Y-%m}",
                        month.samples.due,
                        month.samples.negative,
                        month.samples.positive,
                        month.samples.void,
                        month.samples.not_taken,
                        month.samples.no_result,
                    ]
                    for month in figures.urine.months
                ],
            ),
            "Urine samples on the street-heroin marker in each month since opening",
        ),
        "recorded-offences-by-group.csv": (
            to_csv(
                ["group", "before", "after"],
                [
                    [
                        group,
                        figures.recorded.pre_by_group.get(group, 0),
                        figures.recorded.post_by_group.get(group, 0),
                    ]
                    for group in GROUPS
                ],
            ),
            "Police-recorded offences before and after each start, by group",
        ),
        "support-by-month.csv": (
            to_csv(
                ["month", "attended", "did_not_attend"],
                [
                    [f"{month.month:%Y-%m}", month.attended, month.not_attended]
                    for month in figures.support.months
                ],
            ),
            "Support sessions attended and not attended in each month since opening",
        ),
    }


def list_public_files(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The data of a public report: its figures and nothing by month, which would be exact."""
    return {"figures.csv": (figures_csv(document), "Every figure of this report, one a row")}


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as text; a text cell that a spreadsheet would run as a formula is led by an apostrophe."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _cell(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return "" if cell is None else cell
