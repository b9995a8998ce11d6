"""How wide the columns of a printed table are, from the letters in them.

A table laid out by its content measures each of its cells twice before it places one; told its widths it measures none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from string import ascii_lowercase, ascii_uppercase, digits

# The room of a table in ems of its own letters (8.4 points): the whole width of the page, and half of it.
PAGE, HALF = 59.0, 27.8
# How far each letter of Public Sans takes the line on, in ems: its semi-bold weight, figures of one width. The widest of
# each group; `OTHER` is that of every letter that is not named.
ADVANCE = {
    **dict.fromkeys(ascii_lowercase, 0.64),
    **dict.fromkeys(ascii_uppercase, 0.77),
    **dict.fromkeys("MW@%m", 0.97),
    **dict.fromkeys(digits + "£€", 0.7),
    **dict.fromkeys("frtJ/", 0.41),
    **dict.fromkeys("ijlI.,:;'()[]|!", 0.33),
    "w": 0.79,
    " ": 0.25,
    "—": 1.14,
}
OTHER = 0.76
# Between a column and the next, and what stands between numbers on the right and words on the left of theirs.
PADDING, BEFORE_WORDS = 0.45, 0.7


def column_shares(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, words_in: Collection[int], room: float
) -> list[int]:
    """The share of the table's width of each column in thousandths, rounded down; together hardly less than 1000.

    Each column has room for its longest word. What is left goes to those whose texts would otherwise take more lines,
    in proportion to what they lack; when every text has its line, to all in proportion to theirs. A column is thinner
    than its longest word only where the words together are wider than the table.
    """
    texts = [[head, *cells] for head, *cells in zip(columns, *rows, strict=True)]
    beside = [PADDING + BEFORE_WORDS * (index in words_in) for index in range(len(texts))]
    least = [
        max(ems(word) for text in cells for word in text.split(" ")) + more
        for cells, more in zip(texts, beside, strict=True)
    ]
    most = [max(ems(text) for text in cells) + more for cells, more in zip(texts, beside, strict=True)]
    left = room - sum(least)
    lack = [whole - word for whole, word in zip(most, least, strict=True)]
    if sum(most) <= room or left <= 0:
        widths = most if left > 0 else least
    else:
        widths = [word + left * more / sum(lack) for word, more in zip(least, lack, strict=True)]
    return [int(1000 * width / sum(widths)) for width in widths]


def ems(text: str) -> float:
    """About how wide a text is in ems of its letters, rather too wide than too narrow."""
    return sum(ADVANCE.get(letter, OTHER) for letter in text)
