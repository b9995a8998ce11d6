"""What police recorded of one person, where that was agreed, and the reference they have. Never beside what they told."""

from __future__ import annotations

import secrets
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions.police import PoliceReferenceRefused, TakingBackRefused
from outcomes.actions.police import give_police_reference as store_reference
from outcomes.actions.police import take_back_police_reference as store_end
from outcomes.forms.police import GivePoliceReference, TakeBackPoliceReference
from outcomes.queries.recorded_offences import RecordedPage, get_recorded_page
from outcomes.rules.police import WhyTakenBack
from outcomes.views.police import OPENED_BY_ANOTHER
from patients.views import related_or_404

SEAL, TAKE_BACK_SEAL = "outcomes.give_police_reference", "outcomes.take_back_police_reference"
# No vowels: no word comes about by chance.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


@requires(Permission.SEE_RECORDED_OFFENCES)
@require_safe
def see_recorded_offences(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """What police recorded of one person, where an agreement lets case workers see it."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.recorded_offences_seen", request, patient_id)
    return render(request, "outcomes/see_recorded_offences.html", {"page": page})


@requires(Permission.SEE_RECORDED_OFFENCES)
@require_http_methods(["GET", "HEAD", "POST"])
def give_police_reference(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, agreement_id: uuid.UUID
) -> HttpResponse:
    """Write down what police are to call one person under one agreement."""
    page = _page_or_404(request, patient_id)
    line = next((one for one in page.references if one.agreement_id == agreement_id), None)
    if line is None or not line.is_in_force:
        raise Http404
    sealed = {"patient": str(patient_id), "agreement": str(agreement_id)}
    suggested = "".join(secrets.choice(LETTERS) for _ in range(8))
    form = GivePoliceReference(
        request.POST if request.method == "POST" else None, initial={"reference": suggested}
    )
    if request.method == "POST":
        if open_form_seal(request, purpose=SEAL, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_reference(
                    clinic=request.staff.clinic,
                    agreement=agreement_id,
                    person=patient_id,
                    reference=form.cleaned_data["reference"],
                    by=request.staff.user,
                    at=request.at,
                )
            except PoliceReferenceRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: {page.name}’s reference for {line.force}.")
                return redirect(
                    "outcomes:see_recorded_offences", clinic_code=clinic_code, patient_id=patient_id
                )
    _look("outcomes.police_reference_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=SEAL, **sealed))
    return render(request, "outcomes/give_police_reference.html", {"page": page, "form": form, "line": line})


@requires(Permission.SEE_RECORDED_OFFENCES)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back_police_reference(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, reference_id: uuid.UUID
) -> HttpResponse:
    """Take back a reference that matched the wrong person: what it brought leaves this record and every later report."""
    page = _page_or_404(request, patient_id)
    line = next((one for one in page.references if one.reference_id == reference_id), None)
    if line is None:
        if any(old.id == reference_id for one in page.references for old in one.taken_back):
            return redirect("outcomes:see_recorded_offences", clinic_code=clinic_code, patient_id=patient_id)
        raise Http404
    sealed = {"patient": str(patient_id), "reference": str(reference_id)}
    form = TakeBackPoliceReference(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if open_form_seal(request, purpose=TAKE_BACK_SEAL, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_end(
                    clinic=request.staff.clinic,
                    reference=reference_id,
                    why=WhyTakenBack(form.cleaned_data["why"]),
                    by=request.staff.user,
                    at=request.at,
                )
            except TakingBackRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Taken back: {page.name}’s reference for {line.force}.")
                return redirect(
                    "outcomes:see_recorded_offences", clinic_code=clinic_code, patient_id=patient_id
                )
    _look("outcomes.police_reference_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=TAKE_BACK_SEAL, **sealed))
    return render(
        request, "outcomes/take_back_police_reference.html", {"page": page, "form": form, "line": line}
    )


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> RecordedPage:
    related_or_404(request, patient_id, request.at)
    page = get_recorded_page(
        clinic=request.staff.clinic, person_id=patient_id, today=london_date(request.at), at=request.at
    )
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
