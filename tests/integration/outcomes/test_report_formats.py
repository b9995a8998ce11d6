"""One frozen report in every format: the page, the workbook and the document say the same as the printed one."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from datetime import date, timedelta
from zipfile import ZIP_STORED, ZipFile

import odfdo
import pytest
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from outcomes.actions.evaluation.build import build_report, print_report
from outcomes.models import ReportRun
from outcomes.rules.evaluation.editions import Edition
from tests.factories import ClinicFactory
from tests.factories.outcomes import ReportFileFactory, ReportRunFactory
from tests.factories.records import AT, Records

START = date(2025, 1, 6)


@pytest.fixture
def records(db: None) -> Records:
    found = Records()
    for number in range(12):
        person = found.person(started_on=START, exited_on=date(2025, 2, 20) if number < 4 else None)
        for day in range(3):
            found.session(person, START + timedelta(days=day), "given")
        found.offence(person, START - timedelta(days=30))
    return found


@pytest.fixture
def run(records) -> ReportRun:
    return build_report(
        clinic=records.clinic.id, month=date(2025, 3, 1), edition=Edition.RESTRICTED, by=records.by, at=AT
    )


@pytest.fixture
def files(run, records) -> dict[str, bytes]:
    return {file.kind: bytes(file.content) for file in print_report(run=run.id, by=records.by, at=AT)}


class TestTheDocument:
    def test_is_the_frozen_one_with_its_keys_in_order(self, files, run) -> None:
        document = json.loads(files["json"])

        assert document == run.figures
        assert list(document)[:3] == ["schema", "clinic", "edition"]
        assert list(document["indicators"][0])[:3] == ["id", "label", "domain"]


class TestTheWorkbook:
    def test_holds_every_table_with_numbers_as_numbers(self, files, run) -> None:
        book = odfdo.Document(io.BytesIO(files["ods"]))
        sheets = {table.name: table.get_values() for table in book.body.get_tables()}

        assert next(iter(sheets)) == "figures"
        head, *rows = sheets["figures"]
        value = {row[0]: row[head.index("value")] for row in rows}
        expected = {figure["id"]: figure["value"] for figure in run.figures["indicators"]}
        assert value.keys() == expected.keys()
        for name, number in expected.items():
            assert (value[name] is None) if number is None else float(value[name]) == pytest.approx(number)
        assert len(sheets["attendance-by-month"]) == 4
        assert sheets["attendance-by-month"][1] == ["2025-01", 36, 36, 0]

    def test_keeps_text_that_looks_like_a_formula_as_text(self) -> None:
        from outcomes.queries.evaluation.workbook import figures_ods

        text = "name,n\r\n'=1+1,2\r\n'tis,\r\n"
        book = odfdo.Document(io.BytesIO(figures_ods({"odd.csv": (text, "")}, title="T", at=AT)))

        (table,) = book.body.get_tables()
        assert table.get_values() == [["name", "n"], ["=1+1", 2], ["'tis", None]]
        assert table.get_cell((0, 1)).type == "string"

    def test_takes_as_numbers_only_what_is_written_as_one(self) -> None:
        from outcomes.queries.evaluation.workbook import figures_ods

        numbers = [7, -3, 0.5, 1e-05, 123456.789, 3.3333333333333335, 1e16]
        words = ["nan", "inf", "1_000", "1e999", "2" * 64, "7 of 14", "-", "2025-01"]
        text = "n\r\n" + "".join(f"{one}\r\n" for one in (*numbers, *words))
        book = odfdo.Document(io.BytesIO(figures_ods({"a.csv": (text, "")}, title="T", at=AT)))

        (table,) = book.body.get_tables()
        assert [float(one) for one in table.get_column_values(0)[1:8]] == numbers
        assert table.get_column_values(0)[8:] == words

    def test_is_the_same_file_when_it_is_made_again_later(self, files, monkeypatch) -> None:
        from outcomes.queries.evaluation.workbook import figures_ods

        one = figures_ods({"a.csv": ("n\r\n1\r\n", "")}, title="T", at=AT)
        later = time.time() + 5
        monkeypatch.setattr(time, "time", lambda: later)

        assert figures_ods({"a.csv": ("n\r\n1\r\n", "")}, title="T", at=AT) == one

    def test_names_its_kind_first_and_unpacked(self) -> None:
        from outcomes.queries.evaluation.workbook import figures_ods

        with ZipFile(io.BytesIO(figures_ods({"a.csv": ("n\r\n1\r\n", "")}, title="T", at=AT))) as book:
            first = book.infolist()[0]

        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)

    @pytest.mark.parametrize(
        ("held", "meant"),
        [
            ("", None),
            ("3", 3),
            ("-1.50", -1.5),
            ("1e-05", 1e-05),
            ("nan", "nan"),
            ("inf", "inf"),
            (" a  b ", " a  b "),
            ("<&> \"x\" 'y' é", "<&> \"x\" 'y' é"),
            ("one\r\ntwo\tthree", "one\r\ntwo\tthree"),
            ("'=1+1", "=1+1"),
        ],
    )
    def test_writes_a_cell_as_its_library_would(self, held: str, meant: object) -> None:
        from outcomes.queries.evaluation.workbook import figures_ods

        line = io.StringIO(newline="")
        csv.writer(line).writerow(["first", held, "last"])
        book = odfdo.Document(io.BytesIO(figures_ods({"a&b.csv": (line.getvalue(), "")}, title="T", at=AT)))

        (table,) = book.body.get_tables()
        assert table.name == "a&b"
        assert table.get_cell((1, 0)).serialize() == odfdo.Cell(meant).serialize()


class TestThePage:
    def test_needs_nothing_but_itself(self, files) -> None:
        html = files["html"].decode()

        assert "<script" not in html and "<link" not in html
        assert not re.search(r'\b(?:src|href)="(?!#)', html.replace('xlink:href="#', '"'))
        assert ' style="' not in html
        assert html.count("<style") == 1
        assert html.count("<h1") == 1

    def test_says_what_the_printed_one_says(self, files, run) -> None:
        html = files["html"].decode().replace("\xa0", " ")

        assert "8 of the 12 people who started were still in treatment on 1 April 2025" in html
        assert run.extract_sha256 in html
        for name in ("flow", "retention", "attendance", "methods"):
            assert f'id="{name}"' in html

    def test_gives_every_chart_its_finding_and_every_wide_table_a_name(self, files) -> None:
        html = files["html"].decode()

        charts = re.findall(r"<svg\b.*?</svg>", html, re.DOTALL)
        assert len(charts) >= 3
        assert all(re.search(r"<title>[^<]{20,}</title>", chart) for chart in charts)
        tables = re.findall(r'<table class="(?:numbers|sheets)"', html)
        assert tables and html.count('<div class="scroll" tabindex="0" role="region"') == len(tables)

    def test_leads_from_its_figures_to_what_they_mean_and_back(self, files) -> None:
        html = files["html"].decode()

        places = re.findall(r' id="([^"]*)"', html)
        links = re.findall(r' href="#([^"]*)"', html)
        assert len(places) == len(set(places))
        assert set(links) <= set(places)
        assert {"subject-flow", "means-safety-naloxone", "flow", "safety"} <= set(links)

    def test_stands_in_the_program_for_whoever_may_read_reports(
        self, client, sign_in, make_member, files, run, records
    ) -> None:
        reader = sign_in(client, make_member(records.clinic, Role.CLINICAL_LEAD, "lead"))

        response = reader.get(reverse("outcomes:see_report", args=[records.clinic.code, run.id]))

        text = response.content.decode().replace("\xa0", " ")
        assert "8 of the 12 people who started were still in treatment" in text
        assert text.count("<h1") == 1 and text.count("<main") == 1
        assert AuditEvent.objects.filter(event="outcomes.report_read", is_look=True).count() == 1

    def test_of_another_clinic_or_without_its_page_is_not_there(
        self, client, sign_in, make_member, records, run
    ) -> None:
        reader = sign_in(client, make_member(records.clinic, Role.CLINICAL_LEAD, "lead"))
        other = ReportFileFactory(run=ReportRunFactory(clinic=ClinicFactory()), kind="html").run

        for each in (other, run):
            response = reader.get(reverse("outcomes:see_report", args=[records.clinic.code, each.id]))
            assert response.status_code == 404

    def test_that_is_none_of_ours_is_refused(self) -> None:
        from outcomes.rules.evaluation.web_body import body_of

        with pytest.raises(ValueError, match="no report of ours"):
            body_of("<p>Something else</p>")


class TestEveryFormat:
    def test_of_an_address_that_names_no_report_is_not_there(
        self, client, sign_in, make_member, records
    ) -> None:
        reader = sign_in(client, make_member(records.clinic, Role.COMMISSIONER, "commissioner"))

        assert (
            reader.get(f"/clinics/{records.clinic.code}/reports/{'-' * 36}/download.pdf").status_code == 404
        )

    def test_is_downloaded_with_its_kind(self, client, sign_in, make_member, files, run, records) -> None:
        reader = sign_in(client, make_member(records.clinic, Role.CLINICAL_LEAD, "lead"))

        kinds = {}
        for kind, content in files.items():
            response = reader.get(
                reverse("outcomes:download_report", args=[records.clinic.code, run.id, kind])
            )
            assert response.content == content
            assert response["Content-Disposition"].endswith(f'issue-1.{kind}"')
            kinds[kind] = response["Content-Type"].partition(";")[0]
        assert kinds == {
            "pdf": "application/pdf",
            "html": "text/html",
            "ods": "application/vnd.oasis.opendocument.spreadsheet",
            "csv": "text/csv",
            "json": "application/json",
        }
        rows = list(csv.reader(io.StringIO(files["csv"].decode())))
        assert len(rows) == 1 + len(run.figures["indicators"])
