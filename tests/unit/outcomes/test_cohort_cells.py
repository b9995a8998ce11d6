"""Single cells of a cohort folder: what each kind takes and what it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from outcomes.rules.cohort.cells import Unreadable, Value, read_cell
from outcomes.rules.cohort.columns import FORMATS, Column, Kind
from tests.factories.cohort_folders import TODAY, a_good_folder, assert_only_problem, line_with, with_cell


def value_of(kind: Kind, text: str, *, required: bool = False, codes: tuple[str, ...] = ()) -> Value:
    return read_cell(text, column=Column("cell", kind, required=required, codes=codes), today=TODAY)


def refusal_of(kind: Kind, text: str, *, required: bool = False, codes: tuple[str, ...] = ()) -> str:
    with pytest.raises(Unreadable) as refusal:
        value_of(kind, text, required=required, codes=codes)
    return str(refusal.value)


class TestEmptyCell:
    @pytest.mark.parametrize("kind", Kind)
    def test_is_not_recorded_and_never_zero_or_no(self, kind: Kind) -> None:
        assert value_of(kind, "") is None

    @pytest.mark.parametrize("kind", Kind)
    def test_is_refused_where_it_must_be_filled(self, kind: Kind) -> None:
        assert refusal_of(kind, "", required=True).startswith("is empty; this column must be filled in")

    def test_is_not_a_cell_of_spaces(self) -> None:
        assert "begins or ends with a space" in refusal_of(Kind.TEXT, "  ")

    @pytest.mark.parametrize(
        ("file", "column"),
        [(form.name, column.name) for form in FORMATS for column in form.columns if column.required],
    )
    def test_is_told_in_every_bold_column(self, file: str, column: str) -> None:
        files = a_good_folder()
        line = 3 if file == "patients.csv" else 2  # A2: nothing but the death hangs on the row
        refused = with_cell(files, file, line, column, "")
        assert_only_problem(refused, file, line, column, "is empty; this column must be filled in")


class TestAnyCell:
    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("text", [" 5", "5 ", "\u00a05", "5\u3000"])
    def test_is_not_trimmed(self, kind: Kind, text: str) -> None:
        assert "begins or ends with a space" in refusal_of(kind, text)

    @pytest.mark.parametrize("text", ["=1+1", "+5", "-5", "@x"])
    @pytest.mark.parametrize("kind", Kind)
    def test_does_not_begin_like_a_formula(self, kind: Kind, text: str) -> None:
        assert f"begins with {text[0]}" in refusal_of(kind, text)

    @pytest.mark.parametrize("text", ["a=1", "a+b", "a-b", "a@b"])
    def test_may_hold_such_signs_later(self, text: str) -> None:
        assert value_of(Kind.TEXT, text) == text

    @pytest.mark.parametrize("text", ["\tx", "x\ty", "x\x00", "\x1bx", "x\x7fy", "x\x85y", "a\x9fb"])
    def test_holds_no_control_character(self, text: str) -> None:
        assert "control character" in refusal_of(Kind.TEXT, text)

    @pytest.mark.parametrize("text", ["x\ny", "x\r", "x\u2028y", "x\u2029y"])
    def test_holds_no_line_break(self, text: str) -> None:
        assert "line break" in refusal_of(Kind.TEXT, text)

    def test_is_shown_cut_at_60_characters(self) -> None:
        assert refusal_of(Kind.DATE, "x" * 60).startswith(f'"{"x" * 60}" is not a date')
        assert refusal_of(Kind.DATE, "x" * 61).startswith(f'"{"x" * 59}…" is not a date')

    def test_is_shown_with_unseen_characters_escaped_within_the_60(self) -> None:
        message = refusal_of(Kind.TEXT, "\x00" * 100)
        assert message.startswith('"\\x00\\x00')
        assert len(message.split('"')[1]) <= 60

    def test_is_shown_without_characters_that_turn_the_line_round(self) -> None:
        assert "\\u202e" in refusal_of(Kind.DATE, "abc\u202edef")


class TestText:
    def test_takes_1000_characters(self) -> None:
        assert value_of(Kind.TEXT, "ä" * 1000) == "ä" * 1000

    def test_refuses_1001_characters(self) -> None:
        assert "has 1001 characters" in refusal_of(Kind.TEXT, "ä" * 1001)

    def test_takes_references_of_64_characters(self) -> None:
        assert value_of(Kind.REF, "r" * 64) == "r" * 64

    def test_refuses_references_of_65_characters(self) -> None:
        assert "has 65 characters" in refusal_of(Kind.REF, "r" * 65)


class TestWholeNumber:
    @pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("999999999", 999_999_999)])
    def test_is_one_to_nine_digits(self, text: str, number: int) -> None:
        assert value_of(Kind.WHOLE, text) == number

    @pytest.mark.parametrize(
        "text", ["1000000000", "1_000", "1e3", "1.0", "1,0", "1 0", "٣", "１", "²", "0x1", "ten", "12x", "1."]
    )
    def test_is_nothing_else(self, text: str) -> None:
        assert "is not a whole number; write digits only" in refusal_of(Kind.WHOLE, text)


class TestMoney:
    @pytest.mark.parametrize("text", ["0", "12", "12.5", "12.50", "999999999.99", "0.01"])
    def test_has_at_most_two_decimals(self, text: str) -> None:
        assert value_of(Kind.MONEY, text) == Decimal(text)

    @pytest.mark.parametrize(
        "text",
        ["12.", ".5", "12.345", "1,000", "1.2.3", "£12", "1e3", "1_0", "1000000000", "٣", "nan", "12.5£"],
    )
    def test_is_nothing_else(self, text: str) -> None:
        assert "is not an amount in pounds" in refusal_of(Kind.MONEY, text)


class TestDate:
    @pytest.mark.parametrize("text", ["1900-01-01", "2020-02-29", TODAY.isoformat()])
    def test_is_from_1900_to_today(self, text: str) -> None:
        assert value_of(Kind.DATE, text) == date.fromisoformat(text)

    def test_is_not_before_1900(self) -> None:
        assert "is before 1900" in refusal_of(Kind.DATE, "1899-12-31")

    def test_is_not_tomorrow(self) -> None:
        assert "is in the future" in refusal_of(Kind.DATE, "2021-06-16")

    @pytest.mark.parametrize("text", ["2021-02-29", "2020-13-01", "2020-00-01", "2020-01-32", "0000-01-01"])
    def test_is_a_day_of_the_calendar(self, text: str) -> None:
        assert "not a day of the calendar" in refusal_of(Kind.DATE, text)

    @pytest.mark.parametrize(
        "text",
        [
            "2020-1-1",
            "01/02/2020",
            "20200101",
            "2020-01-01T00:00",
            "2020-W01-1",
            "٢٠٢٠-٠١-٠١",
            "2020-01",
            "x",
        ],
    )
    def test_is_written_year_month_day(self, text: str) -> None:
        assert "write it as YYYY-MM-DD" in refusal_of(Kind.DATE, text)

    @pytest.mark.parametrize(
        ("file", "column"),
        [
            (form.name, column.name)
            for form in FORMATS
            for column in form.columns
            if column.kind in (Kind.DATE, Kind.MONTH)
        ],
    )
    def test_is_never_in_the_future_nor_before_1900_in_any_file(self, file: str, column: str) -> None:
        files = a_good_folder()
        line = 4 if (file, column) == ("custody.csv", "to") else 2
        start = {"patients.csv": "A4", "phases.csv": "First"}.get(file)
        line = line_with(files, file, start) if start else line
        month = column == "month"
        tomorrow, long_ago = ("2021-07", "1899-12") if month else ("2021-06-16", "1899-12-31")
        future = with_cell(files, file, line, column, tomorrow)
        before = with_cell(files, file, line, column, long_ago)
        assert_only_problem(future, file, line, column, "is in the future")
        assert_only_problem(before, file, line, column, "is before 1900")


class TestMonth:
    @pytest.mark.parametrize("text", ["1900-01", "2021-06"])
    def test_is_from_1900_to_this_month(self, text: str) -> None:
        assert value_of(Kind.MONTH, text) == date.fromisoformat(f"{text}-01")

    @pytest.mark.parametrize(
        ("text", "fragment"),
        [
            ("1899-12", "before 1900"),
            ("2021-07", "in the future"),
            ("2021-13", "not a month of the calendar"),
            ("2021-06-01", "write it as YYYY-MM"),
            ("2021-6", "write it as YYYY-MM"),
            ("June", "write it as YYYY-MM"),
        ],
    )
    def test_is_nothing_else(self, text: str, fragment: str) -> None:
        assert fragment in refusal_of(Kind.MONTH, text)


class TestYesNo:
    def test_is_yes_or_no(self) -> None:
        assert value_of(Kind.YES_NO, "yes") is True
        assert value_of(Kind.YES_NO, "no") is False

    @pytest.mark.parametrize("text", ["Yes", "NO", "y", "true", "1", "0"])
    def test_is_nothing_else(self, text: str) -> None:
        assert "neither yes nor no" in refusal_of(Kind.YES_NO, text)


class TestCode:
    def test_is_one_of_its_set(self) -> None:
        assert value_of(Kind.CODE, "am", codes=("am", "pm")) == "am"

    def test_is_told_with_all_codes(self) -> None:
        assert "write one of am, pm." in refusal_of(Kind.CODE, "noon", codes=("am", "pm"))

    @pytest.mark.parametrize(("text", "codes", "right"), [("AM", ("am",), "am"), ("f", ("F",), "F")])
    def test_counts_case(self, text: str, codes: tuple[str, ...], right: str) -> None:
        assert f"wrong case; write {right}." in refusal_of(Kind.CODE, text, codes=codes)

    def test_of_a_large_set_is_not_listed(self) -> None:
        codes = tuple(f"code{number}" for number in range(31))
        assert "see the table of codes" in refusal_of(Kind.CODE, "x", codes=codes)

    @pytest.mark.parametrize(
        ("file", "column"),
        [
            pytest.param(form.name, column, id=f"{form.name} {column.name}")
            for form in FORMATS
            for column in form.columns
            if column.kind is Kind.CODE and column.codes
        ],
    )
    def test_of_every_column_is_taken_and_nonsense_refused(self, file: str, column: Column) -> None:
        assert [value_of(Kind.CODE, code, codes=column.codes) for code in column.codes] == list(column.codes)
        start = {"patients.csv": "A2", "attendance.csv": "A1,2020-01-07"}.get(file)
        line = line_with(a_good_folder(), file, start) if start else 2
        files = with_cell(a_good_folder(), file, line, column.name, "nonsense")
        assert_only_problem(files, file, line, column.name, f"write one of {', '.join(column.codes)}.")

    def test_of_an_offence_is_one_of_the_offence_table(self) -> None:
        files = with_cell(a_good_folder(), "offences.csv", 2, "offence", "arson")
        fragment = "write one of burglary_other, public_order, shoplifting."
        assert_only_problem(files, "offences.csv", 2, "offence", fragment)
