"""Records for an independent evaluator: what was asked for, a new one, and the approval of a colleague's."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions import exports as acts
from outcomes.forms.exports import ApproveExport, AskForExport
from outcomes.queries.exports import ExportRow, list_exports
from outcomes.views import is_sent

ASK, APPROVE = "outcomes.ask_for_export", "outcomes.approve_export"


@requires(Permission.EXPORT_COHORT)
@require_safe
def see_exports(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What was asked for, approved and written. It names nobody in treatment."""
    return render(request, "outcomes/see_exports.html", {"exports": _rows(request)})


@requires(Permission.EXPORT_COHORT)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_export(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Ask for the records for one recipient; a colleague approves it."""
    staff = request.staff
    form = AskForExport(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=ASK):
        try:
            acts.ask_for_export(
                clinic=staff.clinic,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.ExportRefused as refusal:
            form.refuse(refusal.decision)
        except acts.ExportKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. Nothing leaves until a colleague has approved it.")
            return redirect("outcomes:see_exports", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=ASK))
    return render(request, "outcomes/ask_for_export.html", {"form": form})


@requires(Permission.EXPORT_COHORT)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_export(request: StaffRequest, clinic_code: str, export_id: uuid.UUID) -> HttpResponse:
    """Approve what a colleague asked for."""
    staff = request.staff
    row = next((one for one in _rows(request) if one.id == export_id), None)
    if row is None:
        raise Http404
    form = ApproveExport(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=APPROVE, export=str(export_id)):
        try:
            acts.approve_export(
                clinic=staff.clinic,
                export=export_id,
                is_confirmed=form.cleaned_data["is_confirmed"],
                by=staff.user,
                at=request.at,
            )
        except acts.ExportRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Approved. Whoever runs the server can write the folder now.")
            return redirect("outcomes:see_exports", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=APPROVE, export=str(export_id)))
    return render(request, "outcomes/approve_export.html", {"row": row, "form": form})


def _rows(request: StaffRequest) -> tuple[ExportRow, ...]:
    staff = request.staff
    return list_exports(clinic=staff.clinic, reader=staff.user.pk, today=london_date(request.at))
