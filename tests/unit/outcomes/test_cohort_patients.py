"""The clinic and the people referred, in a cohort folder: each boundary from both sides."""

from __future__ import annotations

import pytest

from tests.factories.cohort_folders import (
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    places,
    problems_of,
    spoiled,
    with_row,
)


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
