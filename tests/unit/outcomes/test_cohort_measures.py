"""Forms, samples, homes, stays and periods in a cohort folder: each boundary from both sides."""

from __future__ import annotations

import pytest

from tests.factories.cohort_folders import (
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    line_with,
    places,
    spoiled,
    with_cell,
    with_row,
)


class TestForms:
    def test_stand_once_for_a_person_and_date(self) -> None:
        files, line = with_row(a_good_folder(), "top.csv", "A1,2020-02-05,exit" + "," * 21)
        assert_only_problem(files, "top.csv", line, "date", "on line 3")

    def test_of_another_person_may_have_the_same_date(self) -> None:
        files, _ = with_row(a_good_folder(), "top.csv", "A2,2020-02-05,post_exit" + "," * 21)
        assert_nothing_wrong(files)

    @pytest.mark.parametrize(("column", "most"), [("opiates_days", 28), ("psychological", 20)])
    def test_hold_numbers_in_their_range(self, column: str, most: int) -> None:
        good, line = spoiled("top.csv", "A1,2020-01-05", **{column: str(most)})
        bad, _ = spoiled("top.csv", "A1,2020-01-05", **{column: str(most + 1)})
        assert_nothing_wrong(good)
        assert_only_problem(bad, "top.csv", line, column, f"from 0 to {most}")


class TestHousing:
    def test_stands_once_for_a_person_and_date(self) -> None:
        files, line = with_row(a_good_folder(), "housing.csv", "A1,2020-01-06,own")
        assert_only_problem(files, "housing.csv", line, "date", "on line 2")

    def test_of_another_person_may_have_the_same_date(self) -> None:
        files, _ = with_row(a_good_folder(), "housing.csv", "A2,2020-01-06,own")
        assert_nothing_wrong(files)


class TestSamples:
    def test_taken_have_a_date(self) -> None:
        files, line = spoiled("urine.csv", "A1,2020-01-13", taken_on="")
        assert_only_problem(files, "urine.csv", line, "taken_on", "is empty, but the result")

    def test_not_taken_have_no_date(self) -> None:
        files, line = spoiled("urine.csv", "A1,2020-01-20", taken_on="2020-01-20")
        assert_only_problem(files, "urine.csv", line, "taken_on", "must be empty")

    @pytest.mark.parametrize("result", ["negative", "positive", "void"])
    def test_taken_may_have_any_result(self, result: str) -> None:
        files, _ = spoiled("urine.csv", "A1,2020-01-13", result=result)
        assert_nothing_wrong(files)


class TestCustody:
    def test_stays_do_not_overlap(self) -> None:
        files, line = with_row(a_good_folder(), "custody.csv", "A1,2018-02-28,2018-04-01")
        assert_only_problem(files, "custody.csv", line, "from", "on line 3")

    def test_stays_are_told_at_the_later_line_whatever_their_order_in_time(self) -> None:
        files, line = with_row(a_good_folder(), "custody.csv", "A1,2017-01-01,2018-01-02")
        assert_only_problem(files, "custody.csv", line, "from", "on line 2")

    def test_stays_may_follow_at_once(self) -> None:
        files, _ = with_row(a_good_folder(), "custody.csv", "A1,2017-12-01,2018-01-01")
        assert_nothing_wrong(files)

    def test_open_stay_goes_on(self) -> None:
        files, line = with_row(a_good_folder(), "custody.csv", "A3,2021-06-01,2021-06-02")
        assert_only_problem(files, "custody.csv", line, "from", "on line 4")

    def test_open_stay_does_not_reach_back(self) -> None:
        files, _ = with_row(a_good_folder(), "custody.csv", "A3,2020-12-01,2021-01-01")
        assert_nothing_wrong(files)

    def test_every_later_stay_that_overlaps_is_told(self) -> None:
        files, first = with_row(a_good_folder(), "custody.csv", "A1,2018-02-20,2018-04-01")
        files, second = with_row(files, "custody.csv", "A1,2018-03-20,2018-05-01")
        assert places(files) == [("custody.csv", first, "from"), ("custody.csv", second, "from")]

    def test_stays_of_two_people_may_overlap(self) -> None:
        files, _ = with_row(a_good_folder(), "custody.csv", "A2,2018-01-01,2018-02-01")
        assert_nothing_wrong(files)


class TestPeriods:
    @pytest.mark.parametrize(
        ("file", "start"),
        [
            ("custody.csv", "A1,2018-01-01"),
            ("service_use.csv", "A1"),
            ("phases.csv", "First"),
            ("disruptions.csv", "2020"),
            ("area.csv", "Northtown"),
        ],
    )
    def test_end_after_they_begin(self, file: str, start: str) -> None:
        files = a_good_folder()
        line = line_with(files, file, start)
        first_day = {"custody.csv": "2018-01-01", "service_use.csv": "2019-12-01", "phases.csv": "2020-01-01"}
        begin = first_day.get(file, "2020-03-23" if file == "disruptions.csv" else "2019-01-01")
        assert_only_problem(with_cell(files, file, line, "to", begin), file, line, "to", "is not after from")
        next_day = begin[:-2] + f"{int(begin[-2:]) + 1:02}"
        assert_nothing_wrong(with_cell(files, file, line, "to", next_day))

    def test_of_phases_do_not_overlap(self) -> None:
        files, line = spoiled("phases.csv", "Second", **{"from": "2020-06-30"})
        assert_only_problem(files, "phases.csv", line, "from", "overlaps the phase of line 2")

    @pytest.mark.parametrize("column", ["places", "sessions_per_day"])
    def test_of_phases_have_places_and_sessions(self, column: str) -> None:
        files, line = spoiled("phases.csv", "First", **{column: "0"})
        assert_only_problem(files, "phases.csv", line, column, "out of range")
