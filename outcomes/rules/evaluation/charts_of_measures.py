"""Charts of what was measured of people: before beside since, or the start beside the latest, one line each.

Open marks are before or at the start, filled ones after or latest, so that nothing is told by colour alone. Shares of
people stand between none and all, labelled n of N.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from outcomes.rules.evaluation.chart_theme import DARK_BLUE, GREY, INK, LIGHT_BLUE, canvas, rate_mark
from outcomes.rules.evaluation.costs import CATEGORY_WORDS
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.health import SERVICES
from outcomes.rules.evaluation.housing import Moment
from outcomes.rules.evaluation.indicators import Indicator, Source
from outcomes.rules.evaluation.own import ITEM_WORDS as OWN_WORDS
from outcomes.rules.evaluation.own import SHARES
from outcomes.rules.evaluation.pages.blocks import Found
from outcomes.rules.evaluation.pages.cells import number_cell, pounds
from outcomes.rules.evaluation.top import ITEM_WORDS
from outcomes.rules.evaluation.words import NBSP, of, sentence_case
from outcomes.rules.housing import HousingState
from outcomes.rules.measures import DAY_ITEMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Marks in the order of time: open, half, full; told apart in black and white.
MARKS: dict[str, dict[str, Any]] = {
    "start": {"marker": "o", "color": "#ffffff", "markeredgecolor": DARK_BLUE},
    "month1": {"marker": "s", "color": "#aeb7bd", "markeredgecolor": INK},
    "latest": {"marker": "o", "color": DARK_BLUE, "markeredgecolor": DARK_BLUE},
}
MARK_WORDS = {"start": "at the start", "month1": "a month later", "latest": "latest"}
RATES_AXIS = f"for each person-year, with the 95{NBSP}% interval"


def _lines(names: Sequence[str], height: float) -> tuple[Figure, Axes]:
    """A canvas with one line of a given height for each name, the first on top."""
    figure, axes = canvas(0.8 + height * len(names))
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.set_yticks([-row for row in range(len(names))], names)
    axes.set_ylim(-len(names) + 0.4, 0.75)
    return figure, axes


def _mark(axes: Axes, across: float, row: int, when: str, words: str, *, above: bool) -> None:
    order = {"month1": 4, "start": 5, "latest": 6}[when]
    size = 6 if when == "month1" else 8
    axes.plot(
        across,
        -row,
        markersize=size,
        markeredgewidth=1.6,
        linestyle="",
        zorder=order,
        clip_on=False,
        **MARKS[when],
    )
    axes.annotate(
        words,
        (across, -row),
        xytext=(0, 8 if above else -8),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        size=7,
    )


def _legend(figure: Figure, whens: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="", markersize=7, markeredgewidth=1.6, label=MARK_WORDS[when], **MARKS[when])
        for when in whens
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), frameon=False)


def _between(rows: Mapping[str, Mapping[str, Indicator]]) -> Figure:
    """Shares of people between none and all, each with its n of N; marks of one line are joined."""
    figure, axes = _lines(list(rows), 0.44)
    whens = list(next(iter(rows.values())))
    for row, marks in enumerate(rows.values()):
        values = {when: found.value for when, found in marks.items() if found.value is not None}
        if values:
            axes.plot([min(values.values()), max(values.values())], [-row, -row], color=GREY, linewidth=1.4)
        for when, value in values.items():
            words = of(int(marks[when].numerator or 0), int(marks[when].denominator or 0))
            if when != "month1":
                _mark(axes, float(value), row, when, words, above=when == "latest")
            else:
                _mark(axes, float(value), row, when, "", above=True)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([0, 0.5, 1], ["none", "half", "all"])
    _legend(figure, whens)
    return figure


def _rates(rows: Sequence[tuple[str, Indicator, bool]], axis: str) -> Figure:
    """Rates with their intervals, one a line; a line without a rate stays empty."""
    figure, axes = _lines([words for words, _, _ in rows], 0.4)
    widest = 0.0
    for row, (_, indicator, filled) in enumerate(rows):
        if indicator.value is not None and indicator.interval is not None:
            rate_mark(axes, -row, indicator, filled=filled)
            widest = max(widest, indicator.interval.high)
    axes.set_xlim(0, widest * 1.06 or 1)
    axes.set_xlabel(axis)
    return figure


def _custody(figures: Figures, found: Found) -> Figure:
    """Stays begun for each person-year, before and after."""
    rows = [
        ("Before the start", found["custody.stays.pre_rate"], False),
        ("After the start", found["custody.stays.post_rate"], True),
    ]
    return _rates(rows, f"stays begun {RATES_AXIS}")


def _health(figures: Figures, found: Found) -> Figure:
    """Uses of each service for each person-year, before and since, each source on lines of its own."""
    told = {Source.SELF_REPORTED: "told", Source.RECORD: "recorded"}
    rows = [
        (f"{words}, {told[source]}, {when}", found[f"health.{key}.{id}@{source}"], filled)
        for source in figures.health.by_source
        for key, words in SERVICES.items()
        for when, id, filled in (("before", "pre_rate", False), ("since", "during_rate", True))
    ]
    return _rates(rows, f"uses {RATES_AXIS}")


def _housing(figures: Figures, found: Found) -> Figure:
    """The share of people in each kind of home, at three times."""
    names = {"homeless": "Without a home, in all"} | {state.value: state.label for state in HousingState}
    return _between(
        {
            words: {str(moment): found[f"housing.{key}.{moment}"] for moment in Moment}
            for key, words in names.items()
        }
    )


def _own(figures: Figures, found: Found) -> Figure:
    """The share of people who do, at the start and last."""
    return _between(
        {
            sentence_case(OWN_WORDS[item]).replace(" that is", "\nthat is").replace(" where", "\nwhere"): {
                when: found[f"own.{item}.{when}"] for when in ("start", "latest")
            }
            for item in SHARES
        }
    )


def _answers(figures: Figures, found: Found) -> Figure:
    """Days of the last 28 of the middle person, at the start and last, of items that somebody answered twice."""
    items = [item for item in DAY_ITEMS if figures.top.paired(item)]
    figure, axes = _lines([sentence_case(ITEM_WORDS[item]).split(",")[0] for item in items], 0.38)
    for row, item in enumerate(items):
        start, latest = found[f"top.{item}.start"], found[f"top.{item}.latest"]
        axes.plot([start.value or 0, latest.value or 0], [-row, -row], color=GREY, linewidth=1.4)
        if start.value != latest.value:
            _mark(axes, float(start.value or 0), row, "start", number_cell(start), above=False)
        _mark(axes, float(latest.value or 0), row, "latest", number_cell(latest), above=True)
    axes.set_xlim(-0.8, 28.8)
    axes.set_xticks([0, 7, 14, 21, 28])
    axes.set_xlabel("days of the last 28, the middle person")
    _legend(figure, ("start", "latest"))
    return figure


def _costs(figures: Figures, found: Found) -> Figure:
    """Pounds by what for; a kind that nobody entered has no bar."""
    names = {key: sentence_case(words) for key, words in CATEGORY_WORDS.items()}
    figure, axes = _lines(list(names.values()), 0.23)
    widest = 0.0
    for row, key in enumerate(names):
        spent = found[f"cost.programme.{key}"].value
        if spent is None:
            axes.annotate("not entered", (0, -row), xytext=(4, 0), textcoords="offset points", va="center")
            continue
        axes.barh(-row, spent, 0.62, color=LIGHT_BLUE, edgecolor=INK, linewidth=0.7)
        axes.annotate(
            pounds(spent),
            (spent, -row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
        )
        widest = max(widest, float(spent))
    axes.set_xlim(0, widest * 1.15 or 1)
    axes.set_ylim(-len(names) + 0.5, 0.5)
    axes.set_xticks([])
    return figure


CHARTS_OF_MEASURES: dict[str, Callable[[Figures, Found], Figure]] = {
    "custody": _custody,
    "answers": _answers,
    "own": _own,
    "health": _health,
    "housing": _housing,
    "costs": _costs,
}
