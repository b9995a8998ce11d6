"""A cohort folder as a whole: demo cohort, typed rows, counts, hash, and a clinic that is known already."""

from __future__ import annotations

import csv
import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from outcomes.queries.cohort import load_folder
from outcomes.rules.cohort.checks.clinic import ClinicFacts, EarlierImport
from outcomes.rules.cohort.columns import FILE_NAMES, FORMATS
from outcomes.rules.cohort.folder import check_cohort, folder_sha256, read_clinic_code
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.rows import Cohort
from tests.factories.cohort_folders import (
    OFFENCE_CODES,
    TODAY,
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    check,
    with_cell,
    with_row,
)

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "hat_clinic" / "demo" / "cohorts" / "middlesbrough-year-one"
EARLIER = EarlierImport(name="7f3a", imported_on=date(2021, 3, 1))
TEST1 = ClinicFacts(
    clinic_code="TEST1",
    clinic_name="Invented clinic",
    opened_on=date(2020, 1, 1),
    places=10,
    sessions_per_day=2,
)


class TestDemoCohort:
    def test_has_nothing_wrong_and_these_rows(self) -> None:
        with (ROOT / "outcomes" / "data" / "offences.csv").open(encoding="utf-8", newline="") as file:
            codes = frozenset(row["code"] for row in csv.DictReader(file))
        loaded = load_folder(DEMO)

        checked = check_cohort(
            loaded.files, today=TODAY, offence_codes=codes, clinic_state=None, found=loaded.problems
        )

        assert checked.problems == ()
        assert checked.counts == {
            "programme.csv": 1,
            "patients.csv": 20,
            "attendance.csv": 5938,
            "top.csv": 55,
            "urine.csv": 416,
            "offences.csv": 571,
            "custody.csv": 4,
            "service_use.csv": 12,
            "housing.csv": 36,
            "support.csv": 575,
            "events.csv": 4,
            "costs.csv": 67,
            "phases.csv": 1,
            "need.csv": 1,
        }
        assert checked.cohort is not None
        assert sum(person.started_on is not None for person in checked.cohort.patients) == 14


class TestGoodFolder:
    def test_has_nothing_wrong(self) -> None:
        assert_nothing_wrong(a_good_folder())

    def test_is_counted_file_by_file(self) -> None:
        counts = check(a_good_folder()).counts
        assert tuple(counts) == FILE_NAMES
        assert (counts["programme.csv"], counts["attendance.csv"], counts["own.csv"]) == (1, 8, 1)

    def test_needs_only_the_programme_and_the_people(self) -> None:
        good = a_good_folder()
        files = {name: good[name] for name in ("programme.csv", "patients.csv")}
        files = with_cell(files, "patients.csv", 3, "exit_reason", "other")
        assert_nothing_wrong(files)
        assert check(files).counts == {"programme.csv": 1, "patients.csv": 5}

    @pytest.mark.parametrize("file", ["programme.csv", "patients.csv"])
    def test_needs_both_of_them(self, file: str) -> None:
        files = a_good_folder()
        del files[file]
        assert_only_problem(files, file, 0, "", "the file is missing")

    def test_becomes_typed_rows(self) -> None:
        cohort = check(a_good_folder()).cohort
        assert cohort is not None
        assert cohort.programme.opened_on == date(2020, 1, 1)
        first = cohort.patients[0]
        assert (first.line, first.patient_ref, first.sex, first.birth_year) == (2, "A1", "F", 1980)
        assert (first.eligible, first.started_on, first.exited_on) == (True, date(2020, 1, 6), None)
        assert cohort.attendance[0].dose_mg == 50
        assert (cohort.attendance[2].dose_mg, cohort.attendance[2].reason) == (None, "ill")
        assert (cohort.top[0].other_days, cohort.top[0].assault, cohort.top[0].sharing) == (None, None, True)
        assert (cohort.top[0].alcohol_days, cohort.top[0].psychological) == (0, 0)
        assert cohort.custody[2].to_on is None
        assert cohort.service_use[0].ae is None
        assert cohort.costs[0].month == date(2020, 1, 1)
        assert cohort.costs[0].amount_gbp == Decimal("1000.50")
        assert cohort.events[0].drug_related is None
        assert cohort.phases[1].funded_until is None
        assert cohort.need[0].source == "A study, second edition"
        assert cohort.own[0].family_contact == "wanted_not"

    def test_has_no_broken_cells_left(self) -> None:
        cohort = check(a_good_folder()).cohort
        assert cohort is not None
        assert not any(row.broken for row in (cohort.programme, *cohort.patients, *cohort.attendance))

    def test_has_a_field_for_every_column_in_its_order(self) -> None:
        renamed = {"from": "from_on", "to": "to_on", "date": "on"}
        cohort = check(a_good_folder()).cohort
        assert cohort is not None
        assert len(dataclasses.fields(Cohort)) == len(FORMATS)
        for form in FORMATS:
            rows = getattr(cohort, form.name.removesuffix(".csv"))
            row = rows[0] if isinstance(rows, tuple) else rows
            names = [field.name for field in dataclasses.fields(row)]
            expected = [renamed.get(column.name, column.name) for column in form.columns]
            assert names == ["line", "broken", *expected]


class TestFileNames:
    @pytest.mark.parametrize("name", ["people.csv", ".csv", "patients.csv.csv", "Ünknown.csv"])
    def test_that_are_unknown_are_refused(self, name: str) -> None:
        assert_only_problem(
            {**a_good_folder(), name: b"secret"}, name, 0, "", "not a file of a cohort folder"
        )

    def test_in_another_case_are_refused(self) -> None:
        files = a_good_folder()
        files["Housing.CSV"] = files.pop("housing.csv")
        assert_only_problem(files, "Housing.CSV", 0, "", "rename the file to housing.csv")

    def test_that_the_disc_refused_are_not_called_missing_too(self) -> None:
        files = a_good_folder()
        del files["patients.csv"]
        refused = Problem("patients.csv", 0, "", "it is a symbolic link; put the file itself in its place.")
        checked = check_cohort(
            files, today=TODAY, offence_codes=OFFENCE_CODES, clinic_state=None, found=[refused]
        )
        assert checked.problems == (refused,)
        assert checked.cohort is None

    def test_that_the_disc_refused_prove_nothing(self) -> None:
        for name in ("attendance.csv", "events.csv", "phases.csv"):
            files = a_good_folder()
            del files[name]
            refused = Problem(name, 0, "", "it is a symbolic link; put the file itself in its place.")
            checked = check_cohort(
                files, today=TODAY, offence_codes=OFFENCE_CODES, clinic_state=None, found=[refused]
            )
            assert checked.problems == (refused,)


class TestHash:
    def test_is_the_same_for_the_same_files_in_any_order(self) -> None:
        files = a_good_folder()
        assert folder_sha256(files) == folder_sha256(dict(reversed(files.items())))
        assert len(folder_sha256(files)) == 64
        assert check(files).sha256 == folder_sha256(files)

    def test_does_not_count_other_files(self) -> None:
        files = a_good_folder()
        assert folder_sha256({**files, "notes.csv": b"x"}) == folder_sha256(files)

    def test_differs_when_anything_differs(self) -> None:
        files = a_good_folder()
        other, _ = with_row(files, "housing.csv", "A1,2020-03-06,own")
        without = {name: data for name, data in files.items() if name != "own.csv"}
        assert len({folder_sha256(folder) for folder in (files, other, without)}) == 3

    def test_does_not_let_bytes_move_between_files(self) -> None:
        assert folder_sha256({"area.csv": b"ab", "need.csv": b"c"}) != folder_sha256(
            {"area.csv": b"a", "need.csv": b"bc"}
        )


class TestClinicCode:
    def test_is_read_before_the_checks(self) -> None:
        assert read_clinic_code(a_good_folder(), today=TODAY) == "TEST1"

    def test_is_none_where_it_cannot_be_read(self) -> None:
        files = a_good_folder()
        two, _ = with_row(files, "programme.csv", "TEST2,Another,2020-01-01,10,2")
        assert read_clinic_code({}, today=TODAY) is None
        assert read_clinic_code({"programme.csv": b"\xff"}, today=TODAY) is None
        assert read_clinic_code(two, today=TODAY) is None
        assert read_clinic_code(with_cell(files, "programme.csv", 2, "clinic_code", "?"), today=TODAY) is None


class TestKnownClinic:
    def test_takes_new_people(self) -> None:
        clinic = dataclasses.replace(TEST1, imported={"Z1": EARLIER}, folders={"0" * 64: EARLIER})
        assert check(a_good_folder(), clinic).problems == ()

    @pytest.mark.parametrize(
        ("column", "text", "known"),
        [
            ("clinic_code", "TEST2", "TEST1"),
            ("clinic_name", "Another clinic", "Invented clinic"),
            ("opened_on", "2019-12-31", "2020-01-01"),
            ("places", "11", "10"),
            ("sessions_per_day", "3", "2"),
        ],
    )
    def test_is_not_described_differently(self, column: str, text: str, known: str) -> None:
        checked = check(with_cell(a_good_folder(), "programme.csv", 2, column, text), TEST1)
        assert [(p.file, p.line, p.column) for p in checked.problems] == [("programme.csv", 2, column)]
        assert f'"{text}" differs' in checked.problems[0].message
        assert f'"{known}"' in checked.problems[0].message
        assert checked.cohort is None

    def test_is_not_compared_with_a_cell_that_cannot_be_read(self) -> None:
        checked = check(with_cell(a_good_folder(), "programme.csv", 2, "places", "ten"), TEST1)
        assert [p.message for p in checked.problems if "differs" in p.message] == []
        assert len(checked.problems) == 1

    def test_is_not_compared_with_two_rows(self) -> None:
        files, line = with_row(a_good_folder(), "programme.csv", "TEST2,Another,2020-01-01,10,2")
        assert [(p.line, p.column) for p in check(files, TEST1).problems] == [(line, "")]

    def test_does_not_take_a_person_twice(self) -> None:
        checked = check(a_good_folder(), dataclasses.replace(TEST1, imported={"A3": EARLIER}))
        assert [(p.file, p.line, p.column) for p in checked.problems] == [("patients.csv", 4, "patient_ref")]
        assert "by import 7f3a of 2021-03-01" in checked.problems[0].message

    def test_does_not_take_a_folder_twice(self) -> None:
        files = a_good_folder()
        clinic = dataclasses.replace(
            TEST1, imported={"A1": EARLIER, "A2": EARLIER}, folders={folder_sha256(files): EARLIER}
        )
        checked = check(files, clinic)
        assert [str(problem) for problem in checked.problems] == [
            "the folder: this folder was already imported into clinic TEST1 by import 7f3a of 2021-03-01; "
            "there is nothing to import again."
        ]
        assert checked.cohort is None

    def test_does_not_take_a_phase_that_overlaps_a_stored_one(self) -> None:
        touching = dataclasses.replace(TEST1, phases=((date(2019, 1, 1), date(2020, 1, 1)),))
        overlapping = dataclasses.replace(TEST1, phases=((date(2019, 1, 1), date(2020, 1, 2)),))
        assert check(a_good_folder(), touching).problems == ()
        problems = check(a_good_folder(), overlapping).problems
        assert [(p.file, p.line, p.column) for p in problems] == [("phases.csv", 2, "from")]
        assert "already stored" in problems[0].message
