"""What no cell of any file that is brought in may hold, and how an offending cell is shown.

Cells are never trimmed or cleaned. Standard library only, so that pure rules may import it.

Source: cohort files (evaluation), text and numbers.
"""

from __future__ import annotations

import re

SHOWN_CHARACTERS = 60
"""At most so many characters of an offending cell are shown."""

_FIRST_SURROGATE, _LAST_SURROGATE = 0xDC80, 0xDCFF
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_BREAK = re.compile("[\n\r\u2028\u2029]")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_FORMULA_MARKS = ("=", "+", "-", "@")


class Unreadable(Exception):
    """The cell has no value; the message is a sentence for the person who sent the file."""


def refuse_bad_characters(text: str) -> None:
    """Refuse what no cell may hold, with the first thing that is wrong. Raises Unreadable."""
    if _NOT_UTF8.search(text):
        raise Unreadable(f"{quoted(text)} holds bytes that are not UTF-8; save the file as UTF-8.")
    if _LINE_BREAK.search(text):
        raise Unreadable(f"{quoted(text)} holds a line break; write the cell on one line.")
    if _CONTROL.search(text):
        raise Unreadable(f"{quoted(text)} holds a control character; remove it.")
    if text != text.strip():
        raise Unreadable(f"{quoted(text)} begins or ends with a space; remove the space.")
    if text.startswith(_FORMULA_MARKS):
        raise Unreadable(
            f"{quoted(text)} begins with {text[0]}, which a spreadsheet takes for a formula; "
            "no cell may begin with = + - @ or a tab."
        )


def shown(text: str) -> str:
    """`text` as it may be printed: at most 60 characters, what cannot be seen written as an escape."""
    printed = ""
    for character in text:
        piece = _visible(character)
        if len(printed) + len(piece) > SHOWN_CHARACTERS:
            return printed[: SHOWN_CHARACTERS - 1] + "…"
        printed += piece
    return printed


def quoted(text: str) -> str:
    """`shown(text)` between quotation marks."""
    return f'"{shown(text)}"'


def _visible(character: str) -> str:
    code = ord(character)
    if _FIRST_SURROGATE <= code <= _LAST_SURROGATE:  # a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
