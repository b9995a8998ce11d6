"""The plan for one person's leaving."""

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
from hat_clinic.core.clock import london_date
from patients.actions.leaving import PlanRefused
from patients.actions.leaving import plan_leaving as store_plan
from patients.forms.leaving import PlanLeaving
from patients.queries.closings import get_last_day
from patients.queries.leaving import get_plan
from patients.rules.leaving import LeavingPlanContent, coming_back, missing_of_plan
from patients.views import head_or_404

SEAL = "patients.plan_leaving"


@requires(Permission.PLAN_LEAVING)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_leaving(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write what somebody goes on to when they leave; every version stays, and it may be unfinished."""
    staff = request.staff
    head = head_or_404(request, patient_id, request.at)
    plan = get_plan(episode_id=head.episode.id)
    form = PlanLeaving(
        request.POST if request.method == "POST" else None,
        today=london_date(request.at),
        known=plan.content if plan else LeavingPlanContent(),
    )
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if sealed is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_plan(
                    episode=head.episode,
                    content=form.content(),
                    follows=int(sealed["follows"]),
                    by=staff.user,
                    at=request.at,
                )
            except PlanRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Saved: the plan for leaving.")
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    record_look(
        "patients.person_opened", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    follows = str(plan.number if plan else 0)
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id), follows=follows))
    context = {
        "head": head,
        "form": form,
        "plan": plan,
        "missing": plan.missing if plan else missing_of_plan(None),
        "closes_on": get_last_day(clinic_id=staff.clinic.id),
        "coming_back": coming_back(),
    }
    return render(request, "patients/plan_leaving.html", context)
