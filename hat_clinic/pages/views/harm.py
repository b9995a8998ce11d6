"""Reading everything held about somebody before it is handed over, and signing that it does nobody serious harm."""

from __future__ import annotations

import uuid

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.pages.forms import CheckHarm
from hat_clinic.pages.queries.subject_access import fingerprint_of, get_held, get_name_here
from patients.actions.harm_checks import HarmCheckRefused, sign_harm_check
from patients.queries.openings import may_read

SEAL = "pages.check_harm"


@requires(Permission.CHECK_HARM)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def check_harm(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Everything held about one person, to read; and the signature for exactly that, with the password."""
    staff = request.staff
    name = get_name_here(person_id=patient_id, clinic=staff.clinic)
    # The record is of every clinic: it is for whoever treats the person here, is named for them, or opened it.
    if name is None or not may_read(
        person_id=patient_id, colleague=staff.user, clinic=staff.clinic, at=request.at
    ):
        raise Http404
    record_look(
        "pages.record_read_before_export",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[patient_id],
    )
    held = get_held(person_id=patient_id, at=request.at)
    reads = fingerprint_of(held)
    form = CheckHarm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if sealed is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            if not ratelimit.consume(request, action="reauthenticate", user=staff.user):
                form.add_error("password", "Too many tries. Nothing was signed. Wait a minute.")
            else:
                try:
                    sign_harm_check(
                        person_id=patient_id,
                        read=sealed["reads"],
                        held=reads,
                        kept_back=form.cleaned_data["kept_back"],
                        password=form.cleaned_data["password"],
                        by=staff.user,
                        at=request.at,
                    )
                except HarmCheckRefused as refusal:
                    form.refuse(refusal.decision)
                else:
                    messages.success(request, f"Signed: everything held about {name} may be handed over.")
                    return redirect("pages:list_people", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id), reads=reads))
    return render(request, "pages/check_harm.html", {"name": name, "held": held, "form": form})
