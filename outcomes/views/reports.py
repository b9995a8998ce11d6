"""Reports: the list, asking for one, and downloading."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from outcomes.actions.reports import ReportRequestRefused
from outcomes.actions.reports import request_report as ask_for_report
from outcomes.forms.reports import RequestReport
from outcomes.queries.notices import find_late_letters, list_new_reports
from outcomes.queries.releases import audience_of
from outcomes.queries.reports import ReportsPage, get_report_file, get_report_page, get_reports_page
from outcomes.rules.evaluation.editions import Edition

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@requires(Permission.SEE_REPORTS)
@require_safe
def list_reports(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every report of the clinic, and what is being built."""
    at = now()
    staff = request.staff
    today = london_date(at)
    audience = audience_of(staff, today=today)
    page = get_reports_page(clinic=staff.clinic, at=at, audience=audience)
    if request.htmx:
        return _progress(request, page)
    record_look("outcomes.reports_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    is_inside = audience.is_inside
    context = {
        "page": page,
        "new": list_new_reports(clinic=staff.clinic, reader=staff.user.pk, audience=audience),
        "late": find_late_letters(clinic=staff.clinic, at=at) if is_inside else None,
        "has_exact": any(report.edition == Edition.RESTRICTED for report in page.reports),
        "may_see_rollups": staff.may(Permission.SEE_ROLLUPS),
        "may_set_readers": staff.may(Permission.SET_READERS),
        "may_request": staff.may(Permission.REQUEST_REPORT),
        "may_release": staff.may(Permission.RELEASE_REPORT),
        "may_list_downloads": staff.may(Permission.LIST_DOWNLOADS),
        "may_export": staff.may(Permission.EXPORT_COHORT),
    }
    return render(request, "outcomes/list_reports.html", context)


def _progress(request: StaffRequest, page: ReportsPage) -> HttpResponse:
    """How far the worker is, and no figure; when nothing waits any more the whole page is asked for."""
    answer = render(request, "outcomes/report_progress.html", {"page": page})
    if not page.waiting:
        answer["HX-Refresh"] = "true"
    return answer


@requires(Permission.REQUEST_REPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def request_report(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Ask the worker for the report of one month."""
    at = now()
    staff = request.staff
    today = london_date(at)
    page = get_reports_page(clinic=staff.clinic, at=at, audience=audience_of(staff, today=today))
    form = RequestReport(request.POST or None, months=page.months)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_report(
                clinic=staff.clinic,
                month=form.cleaned_data["month"],
                edition=form.cleaned_data["edition"],
                reason=form.cleaned_data["reason"],
                by=staff.user,
                at=at,
            )
        except ReportRequestRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "The report is being built. It appears in this list when it is whole.")
            return redirect("outcomes:list_reports", clinic_code=clinic_code)
    return render(request, "outcomes/request_report.html", {"form": form})


@requires(Permission.SEE_REPORTS)
@require_safe
def see_report(request: StaffRequest, clinic_code: str, run_id: uuid.UUID) -> HttpResponse:
    """One report on a page, as it was frozen."""
    staff = request.staff
    audience = audience_of(staff, today=london_date(request.at))
    page = get_report_page(clinic=staff.clinic, run_id=run_id, audience=audience)
    if page is None:
        raise Http404
    told = {"run": str(run_id), "edition": page.edition, "issue": str(page.issue)}
    record_look("outcomes.report_read", by=staff.user, at=now(), clinic=staff.clinic.id, detail=told)
    return render(request, "outcomes/see_report.html", {"page": page})


@requires(Permission.SEE_REPORTS)
@require_safe
def download_report(request: StaffRequest, clinic_code: str, run_id: str, kind: str) -> HttpResponse:
    """One stored file, byte for byte as it was frozen."""
    at = now()
    staff = request.staff
    try:
        run = uuid.UUID(run_id)
    except ValueError:
        raise Http404 from None
    audience = audience_of(staff, today=london_date(at))
    download = get_report_file(clinic=staff.clinic, run_id=run, kind=kind, audience=audience)
    if download is None:
        raise Http404
    record_look(
        "outcomes.report_downloaded",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        detail={
            "run": str(run),
            "edition": download.run.edition,
            "issue": str(download.run.issue),
            "kind": kind,
            "sha256": download.sha256,
        },
    )
    response = HttpResponse(download.content, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{download.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
