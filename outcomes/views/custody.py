"""Stays in custody: seeing them, recording one, ending an open one, correcting one."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from outcomes.actions import custody as acts
from outcomes.actions.lines import LineAmended, LineKeyReused
from outcomes.forms.custody import AmendCustody, EndCustody, RecordCustody
from outcomes.queries.custody import CustodyPage, get_custody_page, get_stay
from outcomes.rules.custody import CustodySaid
from outcomes.rules.support import Correction
from outcomes.views import is_sent
from patients.views import related_or_404

RECORD, END, AMEND = "outcomes.record_custody", "outcomes.end_custody", "outcomes.amend_custody"


@requires(Permission.RECORD_CUSTODY)
@require_safe
def see_custody(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's arrests and stays in prison, each with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.custody_seen", request, patient_id)
    return render(request, "outcomes/see_custody.html", {"page": page})


@requires(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "HEAD", "POST"])
def record_custody(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write down an arrest or a stay in prison, stored once."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    form = RecordCustody(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=RECORD, patient=str(patient_id)):
        try:
            acts.record_custody(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.CustodyRefused as refusal:
            form.refuse(refusal.decision)
        except LineKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: the stay of {page.name}.")
            return redirect("outcomes:see_custody", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.custody_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD, patient=str(patient_id)))
    return render(request, "outcomes/record_custody.html", {"page": page, "form": form})


@requires(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "HEAD", "POST"])
def end_custody(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, stay_id: uuid.UUID
) -> HttpResponse:
    """Write down the last day of a stay that was open."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = _stay_or_404(request, patient_id, stay_id)
    sealed = {"patient": str(patient_id), "stay": str(stay_id)}
    form = EndCustody(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=END, **sealed):
        try:
            acts.end_custody(
                clinic=staff.clinic,
                stay=stay_id,
                last_on=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.CustodyRefused as refusal:
            form.refuse(refusal.decision)
        except (LineKeyReused, LineAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: {page.name} came out.")
            return redirect("outcomes:see_custody", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.custody_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=END, **sealed))
    return render(request, "outcomes/end_custody.html", {"page": page, "stands": stands, "form": form})


@requires(Permission.RECORD_CUSTODY)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_custody(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, stay_id: uuid.UUID
) -> HttpResponse:
    """Write a stay again: the first stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = _stay_or_404(request, patient_id, stay_id)
    sealed = {"patient": str(patient_id), "stay": str(stay_id)}
    initial = {
        "kind": stands.kind,
        "source": stands.source,
        "first_on": stands.first_on,
        "last_on": stands.last_on,
    }
    form = AmendCustody(request.POST if request.method == "POST" else None, initial=initial, stands=stands)
    if is_sent(request, form, purpose=AMEND, **sealed):
        try:
            acts.amend_custody(
                clinic=staff.clinic,
                stay=stay_id,
                said=form.said(),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.CustodyRefused as refusal:
            form.refuse(refusal.decision)
        except (LineKeyReused, LineAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_custody", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.custody_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND, **sealed))
    return render(request, "outcomes/amend_custody.html", {"page": page, "form": form})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> CustodyPage:
    related_or_404(request, patient_id, request.at)
    page = get_custody_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _stay_or_404(request: StaffRequest, patient_id: uuid.UUID, stay_id: uuid.UUID) -> CustodySaid:
    stands = get_stay(clinic=request.staff.clinic, person_id=patient_id, stay_id=stay_id)
    if stands is None:
        raise Http404
    return stands


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
