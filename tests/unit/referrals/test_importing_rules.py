"""Reading a file of referrals: all of it, or every error by line and column."""

from __future__ import annotations

import codecs
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referrals.rules.asking import Answer, Ending, Flag, Treatment
from referrals.rules.importing import COLUMNS, MOST_BYTES, MOST_ROWS, ReadTreatment, read_file
from referrals.rules.whens import When

HEADER = "given_names,family_name,born_on,agreed,contact"
ROBIN = "Robin,Dale,1986-05-04,yes,01632 960123"


def file_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def problems_of(data: bytes) -> list[tuple[int, str, str]]:
    rows, problems = read_file(data)
    assert not (rows and problems)
    return [(problem.line, problem.column, problem.message) for problem in problems]


def with_cell(column: str, text: str) -> bytes:
    """Return a file of one person with one more column."""
    return file_of(f"{ROBIN},{text}", header=f"{HEADER},{column}")


class TestReadFile:
    def test_reads_the_least_that_must_be_there(self):
        (row,), problems = read_file(file_of(ROBIN))

        assert problems == ()
        assert (row.line, row.given_names, row.family_name, row.born_on, row.contact) == (
            2,
            "Robin",
            "Dale",
            date(1986, 5, 4),
            "01632 960123",
        )
        assert (row.sex, row.nhs_number, row.release_on) == ("", None, None)
        assert set(row.flags.values()) == {Answer.UNKNOWN}
        assert not any(flag.is_service for flag in row.flags)
        assert row.treatments == dict.fromkeys(Treatment, ReadTreatment(Answer.UNKNOWN))

    def test_reads_every_column(self):
        cells = {
            "given_names": "Robin",
            "family_name": "Dale",
            "born_on": "1956-05-04",
            "sex": "M",
            "nhs_number": "9990000018",
            "address": '"1 Quay, Harbour Town"',
            "offending": "yes",
            "children": "no",
            "concerns_police": "yes",
            "concerns_housing": "no",
            "methadone": "yes",
            "methadone_from": "2023",
            "methadone_until": "2024-03",
            "methadone_mg": "90",
            "methadone_supervised": "yes",
            "methadone_ending": "used_on_top",
            "detox": "no",
            "release_on": "2026-12-03",
            "agreed": "yes",
            "contact": "01632 960123",
        }
        data = file_of(",".join(cells.values()), header=",".join(cells))

        (row,), problems = read_file(codecs.BOM_UTF8 + data)

        assert problems == ()
        assert row.treatments[Treatment.METHADONE] == ReadTreatment(
            Answer.YES, When(2023), When(2024, 3), Ending.USED_ON_TOP, 90, Answer.YES
        )
        assert row.treatments[Treatment.DETOX] == ReadTreatment(Answer.NO)
        assert (row.flags[Flag.OFFENDING], row.flags[Flag.CHILDREN]) == (Answer.YES, Answer.NO)
        assert row.flags[Flag.CONCERNS_POLICE] is Answer.YES
        assert Flag.CONCERNS_HOUSING not in row.flags
        assert (row.born_on, row.release_on) == (date(1956, 5, 4), date(2026, 12, 3))
        assert (row.address, row.sex, row.nhs_number) == ("1 Quay, Harbour Town", "M", "9990000018")

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "the file is empty."),
            (b" \n ", "the file is empty."),
            (b"PK\x03\x04rest", "the file is a spreadsheet or a ZIP file"),
            (b"%PDF-1.7", "the file is a PDF"),
            (b"\x89PNG", "the file is a picture"),
            (b"<html>", "the file is a web page"),
            (codecs.BOM_UTF16_LE + b"a", "the file is UTF-16"),
            (b"given_names\x00", "the file is no text"),
            (b"x" * (MOST_BYTES + 1), "the file is larger than 1 MB"),
        ],
        ids=["empty", "blank", "zip", "pdf", "png", "html", "utf-16", "nul", "large"],
    )
    def test_refuses_what_is_no_csv_whatever_its_name(self, data, said):
        ((line, column, message),) = problems_of(data)

        assert (line, column) == (0, "")
        assert message.startswith(said)

    @pytest.mark.parametrize(
        ("header", "column", "said"),
        [
            ("a,b", "", "the file has no header"),
            (f'{HEADER},"x', "", "cell 6 of the header opens a quotation mark"),
            (f"{HEADER},shoe_size", "shoe_size", '"shoe_size" is not a known column'),
            (f"{HEADER},contact", "contact", "the column stands twice"),
            ("given_names,family_name,born_on,agreed", "contact", "the column is missing"),
        ],
    )
    def test_refuses_a_header_that_it_does_not_know(self, header, column, said):
        ((line, where, message),) = problems_of(file_of(ROBIN, header=header))

        assert (line, where) == (1, column)
        assert message.startswith(said)

    def test_refuses_blank_lines_alone_no_person_and_too_many(self):
        assert problems_of(b"\n\n,") == [(3, "", problems_of(b"a,b\n")[0][2])]
        assert problems_of(codecs.BOM_UTF8)[0][:2] == (1, "")
        assert problems_of(file_of()) == [(1, "", "the file has a header and no person.")]
        rows = [f"Robin,Dale {number},1986-05-04,yes,01632 960123" for number in range(MOST_ROWS + 1)]
        assert "501 people; send at most 500" in problems_of(file_of(*rows))[0][2]
        assert problems_of(file_of(*rows[:-1])) == []

    @pytest.mark.parametrize(
        ("column", "text", "said"),
        [
            ("sex", "male", '"male" is not a known code; write one of F, M, X'),
            ("nhs_number", "9990000000", '"9990000000" is not an NHS number'),
            ("offending", "Yes", '"Yes" is not a known code'),
            ("reach", "=1+1", "begins with ="),
            ("reach", " shelter", "begins or ends with a space"),
            ("area", "x" * 121, "has 121 characters; shorten it to at most 120"),
            ("reach", "x" * 301, "has 301 characters; shorten it to at most 300"),
            ("methadone_mg", "90", None),
            ("release_on", "2026-12", '"2026-12" is not a day'),
            ("release_on", "2026-02-30", '"2026-02-30" is not a day'),
            ("release_on", "２026-12-03", "is not a day"),
        ],
    )
    def test_says_which_cell_is_wrong(self, column, text, said):
        found = problems_of(with_cell(column, text))

        if said is None:
            assert found == [(2, "methadone", "has details; write yes here, or empty the details.")]
        else:
            assert [(line, where) for line, where, _ in found] == [(2, column)]
            assert said in found[0][2]

    @pytest.mark.parametrize("text", ["0", "090", "9e1", "90 mg", "2001", "-5", "٩٠", "12345"])
    def test_takes_a_dose_in_whole_mg_only(self, text):
        header = f"{HEADER},methadone,methadone_mg"
        found = problems_of(file_of(f"{ROBIN},yes,{text}", header=header))

        assert [(line, column) for line, column, _ in found] == [(2, "methadone_mg")]

    def test_takes_dates_of_treatments_as_far_as_they_are_known(self):
        header = f"{HEADER},methadone,methadone_from"
        assert problems_of(file_of(f"{ROBIN},yes,2024", header=header)) == []
        assert "is not a date" in problems_of(file_of(f"{ROBIN},yes,spring", header=header))[0][2]

    def test_says_all_that_is_wrong_in_order(self):
        data = file_of(
            ",Dale,1986-02-30,no,01632 960123",
            "Robin,Dale,1986-05-04,yes",
            'Robin,"Da"le,1986-05-04,yes,01632 960123',
            "Jo,Marsh,,yes,",
        )

        assert [(line, column) for line, column, _ in problems_of(data)] == [
            (2, "given_names"),
            (2, "born_on"),
            (2, "agreed"),
            (3, "contact"),
            (4, "family_name"),
            (5, "born_on"),
            (5, "contact"),
        ]

    def test_refuses_the_same_person_twice(self):
        found = problems_of(file_of(ROBIN, "Jo,Marsh,1990-01-01,yes,1", "ROBIN,dale,1986-05-04,yes,2"))

        assert found == [(4, "family_name", "is the person of line 2; keep one of the two rows.")]

    @given(st.binary(max_size=300))
    @settings(max_examples=200, deadline=None)
    def test_never_fails_on_any_bytes(self, data):
        rows, problems = read_file(data)

        assert bool(rows) != bool(problems)

    @given(st.lists(st.text(max_size=12), min_size=5, max_size=5))
    @settings(max_examples=200, deadline=None)
    def test_never_fails_on_any_cells(self, cells):
        quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)

        rows, problems = read_file(f"{HEADER}\n{quoted}".encode("utf-8", "surrogatepass"))

        assert bool(rows) != bool(problems)


class TestColumns:
    def test_are_each_there_once(self):
        assert len(set(COLUMNS)) == len(COLUMNS)
