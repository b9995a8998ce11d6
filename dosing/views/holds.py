"""The pages of a hold: placing one by hand, and a doctor's decision on one."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.holds import HoldNotLifted, HoldNotPlaced
from dosing.actions.holds import lift_hold as store_lifting
from dosing.actions.holds import place_hold as store_hold
from dosing.forms.holds import LiftHold, PlaceHold
from dosing.queries.holds import get_hold_page, get_placing_page
from dosing.rules.holds import HoldReason, HoldSeverity
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL_PLACE = "dosing.place_hold"
SEAL_LIFT = "dosing.lift_hold"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open it again from the person."


@requires(Permission.PLACE_HOLD)
@require_http_methods(["GET", "HEAD", "POST"])
def place_hold(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Hold a person's doses: any clinician, at once, with a reason in words."""
    page = get_placing_page(clinic=request.staff.clinic, patient_id=patient_id)
    if page is None:
        raise Http404
    form = PlaceHold(sent(request))
    if request.method == "POST":
        if form.is_valid() and open_form_seal(request, purpose=SEAL_PLACE, patient=str(patient_id)) is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            try:
                store_hold(
                    episode=page.episode,
                    severity=HoldSeverity(form.cleaned_data["severity"]),
                    reason=HoldReason(form.cleaned_data["reason"]),
                    words=form.cleaned_data["words"],
                    happened_at=form.happened_at,
                    review_on=form.cleaned_data["review_on"],
                    by=request.staff.user,
                    at=request.at,
                )
            except HoldNotPlaced as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: {page.name} has no dose until a doctor lifts this.")
                return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=patient_id)
    else:
        seal = seal_form(request, purpose=SEAL_PLACE, patient=str(patient_id))
        form = PlaceHold(initial={"seal": seal})
    _look(request, "dosing.hold_placing_page_seen", patient_id)
    return render(request, "dosing/place_hold.html", {"page": page, "form": form})


@requires(Permission.LIFT_HOLD)
@require_http_methods(["GET", "HEAD", "POST"])
def lift_hold(request: StaffRequest, clinic_code: str, hold_id: uuid.UUID) -> HttpResponse:
    """A doctor decides on a hold: what was found, the check since, and why it can be lifted."""
    page = get_hold_page(
        clinic=request.staff.clinic, hold_id=hold_id, viewer=request.staff.user, at=request.at
    )
    if page is None:
        raise Http404
    form = LiftHold(sent(request))
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL_LIFT, hold=str(hold_id), check=page.latest_check_id)
        is_valid = form.is_valid()
        if sealed is None:
            form.add_error(None, "A new check was made, or somebody else opened this page. Look again.")
        elif is_valid:
            try:
                store_lifting(
                    clinic=request.staff.clinic,
                    hold_id=hold_id,
                    reason=form.cleaned_data["reason"],
                    by=request.staff.user,
                    at=request.at,
                )
            except HoldNotLifted as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Saved: the hold is lifted.")
                return redirect("dosing:see_worklist", clinic_code=clinic_code)
    else:
        seal = seal_form(request, purpose=SEAL_LIFT, hold=str(hold_id), check=page.latest_check_id)
        form = LiftHold(initial={"seal": seal})
    _look(request, "dosing.hold_page_seen", page.patient_id)
    return render(request, "dosing/lift_hold.html", {"page": page, "form": form})


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id])
