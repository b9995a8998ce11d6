"""Who gets a report, and a report as it is printed from its frozen extract."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hat_clinic.accounts.models import Clinic
from outcomes.models import ReportRun
from outcomes.queries.evaluation.aims import get_aims_facts
from outcomes.queries.evaluation.figures import get_figures_once
from outcomes.queries.evaluation.frozen import Frozen, get_period
from outcomes.queries.evaluation.issues import find_read_before
from outcomes.queries.evaluation.printing import plain_pages, printable_pages, render_pdf
from outcomes.queries.evaluation.unit_costs import get_unit_costs_facts
from outcomes.queries.evaluation.webpage import render_html
from outcomes.queries.evaluation.workbook import figures_ods
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.indicators import document_text
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.pages.blocks import Control
from outcomes.rules.evaluation.pages.changes import changes_csv, list_differences
from outcomes.rules.evaluation.pages.files import list_page_files
from outcomes.rules.evaluation.pages.public import list_public_pages
from outcomes.rules.evaluation.spreadsheet import figures_csv, list_files, list_public_files


def find_clinic(*, code: str) -> Clinic | None:
    """The clinic with a code, or None."""
    return Clinic.objects.filter(code=code).first()


def list_clinic_codes() -> list[str]:
    """The code of every clinic, in order."""
    return list(Clinic.objects.order_by("code").values_list("code", flat=True))


def list_clinics_open_before(*, day: date) -> list[Clinic]:
    """The clinics that had opened before a day, by code."""
    return list(Clinic.objects.filter(opened_on__lt=day).order_by("code"))


def print_run(run: UUID) -> dict[str, bytes]:
    """The files of one report by kind, made of its frozen extract, beside the last issue that readers had before it."""
    report = ReportRun.objects.select_related("clinic", "replaces").get(pk=run)
    compared, reason = find_read_before(report)
    control = Control(
        clinic_code=report.clinic.code,
        clinic_name=report.clinic.name,
        edition=report.edition,
        period=get_period(report.segments, report.month, report.as_of),
        issue=report.issue,
        replaces=report.replaces.issue if report.replaces else None,
        built_at=report.built_at,
        version=report.version,
        extract_sha256=report.extract_sha256,
        is_invented=report.clinic.has_invented_people,
        is_provisional=report.is_provisional,
        reason=reason,
        compared=compared.issue if compared else None,
    )
    frozen = Frozen(segment_ids=report.segments, period=control.period)
    aims, unit_costs = get_aims_facts(frozen), get_unit_costs_facts(frozen)
    differences = list_differences(compared.figures, report.figures) if compared else []
    title = f"{control.clinic_name}: evaluation report, {control.month}, {control.edition} edition"
    if report.edition != Edition.RESTRICTED:
        # Nothing but the figures of this issue: no chart and no file of months is made of the exact ones.
        files = list_public_files(report.figures)
        public = list_public_pages(control, report.figures["indicators"], differences, aims, unit_costs)
        pages = plain_pages(public)
    else:
        figures = get_figures_once(tuple(report.segments), report.extract_sha256, report.month, report.as_of)
        indicators = list_indicators(figures)
        files = list_files(report.figures, figures)
        pages = printable_pages(list_pages(control, figures, indicators, differences), figures, indicators)
    files |= list_page_files(report.figures, aims, unit_costs)
    if compared:
        files["changes.csv"] = (
            changes_csv(differences, reason=reason),
            f"Every figure that changed since issue {compared.issue}",
        )
    return {
        "pdf": render_pdf(control=control, title=title, pages=pages, files=files),
        "html": render_html(control=control, title=title, pages=pages).encode(),
        "csv": figures_csv(report.figures).encode(),
        "ods": figures_ods(files, title=title, at=report.built_at),
        "json": document_text(report.figures).encode(),
    }
