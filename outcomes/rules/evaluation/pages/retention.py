"""Retention: the Kaplan-Meier step with the people still followed under it."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import retention_finding
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Chart, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.retention import RISK_DAYS
from outcomes.rules.evaluation.statistics import kaplan_meier
from outcomes.rules.evaluation.words import FEW_PEOPLE, of, people, percent, percent_range, short_day, whole


def retention_page(control: Control, figures: Figures, found: Found) -> Page:
    """Whether people stay."""
    retention = figures.retention
    heading = retention_finding(retention, control.as_of)
    blocks: list[Block] = [Paragraph(_how_sure(figures, found["retention.snapshot"]))]
    if retention.started:
        blocks += [
            Chart("retention", heading),
            Paragraph(
                (
                    "Each step down is a person leaving. Upright ticks: people who started later and are "
                    "still in treatment. Bars: 95 % interval. Under the chart: people followed at least "
                    "that long."
                ),
                "How to read it.",
            ),
        ]
    blocks += [
        Table(
            "The same numbers",
            ["Measure", "People", "Share", "95 % interval"],
            [
                _snapshot(control, found["retention.snapshot"]),
                _survival("Still in treatment after 26 weeks", found["retention.km_182"], retention.started),
                _survival("Still in treatment after 52 weeks", found["retention.km_364"], retention.started),
            ],
        )
    ]
    if retention.started:
        blocks.append(_followed(figures))
    blocks.append(
        Aside(
            (
                "Every exit counts as leaving, a planned transfer and prison too. People who have not been "
                "followed long enough count for the time they were. The last steps of the line rest on very "
                "few people."
            ),
            "What it counts.",
        )
    )
    return Page(key="retention", running="Retention", heading=heading, blocks=blocks)


def _how_sure(figures: Figures, indicator: Indicator) -> str:
    if indicator.interval is None:
        return indicator.note or ""
    if figures.retention.started < FEW_PEOPLE:
        return (
            f"With {people(figures.retention.started)} no share is printed: one more or less would "
            "change it altogether. Nobody was compared with, so it cannot be said what would have "
            "happened without the clinic."
        )
    return (
        f"With {people(figures.retention.started)} this could fit a true share anywhere from "
        f"{percent_range(indicator.interval)}. Nobody was compared with, so it cannot be said what would "
        "have happened without the clinic."
    )


def _snapshot(control: Control, indicator: Indicator) -> list[str]:
    label = f"In treatment on {short_day(control.as_of)}"
    if indicator.value is None:
        return [label, "–", "–", "–"]
    n_of_n = of(int(indicator.numerator or 0), int(indicator.denominator or 0))
    if (indicator.denominator or 0) < FEW_PEOPLE:
        return [label, n_of_n, "–", "–"]
    return [label, n_of_n, percent(indicator.value), percent_range(indicator.interval)]


def _survival(label: str, indicator: Indicator, started: int) -> list[str]:
    at_risk = f"{whole(int(indicator.extras['at_risk'] or 0))} followed"
    if indicator.value is None or started < FEW_PEOPLE:
        return [label, at_risk, "–", "–"]
    return [label, at_risk, percent(indicator.value), percent_range(indicator.interval)]


def _followed(figures: Figures) -> Table:
    retention = figures.retention
    steps = [kaplan_meier(retention.durations, retention.has_left, day) for day in RISK_DAYS]
    rows = [["People followed", *[whole(step.at_risk) for step in steps]]]
    if retention.started >= FEW_PEOPLE:
        shares = ["–" if step.share is None else percent(step.share) for step in steps]
        rows.append(["Still in treatment", *shares])
    return Table(
        "The line, by weeks", ["Weeks since starting", *[whole(step.day // 7) for step in steps]], rows
    )
