"""Health-service use by period: seeing it, recording a period, correcting one."""

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
from outcomes.actions import service_use as acts
from outcomes.actions.lines import LineAmended, LineKeyReused
from outcomes.forms.service_use import AmendServiceUse, RecordServiceUse
from outcomes.queries.service_use import UsePage, get_service_use_page, get_use
from outcomes.rules.service_use import UseSaid
from outcomes.rules.support import Correction
from outcomes.views import is_sent
from patients.views import related_or_404

RECORD, AMEND = "outcomes.record_service_use", "outcomes.amend_service_use"


@requires(Permission.RECORD_SERVICE_USE)
@require_safe
def see_service_use(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's health-service use, each period with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.service_use_seen", request, patient_id)
    return render(request, "outcomes/see_service_use.html", {"page": page})


@requires(Permission.RECORD_SERVICE_USE)
@require_http_methods(["GET", "HEAD", "POST"])
def record_service_use(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write down what was asked or looked up about one period, stored once."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    form = RecordServiceUse(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=RECORD, patient=str(patient_id)):
        try:
            acts.record_service_use(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.UseRefused as refusal:
            form.refuse(refusal.decision)
        except LineKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: the period of {page.name}.")
            return redirect("outcomes:see_service_use", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.service_use_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD, patient=str(patient_id)))
    return render(request, "outcomes/record_service_use.html", {"page": page, "form": form})


@requires(Permission.RECORD_SERVICE_USE)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_service_use(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, use_id: uuid.UUID
) -> HttpResponse:
    """Write a period again: the first stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = _use_or_404(request, patient_id, use_id)
    sealed = {"patient": str(patient_id), "use": str(use_id)}
    initial = {
        "first_on": stands.first_on,
        "last_on": stands.last_on,
        "source": stands.source,
        **stands.counts,
    }
    form = AmendServiceUse(request.POST if request.method == "POST" else None, initial=initial)
    if is_sent(request, form, purpose=AMEND, **sealed):
        try:
            acts.amend_service_use(
                clinic=staff.clinic,
                use=use_id,
                said=form.said(),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.UseRefused as refusal:
            form.refuse(refusal.decision)
        except (LineKeyReused, LineAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_service_use", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.service_use_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND, **sealed))
    return render(request, "outcomes/amend_service_use.html", {"page": page, "form": form})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> UsePage:
    related_or_404(request, patient_id, request.at)
    page = get_service_use_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _use_or_404(request: StaffRequest, patient_id: uuid.UUID, use_id: uuid.UUID) -> UseSaid:
    stands = get_use(clinic=request.staff.clinic, person_id=patient_id, use_id=use_id)
    if stands is None:
        raise Http404
    return stands


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
