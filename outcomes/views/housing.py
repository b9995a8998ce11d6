"""Where somebody lives: seeing it, recording it, correcting a line."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from outcomes.actions.housing import HousingRefused
from outcomes.actions.housing import amend_housing as store_correction
from outcomes.actions.housing import record_housing as store_housing
from outcomes.actions.lines import LineAmended, LineKeyReused
from outcomes.forms.housing import AmendHousing, RecordHousing
from outcomes.queries.housing import HousingPage, get_housing_page, get_standing_housing
from outcomes.rules.support import Correction

RECORD_SEAL, AMEND_SEAL = "outcomes.record_housing", "outcomes.amend_housing"
OPENED_BY_ANOTHER = (
    "This page was opened by somebody else or for somebody else. Nothing was saved. Go on here."
)


@requires(Permission.RECORD_HOUSING)
@require_safe
def see_housing(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Where one person lives and has lived, each line with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.housing_seen", request, patient_id)
    return render(request, "outcomes/see_housing.html", {"page": page})


@requires(Permission.RECORD_HOUSING)
@require_http_methods(["GET", "HEAD", "POST"])
def record_housing(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write down where a person lives, and since when."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    form = RecordHousing(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    if request.method == "POST":
        if open_form_seal(request, purpose=RECORD_SEAL, patient=str(patient_id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_housing(
                    clinic=staff.clinic,
                    person=patient_id,
                    said=form.said(),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except HousingRefused as refusal:
                form.refuse(refusal.decision)
            except LineKeyReused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Saved: where {page.name} lives.")
                return redirect("outcomes:see_housing", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.housing_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD_SEAL, patient=str(patient_id)))
    return render(request, "outcomes/record_housing.html", {"page": page, "form": form})


@requires(Permission.RECORD_HOUSING)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_housing(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, housing_id: uuid.UUID
) -> HttpResponse:
    """Write a line again: the first stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = get_standing_housing(clinic=staff.clinic, person_id=patient_id, housing_id=housing_id)
    if stands is None:
        raise Http404
    sealed = {"patient": str(patient_id), "housing": str(housing_id)}
    initial = {"key": uuid.uuid4(), "state": stands.state, "on": stands.on}
    form = AmendHousing(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        if open_form_seal(request, purpose=AMEND_SEAL, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_correction(
                    clinic=staff.clinic,
                    housing=housing_id,
                    said=form.said(),
                    correction=Correction(form.cleaned_data["correction"]),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except HousingRefused as refusal:
                form.refuse(refusal.decision)
            except (LineKeyReused, LineAmended) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, "Saved: the correction stands, and what was written before stays below it."
                )
                return redirect("outcomes:see_housing", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.housing_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND_SEAL, **sealed))
    return render(request, "outcomes/amend_housing.html", {"page": page, "form": form})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> HousingPage:
    page = get_housing_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
