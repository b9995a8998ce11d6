"""Putting stock apart, destroying it before an authorised witness, and what patients bring back."""

from __future__ import annotations

import uuid
from typing import Literal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.quarantine import AmpoulesToDestroy
from dosing.actions.quarantine import destroy_stock as store_destruction
from dosing.actions.quarantine import quarantine_stock as store_quarantine
from dosing.actions.returns import destroy_return as store_return_destruction
from dosing.actions.returns import take_return as store_return
from dosing.forms.stock import DestroyReturn, DestroyStock, QuarantineStock, TakeReturn
from dosing.queries.orders import get_episode_here
from dosing.queries.stock_pages import OfferedBatches, get_return, list_authorities, list_batch_choices
from dosing.rules.quarantine import QuarantineReason
from dosing.views.room import sent
from dosing.views.stock_signing import home, is_done, new, show, signers, two_of
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from patients.views import related_or_404

QUARANTINE, DESTROY = "dosing.quarantine_stock", "dosing.destroy_stock"
PageSeen = Literal["dosing.quarantine_page_seen", "dosing.destruction_page_seen"]
TAKE, DESTROY_RETURNED = "dosing.take_return", "dosing.destroy_return"


@requires(Permission.QUARANTINE_STOCK)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def quarantine_stock(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Put expired, broken or doubted ampoules apart, two people signing."""
    staff = request.staff
    batches = list_batch_choices(clinic=staff.clinic, quarantined=False)
    form = QuarantineStock(sent(request), initial=new(request, QUARANTINE), **signers(request))
    form.offer(batch=batches.choices)

    def act() -> object:
        data = form.cleaned_data
        return store_quarantine(
            clinic=staff.clinic,
            batch_id=uuid.UUID(data["batch"]),
            ampoules=data["ampoules"],
            reason=QuarantineReason(data["reason"]),
            words=data["words"],
            two=two_of(request, form),
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, QUARANTINE):
        messages.success(request, "Saved: they are in quarantine, and stay in the balance until destroyed.")
        return redirect(home(request), clinic_code=clinic_code)
    _look("dosing.quarantine_page_seen", request, batches)
    return show(request, "dosing/quarantine_stock.html", {"form": form, "batches": batches.choices})


@requires(Permission.DESTROY_STOCK)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def destroy_stock(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Destroy ampoules out of quarantine, before an authorised witness."""
    staff = request.staff
    batches = list_batch_choices(clinic=staff.clinic, quarantined=True)
    form = DestroyStock(sent(request), initial=new(request, DESTROY), **signers(request))
    form.offer(
        batch=batches.choices, authority=list_authorities(clinic=staff.clinic, on=london_date(request.at))
    )

    def act() -> object:
        data = form.cleaned_data
        return store_destruction(
            clinic=staff.clinic,
            what=AmpoulesToDestroy(
                batch_id=uuid.UUID(data["batch"]),
                ampoules=data["ampoules"],
                method=data["method"],
                exemption=data["exemption"],
                authority_id=uuid.UUID(data["authority"]) if data["authority"] else None,
                destroyed_at=form.happened_at,
            ),
            two=two_of(request, form),
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, DESTROY):
        messages.success(request, "Saved: they are destroyed and out of the balance.")
        return redirect("dosing:see_stock", clinic_code=clinic_code)
    _look("dosing.destruction_page_seen", request, batches)
    return show(request, "dosing/destroy_stock.html", {"form": form, "batches": batches.choices})


@requires(Permission.TAKE_RETURN)
@require_http_methods(["GET", "HEAD", "POST"])
def take_return(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write down what somebody brought back, also after their treatment. It never becomes stock."""
    related_or_404(request, patient_id, request.at)
    staff = request.staff
    episode = get_episode_here(clinic_id=staff.clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        raise Http404
    about = {"patient": str(patient_id)}
    form = TakeReturn(sent(request), initial=new(request, TAKE, **about))

    def act() -> object:
        names = ("drug", "quantity", "unit", "key")
        return store_return(
            clinic=staff.clinic,
            patient_id=patient_id,
            **{name: form.cleaned_data[name] for name in names},
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, TAKE, **about):
        messages.success(request, "Saved: keep it apart from the stock until two of you destroy it.")
        return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=patient_id)
    record_look(
        "dosing.return_page_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    return show(request, "dosing/take_return.html", {"form": form, "person": episode.person})


@requires(Permission.DESTROY_RETURN)
@sensitive_post_parameters("own_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def destroy_return(request: StaffRequest, clinic_code: str, return_id: uuid.UUID) -> HttpResponse:
    """Destroy what a patient brought back, two members of staff signing."""
    staff = request.staff
    is_sent = request.method == "POST"
    returned = get_return(clinic=staff.clinic, return_id=return_id, also_destroyed=is_sent)
    if returned is None:
        raise Http404
    about = {"return": str(return_id)}
    form = DestroyReturn(sent(request), initial=new(request, DESTROY_RETURNED, **about), **signers(request))

    def act() -> object:
        return store_return_destruction(
            clinic=staff.clinic,
            return_id=return_id,
            method=form.cleaned_data["method"],
            two=two_of(request, form),
            by=staff.user,
            at=request.at,
        )

    if is_done(request, form, act, DESTROY_RETURNED, **about):
        messages.success(request, "Saved: it is destroyed.")
        return redirect(home(request), clinic_code=clinic_code)
    return show(request, "dosing/destroy_return.html", {"form": form, "returned": returned})


def _look(event: PageSeen, request: StaffRequest, batches: OfferedBatches) -> None:
    """Record that whose medicine is among the batches was looked at."""
    if batches.people:
        record_look(
            event,
            by=request.staff.user,
            at=request.at,
            clinic=request.staff.clinic.id,
            people=batches.people,
        )
