"""Numbers behind keys: what is read as a number, what is refused, and why a value could not be had."""

from __future__ import annotations

from typing import Any

import pytest

from dosing.forms.keys import HIGH, LOW, UNABLE, ReadingsForm, whole_number
from dosing.forms.visits import RecordCheck

READINGS = {"sedation": "1", "breaths": "14", "oxygen": "97", "pulse": "70"}
CHECK = READINGS | {
    "alcohol": "0",
    "no_other_drugs": "so",
    "oral_as_ordered": "so",
    "not_intoxicated": "so",
    "sites_are_well": "so",
    "seal": "a seal",
}
ENDS = [
    ("breaths", LOW, 0, 8),
    ("breaths", HIGH, 21, 60),
    ("oxygen", LOW, 30, 89),
    ("pulse", LOW, 10, 49),
    ("pulse", HIGH, 111, 250),
]
ALCOHOL_ENDS = [("alcohol", "some", 1, 19), ("alcohol", "stop", 20, 34), ("alcohol", "hold", 35, 300)]
NO_NUMBERS = [
    "1_000",
    "1_0",
    "1e3",
    "1e1",
    "٣",
    "８",
    "８０",
    "²",
    "-5",
    "+5",
    "8.5",
    "8,5",
    "8.0",
    "20 ug",
    "0x8",
    "1 0",
    "1000",
    "8\n",
    "8\u00a0",
    "eight",
    "",
    "   ",
]


def readings(**changes: str) -> ReadingsForm:
    form = ReadingsForm(READINGS | changes)
    form.is_valid()
    return form


def check(**changes: str) -> RecordCheck:
    form = RecordCheck(CHECK | changes)
    form.is_valid()
    return form


def at_the_ends(ends: list[tuple[str, str, int, int]]) -> list[tuple[str, str, int]]:
    return [(name, key, number) for name, key, *both in ends for number in both]


def outside(ends: list[tuple[str, str, int, int]]) -> list[tuple[str, str, int]]:
    return [(name, key, number) for name, key, least, most in ends for number in (least - 1, most + 1)]


class TestAWholeNumber:
    @pytest.mark.parametrize(
        ("text", "number"), [("0", 0), ("8", 8), ("250", 250), ("999", 999), ("  21 ", 21), ("008", 8)]
    )
    def test_is_one_to_three_digits(self, text: str, number: int) -> None:
        assert whole_number(text) == number

    @pytest.mark.parametrize("text", NO_NUMBERS)
    def test_is_nothing_else(self, text: str) -> None:
        assert whole_number(text) is None


class TestAKeyInTheMiddle:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            *(("breaths", str(number)) for number in (9, 20)),
            *(("oxygen", str(number)) for number in (90, 100)),
            *(("pulse", str(number)) for number in (50, 110)),
        ],
    )
    def test_is_its_own_number(self, name: str, key: str) -> None:
        form = readings(**{name: key})

        assert form.errors == {}
        assert form.cleaned_data[f"{name}_number"] == int(key)

    @pytest.mark.parametrize(("name", "key"), [("breaths", "8"), ("oxygen", "89"), ("pulse", "72")])
    def test_that_is_not_on_the_page_is_no_answer(self, name: str, key: str) -> None:
        assert readings(**{name: key}).errors.keys() == {name}


class TestAnEndKey:
    @pytest.mark.parametrize(("name", "key", "number"), at_the_ends(ENDS))
    def test_of_a_reading_takes_its_number_up_to_both_ends(self, name: str, key: str, number: int) -> None:
        form = readings(**{name: key, f"{name}_exact": str(number)})

        assert form.errors == {}
        assert form.cleaned_data[f"{name}_number"] == number

    @pytest.mark.parametrize(("name", "key", "number"), outside(ENDS))
    def test_of_a_reading_takes_no_number_beyond_them(self, name: str, key: str, number: int) -> None:
        form = readings(**{name: key, f"{name}_exact": str(number)})

        assert form.errors.keys() == {f"{name}_exact"}
        assert form.cleaned_data[f"{name}_number"] is None

    @pytest.mark.parametrize(("name", "key", "number"), at_the_ends(ALCOHOL_ENDS))
    def test_of_alcohol_takes_its_number_up_to_both_ends(self, name: str, key: str, number: int) -> None:
        form = check(**{name: key, f"{name}_exact": str(number)})

        assert form.errors == {}
        assert form.answers().alcohol_ug == number

    @pytest.mark.parametrize(("name", "key", "number"), outside(ALCOHOL_ENDS))
    def test_of_alcohol_takes_no_number_beyond_them(self, name: str, key: str, number: int) -> None:
        assert check(**{name: key, f"{name}_exact": str(number)}).errors.keys() == {f"{name}_exact"}

    @pytest.mark.parametrize("typed", [text for text in NO_NUMBERS if text == text.strip()])
    def test_asks_for_digits_and_says_between_what(self, typed: str) -> None:
        form = readings(breaths=LOW, breaths_exact=typed)

        assert form.errors == {
            "breaths_exact": ["Write the exact number, 0 to 8, with the digits 0 to 9."],
        }

    def test_without_its_number_is_asked_for_in_every_row_at_once(self) -> None:
        form = check(breaths=LOW, oxygen=LOW, pulse=HIGH, alcohol="some")

        assert form.errors.keys() == {"breaths_exact", "oxygen_exact", "pulse_exact", "alcohol_exact"}


class TestAValueThatCannotBeHad:
    @pytest.mark.parametrize("name", ["oxygen", "pulse", "alcohol"])
    @pytest.mark.parametrize("reason", ["", "   "])
    def test_asks_for_a_reason(self, name: str, reason: str) -> None:
        assert check(**{name: UNABLE, "unable_reason": reason}).errors.keys() == {"unable_reason"}

    @pytest.mark.parametrize("name", ["oxygen", "pulse"])
    def test_asks_for_it_after_the_injection_too(self, name: str) -> None:
        assert readings(**{name: UNABLE}).errors.keys() == {"unable_reason"}

    @pytest.mark.parametrize("name", ["oxygen", "pulse", "alcohol"])
    def test_is_no_number_with_its_reason(self, name: str) -> None:
        form = check(**{name: UNABLE, "unable_reason": "cold hands"})

        assert form.errors == {}
        assert form.cleaned_data[f"{name}_number"] is None

    @pytest.mark.parametrize("name", ["sedation", "breaths"])
    def test_is_never_sedation_or_breathing(self, name: str) -> None:
        assert readings(**{name: UNABLE, "unable_reason": "asleep"}).errors.keys() == {name}


class TestARowThatNobodyTapped:
    @pytest.mark.parametrize("name", list(READINGS))
    def test_is_asked_for_and_is_no_number(self, name: str) -> None:
        answered: dict[str, Any] = {row: key for row, key in READINGS.items() if row != name}

        form = ReadingsForm(answered)

        assert form.errors.keys() == {name}
        assert form.cleaned_data.get(f"{name}_number") is None
