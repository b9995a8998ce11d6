"""The printed report: one file that keeps to both standards, says what the figures say and fetches nothing."""

from __future__ import annotations

import io
import re
import time
from datetime import date, timedelta
from pathlib import Path

import page
import pikepdf
import pypdf
import pytest

from outcomes.actions.evaluation.build import build_report, print_report
from outcomes.models import ReportFile
from outcomes.queries.evaluation.printing import FetchRefused, _with_both_standards, print_html
from outcomes.queries.evaluation.runs import print_run
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.spreadsheet import figures_csv
from tests.factories.outcomes import ReportFileFactory, ReportReleaseFactory
from tests.factories.records import AT, Records
from tests.printed import failures

MARCH = date(2025, 3, 1)
START = date(2025, 1, 6)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def a_whole_clinic(records):
    """Twelve people with a little of everything: offences, urine, sessions, exits, a stay inside."""
    for number in range(12):
        gone = number % 3 == 2
        person = records.person(
            started_on=START,
            exited_on=date(2025, 2, 20) if gone else None,
            exit_reason="prison" if gone else "",
        )
        for day in range(3):
            on = START + timedelta(days=day)
            records.session(person, on, "missed" if number == day else "given", reason="ill")
        for month in (1, 2, 3):
            records.urine(person, date(2025, month, 10), "negative" if number % 4 else "not_taken")
        for offence in range(number % 4):
            records.offence(person, START - timedelta(days=30 + offence))
    records.person(eligible=False)


def printed(records, month=MARCH):
    run = build_report(
        clinic=records.clinic.id, month=month, edition=Edition.RESTRICTED, by=records.by, at=AT
    )
    files = {file.kind: bytes(file.content) for file in print_report(run=run.id, by=records.by, at=AT)}
    return run, files["pdf"]


def text_of(content):
    pages = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(content)).pages]
    return re.sub(r"\s+", " ", " ".join(pages))


class TestThePrintedReport:
    @pytest.fixture
    def report(self, records):
        a_whole_clinic(records)
        return printed(records)

    def test_keeps_to_both_standards_in_one_file(self, report):
        _, content = report

        assert failures(content) == []

    def test_is_the_same_file_when_it_is_printed_again(self, report, monkeypatch):
        run, content = report
        later = time.time() + 5
        monkeypatch.setattr(time, "time", lambda: later)

        assert print_run(run.id)["pdf"] == content

    def test_says_what_the_figures_say(self, report):
        run, content = report
        text = text_of(content)
        figures = {figure["id"]: figure for figure in run.figures["indicators"]}

        assert "8 of the 12 people who started were still in treatment on 1 April 2025" in text
        snapshot = figures["retention.snapshot"]
        assert (snapshot["numerator"], snapshot["denominator"]) == (8, 12)
        low, high = (snapshot["interval"][end] * 100 for end in ("low", "high"))
        assert f"{low:.0f} to {high:.0f} %" in text
        assert figures["offending.recorded.pre_total"]["value"] == 18
        assert "18 offences in the year before the start, 0 after it" in text
        assert "Recorded offending fell to 0.00 of its rate before treatment" in text

    def test_names_its_edition_data_cut_and_extract(self, report):
        run, content = report
        text = text_of(content)

        assert run.extract_sha256 in text
        assert "data cut 1 April 2025" in text
        assert "restricted edition" in text
        assert "Invented people. No row of this report describes a real person." in text

    def test_holds_no_name_reference_or_key_of_a_person(self, report, records):
        run, content = report
        said = text_of(content) + str(run.figures)

        for person in records.run.people.all():
            assert str(person.id) not in said

    def test_carries_its_own_data(self, report):
        run, content = report

        attached = pypdf.PdfReader(io.BytesIO(content)).attachments

        assert set(attached) == {
            "figures.csv",
            "attendance-by-month.csv",
            "retention-by-week.csv",
            "urine-by-month.csv",
            "recorded-offences-by-group.csv",
            "support-by-month.csv",
            "who-pays.csv",
        }
        assert attached["figures.csv"][0].decode() == figures_csv(run.figures)

    def test_gives_every_chart_its_finding_as_alternative_text(self, report):
        _, content = report
        found = content.decode("latin-1")

        assert found.count("/Figure") >= 5
        assert "/Alt" in found

    def test_is_stored_once(self, report, records):
        run, _ = report

        print_report(run=run.id, by=records.by, at=AT)

        assert ReportFile.objects.filter(run=run).count() == len(ReportFile.Kind)


class TestStreams:
    @pytest.mark.parametrize("filters", [[], ["/ASCIIHexDecode"]])
    def test_never_end_with_half_a_line_end(self, filters):
        """One report in some twenty would be told that a stream has another length than it says."""
        ending = b"3C3E> \r" if filters else b"<>\r"
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.Root.Metadata = pdf.make_stream(b"<rdf:RDF></rdf:RDF>")
            pdf.Root.Content = pdf.make_stream(b"")
            pdf.Root.Content.write(ending, filter=pikepdf.Array(map(pikepdf.Name, filters)))
            before = io.BytesIO()
            pdf.save(before, compress_streams=False)

        content = _with_both_standards(before.getvalue())

        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert pdf.Root.Content.read_bytes() == (b"<>" if filters else ending)
            assert not any(
                item.read_raw_bytes().endswith(b"\r")
                for item in pdf.objects
                if isinstance(item, pikepdf.Stream)
            )
        found = page.validate_pdf_bytes(content, profile="3a").failures
        assert not [failure for failure in found if "LENGTH" in failure.rule_id]


class TestPrintReport:
    def test_keeps_the_file_that_another_printing_stored_first(self, records):
        run = build_report(
            clinic=records.clinic.id, month=MARCH, edition=Edition.RESTRICTED, by=records.by, at=AT
        )
        ReportFileFactory(run=run, kind=ReportFile.Kind.CSV, content=b"stored first")

        files = print_report(run=run.id, by=records.by, at=AT)

        contents = {file.kind: bytes(file.content) for file in files}
        assert contents.keys() == set(ReportFile.Kind.values)
        assert contents["csv"] == b"stored first"


class TestAReport:
    def test_of_an_empty_clinic_says_nobody_and_never_nought_percent(self, records):
        _, content = printed(records)
        text = text_of(content)

        assert "Nobody had been referred by 1 April 2025" in text
        assert "Nobody had started treatment by 1 April 2025" in text
        assert "No session had been offered" in text
        assert "Nobody has started, so there is nothing to quote yet." in text
        assert failures(content) == []

    def test_of_a_month_before_anyone_started_counts_the_referred(self, records):
        records.person()

        _, content = printed(records)
        text = text_of(content)

        assert "1 person had been referred and nobody had started by 1 April 2025" in text
        assert "cannot be computed" in text
        assert failures(content) == []

    def test_of_one_person_prints_no_percentage_of_people(self, records):
        person = records.person(started_on=START)
        records.session(person, START, "given")

        _, content = printed(records)
        text = text_of(content)

        assert "The one person who started was still in treatment on 1 April 2025" in text
        assert "fewer than 10: no percentage" in text
        assert "1 of 1 (100 %)" not in text
        assert failures(content) == []

    def test_of_a_month_with_nobody_left_counts_those_who_were_there(self, records):
        for _ in range(12):
            person = records.person(started_on=START, exited_on=date(2025, 2, 20), exit_reason="completed")
            records.session(person, START, "given")

        run, content = printed(records)
        text = text_of(content)

        figures = {figure["id"]: figure for figure in run.figures["indicators"]}
        snapshot = figures["retention.snapshot"]
        assert (snapshot["numerator"], snapshot["denominator"]) == (0, 12)
        assert figures["attendance.pooled.month"]["note"] == "No session was offered in the month."
        assert figures["attendance.pooled.cumulative"]["numerator"] == 12
        assert "12 of 12 sessions were attended in January 2025" in text
        assert failures(content) == []

    def test_that_replaces_another_ends_with_what_changed(self, records):
        first, _ = printed(records)
        ReportReleaseFactory(run=first)
        records.person()

        _, content = printed(records)
        text = text_of(content)

        assert "figures changed since issue 1" in text
        assert "People referred 0 1" in text
        assert failures(content) == []


class TestPrintHtml:
    @pytest.mark.parametrize(
        "address",
        [
            "http://example.org/a.png",
            "https://example.org/a.png",
            Path("/etc/passwd").as_uri(),
            "file:" + "//host/etc/passwd",
            Path(__file__).as_uri(),
        ],
    )
    def test_stops_at_anything_that_is_not_its_own(self, address):
        with pytest.raises(FetchRefused):
            print_html(
                f'<html lang="en"><title>x</title><img alt="x" src="{address}">',
                identifier=b"x",
                at=AT,
                files={},
            )
