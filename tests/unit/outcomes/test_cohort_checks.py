"""The checks across rows of a cohort folder, each boundary from both sides."""

from __future__ import annotations

import pytest

from tests.factories.cohort_folders import (
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    check,
    line_with,
    problems_of,
    with_cell,
    with_row,
    without_column,
)


def spoiled(file: str, start: str, **cells: str) -> tuple[dict[str, bytes], int]:
    """The good folder with cells of one row replaced, and the number of that row's line."""
    files = a_good_folder()
    line = line_with(files, file, start)
    for column, text in cells.items():
        files = with_cell(files, file, line, column, text)
    return files, line


def places(files: dict[str, bytes]) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.column) for problem in problems_of(files)]


class TestProgramme:
    def test_without_a_row_is_refused(self) -> None:
        files = a_good_folder()
        files["programme.csv"] = files["programme.csv"].splitlines(keepends=True)[0]
        assert_only_problem(files, "programme.csv", 1, "", "has no row")

    def test_with_two_rows_is_refused(self) -> None:
        files, line = with_row(a_good_folder(), "programme.csv", "TEST2,Another,2020-01-01,10,2")
        assert_only_problem(files, "programme.csv", line, "", "more than one row")

    @pytest.mark.parametrize("code", ["AB", "A1B2C3D4E5F6"])
    def test_takes_codes_of_2_to_12_characters(self, code: str) -> None:
        files, _ = spoiled("programme.csv", "TEST1", clinic_code=code)
        assert_nothing_wrong(files)

    @pytest.mark.parametrize("code", ["A", "A1B2C3D4E5F6G", "ab", "A-B", "Ä1"])
    def test_refuses_other_codes(self, code: str) -> None:
        files, line = spoiled("programme.csv", "TEST1", clinic_code=code)
        assert_only_problem(files, "programme.csv", line, "clinic_code", "2 to 12 of A-Z and 0-9")

    @pytest.mark.parametrize(("column", "text"), [("places", "0"), ("sessions_per_day", "0")])
    def test_needs_a_place_and_a_session(self, column: str, text: str) -> None:
        files, line = spoiled("programme.csv", "TEST1", **{column: text})
        assert_only_problem(files, "programme.csv", line, column, "out of range")

    def test_offers_at_most_three_sessions(self) -> None:
        files, line = spoiled("programme.csv", "TEST1", sessions_per_day="4")
        assert_only_problem(files, "programme.csv", line, "sessions_per_day", "from 1 to 3")


class TestPatients:
    def test_stand_once(self) -> None:
        files, line = with_row(a_good_folder(), "patients.csv", "A1,,,2020-01-01,self,,,,,,")
        assert_only_problem(files, "patients.csv", line, "patient_ref", "already stands on line 2")

    def test_are_told_apart_by_case(self) -> None:
        files, _ = with_row(a_good_folder(), "patients.csv", "a1,,,2020-01-01,self,,,,,,")
        assert_nothing_wrong(files)

    @pytest.mark.parametrize(
        ("file", "row"),
        [
            ("attendance.csv", "Z9,2020-01-06,am,missed,,ill"),
            ("top.csv", "Z9,2020-01-05,start" + "," * 21),
            ("urine.csv", "Z9,2020-01-13,2020-01-13,cocaine,void"),
            ("offences.csv", "Z9,2010-05-05,shoplifting,police_recorded"),
            ("custody.csv", "Z9,2018-01-01,2018-02-01"),
            ("service_use.csv", "Z9,2019-12-01,2020-01-01,record,,,"),
            ("housing.csv", "Z9,2020-01-06,own"),
            ("support.csv", "Z9,2020-01-10,family,yes,,"),
            ("events.csv", "Z9,2020-01-08,other,no,,,"),
            ("own.csv", "Z9,2020-01-06,start,,,,"),
        ],
    )
    def test_hold_everybody_named_in_another_file(self, file: str, row: str) -> None:
        files, line = with_row(a_good_folder(), file, row)
        assert_only_problem(files, file, line, "patient_ref", '"Z9" is not a patient_ref of patients.csv')

    @pytest.mark.parametrize(
        ("column", "start", "text", "earlier"),
        [
            ("assessed_on", "A3,X", "2019-12-02", "referred_on"),
            ("started_on", "A4,", "2020-01-01", "assessed_on"),
            ("exited_on", "A5,", "2020-01-04", "referred_on"),
            ("exited_on", "A4,", "2020-02-02", "started_on"),
        ],
    )
    def test_have_dates_in_order(self, column: str, start: str, text: str, earlier: str) -> None:
        files, line = spoiled("patients.csv", start, **{column: text})
        assert_only_problem(files, "patients.csv", line, column, f"is before {earlier}")

    def test_may_be_referred_assessed_started_and_gone_on_one_day(self) -> None:
        files, _ = spoiled(
            "patients.csv",
            "A4",
            referred_on="2020-02-03",
            assessed_on="2020-02-03",
            started_on="2020-02-03",
            exited_on="2020-02-03",
        )
        assert_nothing_wrong(files)

    def test_have_a_reason_for_each_exit(self) -> None:
        files, line = spoiled("patients.csv", "A5", exit_reason="")
        assert_only_problem(files, "patients.csv", line, "exit_reason", "exited_on is not")

    def test_have_a_date_for_each_exit(self) -> None:
        files, line = spoiled("patients.csv", "A5", exited_on="")
        assert_only_problem(files, "patients.csv", line, "exited_on", "exit_reason is not")

    @pytest.mark.parametrize("eligible", ["", "yes"])
    def test_start_when_not_marked_ineligible(self, eligible: str) -> None:
        files, _ = spoiled("patients.csv", "A4", eligible=eligible)
        assert_nothing_wrong(files)

    def test_do_not_start_when_marked_ineligible(self) -> None:
        files, line = spoiled("patients.csv", "A4", eligible="no")
        assert_only_problem(files, "patients.csv", line, "started_on", "marked not eligible")

    def test_may_start_on_the_day_of_opening(self) -> None:
        files, _ = spoiled("programme.csv", "TEST1", opened_on="2020-01-06")
        assert_nothing_wrong(files)

    def test_do_not_start_before_the_opening(self) -> None:
        files, _ = spoiled("programme.csv", "TEST1", opened_on="2020-01-07")
        assert places(files) == [("patients.csv", 2, "started_on"), ("patients.csv", 3, "started_on")]
        assert "before opened_on" in problems_of(files)[0].message

    def test_who_died_have_a_death_event(self) -> None:
        files, _ = spoiled("events.csv", "A2", category="other")
        assert_only_problem(files, "patients.csv", 3, "exit_reason", "without a death event")

    def test_who_died_have_a_death_event_of_their_own(self) -> None:
        files, _ = spoiled("events.csv", "A2", patient_ref="A1")
        assert_only_problem(files, "patients.csv", 3, "exit_reason", "without a death event")

    def test_who_died_need_the_events_file(self) -> None:
        files = a_good_folder()
        del files["events.csv"]
        assert_only_problem(files, "patients.csv", 3, "exit_reason", "add the death to events.csv")

    @pytest.mark.parametrize("year", ["1900", "2021"])
    def test_are_born_from_1900_to_this_year(self, year: str) -> None:
        files, _ = spoiled("patients.csv", "A3", birth_year=year)
        assert_nothing_wrong(files)

    @pytest.mark.parametrize("year", ["1899", "2022", "85", "0"])
    def test_are_born_in_no_other_year(self, year: str) -> None:
        files, line = spoiled("patients.csv", "A3", birth_year=year)
        assert_only_problem(files, "patients.csv", line, "birth_year", "from 1900 to 2021")

    def test_are_not_born_in_a_word(self) -> None:
        files, line = spoiled("patients.csv", "A3", birth_year="1980?")
        assert_only_problem(files, "patients.csv", line, "birth_year", "write four digits")


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
        assert_only_problem(files, "urine.csv", line, "taken_on", "is empty but the result")

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
