"""Doing what was promised because somebody did not come."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions.following import FollowUpRefused
from outcomes.actions.following import close_follow_up as close
from outcomes.forms.following import CloseFollowUp
from outcomes.queries.following import get_open_follow_up, is_follow_up_here
from outcomes.views import is_sent

SEAL = "outcomes.close_follow_up"


@requires(Permission.LOG_SUPPORT_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def close_follow_up(request: StaffRequest, clinic_code: str, follow_up_id: uuid.UUID) -> HttpResponse:
    """Say that a follow-up is done and what came of it; it then leaves the caseload."""
    staff = request.staff
    follow_up = get_open_follow_up(
        clinic=staff.clinic,
        follow_up_id=follow_up_id,
        case_worker=staff.user,
        today=london_date(request.at),
    )
    if follow_up is None:
        if not is_follow_up_here(clinic=staff.clinic, follow_up_id=follow_up_id):
            raise Http404
        messages.info(request, "It is done already, or its session was corrected. What is open stands here.")
        return redirect("outcomes:see_caseload", clinic_code=clinic_code)
    sealed = {"follow_up": str(follow_up_id)}
    form = CloseFollowUp(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=SEAL, **sealed):
        try:
            close(
                clinic=staff.clinic,
                follow_up=follow_up_id,
                how=form.cleaned_data["how"],
                by=staff.user,
                at=request.at,
            )
        except FollowUpRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Saved: the follow-up of {follow_up.name} is done.")
            return redirect("outcomes:see_caseload", clinic_code=clinic_code)
    record_look(
        "outcomes.follow_up_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[follow_up.person_id],
    )
    form.carry(seal_form(request, purpose=SEAL, **sealed))
    return render(request, "outcomes/close_follow_up.html", {"follow_up": follow_up, "form": form})
