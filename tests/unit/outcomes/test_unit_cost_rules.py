"""Which table of unit costs can be read, who approves it, and how a report prints it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from outcomes.rules.evaluation.aims import AimsFacts
from outcomes.rules.evaluation.pages.files import list_page_files
from outcomes.rules.evaluation.pages.unit_costs import NOT_COSTED, UNVERIFIED, unit_costs_page
from outcomes.rules.evaluation.unit_costs import (
    COLUMNS,
    LONGEST_NAME,
    MOST_BYTES,
    MOST_ROWS,
    UnitCostsFacts,
    as_unit_cost,
    may_approve_unit_costs,
    may_load_unit_costs,
    read_unit_costs,
)

TODAY, OPENED = date(2026, 3, 1), date(2025, 1, 1)
TOMORROW = TODAY + timedelta(days=1)
GOOD = "robbery,1000,0.5,,,,,2019,A table,Ann Other,2026-01-05"


def read(*lines: str):
    data = "\n".join([",".join(COLUMNS), *lines, ""]).encode()
    return read_unit_costs(data, today=TODAY, codes=frozenset({"robbery", "shoplifting"}))


def places(*lines: str) -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in read(*lines)[1]]


class TestAFile:
    def test_is_read_whole(self):
        (row,), problems = read(GOOD)

        assert problems == ()
        assert row.to_json() == {
            "offence": "robbery",
            "pence": {
                "police": 100000,
                "courts": 50,
                "prison": None,
                "probation": None,
                "health": None,
                "victim": None,
            },
            "price_year": 2019,
            "source": "A table",
            "verified_by": "Ann Other",
            "verified_on": "2026-01-05",
        }

    @pytest.mark.parametrize(
        ("line", "place"),
        [
            ("theft,,,,,,,2019,A,,", (2, "offence")),
            ("robbery,-1,,,,,,2019,A,,", (2, "police_gbp")),
            ("robbery,,,,,,,1989,A,,", (2, "price_year")),
            ("robbery,,,,,,,2027,A,,", (2, "price_year")),
            ("robbery,,,,,,,2019,,,", (2, "source")),
            ("robbery,,,,,,,2019,A,Ann,", (2, "verified_on")),
            ("robbery,,,,,,,2019,A,,2026-01-05", (2, "verified_by")),
            ("robbery,,,,,,,2019,A,Ann,2026-03-02", (2, "verified_on")),
            (f"robbery,,,,,,,2019,A,{'x' * (LONGEST_NAME + 1)},2026-01-05", (2, "verified_by")),
        ],
    )
    def test_is_refused_at_its_line_and_column(self, line, place):
        assert places(line) == [place]

    def test_tells_everything_at_once(self):
        assert places("theft,x,,,,,,2019,,,", GOOD, GOOD) == [
            (2, "offence"),
            (2, "police_gbp"),
            (2, "source"),
            (4, "offence"),
        ]

    @pytest.mark.parametrize("data", [b" ", b"x" * (MOST_BYTES + 1), b"PK\x03\x04", b"a\x00b"])
    def test_that_is_no_table_is_refused_as_a_whole(self, data):
        rows, (problem,) = read_unit_costs(data, today=TODAY, codes=frozenset())

        assert rows == () and problem.line == 0

    def test_has_some_rows_and_not_too_many(self):
        assert places() == [(1, "")]
        assert places(*[GOOD] * (MOST_ROWS + 1)) == [(0, "")]
        assert [one.line for one in read_unit_costs(b"a,b\n", today=TODAY, codes=frozenset())[1]] == [1]


class TestADay:
    @pytest.mark.parametrize(
        ("day", "is_first", "codes"),
        [
            (TOMORROW, False, set()),
            (TODAY, False, {"unit_costs_past"}),
            (OPENED, True, set()),
            (OPENED - timedelta(days=1), True, {"unit_costs_before_opening"}),
        ],
    )
    def test_is_to_come_unless_the_table_is_the_first(self, day, is_first, codes):
        decision = may_load_unit_costs(from_day=day, today=TODAY, opened_on=OPENED, is_first=is_first)

        assert set(decision.refusal_codes) == codes


class TestAnApproval:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, set()),
            ({"is_own": True}, {"unit_costs_own"}),
            ({"is_approved": True}, {"unit_costs_approved"}),
            ({"is_confirmed": False}, {"unit_costs_unconfirmed"}),
            ({"from_day": TODAY}, {"unit_costs_past"}),
        ],
    )
    def test_is_of_another_and_before_the_first_day(self, changes, codes):
        asked = {
            "from_day": TOMORROW,
            "today": TODAY,
            "opened_on": OPENED,
            "is_first": False,
            "is_own": False,
            "is_approved": False,
            "is_confirmed": True,
        }

        assert set(may_approve_unit_costs(**(asked | changes)).refusal_codes) == codes


class TestThePage:
    def facts(self) -> UnitCostsFacts:
        rows, _ = read(GOOD, "shoplifting,,,,,,0,2020,Another,,")
        return UnitCostsFacts(
            version="Version 1",
            rows=tuple(as_unit_cost(row.to_json()) for row in rows),
            labels={"robbery": "Robbery"},
        )

    def test_says_that_no_table_was_in_force(self):
        page = unit_costs_page(UnitCostsFacts())

        assert page.heading.startswith("No table of unit costs") and len(page.blocks) == 1

    def test_tells_not_costed_from_nought_and_who_verified(self):
        costs, where, *_ = unit_costs_page(self.facts()).blocks

        assert costs.rows[0] == ["Robbery", "£1,000", "£0.50", *[NOT_COSTED] * 4]
        assert costs.rows[1] == ["shoplifting", *[NOT_COSTED] * 5, "£0"]
        assert costs.named[0][1][0] == ("Police", "£1,000")
        assert where.rows[0][3].replace("\u00a0", " ") == "Ann Other, 5 Jan 2026"
        assert where.rows[1][3] == UNVERIFIED
        assert unit_costs_page(self.facts()).heading.replace("\u00a0", " ") == (
            "2 offences have a row of unit costs; a named person verified 1 of 2"
        )

    def test_is_a_file_with_empty_cells_where_not_costed(self):
        text, _ = list_page_files({"indicators": []}, AimsFacts(), self.facts())["unit-costs.csv"]
        first, second = csv.DictReader(io.StringIO(text))

        assert (first["police_gbp"], first["prison_gbp"], first["version"]) == ("1000.0", "", "Version 1")
        assert (second["victim_gbp"], second["verified_by"]) == ("0.0", UNVERIFIED)
