"""The controlled-drug lead's page of the stock, and what is written there without a second person."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.deliveries import close_requisition as store_closing
from dosing.actions.deliveries import order_stock as store_requisition
from dosing.actions.quarantine import AuthorityLetter
from dosing.actions.quarantine import record_authority as store_authority
from dosing.actions.register import open_register as store_register
from dosing.forms.stock import CloseRequisition, OpenRegister, OrderStock, RecordAuthority
from dosing.queries.licences import list_places
from dosing.queries.stock_pages import get_requisition, get_stock_page, list_ledger_choices
from dosing.rules.orders import Product
from dosing.rules.quarantine import AuthorityKind
from dosing.rules.stock import AMPOULE_POWDER, Supply
from dosing.views.room import sent
from dosing.views.stock_signing import is_done, new, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look

OPEN, ORDER, AUTHORITY = "dosing.open_register", "dosing.order_stock", "dosing.record_authority"
CLOSE = "dosing.close_requisition"


@requires(Permission.KEEP_STOCK)
@require_safe
def see_stock(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What the controlled-drug lead sees to: deliveries, quarantine, transfers, late lines, returns."""
    staff = request.staff
    page = get_stock_page(clinic=staff.clinic, at=request.at)
    record_look("dosing.stock_seen", by=staff.user, at=request.at, clinic=staff.clinic.id)
    return show(
        request, "dosing/see_stock.html", {"page": page, "at_terminal": staff.terminal_id is not None}
    )


@requires(Permission.KEEP_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def open_register(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Open one ledger for a strength, at one premises."""
    places = list_places(clinic=request.staff.clinic)
    premises = {str(place.pk): place for place in places}
    form = OpenRegister(sent(request), initial=new(request, OPEN))
    form.offer(premises=tuple((key, place.name) for key, place in premises.items()))

    def act() -> object:
        data = form.cleaned_data
        if data["premises"] not in premises:
            raise Http404
        return store_register(
            premises=premises[data["premises"]],
            product=Product.DIAMORPHINE,
            strength_mg=data["strength"],
            form=AMPOULE_POWDER,
            supply=Supply(data["supply"]),
            by=request.staff.user,
            at=request.at,
        )

    if is_done(request, form, act, OPEN):
        messages.success(request, "Saved: the register is open.")
        return redirect("dosing:see_stock", clinic_code=clinic_code)
    return show(request, "dosing/open_register.html", {"form": form})


@requires(Permission.KEEP_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def order_stock(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Record a requisition that deliveries are entered against."""
    ledgers = list_ledger_choices(clinic=request.staff.clinic, supply=Supply.SERVICE)
    form = OrderStock(sent(request), initial=new(request, ORDER))
    form.offer(line=ledgers)

    def act() -> object:
        data = form.cleaned_data
        return store_requisition(
            clinic=request.staff.clinic,
            line_id=uuid.UUID(data["line"]),
            number=data["number"],
            supplier_name=data["supplier_name"],
            supplier_address=data["supplier_address"],
            ampoules=data["ampoules"],
            key=data["key"],
            by=request.staff.user,
            at=request.at,
        )

    if is_done(request, form, act, ORDER):
        messages.success(
            request, "Saved: the requisition is recorded. Its deliveries are entered against it."
        )
        return redirect("dosing:see_stock", clinic_code=clinic_code)
    return show(request, "dosing/order_stock.html", {"form": form, "ledgers": ledgers})


@requires(Permission.KEEP_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def close_requisition(request: StaffRequest, clinic_code: str, requisition_id: uuid.UUID) -> HttpResponse:
    """Record that nothing more is expected on a requisition, and why."""
    found = get_requisition(clinic=request.staff.clinic, requisition_id=requisition_id)
    if found is None:
        raise Http404
    requisition, ordered = found
    about = {"requisition": str(requisition_id)}
    form = CloseRequisition(sent(request), initial=new(request, CLOSE, **about))

    def act() -> object:
        return store_closing(
            clinic=request.staff.clinic,
            requisition_id=requisition_id,
            reason=form.cleaned_data["reason"],
            by=request.staff.user,
            at=request.at,
        )

    if is_done(request, form, act, CLOSE, **about):
        messages.success(request, f"Saved: nothing more is expected on {requisition.number}.")
        return redirect("dosing:see_stock", clinic_code=clinic_code)
    context = {"form": form, "requisition": requisition, "ordered": ordered}
    return show(request, "dosing/close_requisition.html", context)


@requires(Permission.KEEP_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def record_authority(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Record who may witness the destruction of stock, and on which days."""
    form = RecordAuthority(sent(request), initial=new(request, AUTHORITY))

    def act() -> object:
        data = form.cleaned_data
        names = ("name", "granted_by", "number", "identity_seen", "starts_on", "ends_on")
        letter = AuthorityLetter(kind=AuthorityKind(data["kind"]), **{name: data[name] for name in names})
        return store_authority(
            clinic=request.staff.clinic, letter=letter, key=data["key"], by=request.staff.user, at=request.at
        )

    if is_done(request, form, act, AUTHORITY):
        messages.success(request, "Saved: the authority is recorded.")
        return redirect("dosing:see_stock", clinic_code=clinic_code)
    return show(request, "dosing/record_authority.html", {"form": form})
