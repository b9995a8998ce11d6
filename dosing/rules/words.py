"""Numbers in words, so that an order is read twice: in figures and in words."""

from __future__ import annotations

from typing import Final

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def number_in_words(number: int) -> str:
    """Return a whole number from 0 to 99999 as it is said: 1180 is "one thousand one hundred and eighty".

    Raises ValueError for any other number: an order or a prescription never holds one.
    """
    if not 0 <= number <= 99_999:
        raise ValueError(f"{number} is not from 0 to 99999")
    thousands, below_thousand = divmod(number, 1000)
    hundreds, rest = divmod(below_thousand, 100)
    parts = []
    if thousands:
        parts.append(f"{_below_hundred(thousands)} thousand")
    if hundreds:
        parts.append(f"{_SMALL[hundreds]} hundred")
    if not parts:
        return _below_hundred(rest)
    if rest:
        parts.append(f"and {_below_hundred(rest)}")
    return " ".join(parts)


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{_SMALL[ones]}" if ones else _TENS[tens]
