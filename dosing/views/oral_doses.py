"""Giving an oral dose at the terminal, and the prescriber's decision that lets one go ahead."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.oral import OralRefused
from dosing.actions.oral_doses import allow_oral as store_decision
from dosing.actions.oral_doses import give_oral as store_dose
from dosing.forms.oral import AllowOral
from dosing.forms.oral_doses import GiveOral
from dosing.queries.clocks import list_observed_clocks
from dosing.queries.oral import oral_in_words
from dosing.queries.oral_doses import get_allow_oral_page, get_give_oral_page
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

GIVE_SEAL = "dosing.give_oral"
ALLOW_SEAL = "dosing.allow_oral"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for somebody else. Nothing was saved. Open the person again."
)


@requires(Permission.GIVE_ORAL)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def give_oral(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One oral dose: who it is, how awake they are, how much, and the nurse's own PIN."""
    staff = request.staff
    page = get_give_oral_page(clinic=staff.clinic, patient_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    initial = {
        "key": uuid.uuid4(),
        "seal": seal_form(request, purpose=GIVE_SEAL, patient=str(patient_id)),
    }
    form = GiveOral(sent(request), initial=initial, page=page, nurse_name=staff.user.full_name)
    if request.method == "POST" and form.is_valid() and _given(request, form, patient_id):
        return redirect("dosing:give_oral", clinic_code=clinic_code, patient_id=patient_id)
    record_look(
        "dosing.oral_page_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    clocks = list_observed_clocks(clinic=staff.clinic, at=request.at)
    return render(request, "dosing/give_oral.html", {"page": page, "form": form, "observed": clocks})


def _given(request: StaffRequest, form: GiveOral, patient_id: uuid.UUID) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    if open_form_seal(request, purpose=GIVE_SEAL, patient=str(patient_id)) is None:
        form.add_error(None, SOMEBODY_ELSE)
        return False
    try:
        dose = store_dose(
            clinic=request.staff.clinic,
            patient_id=patient_id,
            dose=form.dose(),
            pin=form.cleaned_data["pin"],
            key=form.cleaned_data["key"],
            terminal_id=request.staff.terminal_id,
            by=request.staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        form.add_error("pin", str(refusal))
    except OralRefused as refusal:
        form.refuse(refusal.decision)
    else:
        messages.success(request, f"Saved: {oral_in_words(dose.drug, dose.mg)}.")
    return form.is_valid()


@requires(Permission.ALLOW_ORAL)
@require_http_methods(["GET", "HEAD", "POST"])
def allow_oral(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """A prescriber decides that today's oral dose goes ahead although an injection was withheld."""
    staff = request.staff
    page = get_allow_oral_page(clinic=staff.clinic, patient_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    initial = {
        "key": uuid.uuid4(),
        "seal": seal_form(request, purpose=ALLOW_SEAL, patient=str(patient_id), seen=page.withheld),
    }
    orders = tuple(
        (str(choice.order_id), f"{choice.drug}, {choice.daily_mg} mg a day") for choice in page.choices
    )
    form = AllowOral(sent(request), initial=initial, orders=orders)
    if request.method == "POST" and form.is_valid() and _allowed(request, form, patient_id, page.withheld):
        messages.success(request, f"Saved: the oral dose of {page.name} may go ahead today.")
        return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=patient_id)
    record_look(
        "dosing.oral_decision_page_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[patient_id],
    )
    return render(request, "dosing/allow_oral.html", {"page": page, "form": form})


def _allowed(request: StaffRequest, form: AllowOral, patient_id: uuid.UUID, withheld: str) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    sealed = open_form_seal(request, purpose=ALLOW_SEAL, patient=str(patient_id))
    if sealed is None or sealed["seen"] != withheld:
        form.add_error(
            None, "What stood against the injection changed, or somebody else opened this page. Look again."
        )
        return False
    try:
        store_decision(
            clinic=request.staff.clinic,
            patient_id=patient_id,
            order_id=uuid.UUID(form.cleaned_data["order"]),
            reason=form.cleaned_data["reason"],
            key=form.cleaned_data["key"],
            by=request.staff.user,
            at=request.at,
        )
    except OralRefused as refusal:
        form.refuse(refusal.decision)
    return form.is_valid()
