"""The page on which a licensed doctor decides on a gap."""

from __future__ import annotations

import uuid

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.gaps import GapNotDecided
from dosing.actions.gaps import decide_gap as store_decision
from dosing.forms.gaps import DecideGap
from dosing.queries.gaps import get_gap_page
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now

SEAL = "dosing.decide_gap"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open it again from the worklist."


@requires(Permission.DECIDE_GAP)
@require_http_methods(["GET", "HEAD", "POST"])
def decide_gap(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Let the next dose be given after a gap, up to a ceiling, with a reason and the password given afresh."""
    at = now()
    staff = request.staff
    page = get_gap_page(clinic=staff.clinic, patient_id=patient_id, decider=staff.user, at=at)
    if page is None:
        raise Http404
    form = DecideGap(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if form.is_valid() and sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid() and sealed is not None:
            raise_if_reauthentication_required(request, app="dosing")
            try:
                store_decision(
                    clinic=staff.clinic,
                    episode=page.episode,
                    ceiling_mg=form.cleaned_data["ceiling_mg"],
                    reason=form.cleaned_data["reason"].strip(),
                    seen=sealed["seen"],
                    by=staff.user,
                    at=at,
                )
            except GapNotDecided as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(
                    request, f"Saved: the next dose of {page.name} may be given under your ceiling."
                )
                return redirect("dosing:see_worklist", clinic_code=clinic_code)
    else:
        form = DecideGap(
            initial={"seal": seal_form(request, purpose=SEAL, patient=str(patient_id), seen=page.seen)}
        )
    record_look("dosing.gap_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    return render(request, "dosing/decide_gap.html", {"page": page, "form": form})
