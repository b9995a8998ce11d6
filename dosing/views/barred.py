"""What is told to whoever is no doctor and opens a page on which diamorphine is ordered."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render

from dosing.actions.order_requests import AUTHORISED, REQUESTED, SENT_BACK, WITHDRAWN
from dosing.actions.orders import SIGNED, note_barred_attempt
from dosing.queries.licences import list_licensed_doctors
from dosing.queries.order_requests import get_request
from hat_clinic.accounts.access import StaffRequest
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import now

# What was tried, by the name of the address.
EVENTS = {
    "sign_order": SIGNED,
    "request_order": REQUESTED,
    "authorise_order": AUTHORISED,
    "send_back_order": SENT_BACK,
    "withdraw_order_request": WITHDRAWN,
}


def barred_from_diamorphine(
    request: StaffRequest,
    clinic_code: str,
    patient_id: uuid.UUID | None = None,
    request_id: uuid.UUID | None = None,
) -> HttpResponse:
    """Say that only a licensed doctor orders diamorphine and what can be done instead; the attempt is recorded.

    Whether the person in the address is treated here is told only to whoever may see orders.
    """
    at = now()
    staff = request.staff
    if request_id is not None:
        asked = get_request(clinic=staff.clinic, request_id=request_id)
        patient_id = asked.patient_id if asked is not None else None
    tried = request.resolver_match.url_name if request.resolver_match else ""
    event = EVENTS.get(tried or "", SIGNED)
    episode = note_barred_attempt(
        event=event, clinic=staff.clinic, patient_id=patient_id, by=staff.user, at=at
    )
    is_shown = episode is not None and staff.may(Permission.SEE_ORDERS)
    context = {
        "patient_id": patient_id if is_shown else None,
        "is_in_treatment": episode is not None and episode.exited_on is None,
        "may_sign_oral": staff.may(Permission.SIGN_ORAL_ORDER),
        "may_end": staff.may(Permission.END_ORDER),
        "licensed": list_licensed_doctors(clinic=staff.clinic, at=at) if is_shown else [],
    }
    return render(request, "dosing/sign_order_barred.html", context, status=403)
