"""Signing a medical assessment, and reading every version of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from patients.actions.assessments import AssessmentRefused
from patients.actions.assessments import record_assessment as sign_assessment
from patients.forms.assessments import RecordAssessment
from patients.queries.assessments import (
    get_assessment_page,
    get_standing_assessment,
    list_assessments,
)
from patients.views import head_or_404

SEAL = "patients.record_assessment"


@requires(Permission.RECORD_ASSESSMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def record_assessment(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Every part of an assessment; what is missing is said, and what was typed stays."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    last = get_standing_assessment(person_id=patient_id, at=at)
    form = RecordAssessment(request.POST if request.method == "POST" else None, today=london_date(at))
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if sealed is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                signed = sign_assessment(
                    episode=head.episode,
                    content=form.content(),
                    follows=int(sealed["follows"]),
                    by=staff.user,
                    at=at,
                )
            except AssessmentRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Signed: assessment {signed.number}.")
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    record_look("patients.person_opened", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    follows = str(last.number if last else 0)
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id), follows=follows))
    return render(request, "patients/record_assessment.html", {"head": head, "form": form, "last": last})


@requires(Permission.SEE_ASSESSMENTS)
@require_safe
def see_assessments(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Every assessment of a person here, the newest first, each with which parts changed."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    lines = list_assessments(person_id=patient_id, clinic=staff.clinic)
    record_look(
        "patients.assessments_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id]
    )
    context = {
        "head": head,
        "lines": lines,
        "today": london_date(at),
        "may_assess": staff.may(Permission.RECORD_ASSESSMENT),
    }
    return render(request, "patients/see_assessments.html", context)


@requires(Permission.SEE_ASSESSMENTS)
@require_safe
def see_assessment(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, assessment_id: uuid.UUID
) -> HttpResponse:
    """One version in full, and what changed since an earlier one."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    page = get_assessment_page(
        person_id=patient_id,
        clinic=staff.clinic,
        assessment_id=assessment_id,
        beside=request.GET.get("beside", ""),
    )
    if page is None:
        raise Http404
    record_look(
        "patients.assessments_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id]
    )
    return render(request, "patients/see_assessment.html", {"head": head, "page": page})
