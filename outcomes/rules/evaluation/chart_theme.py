"""What all charts of a report share: the theme, the canvas, and a rate with its interval.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from outcomes.rules.evaluation.disturbed import Band
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.words import decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "Public Sans"
FONT_FILES = ("PublicSans-Regular.ttf", "PublicSans-SemiBold.ttf", "PublicSans-Bold.ttf")
INK, BLUE, DARK_BLUE, LIGHT_BLUE = "#212b32", "#005eb8", "#003087", "#5b9bd0"
GREY, PALE, LINE = "#4c6272", "#d8dde0", "#e8edee"
WIDTH = 6.7
THEME: dict[Any, Any] = {
    "font.family": FONT,
    "font.size": 8.5,
    "svg.fonttype": "none",
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.left": False,
    "xtick.bottom": False,
}


def canvas(height: float) -> tuple[Figure, Axes]:
    """A chart of the width of the page, so many inches high."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=72, layout="constrained")
    return figure, figure.add_subplot()


def rate_mark(axes: Axes, place: float, indicator: Indicator, *, filled: bool) -> None:
    """One rate as a dot on its interval; filled is after, open is before."""
    assert indicator.interval is not None and indicator.value is not None  # noqa: S101 - asked by the caller
    low, high, rate = indicator.interval.low, indicator.interval.high, float(indicator.value)
    axes.plot([low, high], [place, place], color=GREY, linewidth=1.6, marker="|", markersize=9)
    axes.plot(
        rate,
        place,
        marker="o",
        markersize=8,
        color=DARK_BLUE if filled else "#ffffff",
        markeredgecolor=DARK_BLUE,
        markeredgewidth=1.6,
        clip_on=False,
        zorder=5,
    )
    axes.annotate(
        decimal(rate, 2 if 0 < rate < 1 else 1),
        (rate, place),
        xytext=(0, 9),
        textcoords="offset points",
        ha="center",
        weight="bold",
    )


def mark_bands(axes: Axes, bands: Sequence[Band]) -> None:
    """Stripe the months that were not as usual, behind everything, with the number of each period above them."""
    import matplotlib as mpl

    above: dict[float, list[int]] = {}
    with mpl.rc_context({"hatch.linewidth": 0.9}):
        for band in bands:
            axes.axvspan(
                band.first - 0.5,
                band.last + 0.5,
                facecolor="none",
                edgecolor=GREY,
                hatch="///",
                linewidth=0,
                zorder=0,
            )
            above.setdefault((band.first + band.last) / 2, []).append(band.number)
    for place, numbers in above.items():
        axes.annotate(
            ", ".join(map(str, numbers)),
            (place, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            weight="bold",
            annotation_clip=False,
        )
