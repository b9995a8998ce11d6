"""The licences of a clinic's doctors: seen, recorded, revoked."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.licences import LicenceRefused
from dosing.actions.licences import record_licence as store_licence
from dosing.actions.licences import revoke_licence as store_revocation
from dosing.forms.licences import RecordLicence, RevokeLicence
from dosing.queries.licences import (
    get_licence,
    list_doctors,
    list_licence_notices,
    list_licences,
    list_places,
)
from dosing.rules.orders import Product
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.core.clock import now

REVOKE_SEAL = "dosing.revoke_licence"
NOT_YOURS = "This page was opened by somebody else or for another licence. Open the licences again."


@requires(Permission.KEEP_LICENCES)
@require_safe
def see_licences(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every licence of this clinic's doctors, and what each is worth now."""
    at = now()
    clinic = request.staff.clinic
    context = {
        "licences": list_licences(clinic=clinic, at=at),
        "notices": list_licence_notices(clinic=clinic, at=at),
    }
    return render(request, "dosing/see_licences.html", context)


@requires(Permission.KEEP_LICENCES)
@require_http_methods(["GET", "HEAD", "POST"])
def record_licence(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Record one doctor's licence for one drug at one premises."""
    at = now()
    staff = request.staff
    doctors, places = list_doctors(clinic=staff.clinic, at=at), list_places(clinic=staff.clinic)
    form = RecordLicence(
        request.POST if request.method == "POST" else None,
        doctors=[(str(doctor.pk), doctor.full_name) for doctor in doctors],
        places=[(str(place.pk), place.name) for place in places],
    )
    if request.method == "POST" and form.is_valid():
        doctor = next(user for user in doctors if str(user.pk) == form.cleaned_data["doctor"])
        try:
            store_licence(
                doctor=doctor,
                premises=next(place for place in places if str(place.pk) == form.cleaned_data["premises"]),
                product=Product(form.cleaned_data["product"]),
                starts_at=form.starts_at,
                ends_at=form.ends_at,
                by=staff.user,
                at=at,
            )
        except LicenceRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Saved: the licence of {doctor.full_name} is recorded.")
            return redirect("dosing:see_licences", clinic_code=clinic_code)
    return render(request, "dosing/record_licence.html", {"form": form, "doctors": doctors})


@requires(Permission.KEEP_LICENCES)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_licence(request: StaffRequest, clinic_code: str, licence_id: uuid.UUID) -> HttpResponse:
    """Revoke one licence: its orders are suspended at once."""
    at = now()
    staff = request.staff
    licence = get_licence(clinic=staff.clinic, licence_id=licence_id, at=at)
    if licence is None:
        raise Http404
    if request.method == "POST":
        form = RevokeLicence(request.POST)
        if form.is_valid() and open_form_seal(request, purpose=REVOKE_SEAL, licence=str(licence_id)) is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            try:
                store_revocation(
                    clinic=staff.clinic,
                    licence_id=licence_id,
                    reason=form.cleaned_data["reason"],
                    by=staff.user,
                    at=at,
                )
            except LicenceRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: the licence of {licence.doctor} is revoked.")
                return redirect("dosing:see_licences", clinic_code=clinic_code)
    else:
        seal = seal_form(request, purpose=REVOKE_SEAL, licence=str(licence_id))
        form = RevokeLicence(initial={"seal": seal})
    return render(request, "dosing/revoke_licence.html", {"licence": licence, "form": form})
