"""Treatment, sessions and doses in a cohort folder: each boundary from both sides."""

from __future__ import annotations

import pytest

from tests.factories.cohort_folders import (
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    places,
    problems_of,
    spoiled,
    with_cell,
    with_row,
)


class TestTreatment:
    def test_holds_every_attendance_row(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A3,2020-01-07,am,missed,,ill")
        problems = problems_of(files)
        assert [(p.file, p.line, p.column) for p in problems] == [
            ("patients.csv", 4, "started_on"),
            ("attendance.csv", line, "date"),
        ]
        assert "no given dose" in problems[0].message
        assert "started_on of the person (patients.csv line 4) is empty" in problems[1].message

    def test_begins_with_started_on(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A1,2020-01-05,am,missed,,ill")
        assert_only_problem(files, "attendance.csv", line, "date", "before started_on")

    def test_still_holds_the_day_before_exited_on(self) -> None:
        files, _ = spoiled("attendance.csv", "A2,2020-01-08", outcome="missed", reason="declined")
        assert_nothing_wrong(files)

    def test_no_longer_holds_the_day_of_exited_on(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A2,2020-01-09,am,missed,,ill")
        assert_only_problem(files, "attendance.csv", line, "date", "not before exited_on")

    def test_of_no_days_has_no_attendance(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A4,2020-02-03,am,given,10,")
        assert_only_problem(files, "attendance.csv", line, "date", "not before exited_on")

    def test_begins_with_the_first_given_dose(self) -> None:
        files, _ = spoiled("patients.csv", "A1", started_on="2020-01-05")
        assert_only_problem(files, "patients.csv", 2, "started_on", "attendance.csv line 2")

    def test_does_not_begin_after_the_first_given_dose(self) -> None:
        files, _ = spoiled("patients.csv", "A1", started_on="2020-01-07")
        assert places(files) == [
            ("patients.csv", 2, "started_on"),
            ("attendance.csv", 2, "date"),
            ("attendance.csv", 3, "date"),
        ]

    def test_without_attendance_may_begin_on_any_day(self) -> None:
        files, _ = spoiled("patients.csv", "A4", started_on="2020-02-02")
        assert_nothing_wrong(files)

    @pytest.mark.parametrize("outcome", ["given", "given_reduced"])
    def test_may_begin_with_a_reduced_dose(self, outcome: str) -> None:
        files, _ = spoiled("attendance.csv", "A1,2020-01-06,am", outcome=outcome)
        files = with_cell(files, "attendance.csv", 3, "outcome", "missed")
        files = with_cell(files, "attendance.csv", 3, "dose_mg", "")
        files = with_cell(files, "attendance.csv", 3, "reason", "ill")
        assert_nothing_wrong(files)

    def test_with_sessions_has_a_given_dose(self) -> None:
        files = a_good_folder()
        for line in (5, 6):
            for column, text in (("outcome", "missed"), ("dose_mg", ""), ("reason", "ill")):
                files = with_cell(files, "attendance.csv", line, column, text)
        assert_only_problem(files, "patients.csv", 3, "started_on", "no given dose")

    def test_without_a_start_is_named_on_both_sides(self) -> None:
        files, _ = spoiled("patients.csv", "A1", started_on="")
        assert places(files) == [
            ("patients.csv", 2, "started_on"),
            *(("attendance.csv", line, "date") for line in (2, 3, 4, 9)),
        ]


class TestSessions:
    def test_stand_once_for_a_person_and_date(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A1,2020-01-07,am,missed,,ill")
        assert_only_problem(files, "attendance.csv", line, "session", "already stands on line 4")

    def test_in_other_hands_are_not_the_same_session(self) -> None:
        files, _ = with_row(a_good_folder(), "attendance.csv", "A1,2020-01-08,am,missed,,ill")
        assert_nothing_wrong(files)

    def test_are_those_of_the_phase_of_the_day(self) -> None:
        files, line = with_row(a_good_folder(), "attendance.csv", "A1,2020-06-30,eve,missed,,ill")
        assert_only_problem(files, "attendance.csv", line, "session", "it offers am pm.")

    def test_are_those_of_programme_on_a_day_without_a_phase(self) -> None:
        files, _ = spoiled("phases.csv", "Second", **{"from": "2020-07-02"})
        assert_only_problem(files, "attendance.csv", 9, "session", "it offers am pm.")

    def test_are_no_longer_those_of_a_phase_on_its_to(self) -> None:
        files, _ = spoiled("phases.csv", "First", sessions_per_day="3")
        assert_nothing_wrong(with_cell(files, "phases.csv", 2, "to", "2020-06-30"))
        files = with_cell(files, "phases.csv", 3, "from", "2020-07-02")
        assert_only_problem(files, "attendance.csv", 9, "session", "it offers am pm.")
        files = with_cell(files, "phases.csv", 2, "to", "2020-07-02")
        assert_nothing_wrong(files)

    @pytest.mark.parametrize(
        ("per_day", "session", "good"),
        [
            ("1", "am", True),
            ("1", "pm", False),
            ("2", "pm", True),
            ("2", "eve", False),
            ("3", "eve", True),
        ],
    )
    def test_are_those_of_programme_without_phases(self, per_day: str, session: str, good: bool) -> None:
        files, _ = spoiled("programme.csv", "TEST1", sessions_per_day=per_day)
        del files["phases.csv"]
        header = files["attendance.csv"].splitlines()[0].decode()
        rows = f"{header}\nA1,2020-01-06,am,given,10,\nA1,2020-01-07,{session},missed,,ill\n"
        files["attendance.csv"] = (rows + "A2,2020-01-06,am,given,10,\n").encode()
        if good:
            assert_nothing_wrong(files)
        else:
            assert_only_problem(files, "attendance.csv", 3, "session", f'"{session}" is not a session')

    def test_fall_back_on_programme_when_phases_has_only_a_header(self) -> None:
        files = a_good_folder()
        files["phases.csv"] = files["phases.csv"].splitlines(keepends=True)[0]
        assert_only_problem(files, "attendance.csv", 9, "session", "not a session")


class TestDoses:
    @pytest.mark.parametrize("dose", ["1", "450"])
    def test_are_from_1_to_450(self, dose: str) -> None:
        files, _ = spoiled("attendance.csv", "A1,2020-07-01", dose_mg=dose)
        assert_nothing_wrong(files)

    @pytest.mark.parametrize("dose", ["0", "451"])
    def test_are_not_outside_1_to_450(self, dose: str) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-07-01", dose_mg=dose)
        assert_only_problem(files, "attendance.csv", line, "dose_mg", "from 1 to 450")

    def test_of_a_day_may_be_900(self) -> None:
        files = a_good_folder()
        for session, dose in (("am", 300), ("pm", 400)):
            files, _ = with_row(files, "attendance.csv", f"A1,2020-07-01,{session},given,{dose},")
        assert_nothing_wrong(files)

    def test_of_a_day_are_not_901(self) -> None:
        files = a_good_folder()
        files, line = with_row(files, "attendance.csv", "A1,2020-07-01,am,given,450,")
        files, line = with_row(files, "attendance.csv", "A1,2020-07-01,pm,given,251,")
        assert_only_problem(files, "attendance.csv", line, "dose_mg", "over 900 mg")

    @pytest.mark.parametrize("outcome", ["given", "given_reduced"])
    def test_stand_where_one_was_given(self, outcome: str) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-07-01", outcome=outcome, dose_mg="")
        assert_only_problem(files, "attendance.csv", line, "dose_mg", "is empty; write the milligrams")

    @pytest.mark.parametrize("outcome", ["withheld", "missed", "excused"])
    def test_stand_nowhere_else(self, outcome: str) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-01-07", outcome=outcome, dose_mg="10")
        assert_only_problem(files, "attendance.csv", line, "dose_mg", "must be empty")

    def test_of_zero_for_a_missed_session_must_be_empty(self) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-01-07", dose_mg="0")
        messages = [problem.message for problem in problems_of(files)]
        assert places(files) == [("attendance.csv", line, "dose_mg")] * 2
        assert any("must be empty" in message for message in messages)


class TestReasons:
    @pytest.mark.parametrize("outcome", ["withheld", "missed", "excused"])
    def test_stand_where_no_dose_was_given(self, outcome: str) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-01-07", outcome=outcome, reason="")
        assert_only_problem(files, "attendance.csv", line, "reason", "is empty; write why")

    @pytest.mark.parametrize("outcome", ["given", "given_reduced"])
    def test_do_not_stand_where_a_dose_was_given(self, outcome: str) -> None:
        files, line = spoiled("attendance.csv", "A1,2020-07-01", outcome=outcome, reason="ill")
        assert_only_problem(files, "attendance.csv", line, "reason", "must be empty")
