"""The page on which an oral dose is put right, with the first line beside it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.oral_corrections import amend_oral as store_oral
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.forms.oral_corrections import AmendOral
from dosing.queries.oral_pages import get_amend_oral_page
from dosing.rules.corrections import CorrectedFor
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL = "dosing.amend_oral"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for another dose. Nothing was saved. Open it again."
)


@requires(Permission.GIVE_ORAL)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def amend_oral(request: StaffRequest, clinic_code: str, oral_dose_id: uuid.UUID) -> HttpResponse:
    """Put an oral dose right: the milligrams, the sedation, the time, why, and one's own PIN."""
    staff = request.staff
    page = get_amend_oral_page(clinic=staff.clinic, dose_id=oral_dose_id)
    if page is None:
        raise Http404
    seal = seal_form(request, purpose=SEAL, dose=str(oral_dose_id))
    form = AmendOral(sent(request), initial={"key": uuid.uuid4(), "seal": seal})
    status = 200
    if request.method == "POST":
        is_valid = form.is_valid()
        if open_form_seal(request, purpose=SEAL, dose=str(oral_dose_id)) is None:
            form.add_error(None, SOMEBODY_ELSE)
        elif is_valid:
            data = form.cleaned_data
            try:
                store_oral(
                    clinic=staff.clinic,
                    dose_id=oral_dose_id,
                    said=form.said(page.given_at),
                    why=SignedWhy(
                        reason=CorrectedFor(data["reason"]),
                        words=data["words"].strip(),
                        pin=data["pin"],
                        terminal_id=staff.terminal_id,
                        key=data["key"],
                    ),
                    by=staff.user,
                    at=request.at,
                )
            except PinRefused as refusal:
                form.add_error("pin", str(refusal))
            except CorrectionRefused as refusal:
                form.refuse(refusal.decision)
                status = 409 if refusal.is_stale else 200
            else:
                messages.success(
                    request, "Saved: the oral dose is put right. The first line stays beside it."
                )
                return redirect("dosing:give_oral", clinic_code, page.patient_id)
    record_look(
        "dosing.amend_page_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.patient_id],
    )
    return render(request, "dosing/amend_oral.html", {"page": page, "form": form}, status=status)
