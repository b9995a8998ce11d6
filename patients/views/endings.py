"""Ending one person's treatment here."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from patients.actions.endings import TreatmentNotEnded
from patients.actions.endings import end_treatment as store_ending
from patients.forms.endings import EndTreatment
from patients.queries.leaving import get_plan
from patients.rules.leaving import coming_back, missing_of_plan
from patients.views import head_or_404

SEAL = "patients.end_treatment"


@requires(Permission.END_TREATMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def end_treatment(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """End a treatment today, with why: from then on no order of it gives a dose."""
    staff = request.staff
    head = head_or_404(request, patient_id, request.at)
    plan = get_plan(episode_id=head.episode.id)
    missing = plan.missing if plan else missing_of_plan(None)
    form = EndTreatment(request.POST if request.method == "POST" else None, plan_is_whole=not missing)
    if request.method == "POST":
        if open_form_seal(request, purpose=SEAL, patient=str(patient_id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_ending(
                    episode=head.episode,
                    reason=form.cleaned_data["reason"],
                    without_plan=bool(form.cleaned_data.get("without_plan")),
                    by=staff.user,
                    at=request.at,
                )
            except TreatmentNotEnded as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: the treatment of {head.person.full_name} has ended.")
                return redirect("pages:list_people", clinic_code=clinic_code)
    record_look(
        "patients.person_opened", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id)))
    context = {
        "head": head,
        "form": form,
        "plan": plan,
        "missing": missing,
        "coming_back": coming_back(),
        "may_plan": staff.may(Permission.PLAN_LEAVING),
    }
    return render(request, "patients/end_treatment.html", context)
