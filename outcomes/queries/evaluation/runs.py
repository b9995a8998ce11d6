"""Reports that were built: lists for the reader, one stored file, and a report as it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from hat_clinic.accounts.models import Clinic
from outcomes.models import ReportFile, ReportRun
from outcomes.queries.evaluation.figures import get_figures
from outcomes.queries.evaluation.printing import render_pdf
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.pages.blocks import Control
from outcomes.rules.evaluation.pages.changes import list_differences
from outcomes.rules.evaluation.spreadsheet import figures_csv, list_files
from outcomes.rules.evaluation.words import month_name


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRow:
    """One report in the reader's list: the newest issue of a month and edition."""

    id: UUID
    month: date
    month_name: str
    edition: str
    issue: int
    built_at: datetime
    is_provisional: bool
    fingerprint: str
    has_pdf: bool


def list_reports(*, clinic: UUID) -> list[ReportRow]:
    """The newest issue of every month and edition of a clinic, latest month first, in one query."""
    runs = (
        ReportRun.objects.filter(clinic_id=clinic, replaced_by__isnull=True)
        .annotate(has_pdf=Exists(ReportFile.objects.filter(run=OuterRef("pk"), kind=ReportFile.Kind.PDF)))
        .defer("figures", "segments")
        .order_by("-month", "edition")
    )
    return [
        ReportRow(
            id=run.id,
            month=run.month,
            month_name=month_name(run.month),
            edition=run.edition,
            issue=run.issue,
            built_at=run.built_at,
            is_provisional=run.is_provisional,
            fingerprint=f"{run.extract_sha256[:4]}…{run.extract_sha256[-4:]}",
            has_pdf=run.has_pdf,
        )
        for run in runs
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredReportFile:
    """One file as it is handed out. The name holds clinic, month, edition and issue, never a person."""

    id: UUID
    name: str
    content_type: str
    content: bytes
    sha256: str


CONTENT_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


def get_report_file(*, run: UUID, kind: str, clinic: UUID) -> StoredReportFile | None:
    """The stored file of one report of this clinic; None for another clinic's or one not printed yet."""
    file = (
        ReportFile.objects.filter(run_id=run, kind=kind, run__clinic_id=clinic)
        .select_related("run__clinic")
        .defer("run__figures", "run__segments")
        .first()
    )
    if file is None:
        return None
    report = file.run
    return StoredReportFile(
        id=file.id,
        name=f"{report.clinic.code}-{report.month:%Y-%m}-{report.edition}-issue-{report.issue}.{file.kind}",
        content_type=CONTENT_TYPES[file.kind],
        content=bytes(file.content),
        sha256=file.sha256,
    )


def list_clinics_open_before(*, day: date) -> list[UUID]:
    """The clinics that had opened before a day, by code."""
    return list(Clinic.objects.filter(opened_on__lt=day).order_by("code").values_list("id", flat=True))


def print_run(run: UUID) -> dict[str, bytes]:
    """The files of one report by kind, made of its frozen extract and nothing else."""
    report = ReportRun.objects.select_related("clinic", "replaces").get(pk=run)
    figures = get_figures(segment_ids=report.segments, month=report.month, as_of=report.as_of)
    indicators = list_indicators(figures)
    replaced = report.replaces
    control = Control(
        clinic_code=report.clinic.code,
        clinic_name=report.clinic.name,
        edition=report.edition,
        period=figures.period,
        issue=report.issue,
        replaces=replaced.issue if replaced else None,
        built_at=report.built_at,
        version=report.version,
        extract_sha256=report.extract_sha256,
        is_invented=report.clinic.has_invented_people,
        is_provisional=report.is_provisional,
    )
    differences = list_differences(replaced.figures, report.figures) if replaced else []
    content = render_pdf(
        control=control,
        pages=list_pages(control, figures, indicators, differences),
        figures=figures,
        indicators=indicators,
        files=list_files(report.figures, figures),
    )
    return {"pdf": content, "csv": figures_csv(report.figures).encode()}
