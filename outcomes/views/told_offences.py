"""Offences that a person tells of: seeing them, writing one down, correcting one. Nothing of the police stands here."""

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
from outcomes.actions.lines import LineAmended, LineKeyReused
from outcomes.actions.told_offences import ToldOffenceRefused
from outcomes.actions.told_offences import amend_told_offence as store_correction
from outcomes.actions.told_offences import record_told_offence as store_offence
from outcomes.forms.told_offences import AmendToldOffence, RecordToldOffence
from outcomes.queries.told_offences import ToldPage, get_told_offence, get_told_page, list_offence_kinds
from outcomes.rules.support import Correction
from patients.views import related_or_404

RECORD_SEAL, AMEND_SEAL = "outcomes.record_told_offence", "outcomes.amend_told_offence"
OPENED_BY_ANOTHER = (
    "This page was opened by somebody else or for somebody else. Nothing was saved. Go on here."
)


@requires(Permission.RECORD_TOLD_OFFENCE)
@require_safe
def see_told_offences(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """What one person told of, each with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.told_offences_seen", request, patient_id)
    return render(request, "outcomes/see_told_offences.html", {"page": page})


@requires(Permission.RECORD_TOLD_OFFENCE)
@require_http_methods(["GET", "HEAD", "POST"])
def record_told_offence(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write down one offence that a person told of."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    form = RecordToldOffence(
        request.POST if request.method == "POST" else None,
        initial={"key": uuid.uuid4()},
        kinds=list_offence_kinds(),
    )
    if request.method == "POST":
        if open_form_seal(request, purpose=RECORD_SEAL, patient=str(patient_id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_offence(
                    clinic=staff.clinic,
                    person=patient_id,
                    said=form.said(),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except ToldOffenceRefused as refusal:
                form.refuse(refusal.decision)
            except LineKeyReused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Saved: what {page.name} told.")
                return redirect("outcomes:see_told_offences", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.told_offence_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD_SEAL, patient=str(patient_id)))
    return render(request, "outcomes/record_told_offence.html", {"page": page, "form": form})


@requires(Permission.RECORD_TOLD_OFFENCE)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_told_offence(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, offence_id: uuid.UUID
) -> HttpResponse:
    """Write an offence again: the first line stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = get_told_offence(clinic=staff.clinic, person_id=patient_id, offence_id=offence_id)
    if stands is None:
        raise Http404
    sealed = {"patient": str(patient_id), "offence": str(offence_id)}
    form = AmendToldOffence(
        request.POST if request.method == "POST" else None,
        initial={"key": uuid.uuid4(), "kind": stands.kind, "on": stands.on},
        kinds=list_offence_kinds(),
    )
    if request.method == "POST":
        if open_form_seal(request, purpose=AMEND_SEAL, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_correction(
                    clinic=staff.clinic,
                    offence=offence_id,
                    said=form.said(),
                    correction=Correction(form.cleaned_data["correction"]),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except ToldOffenceRefused as refusal:
                form.refuse(refusal.decision)
            except (LineKeyReused, LineAmended) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, "Saved: the correction stands, and what was written before stays below it."
                )
                return redirect("outcomes:see_told_offences", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.told_offence_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND_SEAL, **sealed))
    return render(request, "outcomes/amend_told_offence.html", {"page": page, "form": form})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> ToldPage:
    related_or_404(request, patient_id, request.at)
    page = get_told_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
