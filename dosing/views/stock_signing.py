"""What the pages of the stock share: sealing a form, sending it to its action, and saying why it was refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from dosing.actions.register import RegisterRefused
from dosing.actions.two_people import StockRefused, TwoPeople
from dosing.forms.stock import SealedForm, SignedByTwo
from dosing.queries.stock import list_seconds
from hat_clinic.accounts.access import StaffRequest
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form

NOT_YOURS = (
    "This page was opened by somebody else, at another terminal, or for something else. Nothing was saved. "
    "Open it again from the stock."
)


def show(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page of the stock, with the way back to where whoever acts came from."""
    may_keep_stock = request.staff.may(Permission.KEEP_STOCK)
    return render(request, template, context | {"may_keep_stock": may_keep_stock})


def home(request: StaffRequest) -> str:
    """Return the page that whoever acts came from."""
    return "dosing:see_stock" if request.staff.may(Permission.KEEP_STOCK) else "dosing:see_register"


def new(request: StaffRequest, purpose: str, **about: str) -> dict[str, Any]:
    """Return what a fresh form carries unseen: its key and its seal."""
    return {"key": uuid.uuid4(), "seal": seal_form(request, purpose=purpose, **about)}


def signers(request: StaffRequest) -> dict[str, Any]:
    """Return who may sign a form of two people."""
    staff = request.staff
    return {
        "seconds": list_seconds(clinic=staff.clinic, besides=staff.user, at=request.at),
        "signer_name": staff.user.full_name,
    }


def two_of(request: StaffRequest, form: SignedByTwo) -> TwoPeople:
    """Return who signs, as they wrote it."""
    data = form.cleaned_data
    return TwoPeople(
        second_id=uuid.UUID(data["second"]),
        own_pin=data["own_pin"],
        second_pin=data["second_pin"],
        terminal_id=request.staff.terminal_id,
        key=data["key"],
    )


def is_done(
    request: StaffRequest, form: SealedForm, act: Callable[[], object], purpose: str, **about: str
) -> bool:
    """Send a form that was posted to its action; on a refusal put its words on the form and return False."""
    if request.method != "POST" or not form.is_valid():
        return False
    if open_form_seal(request, purpose=purpose, **about) is None:
        form.add_error(None, NOT_YOURS)
        return False
    try:
        act()
    except PinRefused as refusal:
        form.add_error(_field_of(refusal, form, request), str(refusal))
    except StockRefused as refusal:
        form.refuse(refusal.decision)
    except RegisterRefused as refusal:
        form.add_error(None, f"Nothing was saved. {refusal}")
    return form.is_valid()


def _field_of(refusal: PinRefused, form: SealedForm, request: StaffRequest) -> str:
    """Return the field of the PIN that was not taken."""
    if "lead_pin" in form.fields:
        is_lead = str(refusal.user_id) == form.cleaned_data["lead"]
        return "lead_pin" if is_lead else "second_pin"
    return "own_pin" if refusal.user_id == request.staff.user.id else "second_pin"
