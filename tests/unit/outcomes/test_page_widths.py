"""How the width of a printed table is shared out among its columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from outcomes.rules.evaluation.pages.widths import ADVANCE, OTHER, PAGE, column_shares, ems

FONTS = Path(__file__).resolve().parents[3] / "static" / "fonts" / "public-sans"
CELLS = st.text("abcdefghijkl 0123456789,.%", max_size=60)
TABLES = st.integers(1, 8).flatmap(
    lambda width: st.tuples(
        st.lists(CELLS, min_size=width, max_size=width),
        st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8),
    )
)


class TestTheShares:
    def test_follow_the_texts_when_each_has_its_line(self) -> None:
        assert column_shares(["aaaa", "aa"], [["aaaa", "aa"]], words_in=(), room=PAGE) == pytest.approx(
            [635, 364], abs=1
        )

    def test_give_what_is_left_to_those_that_take_more_lines(self) -> None:
        long = "a word " * 20
        first, number, last = column_shares(
            ["Measure", "Number", "Note"], [["Deaths", "1", long]], words_in={2}, room=PAGE
        )

        assert last > 700
        assert first * PAGE / 1000 > ems("Measure")
        assert number * PAGE / 1000 > ems("Number")

    @given(TABLES)
    def test_have_room_for_the_longest_word_where_there_is_room(self, table) -> None:
        columns, rows = table
        shares = column_shares(columns, rows, words_in=(), room=PAGE)

        assert sum(shares) == pytest.approx(1000, abs=len(shares))
        words = [
            max(ems(word) for text in texts for word in text.split(" "))
            for texts in zip(columns, *rows, strict=True)
        ]
        if sum(words) + len(words) < PAGE:
            for share, word in zip(shares, words, strict=True):
                assert (share + 1) * PAGE / 1000 >= word


class TestTheLetters:
    def test_are_at_least_as_wide_as_in_the_font(self) -> None:
        font = TTFont(FONTS / "PublicSans-SemiBold.ttf")
        width, names, whole = font["hmtx"], font.getBestCmap(), font["head"].unitsPerEm

        for code in range(32, 127):
            letter, name = chr(code), names[code]
            figure = f"{name}.tf"
            advance = width[figure if figure in font.getGlyphOrder() else name][0] / whole
            assert advance <= ADVANCE.get(letter, OTHER), letter
