"""Signing a report off, and who took which file home."""

from __future__ import annotations

import uuid
from hashlib import sha256

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions import releases as acts
from outcomes.forms.releases import ReleaseReport
from outcomes.queries import releases as queries
from outcomes.queries.notices import list_notices
from outcomes.views import is_sent

RELEASE = "outcomes.release_report"
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@requires(Permission.RELEASE_REPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def release_report(request: StaffRequest, clinic_code: str, run_id: uuid.UUID) -> HttpResponse:
    """Read what goes out, and sign it off."""
    staff = request.staff
    page = queries.get_release_page(clinic=staff.clinic, run_id=run_id, reader=staff.user.pk)
    if page is None:
        raise Http404
    form = ReleaseReport(request.POST if request.method == "POST" else None)
    sealed = {"run": str(run_id), "sha256": page.figures_sha256}
    if is_sent(request, form, purpose=RELEASE, **sealed):
        try:
            acts.release_report(
                clinic=staff.clinic,
                run=run_id,
                figures_sha256=page.figures_sha256,
                is_read=form.cleaned_data["is_read"],
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.ReleaseRefused as refusal:
            form.refuse(refusal.decision)
        except acts.ReleaseKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Released: {page.month:%B %Y}, issue {page.issue}. Its recipients read it now."
            )
            return redirect("outcomes:list_reports", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=RELEASE, **sealed))
    told = list_notices(run_id=run_id, at=request.at)
    return render(request, "outcomes/release_report.html", {"page": page, "form": form, "told": told})


@requires(Permission.SEE_REPORTS)
@require_safe
def see_changes(request: StaffRequest, clinic_code: str, run_id: uuid.UUID) -> HttpResponse:
    """What changed since the issue before, and why."""
    page = _changes_or_404(request, run_id)
    staff = request.staff
    record_look(
        "outcomes.changes_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        detail=_told(page, "html"),
    )
    return render(request, "outcomes/see_changes.html", {"page": page})


@requires(Permission.SEE_REPORTS)
@require_safe
def download_changes(request: StaffRequest, clinic_code: str, run_id: str, table_kind: str) -> HttpResponse:
    """The same, as a file for a spreadsheet or as a workbook."""
    try:
        page = _changes_or_404(request, uuid.UUID(run_id))
    except ValueError:
        raise Http404 from None
    staff, content = request.staff, page.file(table_kind)
    record_look(
        "outcomes.changes_downloaded",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        detail={**_told(page, table_kind), "sha256": sha256(content).hexdigest()},
    )
    response = HttpResponse(content, content_type=CONTENT_TYPES[table_kind])
    response["Content-Disposition"] = f'attachment; filename="{page.file_name(table_kind)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _changes_or_404(request: StaffRequest, run_id: uuid.UUID) -> queries.ChangesPage:
    staff = request.staff
    audience = queries.audience_of(staff, today=london_date(request.at))
    page = queries.get_changes(clinic=staff.clinic, run_id=run_id, audience=audience)
    if page is None:
        raise Http404
    return page


def _told(page: queries.ChangesPage, kind: str) -> dict[str, str]:
    return {"run": str(page.run_id), "edition": page.edition, "issue": str(page.issue), "kind": kind}


@requires(Permission.LIST_DOWNLOADS)
@require_safe
def list_downloads(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Who took which file of which report home."""
    staff = request.staff
    downloads = queries.list_downloads(clinic=staff.clinic)
    record_look("outcomes.downloads_listed", by=staff.user, at=request.at, clinic=staff.clinic.id)
    return render(request, "outcomes/list_downloads.html", {"downloads": downloads})
