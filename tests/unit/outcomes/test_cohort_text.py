"""From bytes to rows: encoding, lines, quoting and headers of a cohort folder."""

from __future__ import annotations

import pytest

from hat_clinic.core.csv_records import records
from tests.factories.cohort_folders import (
    a_good_folder,
    assert_nothing_wrong,
    assert_only_problem,
    check,
    problems_of,
    with_row,
    without_column,
)


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    found = list(records(text))
    assert [record.fault for record in found] == [None] * len(found)
    return [(record.line, record.cells) for record in found]


class TestRecords:
    def test_end_with_either_line_end(self) -> None:
        assert rows_of("a,b\r\n1,2\n3,4") == [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]

    def test_skip_blank_lines_and_count_them(self) -> None:
        assert rows_of("a,b\n\n\r\n1,2\n\n") == [(1, ["a", "b"]), (4, ["1", "2"])]

    def test_unquote_cells(self) -> None:
        assert rows_of('a,"b,c","d""e",""\n') == [(1, ["a", "b,c", 'd"e', ""])]

    def test_keep_spaces_and_empty_cells(self) -> None:
        assert rows_of(" a,, \n,\n") == [(1, [" a", "", " "]), (2, ["", ""])]

    def test_begin_on_the_first_of_their_lines(self) -> None:
        assert rows_of('a,b\n1,"x\n\ny"\n3,4') == [(1, ["a", "b"]), (2, ["1", "x\n\ny"]), (5, ["3", "4"])]

    @pytest.mark.parametrize(
        ("row", "cells", "fragment"),
        [
            ('1,"2', 1, "not closed"),
            ('"1"x,2', 0, "text after its closing"),
            ('1,"2" ', 1, "text after its closing"),
            ('1,2"', 1, "does not begin with one"),
            ('1, "2"', 1, "does not begin with one"),
        ],
    )
    def test_name_a_fault_and_go_on_with_the_next_line(self, row: str, cells: int, fragment: str) -> None:
        header, faulty, last = records(f"a,b\n{row}\n3,4")
        assert header.fault is None
        assert (faulty.line, len(faulty.cells)) == (2, cells)
        assert faulty.fault is not None
        assert fragment in faulty.fault
        assert last == (3, ["3", "4"], None)

    def test_do_not_let_two_open_quotes_swallow_what_lies_between(self) -> None:
        found = list(records('a,b\n1,"x\n2,y\n3,"z\n4,w'))
        assert [(record.line, record.fault is None) for record in found] == [
            (1, True),
            (2, False),
            (3, True),
            (4, False),
            (5, True),
        ]

    def test_do_not_believe_a_line_break_that_makes_too_many_cells(self) -> None:
        found = list(records('a,b\n1,"x\n2,y",z\n3,w'))
        assert [(record.line, record.fault is None) for record in found] == [
            (1, True),
            (2, False),
            (3, False),
            (4, True),
        ]

    def test_are_found_in_reasonable_time_among_many_open_quotes(self) -> None:
        text = 'a,b\n1,"x\n' + '2,""\n' * 100_000 + '3,"y\n' * 100_000
        assert sum(record.fault is not None for record in records(text)) >= 100_000


class TestEncoding:
    def test_may_have_a_byte_order_mark(self) -> None:
        files = {name: b"\xef\xbb\xbf" + data for name, data in a_good_folder().items()}
        assert_nothing_wrong(files)

    def test_may_have_one_byte_order_mark_only(self) -> None:
        files = a_good_folder()
        files["housing.csv"] = b"\xef\xbb\xbf\xef\xbb\xbf" + files["housing.csv"]
        told = [(problem.line, problem.column) for problem in problems_of(files)]
        assert told == [(1, "patient_ref"), (1, "\\ufeffpatient_ref")]

    def test_may_have_windows_line_ends(self) -> None:
        files = {name: data.replace(b"\n", b"\r\n") for name, data in a_good_folder().items()}
        assert_nothing_wrong(files)
        assert check(files).counts["attendance.csv"] == 8

    def test_may_lack_the_last_line_end(self) -> None:
        files = {name: data.rstrip(b"\n") for name, data in a_good_folder().items()}
        assert_nothing_wrong(files)

    def test_takes_utf8_letters(self) -> None:
        files, _ = with_row(a_good_folder(), "costs.csv", "2020-03,Büro für Gesundheit – 健康,drug,1")
        assert_nothing_wrong(files)

    def test_tells_the_cell_that_is_not_utf8(self) -> None:
        files = a_good_folder()
        files["costs.csv"] += b"2020-03,caf\xe9,drug,1\n"
        assert_only_problem(files, "costs.csv", 4, "payer", '"caf\\xe9" holds bytes that are not UTF-8')

    def test_tells_that_a_file_is_utf16(self) -> None:
        files = a_good_folder()
        files["costs.csv"] = files["costs.csv"].decode().encode("utf-16")
        assert_only_problem(files, "costs.csv", 1, "", "UTF-16")

    def test_tells_a_nul_byte(self) -> None:
        files = a_good_folder()
        files["costs.csv"] += b"2020-03,a\x00b,drug,1\n"
        assert_only_problem(files, "costs.csv", 4, "payer", '"a\\x00b" holds a control character')


class TestQuoting:
    def test_holds_commas_and_quotation_marks(self) -> None:
        files, _ = with_row(a_good_folder(), "costs.csv", '2020-03,"Public ""health"", north",drug,"1"')
        checked = check(files)
        assert checked.cohort is not None
        assert checked.cohort.costs[-1].payer == 'Public "health", north'

    def test_left_open_is_told_where_the_row_begins(self) -> None:
        files, line = with_row(a_good_folder(), "costs.csv", '2020-03,"public health,drug,1')
        files, _ = with_row(files, "costs.csv", "2020-04,public health,drug,1")
        assert_only_problem(files, "costs.csv", line, "payer", "not closed")

    def test_left_open_does_not_hide_later_problems(self) -> None:
        files, first = with_row(a_good_folder(), "costs.csv", '2020-03,"public health,drug,1')
        files, second = with_row(files, "costs.csv", "2020-04,public health,drugs,1")
        assert [(p.line, p.column) for p in problems_of(files)] == [(first, "payer"), (second, "category")]

    def test_followed_by_text_is_told(self) -> None:
        files, line = with_row(a_good_folder(), "costs.csv", '2020-03,"public" health,drug,1')
        assert_only_problem(files, "costs.csv", line, "payer", "text after its closing")

    def test_with_a_line_break_is_told_where_the_row_begins(self) -> None:
        files, line = with_row(a_good_folder(), "costs.csv", '2020-03,"public\nhealth",drug,1')
        files, last = with_row(files, "costs.csv", "2020-04,public health,drugs,1")
        assert last == line + 2
        assert [(p.line, p.column) for p in problems_of(files)] == [(line, "payer"), (last, "category")]
        assert '"public\\nhealth" holds a line break' in problems_of(files)[0].message


class TestHeader:
    def test_names_the_columns_in_any_order(self) -> None:
        files = a_good_folder()
        files["housing.csv"] = b"state,patient_ref,date\nown,A1,2020-01-06\n"
        checked = check(files)
        assert checked.cohort is not None
        assert checked.cohort.housing[0].state == "own"
        assert checked.cohort.housing[0].patient_ref == "A1"

    @pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\n", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("file", ["patients.csv", "need.csv"])
    def test_may_not_be_missing(self, file: str, content: bytes) -> None:
        assert_only_problem({**a_good_folder(), file: content}, file, 1, "", "has no header")

    def test_is_missed_where_data_stands_in_its_place(self) -> None:
        files = a_good_folder()
        files["housing.csv"] = b"A1,2020-01-06,rough\nA1,2020-02-06,own\n"
        assert_only_problem(files, "housing.csv", 1, "", "has no header")

    def test_alone_is_an_empty_file(self) -> None:
        files = a_good_folder()
        for name in files.keys() - {
            "programme.csv",
            "patients.csv",
            "attendance.csv",
            "phases.csv",
            "events.csv",
        }:
            files[name] = files[name].splitlines(keepends=True)[0]
        assert_nothing_wrong(files)
        assert check(files).counts["need.csv"] == 0

    @pytest.mark.parametrize(
        ("file", "column"),
        [
            ("patients.csv", "sex"),
            ("patients.csv", "area"),
            ("events.csv", "place"),
            ("events.csv", "drug_related"),
            ("support.csv", "agency"),
            ("top.csv", "quality_of_life"),
            ("phases.csv", "funded_by"),
        ],
    )
    def test_may_lack_a_column_that_may_be_empty(self, file: str, column: str) -> None:
        assert_nothing_wrong(without_column(a_good_folder(), file, column))

    @pytest.mark.parametrize(
        ("file", "column"),
        [("patients.csv", "referred_on"), ("costs.csv", "amount_gbp"), ("need.csv", "method")],
    )
    def test_may_not_lack_a_column_that_must_be_filled(self, file: str, column: str) -> None:
        files = without_column(a_good_folder(), file, column)
        assert_only_problem(files, file, 1, column, "missing from the header")

    @pytest.mark.parametrize(
        ("name", "shown", "fragment"),
        [
            ("colour", "colour", '"colour" is not a known column'),
            ("Minutes", "Minutes", "write minutes"),
            (" minutes", " minutes", "write minutes"),
            ("", "", "a column without a name"),
        ],
    )
    def test_may_not_hold_an_unknown_column(self, name: str, shown: str, fragment: str) -> None:
        files = a_good_folder()
        files["support.csv"] = files["support.csv"].replace(b"minutes", name.encode(), 1)
        assert_only_problem(files, "support.csv", 1, shown, fragment)

    def test_may_not_hold_a_column_twice(self) -> None:
        files = a_good_folder()
        files["housing.csv"] = b"patient_ref,date,state,state\nA1,2020-01-06,own,rough\n"
        assert_only_problem(files, "housing.csv", 1, "state", "stands twice")

    def test_with_an_open_quote_is_told(self) -> None:
        files = a_good_folder()
        files["housing.csv"] = b'patient_ref,"date,state\nA1,2020-01-06,own\n'
        assert_only_problem(files, "housing.csv", 1, "", "cell 2 of the header opens a quotation mark")

    def test_problems_stand_beside_those_of_the_rows(self) -> None:
        files = a_good_folder()
        files["support.csv"] = (
            files["support.csv"].replace(b"minutes", b"mins", 1).replace(b"housing", b"home")
        )
        assert [(p.line, p.column) for p in problems_of(files)] == [(1, "mins"), (2, "domain")]


class TestRows:
    def test_with_too_few_cells_are_told_at_the_first_that_is_missing(self) -> None:
        files, line = with_row(a_good_folder(), "housing.csv", "A1,2020-03-06")
        assert_only_problem(files, "housing.csv", line, "state", "2 cells where the header has 3")

    def test_with_too_many_cells_are_told(self) -> None:
        files, line = with_row(a_good_folder(), "housing.csv", "A1,2020-03-06,own,")
        assert_only_problem(files, "housing.csv", line, "state", "4 cells where the header has 3")

    def test_of_spaces_are_not_blank(self) -> None:
        files, line = with_row(a_good_folder(), "housing.csv", "  ")
        assert_only_problem(files, "housing.csv", line, "date", "1 cells where the header has 3")

    def test_keep_their_line_after_blank_lines(self) -> None:
        files = a_good_folder()
        files["housing.csv"] = files["housing.csv"].replace(b"\n", b"\n\n") + b"A1,2020-03-06,home\n"
        assert_only_problem(files, "housing.csv", 7, "state", "not a known code")
