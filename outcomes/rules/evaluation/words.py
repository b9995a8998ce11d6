"""How numbers, dates and shares are printed in a report.

Source: Indicators 2 (evaluation).
"""

from datetime import date

from outcomes.rules.evaluation.statistics import Interval

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
# Below this many people a share is printed as "6 of 9" and never as a percentage. Indicators 2.
FEW_PEOPLE = 10


def whole(number: int | float) -> str:
    """A count with commas between thousands."""
    return f"{round(number):,}".replace("-", MINUS)


def decimal(number: float, digits: int = 1) -> str:
    """A figure with a fixed number of decimals."""
    return f"{number:,.{digits}f}".replace("-", MINUS)


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage, with a space that does not break."""
    return f"{share * 100:.{digits}f}{NBSP}%"


def of(k: int, n: int) -> str:
    """k of n, kept on one line."""
    return f"{whole(k)}{NBSP}of{NBSP}{whole(n)}"


def share_of_people(k: int, n: int) -> str:
    """A share of people: with fewer than ten only "6 of 9", else with its percentage. Indicators 2."""
    return of(k, n) if n < FEW_PEOPLE else f"{of(k, n)} ({percent(k / n)})"


def percent_range(interval: Interval | None) -> str:
    """An interval of a share: "27 to 73 %"; a dash where there is none."""
    if interval is None:
        return "–"
    return f"{interval.low * 100:.0f} to {interval.high * 100:.0f}{NBSP}%"


def number_range(interval: Interval | None, digits: int = 2) -> str:
    """An interval of a rate or ratio: "0.26 to 0.86"; a dash where there is none."""
    if interval is None:
        return "–"
    return f"{decimal(interval.low, digits)} to {decimal(interval.high, digits)}"


def day(value: date) -> str:
    """A day: 1 November 2020."""
    return f"{value.day}{NBSP}{value:%B %Y}"


def short_day(value: date) -> str:
    """A day with a short month: 1 Nov 2020."""
    return f"{value.day}{NBSP}{value:%b}{NBSP}{value.year}"


def month_name(value: date) -> str:
    """A month: October 2020."""
    return f"{value:%B %Y}"


def short_month(value: date) -> str:
    """A month, short: Oct 2020."""
    return f"{value:%b %Y}"


def people(number: int) -> str:
    """A number of people with the right noun."""
    return "1 person" if number == 1 else f"{whole(number)} people"


def plural(number: int, one: str, many: str) -> str:
    """A number with the right noun."""
    return f"{whole(number)} {one if number == 1 else many}"


def sentence_case(text: str) -> str:
    """The text with a capital letter at its head."""
    return text[:1].upper() + text[1:]


def joined(parts: list[str]) -> str:
    """Parts as a list in a sentence: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]
