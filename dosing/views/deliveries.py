"""Taking in what comes: a delivery for the service's stock, and what a pharmacy dispensed for one patient."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.deliveries import DeliveryToTake, receive_delivery
from dosing.actions.deliveries import receive_own as store_own
from dosing.forms.stock import Brought, ReceiveOwn, ReceiveStock
from dosing.queries.stock import title_of
from dosing.queries.stock_pages import get_expected_page, get_requisition, list_ledger_choices
from dosing.rules.stock import Supply
from dosing.views.room import sent
from dosing.views.stock_signing import home, is_done, new, show, signers, two_of
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from patients.queries import find_open_episode

RECEIVE, OWN = "dosing.receive_stock", "dosing.receive_own"


@requires(Permission.RECEIVE_STOCK)
@require_safe
def see_expected(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What is to be taken in when it comes: deliveries on requisitions, and transfers from other premises."""
    staff = request.staff
    page = get_expected_page(clinic=staff.clinic)
    record_look("dosing.expected_stock_seen", by=staff.user, at=request.at, clinic=staff.clinic.id)
    return show(request, "dosing/see_expected.html", {"page": page})


@requires(Permission.RECEIVE_STOCK)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def receive_stock(request: StaffRequest, clinic_code: str, requisition_id: uuid.UUID) -> HttpResponse:
    """Enter a delivery against its requisition, two people signing."""
    found = get_requisition(clinic=request.staff.clinic, requisition_id=requisition_id)
    if found is None:
        raise Http404
    requisition, ordered = found
    about = {"requisition": str(requisition_id)}
    form = ReceiveStock(sent(request), initial=new(request, RECEIVE, **about), **signers(request))

    def act() -> object:
        return receive_delivery(
            clinic=request.staff.clinic,
            requisition_id=requisition_id,
            delivery=_delivery(form),
            acknowledged=frozenset(form.cleaned_data["acknowledged"]),
            two=two_of(request, form),
            by=request.staff.user,
            at=request.at,
        )

    if is_done(request, form, act, RECEIVE, **about):
        messages.success(request, "Saved: the delivery is in stock and in the register.")
        return redirect(home(request), clinic_code=clinic_code)
    context = {
        "form": form,
        "requisition": requisition,
        "ordered": ordered,
        "ledger": title_of(requisition.line),
    }
    return show(request, "dosing/receive_stock.html", context)


@requires(Permission.RECEIVE_OWN)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def receive_own(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Take in what a pharmacy dispensed for one patient, apart from the service's stock."""
    staff = request.staff
    episode = find_open_episode(person_id=patient_id, clinic=staff.clinic)
    if episode is None:
        raise Http404
    ledgers = list_ledger_choices(clinic=staff.clinic, supply=Supply.NAMED)
    about = {"patient": str(patient_id)}
    form = ReceiveOwn(sent(request), initial=new(request, OWN, **about), **signers(request))
    form.offer(line=ledgers)

    def act() -> object:
        data = form.cleaned_data
        return store_own(
            clinic=staff.clinic,
            line_id=uuid.UUID(data["line"]),
            patient=episode.person,
            pharmacy_name=data["pharmacy_name"],
            pharmacy_address=data["pharmacy_address"],
            prescription=data["prescription"],
            delivery=_delivery(form),
            acknowledged=frozenset(data["acknowledged"]),
            two=two_of(request, form),
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, OWN, **about):
        messages.success(request, "Saved: it is in the register of patients' own medicine.")
        return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=patient_id)
    record_look(
        "dosing.own_medicine_page_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[patient_id],
    )
    return show(
        request, "dosing/receive_own.html", {"form": form, "person": episode.person, "ledgers": ledgers}
    )


def _delivery(form: Brought) -> DeliveryToTake:
    data = form.cleaned_data
    return DeliveryToTake(data["batch_number"], data["expires"], data["ampoules"], form.happened_at)
