"""The command: one file, or one sentence that says what to do."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from outcomes.models import ReportRun
from tests.factories.records import Records


@pytest.fixture
def records(db: None) -> Records:
    records = Records()
    records.clinic.code = "HBR1"
    records.clinic.save()
    return records


def report(tmp_path, **changes):
    options = {"clinic": "HBR1", "month": "2025-03", "edition": "restricted", "format": "json"}
    output = tmp_path / "report"
    call_command(
        "evaluation_report", output=changes.pop("output", output), stdout=io.StringIO(), **options | changes
    )
    return output.read_bytes()


class TestEvaluationReport:
    def test_writes_the_figures_as_json(self, records, tmp_path):
        document = json.loads(report(tmp_path))

        assert document["clinic"] == "HBR1"
        assert document == ReportRun.objects.get().figures

    def test_writes_the_figures_as_csv(self, records, tmp_path):
        rows = list(csv.DictReader(io.StringIO(report(tmp_path, format="csv").decode(), newline="")))

        assert [row["id"] for row in rows] == [f["id"] for f in ReportRun.objects.get().figures["indicators"]]

    def test_writes_the_same_bytes_again(self, records, tmp_path):
        assert report(tmp_path) == report(tmp_path)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"clinic": "NONE1"}, "No clinic has the code 'NONE1'. The codes are: HBR1."),
            ({"month": "2025-13"}, "'2025-13' is not a month. Write it as year and month, such as 2020-10."),
            ({"month": "2025-3"}, "is not a month"),
            ({"month": "March"}, "is not a month"),
            ({"month": "2025-W1"}, "is not a month"),
            ({"month": "9999-12"}, "December 9999 has not begun."),
            ({"clinic": "hbr1"}, "No clinic has the code 'hbr1'. The codes are: HBR1."),
            ({"month": "2999-01"}, "January 2999 has not begun. Ask again on 1\u00a0January 2999 or later"),
            (
                {"month": "2024-12"},
                "The clinic opened on 1\u00a0January 2025. Ask for January 2025 or a later month.",
            ),
            (
                {"edition": "secret"},
                "There is no edition called 'secret'. Choose one of: restricted, public, justice.",
            ),
            (
                {"edition": "public", "month": "2025-02"},
                "for quarters only, and February 2025 does not end one",
            ),
            (
                {"format": "docx"},
                "This version does not write 'docx'. Choose one of: json, csv, pdf, html, ods.",
            ),
        ],
    )
    def test_says_what_to_do(self, records, tmp_path, changes, sentence):
        with pytest.raises(CommandError) as refused:
            report(tmp_path, **changes)

        assert sentence in str(refused.value)
        assert list(tmp_path.iterdir()) == []
        assert not ReportRun.objects.exists()

    def test_says_when_no_clinic_is_here(self, db, tmp_path):
        with pytest.raises(CommandError, match="No clinic is here yet"):
            report(tmp_path)

    def test_says_when_the_output_is_a_folder(self, records, tmp_path):
        with pytest.raises(CommandError, match="is a folder"):
            report(tmp_path, output=tmp_path)

    def test_says_when_the_folder_is_not_there(self, records, tmp_path):
        with pytest.raises(CommandError, match="There is no folder"):
            report(tmp_path, output=tmp_path / "nowhere" / "report.json")

    def test_says_when_the_output_is_no_ordinary_file(self, records, tmp_path):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)

        with pytest.raises(CommandError, match="is not an ordinary file, and would be replaced"):
            report(tmp_path, output=pipe)

        assert pipe.is_fifo()

    def test_says_when_the_name_is_too_long(self, records, tmp_path):
        with pytest.raises(CommandError, match="could not be written: File name too long"):
            report(tmp_path, output=tmp_path / ("x" * 300))

    def test_leaves_nothing_half_written(self, records, tmp_path, monkeypatch):
        def refuse(self, target):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, "replace", refuse)
        with pytest.raises(CommandError, match="could not be written: No space left on device"):
            report(tmp_path)

        assert list(tmp_path.iterdir()) == []

    def test_takes_a_path_from_where_the_caller_stands(self, records, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        assert report(tmp_path, output=Path("report"))

    def test_writes_the_pdf(self, records, tmp_path):
        assert report(tmp_path, format="pdf").startswith(b"%PDF")

    def test_writes_the_page_and_the_workbook(self, records, tmp_path):
        assert report(tmp_path, format="html").startswith(b"<!DOCTYPE html>")
        assert b"application/vnd.oasis.opendocument.spreadsheet" in report(tmp_path, format="ods")[:100]

    def test_leaves_the_old_file_when_the_report_is_refused(self, records, tmp_path):
        (tmp_path / "report").write_bytes(b"old")

        with pytest.raises(CommandError):
            report(tmp_path, month="2999-01")

        assert (tmp_path / "report").read_bytes() == b"old"

    def test_opens_with_the_month_of_opening(self, records, tmp_path):
        assert records.clinic.opened_on == date(2025, 1, 1)

        assert json.loads(report(tmp_path, month="2025-01"))["period"]["from"] == "2025-01-01"
