"""Sending stock to other premises, and taking it in."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.transfers import WhatCame, WhatGoes
from dosing.actions.transfers import receive_transfer as store_receipt
from dosing.actions.transfers import send_stock as store_transfer
from dosing.forms.stock import ReceiveTransfer, SendStock
from dosing.queries.stock import title_of
from dosing.queries.stock_pages import get_transfer_to, list_batch_choices, list_target_choices
from dosing.views.room import sent
from dosing.views.stock_signing import home, is_done, new, show, signers, two_of
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission

SEND, RECEIVE = "dosing.send_stock", "dosing.receive_transfer"


@requires(Permission.TRANSFER_STOCK)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def send_stock(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Send ampoules to the same register of other premises, two people signing."""
    staff = request.staff
    batches = list_batch_choices(clinic=staff.clinic, quarantined=False, service_only=True).choices
    targets = list_target_choices(clinic=staff.clinic)
    form = SendStock(sent(request), initial=new(request, SEND), **signers(request))
    form.offer(batch=batches, target=targets)

    def act() -> object:
        data = form.cleaned_data
        return store_transfer(
            clinic=staff.clinic,
            batch_id=uuid.UUID(data["batch"]),
            target_id=uuid.UUID(data["target"]),
            what=WhatGoes(data["ampoules"], form.happened_at),
            two=two_of(request, form),
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, SEND):
        messages.success(request, "Saved: they are on the way, and out of this balance.")
        return redirect("dosing:see_stock", clinic_code=clinic_code)
    context = {"form": form, "batches": batches, "targets": targets}
    return show(request, "dosing/send_stock.html", context)


@requires(Permission.RECEIVE_TRANSFER)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def receive_transfer(request: StaffRequest, clinic_code: str, transfer_id: uuid.UUID) -> HttpResponse:
    """Take in what came of a transfer, two people signing."""
    staff = request.staff
    is_sent = request.method == "POST"
    transfer = get_transfer_to(clinic=staff.clinic, transfer_id=transfer_id, also_received=is_sent)
    if transfer is None:
        raise Http404
    about = {"transfer": str(transfer_id)}
    form = ReceiveTransfer(sent(request), initial=new(request, RECEIVE, **about), **signers(request))

    def act() -> object:
        data = form.cleaned_data
        return store_receipt(
            clinic=staff.clinic,
            transfer_id=transfer_id,
            came=WhatCame(data["ampoules"], data["reason"], form.happened_at),
            acknowledged=frozenset(data["acknowledged"]),
            two=two_of(request, form),
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, RECEIVE, **about):
        came = (
            "they are in stock here"
            if form.cleaned_data["ampoules"]
            else "the transfer has ended, and nothing came"
        )
        messages.success(request, f"Saved: {came}.")
        return redirect(home(request), clinic_code=clinic_code)
    context = {"form": form, "transfer": transfer, "ledger": title_of(transfer.target)}
    return show(request, "dosing/receive_transfer.html", context)
