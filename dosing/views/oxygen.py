"""The page on which a doctor sets one person's target for oxygen."""

from __future__ import annotations

import uuid

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.oxygen import SentTarget, TargetNotSet
from dosing.actions.oxygen import set_oxygen_target as store_target
from dosing.forms.oxygen import SetOxygenTarget
from dosing.queries.oxygen import OxygenPage, get_oxygen_page
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.decisions import Decision

SEAL = "dosing.set_oxygen_target"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open it again from the orders."


@requires(Permission.SET_OXYGEN_TARGET)
@require_http_methods(["GET", "HEAD", "POST"])
def set_oxygen_target(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Set what one person's oxygen is held against, on evidence and until a day, with the password given afresh."""
    staff = request.staff
    page = get_oxygen_page(clinic=staff.clinic, patient_id=patient_id, viewer=staff.user, at=request.at)
    if page is None:
        raise Http404
    form = SetOxygenTarget(sent(request), initial={"key": uuid.uuid4(), "seal": _seal(request, page)})
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        is_valid = form.is_valid()
        if sealed is None:
            form.add_error(None, NOT_YOURS)
        elif is_valid:
            raise_if_reauthentication_required(request, app="dosing")
            try:
                store_target(
                    clinic=staff.clinic,
                    episode=page.episode,
                    target=form.target(),
                    evidence=form.cleaned_data["evidence"].strip(),
                    page=SentTarget(key=form.cleaned_data["key"], newest=sealed["newest"]),
                    by=staff.user,
                    at=request.at,
                )
            except TargetNotSet as refusal:
                form = _filled_in_again(request, page, refusal.decision)
            else:
                messages.success(request, f"Saved: the target for the oxygen of {page.name}.")
                return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=patient_id)
    record_look(
        "dosing.oxygen_page_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    return render(request, "dosing/set_oxygen_target.html", {"page": page, "form": form})


def _filled_in_again(request: StaffRequest, page: OxygenPage, decision: Decision) -> SetOxygenTarget:
    """Return the form with what was written, sealed for the target that stands now."""
    written = request.POST.copy()
    written["key"], written["seal"] = str(uuid.uuid4()), _seal(request, page)
    form = SetOxygenTarget(written)
    form.refuse(decision)
    return form


def _seal(request: StaffRequest, page: OxygenPage) -> str:
    return seal_form(request, purpose=SEAL, patient=str(page.patient_id), newest=page.newest)
