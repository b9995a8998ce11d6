"""Every problem of a cohort folder is told at once, and none that only follows from another."""

from __future__ import annotations

import pytest

from tests.factories.cohort_folders import (
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    check,
    places,
    problems_of,
    spoiled,
    with_cell,
    with_row,
    without_column,
)


class TestNoFalseSentences:
    """A broken cell is told once, and no check speaks of what hangs on it."""

    @pytest.mark.parametrize("column", ["started_on", "exited_on", "patient_ref"])
    def test_follow_from_a_broken_cell_of_a_patient(self, column: str) -> None:
        files, line = spoiled("patients.csv", "A2", **{column: " A2"})
        assert [place for place in places(files) if place[:2] != ("patients.csv", line)] == []
        assert ("patients.csv", line, column) in places(files)

    def test_follow_from_an_empty_patient_ref(self) -> None:
        files, line = spoiled("patients.csv", "A1", patient_ref="")
        assert_only_problem(files, "patients.csv", line, "patient_ref", "is empty")

    def test_hide_a_person_who_really_lacks(self) -> None:
        files, line = spoiled("patients.csv", "A1", patient_ref="")
        files, other = with_row(files, "housing.csv", "Z9,2020-01-06,own")
        assert ("patients.csv", line, "patient_ref") in places(files)
        assert ("housing.csv", other, "patient_ref") in places(files)

    def test_follow_from_a_patient_row_that_cannot_be_cut(self) -> None:
        files = a_good_folder()
        files["patients.csv"] = files["patients.csv"].replace(b"A1,F,", b'A1,"F,')
        assert_only_problem(files, "patients.csv", 2, "sex", "not closed")

    def test_follow_from_an_unknown_session(self) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-01-06,am", session="noon")
        assert_only_problem(files, "attendance.csv", line, "session", "not a known code")

    @pytest.mark.parametrize(
        ("column", "text"), [("date", "6/1/2020"), ("outcome", "Given"), ("patient_ref", "A2 ")]
    )
    def test_follow_from_a_first_dose_that_cannot_be_read(self, column: str, text: str) -> None:
        files = a_good_folder()
        files["attendance.csv"] = (
            b"patient_ref,date,session,outcome,dose_mg,reason\nA2,2020-01-06,am,given,10,\n"
            b"A2,2020-01-07,am,given,10,\n"
        )
        assert_nothing_wrong(files)
        files = with_cell(files, "attendance.csv", 2, column, text)
        assert places(files) == [("attendance.csv", 2, column)]

    def test_follow_from_the_only_dose_that_cannot_be_read(self) -> None:
        files = a_good_folder()
        files["attendance.csv"] = (
            b"patient_ref,date,session,outcome,dose_mg,reason\nA2,2020-01-06,am,gixen,10,\n"
        )
        assert places(files) == [("attendance.csv", 2, "outcome")]

    def test_hide_a_late_start_behind_a_later_broken_row(self) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-07-01", outcome="Given")
        files = with_cell(files, "patients.csv", 2, "started_on", "2020-01-05")
        assert places(files) == [("patients.csv", 2, "started_on"), ("attendance.csv", line, "outcome")]

    def test_follow_from_a_death_event_that_cannot_be_read(self) -> None:
        files, line = spoiled("events.csv", "A2", category="Death")
        assert_only_problem(files, "events.csv", line, "category", "write death")

    def test_follow_from_a_death_event_of_nobody(self) -> None:
        files, line = spoiled("events.csv", "A2", patient_ref="")
        assert_only_problem(files, "events.csv", line, "patient_ref", "is empty")

    def test_follow_from_a_dose_that_stands_twice(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A2,2020-01-06,pm,given,450,")
        assert_only_problem(files, "attendance.csv", line, "session", "already stands on line 6")

    def test_follow_from_a_dose_over_the_limit(self) -> None:
        files, line = spoiled("attendance.csv", "A2,2020-01-06,am", dose_mg="4500")
        assert_only_problem(files, "attendance.csv", line, "dose_mg", "from 1 to 450")

    def test_follow_from_a_period_that_runs_backwards(self) -> None:
        files, line = spoiled("custody.csv", "A1,2018-02-01", to="2018-01-10")
        assert_only_problem(files, "custody.csv", line, "to", "is not after from")

    def test_follow_from_a_phase_that_cannot_be_read(self) -> None:
        files, line = spoiled("phases.csv", "Second", sessions_per_day="three")
        assert_only_problem(files, "phases.csv", line, "sessions_per_day", "not a whole number")

    def test_follow_from_phases_that_overlap(self) -> None:
        files, line = spoiled("phases.csv", "Second", sessions_per_day="2")
        files = with_cell(files, "phases.csv", 2, "sessions_per_day", "3")
        files = with_cell(files, "phases.csv", 2, "to", "2020-08-01")
        assert_only_problem(files, "phases.csv", line, "from", "overlaps")

    def test_follow_from_an_unreadable_opening(self) -> None:
        files, line = spoiled("programme.csv", "TEST1", opened_on="1/1/2020")
        assert_only_problem(files, "programme.csv", line, "opened_on", "is not a date")

    def test_follow_from_a_person_who_stands_twice(self) -> None:
        files, line = with_row(
            a_good_folder(), "patients.csv", "A1,,,2020-01-01,self,,,2020-03-01,2020-04-01,other,"
        )
        assert_only_problem(files, "patients.csv", line, "patient_ref", "already stands")

    def test_follow_from_a_column_under_a_wrong_name(self) -> None:
        files = a_good_folder()
        files["attendance.csv"] = files["attendance.csv"].replace(b"dose_mg", b"dose", 1)
        assert_only_problem(files, "attendance.csv", 1, "dose", "not a known column")

    def test_follow_from_a_date_under_a_wrong_name(self) -> None:
        files = a_good_folder()
        files["urine.csv"] = files["urine.csv"].replace(b"taken_on", b"taken", 1)
        assert_only_problem(files, "urine.csv", 1, "taken", "not a known column")

    def test_follow_from_a_missing_column(self) -> None:
        for file, column in (
            ("attendance.csv", "date"),
            ("attendance.csv", "patient_ref"),
            ("attendance.csv", "outcome"),
            ("patients.csv", "patient_ref"),
            ("events.csv", "category"),
            ("urine.csv", "result"),
            ("custody.csv", "from"),
        ):
            files = without_column(a_good_folder(), file, column)
            assert_only_problem(files, file, 1, column, "missing from the header")


class TestAllAtOnce:
    def test_every_problem_is_told_in_order_of_file_line_and_column(self) -> None:
        files = a_good_folder()
        files = with_cell(files, "programme.csv", 2, "places", "many")
        files = with_cell(files, "patients.csv", 4, "sex", "female")
        files = with_cell(files, "patients.csv", 4, "referral_source", "Police")
        files = with_cell(files, "attendance.csv", 9, "dose_mg", "12x")
        files = with_cell(files, "urine.csv", 3, "taken_on", "2020-01-20")
        files = with_cell(files, "own.csv", 2, "spend_week_gbp", "1,000")
        files["wrong.csv"] = b"secret"
        assert places(files) == [
            ("programme.csv", 2, "places"),
            ("patients.csv", 4, "sex"),
            ("patients.csv", 4, "referral_source"),
            ("attendance.csv", 9, "dose_mg"),
            ("urine.csv", 3, "taken_on"),
            ("own.csv", 2, "spend_week_gbp"),
            ("wrong.csv", 0, ""),
        ]
        assert not any("secret" in str(problem) for problem in problems_of(files))

    def test_one_row_may_have_several_problems(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "Z9,2020-01-06,eve,missed,x,")
        assert places(files) == [
            ("attendance.csv", line, "patient_ref"),
            ("attendance.csv", line, "session"),
            ("attendance.csv", line, "dose_mg"),
            ("attendance.csv", line, "dose_mg"),
            ("attendance.csv", line, "reason"),
        ]

    def test_a_problem_reads_as_one_line(self) -> None:
        files, _ = spoiled("attendance.csv", "A1,2020-07-01", dose_mg="12x")
        assert str(check(files).problems[0]) == (
            'attendance.csv line 9, dose_mg: "12x" is not a whole number; write digits only, such as 180.'
        )

    def test_no_sentence_shows_another_cell(self) -> None:
        files, _ = spoiled("patients.csv", "A1", started_on="2020-01-05")
        files, _ = with_row(files, "attendance.csv", "A2,2020-01-09,am,missed,,hospital")
        printed = " ".join(str(problem) for problem in problems_of(files))
        assert "hospital" not in printed
        assert "2020-01-06" not in printed
