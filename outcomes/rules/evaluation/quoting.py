"""How a figure of the stored document reads in a cell, in every edition alike.

Source: Indicators 2, 4 and 7 (evaluation).
"""

from collections.abc import Mapping
from typing import Any

from outcomes.rules.evaluation.disclosure import HELD
from outcomes.rules.evaluation.indicators import document_interval
from outcomes.rules.evaluation.offending import NO_SELF_REPORT
from outcomes.rules.evaluation.words import (
    FEW_PEOPLE,
    MINUS,
    NBSP,
    decimal,
    number_range,
    of,
    percent,
    percent_range,
    whole,
)

NOT_SHOWN = "not shown"
NONE = "–"

Figure = Mapping[str, Any]


def shown_as(figure: Figure) -> str:
    """The figure itself; a share of fewer than ten people is n of N and never a percentage."""
    value, unit = figure["value"], figure["unit"]
    if figure["suppressed"]:
        return NOT_SHOWN
    if value is None or was_never_asked(figure):
        return NONE
    if unit == "proportion" and figure["denominator"]:
        k, n = int(figure["numerator"]), int(figure["denominator"])
        return of(k, n) if n < FEW_PEOPLE else f"{of(k, n)} ({percent(value)})"
    if unit == "proportion":
        return percent(value)
    if unit.startswith("GBP"):
        return f"{MINUS if value < 0 else ''}£{decimal(abs(value), 0)}"
    return whole(value) if float(value).is_integer() else decimal(value, 2)


def was_never_asked(figure: Figure) -> bool:
    """Whether it counts to nought because nobody was asked: a nought in a cell would read as a finding."""
    return bool(figure["note"] == NO_SELF_REPORT)


def how_sure(figure: Figure) -> str:
    """The 95 % interval in words; nothing where there is none, or of a share of fewer than ten people."""
    interval = document_interval(figure)
    if interval is None or was_never_asked(figure):
        return ""
    if figure["unit"] != "proportion":
        return f"95{NBSP}% interval {number_range(interval)}"
    if figure["denominator"] and figure["denominator"] < FEW_PEOPLE:
        return ""
    return f"95{NBSP}% interval {percent_range(interval)}"


def note_of(figure: Figure) -> str:
    """What the figure says of itself, unless it says only that it may not be shown."""
    return "" if figure["note"] in (None, HELD) else str(figure["note"])
