"""Whatever is in a cohort folder, the answer is a cohort or problems, never an exception."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from types import FrameType

from hypothesis import example, given, settings
from hypothesis import strategies as st

from outcomes.rules.cohort.cells import Unreadable, read_cell
from outcomes.rules.cohort.columns import FILE_NAMES, FORMAT_OF, with_offence_codes
from outcomes.rules.cohort.folder import read_clinic_code
from outcomes.rules.cohort.periods import Periods
from outcomes.rules.cohort.problems import in_order
from tests.factories.cohort_folders import (
    OFFENCE_CODES,
    TODAY,
    a_good_folder,
    assert_nothing_wrong,
    check,
    lines_of,
    with_cell,
)

_CSV_BYTES = st.binary(max_size=80) | st.lists(
    st.sampled_from(
        [b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\x00", b"\xff", b"A1", b"patient_ref", b"date", b"am"]
    ),
    max_size=40,
).map(b"".join)

_GARBAGE = [
    "???",
    " A1",
    "=A1",
    "2031-01-01",
    "1899-12-31",
    "x" * 1001,
    "a\x00b",
    "-1",
    "1e3",
    "٣",
    "A1\n",
    "Yes",
]


def _cells_of_the_good_folder() -> list[tuple[str, int, str]]:
    files = a_good_folder()
    return [
        (file, line, column)
        for file in files
        for line in range(2, len(lines_of(files, file)) + 1)
        for column in lines_of(files, file)[0].split(",")
    ]


class TestAnyBytes:
    @given(st.dictionaries(st.sampled_from(FILE_NAMES) | st.text(max_size=8), _CSV_BYTES, max_size=4))
    @example({"programme.csv": b'"', "patients.csv": b"\xff\xfe"})
    @settings(max_examples=300, deadline=None)
    def test_of_a_folder_give_problems_or_a_cohort(self, files: dict[str, bytes]) -> None:
        checked = check(files)
        assert (checked.cohort is None) == bool(checked.problems)
        assert checked.problems == in_order(checked.problems)
        assert all(str(problem).isprintable() for problem in checked.problems)
        read_clinic_code(files, today=TODAY)

    @given(st.sampled_from(FILE_NAMES), _CSV_BYTES, st.integers(0, 400))
    @settings(max_examples=400, deadline=None)
    def test_within_a_good_file_give_problems_or_a_cohort(self, file: str, junk: bytes, at: int) -> None:
        files = a_good_folder()
        files[file] = files[file][:at] + junk + files[file][at:]
        checked = check(files)
        assert (checked.cohort is None) == bool(checked.problems)
        assert all(str(problem).isprintable() for problem in checked.problems)


class TestOneSpoiledCell:
    def test_is_always_told_at_its_line_and_column(self) -> None:
        for file, line, column in _cells_of_the_good_folder():
            checked = check(with_cell(a_good_folder(), file, line, column, "bad\x07cell"))
            told = [(p.file, p.line, p.column) for p in checked.problems if "control" in p.message]
            assert told == [(file, line, column)]

    @given(st.sampled_from(_cells_of_the_good_folder()), st.sampled_from(_GARBAGE))
    @settings(max_examples=300, deadline=None)
    def test_is_told_at_its_line_or_is_a_value_still(self, cell: tuple[str, int, str], junk: str) -> None:
        file, line, column = cell
        form = with_offence_codes(FORMAT_OF[file], OFFENCE_CODES)
        kind = next(known for known in form.columns if known.name == column)

        checked = check(with_cell(a_good_folder(), file, line, column, junk))

        assert (checked.cohort is None) == bool(checked.problems)
        try:
            read_cell(junk, column=kind, today=TODAY)
        except Unreadable as refusal:
            told = [p.message for p in checked.problems if (p.file, p.line, p.column) == (file, line, column)]
            assert str(refusal) in told

    @given(st.sampled_from(_cells_of_the_good_folder()))
    @settings(max_examples=100, deadline=None)
    def test_that_is_unreadable_leads_to_no_sentence_about_another_row(
        self, cell: tuple[str, int, str]
    ) -> None:
        file, line, column = cell
        checked = check(with_cell(a_good_folder(), file, line, column, " unreadable"))
        assert {(p.file, p.line) for p in checked.problems} == {(file, line)}


class TestPeriods:
    @given(
        st.lists(
            st.tuples(st.integers(0, 30), st.integers(1, 12) | st.none()).map(
                lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
            ),
            max_size=12,
        )
    )
    def test_meet_exactly_the_earlier_ones_that_share_a_day(
        self, spans: list[tuple[int, int | None]]
    ) -> None:
        day = date(2020, 1, 1)
        taken = Periods()
        for line, (start, end) in enumerate(spans):
            overlapping = {
                earlier
                for earlier, (other, until) in enumerate(spans[:line])
                if start < (until or 99) and other < (end or 99)
            }
            stop = None if end is None else day + timedelta(end)
            told = taken.claim(day + timedelta(start), stop, line)
            assert (told in overlapping) if overlapping else told is None


def work_of(days: int) -> int:
    """Count the calls that checking 20 people over so many days takes: the same number on every machine."""
    people = ["patient_ref,referred_on,referral_source,started_on"]
    attendance = ["patient_ref,date,session,outcome,dose_mg,reason"]
    for person in range(20):
        people.append(f"P{person:03},2018-12-01,police,2019-01-01")
        for day in range(days):
            on = date(2019, 1, 1) + timedelta(day)
            attendance += (
                f"P{person:03},{on},am,given,{150 + day % 50},",
                f"P{person:03},{on},pm,missed,,ill",
            )
    files = {
        "programme.csv": (
            b"clinic_code,clinic_name,opened_on,places,sessions_per_day\nBIG,Big,2019-01-01,60,2\n"
        ),
        "patients.csv": "\n".join(people).encode(),
        "attendance.csv": "\n".join(attendance).encode(),
    }
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        assert_nothing_wrong(files)
    finally:
        sys.setprofile(before)
    return calls


class TestManyRows:
    def test_cost_no_more_each_than_few_rows(self) -> None:
        assert work_of(days=200) < 2.2 * work_of(days=100)
