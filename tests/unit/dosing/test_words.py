"""Numbers in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.words import number_in_words


class TestANumberInWords:
    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (0, "zero"),
            (1, "one"),
            (13, "thirteen"),
            (19, "nineteen"),
            (20, "twenty"),
            (21, "twenty-one"),
            (40, "forty"),
            (99, "ninety-nine"),
            (100, "one hundred"),
            (101, "one hundred and one"),
            (115, "one hundred and fifteen"),
            (180, "one hundred and eighty"),
            (450, "four hundred and fifty"),
            (999, "nine hundred and ninety-nine"),
            (1000, "one thousand"),
            (1001, "one thousand and one"),
            (1100, "one thousand one hundred"),
            (9999, "nine thousand nine hundred and ninety-nine"),
            (10_000, "ten thousand"),
            (11_200, "eleven thousand two hundred"),
            (28_001, "twenty-eight thousand and one"),
            (99_999, "ninety-nine thousand nine hundred and ninety-nine"),
        ],
    )
    def test_is_said_as_in_english(self, number: int, words: str) -> None:
        assert number_in_words(number) == words

    @pytest.mark.parametrize("number", [-1, 100_000])
    def test_ends_at_five_digits(self, number: int) -> None:
        with pytest.raises(ValueError, match="not from 0 to 99999"):
            number_in_words(number)

    @given(st.integers(0, 99_999), st.integers(0, 99_999))
    def test_is_another_for_another_number(self, one: int, other: int) -> None:
        assert (number_in_words(one) == number_in_words(other)) is (one == other)
