"""The charts of a report as SVG: one theme, labels at the lines, the finding as title.

matplotlib is imported inside the functions, so that a web process never loads it. No pies, no second axis,
nothing told by colour alone.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcomes.rules.evaluation.attendance import attendance_limits
from outcomes.rules.evaluation.chart_theme import (
    BLUE,
    DARK_BLUE,
    FONT,
    FONT_FILES,
    GREY,
    INK,
    LIGHT_BLUE,
    PALE,
    THEME,
    canvas,
    mark_bands,
    rate_mark,
)
from outcomes.rules.evaluation.charts_of_measures import CHARTS_OF_MEASURES
from outcomes.rules.evaluation.disturbed import DisturbedFacts, bands_of
from outcomes.rules.evaluation.figures import Figures, with_latest_months
from outcomes.rules.evaluation.findings import MONTHS_FOR_LIMITS
from outcomes.rules.evaluation.flow import EXIT_REASONS
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.pages.blocks import Found
from outcomes.rules.evaluation.plain_svg import with_attributes
from outcomes.rules.evaluation.retention import HALF_YEAR, YEAR, list_at_risk, list_curve
from outcomes.rules.evaluation.urine import left_out_words
from outcomes.rules.evaluation.words import FEW_PEOPLE, NBSP, decimal, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_charts(figures: Figures, found: Found, findings: dict[str, str], fonts: Path) -> dict[str, str]:
    """Every chart that the pages ask for by name, as inline SVG whose title is its finding.

    `findings` maps names of charts to sentences, `fonts` is the folder that holds the Public Sans files.
    """
    charts: dict[str, Callable[[Figures, Found], Figure]] = {
        "flow": _flow,
        "retention": _retention,
        "attendance": _attendance,
        "urine": _urine,
        "offending": _offending,
        "support": _support,
        **CHARTS_OF_MEASURES,
    }
    figures = with_latest_months(figures)
    with _theme(fonts):
        return {
            name: _to_svg(charts[name](figures, found), name, finding) for name, finding in findings.items()
        }


@contextmanager
def _theme(fonts: Path) -> Iterator[None]:
    import matplotlib as mpl

    _add_fonts(fonts)
    with mpl.rc_context(THEME):
        yield


@cache
def _add_fonts(fonts: Path) -> None:
    """Make the fonts known to matplotlib, once: it would list them again each time, and look through all."""
    from matplotlib import font_manager

    for name in FONT_FILES:
        font_manager.fontManager.addfont(str(fonts / name))


def _to_svg(figure: Figure, name: str, finding: str) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        # Saving the figure would draw it once more beforehand, for a frame around it that nobody asks for.
        drawing: Any = FigureCanvasSVG(figure)  # matplotlib types its figures, and not how they are written
        drawing.print_svg(buffer, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # Identifiers of several charts share one page: each chart keeps its own.
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    head, _, body = text.partition(">")
    return with_attributes(f'{head} role="img" font-family="{FONT}"><title>{escape(finding)}</title>{body}')


# --- flow ------------------------------------------------------------------------------------------------


def _flow(figures: Figures, found: Found) -> Figure:
    """Bars under bars: everybody referred, where they are, and why those who left did."""
    flow = figures.flow
    figure, axes = canvas(2.0)
    axes.set_axis_off()
    axes.set_xlim(0, flow.referred)
    axes.set_ylim(0, 3.9)
    exits = [(words, flow.exited_by_reason.get(reason, 0)) for reason, words in EXIT_REASONS.items()]
    levels: list[list[tuple[str, int, str]]] = [
        [("referred", flow.referred, DARK_BLUE)],
        [
            ("started", flow.started, DARK_BLUE),
            ("waiting", flow.waiting, PALE),
            ("not decided on", flow.undecided, PALE),
            ("left before a start", flow.left_before_start, PALE),
            ("not eligible", flow.not_eligible, PALE),
        ],
        [("in treatment", flow.in_treatment, BLUE), ("left", flow.exited, PALE)],
        [("", flow.in_treatment, ""), *((words, number, "#ffffff") for words, number in exits)],
    ]
    for row, level in enumerate(levels):
        left = 0.0
        for words, number, colour in level:
            if number and colour:
                _flow_bar(axes, left, 3.35 - row, number, words, colour, flow.referred)
            left += number
    return figure


def _flow_bar(
    axes: Axes, left: float, bottom: float, number: int, words: str, colour: str, total: int
) -> None:
    from matplotlib.patches import Rectangle

    dark = colour in {DARK_BLUE, BLUE}
    gap = total * 0.004
    axes.add_patch(
        Rectangle((left + gap, bottom), number - 2 * gap, 0.5, facecolor=colour, edgecolor=INK, linewidth=0.8)
    )
    ink = "#ffffff" if dark else INK
    if number / total >= 0.2:
        axes.text(
            left + 3 * gap, bottom + 0.25, f"{number} {words}", va="center", color=ink, weight="semibold"
        )
        return
    axes.text(
        left + number / 2, bottom + 0.25, str(number), ha="center", va="center", color=ink, weight="semibold"
    )
    axes.text(
        left + number / 2,
        bottom - 0.05,
        words.replace(" ", "\n", 1),
        ha="center",
        va="top",
        size=6.8,
        color=INK,
    )


# --- retention -------------------------------------------------------------------------------------------


def _retention(figures: Figures, found: Found) -> Figure:
    """The Kaplan-Meier step, ticks for people still followed, bars at 26 and 52 weeks, people at risk."""
    retention = figures.retention
    figure, axes = canvas(3.5)
    curve = [(step.day, step.share) for step in list_curve(retention) if step.share is not None]
    weeks, shares = [day / 7 for day, _ in curve], [share for _, share in curve]
    if weeks[0] > 0 or shares[0] != 1:
        weeks, shares = [0.0, *weeks], [1.0, *shares]
    axes.step(weeks, shares, where="post", color=DARK_BLUE, linewidth=2)
    for duration, left in zip(retention.durations, retention.has_left, strict=True):
        if not left:
            share = [share for day, share in curve if day <= duration][-1]
            axes.plot(duration / 7, share, marker="|", markersize=8, color=INK, markeredgewidth=1)
    for day, key in ((HALF_YEAR, "retention.km_182"), (YEAR, "retention.km_364")):
        _survival_mark(axes, day / 7, found[key], has_label=retention.started >= FEW_PEOPLE)
    axes.set_ylim(-0.02, 1.06)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(share) for share in (0, 0.25, 0.5, 0.75, 1)])
    axes.set_xlim(0, max(60.0, max(retention.durations) / 7 + 1))
    at_risk = list_at_risk(retention)
    axes.set_xticks([day / 7 for day, _ in at_risk], [f"{day // 7}\n\n{number}" for day, number in at_risk])
    axes.set_xlabel("weeks since starting, and under them people followed at least that long")
    return figure


def _survival_mark(axes: Axes, week: float, indicator: Indicator, *, has_label: bool) -> None:
    if indicator.value is None:
        return
    share = top = float(indicator.value)
    if indicator.interval:
        low, top = indicator.interval.low, indicator.interval.high
        axes.plot([week, week], [low, top], color=GREY, linewidth=1.4, marker="_", markersize=9)
    axes.plot(week, share, marker="o", markersize=7, color="#ffffff", markeredgecolor=DARK_BLUE, zorder=5)
    if has_label:
        axes.annotate(
            f"{percent(share)} at {week:.0f} weeks",
            (week, top),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            weight="bold",
        )


# --- attendance ------------------------------------------------------------------------------------------


def _attendance(figures: Figures, found: Found) -> Figure:
    """Attendance month by month, with the mean and the limits where there are enough months."""
    months = figures.attendance.months
    figure, axes = canvas(2.5)
    places = [index for index, month in enumerate(months) if month.share is not None]
    shares = [share for month in months if (share := month.share) is not None]
    axes.plot(places, shares, color=DARK_BLUE, linewidth=1.6, marker="o", markersize=5)
    limits = attendance_limits(months)
    lowest, highest = min(shares), max(shares)
    end = len(months) - 1
    if limits and len(shares) >= MONTHS_FOR_LIMITS:
        lines = [
            ("mean", limits.mean, "-"),
            ("upper", limits.high, (0, (4, 3))),
            ("lower", limits.low, (0, (4, 3))),
        ]
        for words, height, style in lines:
            if height <= 1 or words == "mean":
                axes.plot([0, end], [height, height], color=GREY, linewidth=1.2, linestyle=style)
                axes.annotate(
                    f"{words} {decimal(height * 100)}",
                    (end, height),
                    xytext=(6, 0),
                    textcoords="offset points",
                    va="center",
                    weight="bold",
                    annotation_clip=False,
                )
                lowest, highest = min(lowest, height), max(highest, height)
    else:
        for place, share in zip(places, shares, strict=True):
            axes.annotate(
                percent(share), (place, share), xytext=(0, 7), textcoords="offset points", ha="center"
            )
    bottom = max(0.0, (int(lowest * 20) if lowest * 20 > int(lowest * 20) else int(lowest * 20) - 1) / 20)
    axes.set_ylim(bottom, 1.005)
    steps = round((1 - bottom) / 0.05)
    every = max(1, -(-steps // 6))
    ticks = [1 - 0.05 * step for step in range(0, steps + 1, every)]
    axes.set_yticks(ticks, [percent(tick) for tick in ticks])
    axes.set_xlim(-0.4, end + (1.4 if limits and len(shares) >= MONTHS_FOR_LIMITS else 0.4))
    _month_axis(axes, [month.month for month in months], figures.disturbed)
    return figure


def _month_axis(axes: Axes, months: list[Any], disturbed: DisturbedFacts) -> None:
    """One letter a month and the year under its first, with many months every third; stripes where not as usual."""
    mark_bands(axes, bands_of(disturbed.periods, months))
    every = 1 if len(months) <= 24 else 3
    ticks = range(0, len(months), every)
    labels = []
    for index in ticks:
        month = months[index]
        first = index == 0 or month.year != months[index - every].year
        labels.append(f"{month:%b}"[0] + (f"\n{month.year}" if first else ""))
    axes.set_xticks(list(ticks), labels)


# --- urine -----------------------------------------------------------------------------------------------


def _urine(figures: Figures, found: Found) -> Figure:
    """Samples due in each month: free, with street heroin, void, not taken, in stacked bars."""
    months = figures.urine.months
    # Light, black, grey, white with a broken edge: told apart in black and white too.
    bands: list[tuple[str, list[int], str, Any]] = [
        ("free of street heroin", [m.samples.negative for m in months], LIGHT_BLUE, "-"),
        ("with street heroin", [m.samples.positive for m in months], INK, "-"),
        ("void", [m.samples.void for m in months], "#aeb7bd", "-"),
        (
            left_out_words(months),
            [m.samples.not_taken + m.samples.no_result for m in months],
            "#ffffff",
            (0, (2.5, 1.5)),
        ),
    ]
    return _stacked_months([month.month for month in months], bands, "samples due", figures.disturbed)


def _stacked_months(
    months: list[Any], bands: list[tuple[str, list[int], str, Any]], axis: str, disturbed: DisturbedFacts
) -> Figure:
    """One bar a month; each band has its words, its numbers, its colour and its edge."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = canvas(2.9)
    base = [0] * len(months)
    for words, numbers, colour, edge in bands:
        axes.bar(
            range(len(months)),
            numbers,
            0.72,
            base,
            color=colour,
            edgecolor=INK,
            linestyle=edge,
            linewidth=0.7,
            label=words,
        )
        base = [below + number for below, number in zip(base, numbers, strict=True)]
    axes.set_xlim(-0.6, len(months) - 0.4)
    axes.set_ylim(0, max(base) * 1.05)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_ylabel(axis)
    _month_axis(axes, months, disturbed)
    figure.legend(loc="outside upper left", ncols=4, frameon=False, handlelength=1.4, columnspacing=1.6)
    return figure


# --- offending -------------------------------------------------------------------------------------------


def _offending(figures: Figures, found: Found) -> Figure:
    """Rates before and after with their intervals, recorded and self-reported on lines of their own."""
    sources = [("recorded", "Recorded by police")]
    if figures.self_reported.rows:
        sources.append(("self_reported", "Told by people"))
    figure, axes = canvas(0.75 + 0.85 * len(sources))
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    labels: list[tuple[float, str]] = []
    widest = 0.0
    for row, (key, words) in enumerate(sources):
        for offset, when, moment, filled in ((0.0, "before", "pre", False), (0.85, "after", "post", True)):
            place = -(row * 2.2 + offset)
            indicator = found[f"offending.{key}.{moment}_rate"]
            labels.append((place, f"{words}, {when}"))
            if indicator.value is not None and indicator.interval is not None:
                rate_mark(axes, place, indicator, filled=filled)
                widest = max(widest, indicator.interval.high)
    axes.set_yticks([place for place, _ in labels], [words for _, words in labels])
    axes.set_ylim(min(place for place, _ in labels) - 0.6, 0.75)
    axes.set_xlim(0, widest * 1.06 or 1)
    axes.set_xlabel(f"offences per person-year outside custody, with the 95{NBSP}% interval")
    return figure


# --- support ---------------------------------------------------------------------------------------------


def _support(figures: Figures, found: Found) -> Figure:
    """Support sessions booked in each month: those that people came to, and those that nobody came to."""
    months = figures.support.months
    bands: list[tuple[str, list[int], str, Any]] = [
        ("came", [month.attended for month in months], LIGHT_BLUE, "-"),
        ("did not come", [month.not_attended for month in months], "#ffffff", (0, (2.5, 1.5))),
    ]
    return _stacked_months([month.month for month in months], bands, "sessions booked", figures.disturbed)
