"""What the clinic is known by: what stands, a correction of it, and the approval of a colleague's."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from outcomes.actions import clinic_corrections as acts
from outcomes.forms.clinic_corrections import ApproveClinicCorrection, CorrectClinic
from outcomes.queries.clinic_corrections import ClinicPage, get_clinic_page
from outcomes.views import is_sent

CORRECT, APPROVE = "outcomes.correct_clinic", "outcomes.approve_clinic_correction"


@requires(Permission.CORRECT_CLINIC)
@require_safe
def see_clinic(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What stands, what waits to be approved, and what was before."""
    has_phases = request.staff.may(Permission.KEEP_PHASES)
    return render(request, "outcomes/see_clinic.html", {"page": _page(request), "has_phases": has_phases})


@requires(Permission.CORRECT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def correct_clinic(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write a correction; a colleague approves it."""
    staff = request.staff
    page = _page(request)
    form = CorrectClinic(request.POST if request.method == "POST" else None, initial=asdict(page.stands))
    if is_sent(request, form, purpose=CORRECT, clinic=str(staff.clinic.id)):
        try:
            acts.correct_clinic(
                clinic=staff.clinic,
                said=form.said(),
                why=form.cleaned_data["why"],
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.CorrectionRefused as refusal:
            form.refuse(refusal.decision)
        except acts.CorrectionKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. It counts once a colleague has approved it.")
            return redirect("outcomes:see_clinic", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=CORRECT, clinic=str(staff.clinic.id)))
    return render(request, "outcomes/correct_clinic.html", {"page": page, "form": form})


@requires(Permission.CORRECT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_clinic_correction(
    request: StaffRequest, clinic_code: str, clinic_correction_id: uuid.UUID
) -> HttpResponse:
    """Approve what a colleague wrote."""
    staff = request.staff
    row = _page(request).row(clinic_correction_id)
    if row is None:
        raise Http404
    form = ApproveClinicCorrection(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=APPROVE, correction=str(clinic_correction_id)):
        try:
            acts.approve_clinic_correction(
                clinic=staff.clinic,
                correction=clinic_correction_id,
                is_confirmed=form.cleaned_data["is_confirmed"],
                by=staff.user,
                at=request.at,
            )
        except acts.CorrectionRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: the correction stands.")
            return redirect("outcomes:see_clinic", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=APPROVE, correction=str(clinic_correction_id)))
    return render(request, "outcomes/approve_clinic_correction.html", {"row": row, "form": form})


def _page(request: StaffRequest) -> ClinicPage:
    return get_clinic_page(clinic=request.staff.clinic, reader=request.staff.user.pk)
