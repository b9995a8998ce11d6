"""How one figure stands in a cell of a table."""

from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.words import (
    FEW_PEOPLE,
    MINUS,
    decimal,
    number_range,
    of,
    percent,
    percent_range,
)

NONE = "–"


def share_cell(indicator: Indicator) -> str:
    """n of N, with its percentage from ten people on; a dash of nobody."""
    k, n = int(indicator.numerator or 0), int(indicator.denominator or 0)
    if indicator.value is None:
        return NONE
    return of(k, n) if n < FEW_PEOPLE else f"{of(k, n)} ({percent(indicator.value)})"


def how_sure_cell(indicator: Indicator) -> str:
    """The interval of a share from ten people on, else a dash."""
    return NONE if (indicator.denominator or 0) < FEW_PEOPLE else percent_range(indicator.interval)


def number_cell(indicator: Indicator, digits: int = 1) -> str:
    """A number with at most so many decimals; a dash where there is none."""
    if indicator.value is None:
        return NONE
    value = indicator.value
    return decimal(value, 0 if float(value).is_integer() else digits)


def rate_cell(indicator: Indicator) -> str:
    """A rate or ratio with its interval; a dash where there is none."""
    if indicator.value is None:
        return NONE
    return f"{decimal(indicator.value, 2)} ({number_range(indicator.interval)})"


def money_cell(indicator: Indicator) -> str:
    """Whole pounds; a dash where there is no sum."""
    return NONE if indicator.value is None else pounds(indicator.value)


def pounds(value: float) -> str:
    """Whole pounds, a minus sign before the pound."""
    return f"{MINUS if value < 0 else ''}£{decimal(abs(value), 0)}"
