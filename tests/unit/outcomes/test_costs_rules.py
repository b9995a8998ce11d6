"""What may be entered of the programme's costs, and what is read from a file of them."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.models import ProgrammeCost
from outcomes.rules.cohort.columns import COST_CATEGORIES
from outcomes.rules.costs import (
    LONGEST_PAYER,
    MOST_PENCE,
    CostCategory,
    CostSaid,
    in_pounds,
    may_record_cost,
    must_have_amount,
    read_month,
    read_pence,
)
from outcomes.rules.costs_file import MOST_BYTES, MOST_ROWS, in_reading_order, read_costs

TODAY = date(2026, 11, 24)
HEADER = b"month,payer,category,amount_gbp\n"


def cost(month: date = date(2026, 11, 1), payer: str = "Council", pence: int = 100) -> CostSaid:
    return CostSaid(month=month, payer=payer, category="staff", pence=pence)


def codes(said: CostSaid, taken: CostSaid | None = None) -> list[str]:
    return may_record_cost(said, today=TODAY, taken=taken).refusal_codes


def problems(data: bytes) -> list[tuple[int, str, str]]:
    _, found = read_costs(data, today=TODAY)
    return [(one.line, one.column, one.message) for one in in_reading_order(found)]


class TestTheCategories:
    def test_are_those_of_the_files_and_of_the_table(self):
        assert tuple(CostCategory) == COST_CATEGORIES
        assert list(CostCategory) == ProgrammeCost.Category.values

    def test_have_words_of_their_own(self):
        assert len({category.label for category in CostCategory}) == len(CostCategory)


class TestMoney:
    @pytest.mark.parametrize(
        ("text", "pence"),
        [("0", 0), ("1200", 120000), ("1200.50", 120050), (" 7 ", 700), ("999999999.99", MOST_PENCE)],
    )
    def test_is_read_in_pounds(self, text, pence):
        assert read_pence(text) == pence

    @pytest.mark.parametrize(
        "text", ["", "-1", "+1", "1.5", "1.", ".50", "1,200", "£5", "1e3", "01", "1" * 10]
    )
    def test_of_another_spelling_is_not(self, text):
        assert read_pence(text) is None

    def test_is_told_with_pence_where_there_are_some(self):
        assert [in_pounds(pence) for pence in (0, 5, 120000, 123456)] == [
            "£0",
            "£0.05",
            "£1,200",
            "£1,234.56",
        ]


class TestAMonth:
    def test_is_read_from_an_address(self):
        assert read_month("2026-10") == date(2026, 10, 1)

    @pytest.mark.parametrize(
        "text", ["2026-13", "2026-00", "1899-01", "2026-1", "2026-10-01", "import-costs"]
    )
    def test_of_another_spelling_is_not(self, text):
        assert read_month(text) is None


class TestALine:
    def test_may_be_of_this_month_and_of_nothing(self):
        assert codes(cost(pence=0)) == []
        assert codes(cost(pence=MOST_PENCE)) == []

    def test_is_not_of_a_month_that_has_not_begun(self):
        assert codes(cost(date(2026, 12, 1))) == ["cost_in_future"]

    def test_is_no_more_than_a_line_holds(self):
        assert codes(cost(pence=MOST_PENCE + 1)) == ["cost_too_large"]

    @pytest.mark.parametrize(
        ("payer", "code"),
        [
            ("", "cost_without_payer"),
            ("x" * (LONGEST_PAYER + 1), "cost_long_payer"),
            ("=cmd", "cost_payer_spelling"),
        ],
    )
    def test_names_who_paid(self, payer, code):
        assert codes(cost(payer=payer)) == [code]
        assert codes(cost(payer="x" * LONGEST_PAYER)) == []

    def test_stands_once(self):
        (finding,) = may_record_cost(cost(), today=TODAY, taken=cost(pence=5)).refusals

        assert finding.code == "cost_known"
        assert finding.message.startswith("Council has £0.05 for Staff in November 2026 already.")

    def test_is_one_however_the_payer_is_spelled_in_capitals(self):
        assert cost(payer="COUNCIL").place == cost().place
        assert cost().pounds == "£1"

    def test_asks_for_an_amount(self):
        assert must_have_amount(0).refusal_codes == ["cost_without_amount"]
        assert must_have_amount(1).is_allowed


class TestAFile:
    def test_is_read_line_by_line(self):
        lines, found = read_costs(
            HEADER + b"2026-10,Council,staff,1200.5\n2026-10,Council,drug,0\n", today=TODAY
        )

        assert found == ()
        assert [(one.line, one.said.pence) for one in lines] == [(2, 120050), (3, 0)]

    def test_tells_every_problem_by_line_and_column(self):
        data = (
            HEADER
            + b"2026-13,Council,staff,1\n2026-10,Council,beer,x\n2026-10,A,staff,1\n2026-10,a,staff,2\n"
        )

        assert [(line, column) for line, column, _ in problems(data)] == [
            (2, "month"),
            (3, "category"),
            (3, "amount_gbp"),
            (5, "payer"),
        ]

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b" \n", "the file is empty."),
            (b"x" * (MOST_BYTES + 1), "larger than 1 MB"),
            (b"PK\x03\x04", "no CSV"),
            (b"a\x00b", "no text"),
            ("month".encode("utf-16"), "UTF-16"),
            (HEADER, "a header and no line"),
            (HEADER + b"2026-10,Council,staff,1\n" * (MOST_ROWS + 1), f"at most {MOST_ROWS}"),
        ],
    )
    def test_that_is_none_is_refused_as_a_whole(self, data, words):
        ((_, _, message),) = problems(data)

        assert words in message
