"""The page on which an injection is put right, with the first line beside it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.injection_corrections import SecondPerson
from dosing.actions.injection_corrections import amend_injection as store_injection
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.actions.register import RegisterRefused
from dosing.forms.injection_corrections import AmendInjection
from dosing.queries.corrections import get_amend_injection_page
from dosing.rules.corrections import CorrectedFor
from dosing.views.room import sent, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL = "dosing.amend_injection"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for another dose. Nothing was saved. Open it again."
)


@requires(Permission.RECORD_INJECTION)
@sensitive_post_parameters("pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def amend_injection(request: StaffRequest, clinic_code: str, injection_id: uuid.UUID) -> HttpResponse:
    """Put an injection right: what went in, where and how, why, and the PIN of one or of two."""
    staff = request.staff
    page = get_amend_injection_page(
        clinic=staff.clinic, injection_id=injection_id, by=staff.user, at=request.at
    )
    if page is None:
        raise Http404
    seal = seal_form(request, purpose=SEAL, injection=str(injection_id), seen=str(page.seen))
    form = AmendInjection(sent(request), initial={"key": uuid.uuid4(), "seal": seal}, seconds=page.seconds)
    status = 200
    if request.method == "POST":
        sealed, is_valid = open_form_seal(request, purpose=SEAL, injection=str(injection_id)), form.is_valid()
        if sealed is None:
            form.add_error(None, SOMEBODY_ELSE)
        elif is_valid:
            try:
                _store(request, injection_id, uuid.UUID(sealed["seen"]), form)
            except PinRefused as refusal:
                form.add_error("pin" if refusal.user_id == staff.user.pk else "second_pin", str(refusal))
            except RegisterRefused as refusal:
                form.add_error(None, f"Nothing was saved. {refusal}")
            except CorrectionRefused as refusal:
                form.refuse(refusal.decision)
                status = 409 if refusal.is_stale else 200
            else:
                messages.success(
                    request, "Saved: the injection is put right. The first line stays beside it."
                )
                return redirect("dosing:see_written", clinic_code, page.head.session_id)
    record_look(
        "dosing.amend_page_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.head.patient_id],
    )
    answer = show(request, "dosing/amend_injection.html", {"page": page, "form": form})
    answer.status_code = status
    return answer


def _store(request: StaffRequest, injection_id: uuid.UUID, seen: uuid.UUID, form: AmendInjection) -> None:
    data = form.cleaned_data
    store_injection(
        clinic=request.staff.clinic,
        injection_id=injection_id,
        seen=seen,
        said=form.said(),
        second=SecondPerson(uuid.UUID(data["second"]), data["second_pin"]) if data["second"] else None,
        why=SignedWhy(
            reason=CorrectedFor(data["reason"]),
            words=data["words"].strip(),
            pin=data["pin"],
            terminal_id=request.staff.terminal_id,
            key=data["key"],
        ),
        by=request.staff.user,
        at=request.at,
    )
