"""The prescriber's pages: what waits for a decision, one person's orders, signing and ending one."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.order_requests import request_order as store_request
from dosing.actions.orders import OrderRefused, SentPage
from dosing.actions.orders import end_order as store_end
from dosing.actions.orders import sign_order as store_order
from dosing.forms.orders import EndOrder, SignOrder
from dosing.queries.gap_pages import get_gap_beside_orders
from dosing.queries.holds import list_standing_holds
from dosing.queries.oral_doses import get_withheld
from dosing.queries.oral_pages import get_oral_section
from dosing.queries.order_pages import (
    OrderReview,
    SigningPage,
    get_orders_page,
    get_signing_page,
    review_order,
    signed_sentence,
)
from dosing.queries.order_requests import (
    asked_sentence,
    get_asking_page,
    get_open_request,
    review_request,
    what_is_asked,
)
from dosing.queries.oxygen import get_shown_target
from dosing.queries.stock import keeps_own_medicine
from dosing.queries.worklist import get_worklist
from dosing.rules.order_requests import NO_LICENCE
from dosing.rules.orders import Product
from dosing.views.barred import barred_from_diamorphine
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Finding
from patients.views import related_or_404

SIGN_SEAL = "dosing.sign_order"
END_SEAL = "dosing.end_order"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open the person's orders again."


@requires(Permission.SEE_WORKLIST)
@require_safe
def see_worklist(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What waits for a prescriber's decision, the most urgent first."""
    at = now()
    staff = request.staff
    worklist = get_worklist(clinic=staff.clinic, viewer=staff.user, at=at)
    record_look("dosing.worklist_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=worklist.people)
    return render(
        request,
        "dosing/see_worklist.html",
        {
            "worklist": worklist,
            "may_sign": staff.may(Permission.SIGN_ORDER),
            "may_note_contact": staff.may(Permission.NOTE_CONTACT),
            "may_see_timeline": staff.may(Permission.SEE_TIMELINE),
        },
    )


@requires(Permission.SEE_ORDERS)
@require_safe
def see_orders(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's live order in full, and every version before it."""
    at = now()
    related_or_404(request, patient_id, at)
    staff = request.staff
    page = get_orders_page(clinic=staff.clinic, patient_id=patient_id, at=at)
    if page is None:
        raise Http404
    record_look("dosing.orders_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    may = {
        "may_sign": staff.may(Permission.SIGN_ORDER),
        "may_decide_gap": staff.may(Permission.DECIDE_GAP),
        "may_end": staff.may(Permission.END_ORDER),
        "may_print": staff.may(Permission.PRINT_ORDER),
        "may_prescribe": staff.may(Permission.PRINT_PRESCRIPTION),
        "may_sign_oral": staff.may(Permission.SIGN_ORAL_ORDER),
        "may_give_oral": staff.may(Permission.GIVE_ORAL) and staff.terminal_id is not None,
        "may_see_timeline": staff.may(Permission.SEE_TIMELINE),
        "may_hold": staff.may(Permission.PLACE_HOLD),
        "may_lift": staff.may(Permission.LIFT_HOLD),
        "may_set_oxygen": staff.may(Permission.SET_OXYGEN_TARGET),
        "may_see_assessments": staff.may(Permission.SEE_ASSESSMENTS),
        "may_take_return": staff.may(Permission.TAKE_RETURN),
        "may_receive_own": staff.may(Permission.RECEIVE_OWN)
        and staff.terminal_id is not None
        and keeps_own_medicine(clinic=staff.clinic),
    }
    request_open = get_open_request(episode=page.episode)
    asked = {"id": request_open.id, "said": what_is_asked(request_open)} if request_open else None
    oral = {
        "oral": get_oral_section(clinic=staff.clinic, patient_id=patient_id, at=at),
        "gap": get_gap_beside_orders(clinic=staff.clinic, patient_id=patient_id, at=at),
        "withheld": get_withheld(patient_id=patient_id, at=at)[0],
        "oxygen": get_shown_target(patient_id=patient_id, at=at),
        "holds": list_standing_holds(clinic=staff.clinic, patient_id=patient_id),
    }
    return render(request, "dosing/see_orders.html", {"page": page, "asked": asked, **oral, **may})


@requires(Permission.SIGN_ORDER, barred=barred_from_diamorphine)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_order(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Fill an order in, read it in figures and words, sign it with the password given afresh.

    A doctor who is licensed nowhere in the clinic is sent to the same page that asks a licensed one to sign.
    """
    at = now()
    staff = request.staff
    page = get_signing_page(clinic=staff.clinic, patient_id=patient_id, signer=staff.user, at=at)
    if page is None:
        raise Http404
    if request.method != "POST" and page.is_unlicensed:
        return redirect("dosing:request_order", clinic_code=clinic_code, patient_id=patient_id)
    answer = _fill_in(request, page, at)
    if isinstance(answer, HttpResponse):
        return answer
    record_look("dosing.signing_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    return render(request, "dosing/sign_order.html", answer)


@requires(Permission.REQUEST_ORDER, barred=barred_from_diamorphine)
@require_http_methods(["GET", "HEAD", "POST"])
def request_order(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Fill an order in as an unlicensed doctor, read it, and ask a licensed doctor to sign it."""
    at = now()
    staff = request.staff
    page = get_asking_page(clinic=staff.clinic, patient_id=patient_id, asker=staff.user, at=at)
    if page is None:
        raise Http404
    answer = _fill_in(request, page, at)
    if isinstance(answer, HttpResponse):
        return answer
    record_look("dosing.request_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    return render(request, "dosing/request_order.html", answer)


def _fill_in(request: StaffRequest, page: SigningPage, at: datetime) -> HttpResponse | dict[str, Any]:
    """Take the step that was sent, or open an empty form; return where to go, or what the page shows."""
    review, decision = None, page.decision
    if request.method == "POST":
        form = SignOrder(request.POST, page=page)
        if form.is_valid():
            step = _take_step(request, form, page, at)
            if isinstance(step, HttpResponse):
                return step
            form, review, decision = step
    else:
        form = SignOrder(initial={"key": uuid.uuid4(), "seal": _seal_signing(request, page)}, page=page)
    return {
        "page": page,
        "form": form,
        "review": review,
        "decision": decision,
        "linked": form.linked(decision),
        # What was written is not lost where only the licence is missing: the same form asks a licensed doctor.
        "may_ask": not page.asks and any(finding.code == NO_LICENCE for finding in decision),
        "is_barred": any(finding.code != NO_LICENCE for finding in page.decision.refusals),
    }


def _take_step(
    request: StaffRequest, form: SignOrder, page: SigningPage, at: datetime
) -> HttpResponse | tuple[SignOrder, OrderReview | None, Decision]:
    """Change, read or sign what was filled in; return where to go, or what is shown next."""
    sealed = open_form_seal(request, purpose=SIGN_SEAL, patient=str(page.patient_id))
    step = request.POST.get("step", "")
    if sealed is None:
        return _filled_in_again(request, page, [NOT_YOURS]), None, page.decision
    if step not in ("sign", "ask") and sealed["seen"] != page.seen:
        changed = f"The order changed since you opened this page. {page.standing} Check what you wrote."
        return _filled_in_again(request, page, [changed]), None, page.decision
    if step == "change":
        return form, None, page.decision
    refusals: tuple[Finding, ...] = ()
    if step in ("sign", "ask"):
        try:
            if page.asks:
                sentence = _ask(request, form, page, sealed["seen"], at)
            else:
                raise_if_reauthentication_required(request, app="dosing")
                sentence = _sign(request, form, page, sealed["seen"], at)
        except OrderRefused as refusal:
            refusals = refusal.decision.refusals
        else:
            messages.success(request, sentence)
            return redirect(
                "dosing:see_orders", clinic_code=request.staff.clinic.code, patient_id=page.patient_id
            )
    if any(finding.code in ("order_changed", "key_reused") for finding in refusals):
        sentences = [finding.message for finding in refusals]
        return _filled_in_again(request, page, sentences), None, page.decision
    review = _review(request, form, page, at)
    for finding in refusals:
        form.add_error(None, finding.message)
    return form, None if review.decision.refusals else review, review.decision


def _review(request: StaffRequest, form: SignOrder, page: SigningPage, at: datetime) -> OrderReview:
    review = review_request if page.asks else review_order
    return review(
        episode=page.episode,
        premises=page.place(form.cleaned_data["premises"]),
        draft=form.draft(at),
        terms=form.terms(),
        starts_at_once=form.starts_at_once,
        by=request.staff.user,
        at=at,
    )


def _ask(request: StaffRequest, form: SignOrder, page: SigningPage, seen: str, at: datetime) -> str:
    """Send the request to the action and return what it is told with."""
    asked = store_request(
        episode=page.episode,
        premises=page.place(form.cleaned_data["premises"]),
        product=Product.DIAMORPHINE,
        draft=form.draft(at),
        terms=form.terms(),
        page=_sent(form, seen),
        by=request.staff.user,
        at=at,
    )
    return asked_sentence(asked)


def _sent(form: SignOrder, seen: str) -> SentPage:
    return SentPage(
        key=form.cleaned_data["key"],
        seen=seen,
        acknowledged=frozenset(form.cleaned_data["acknowledged"]),
        starts_at_once=form.starts_at_once,
    )


def _sign(request: StaffRequest, form: SignOrder, page: SigningPage, seen: str, at: datetime) -> str:
    """Send the order to the action and return what it is told with."""
    terms = form.terms()
    order = store_order(
        episode=page.episode,
        premises=page.place(form.cleaned_data["premises"]),
        product=Product.DIAMORPHINE,
        draft=form.draft(at),
        routes=list(terms.routes),
        sites=list(terms.sites),
        observation_minutes=terms.observation_minutes,
        basis=terms.basis,
        high_dose_reason=terms.high_dose_reason,
        gap_cap_percent=terms.gap_cap_percent,
        hold_criteria=terms.hold_criteria,
        oral_plan=terms.oral_plan,
        page=_sent(form, seen),
        by=request.staff.user,
        at=at,
    )
    return signed_sentence(order)


def _filled_in_again(request: StaffRequest, page: SigningPage, sentences: list[str]) -> SignOrder:
    """Return the form with what was written, made anew for whoever sends it now and for what stands now."""
    written = request.POST.copy()
    written["key"], written["seal"] = str(uuid.uuid4()), _seal_signing(request, page)
    written.setlist("acknowledged", [])
    form = SignOrder(written, page=page)
    for sentence in sentences:
        form.add_error(None, sentence)
    return form


@requires(Permission.END_ORDER)
@require_http_methods(["GET", "HEAD", "POST"])
def end_order(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """End a person's order now, with a reason."""
    at = now()
    staff = request.staff
    related_or_404(request, patient_id, at)
    page = get_orders_page(clinic=staff.clinic, patient_id=patient_id, at=at)
    if page is None:
        raise Http404
    if request.method == "POST":
        form = EndOrder(request.POST)
        sealed = open_form_seal(request, purpose=END_SEAL, patient=str(patient_id))
        if form.is_valid() and sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid() and sealed is not None:
            try:
                store_end(
                    clinic=staff.clinic,
                    episode=page.episode,
                    reason=form.chosen,
                    words=form.cleaned_data["words"],
                    page=SentPage(key=form.cleaned_data["key"], seen=sealed["seen"]),
                    by=staff.user,
                    at=at,
                )
            except OrderRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: the order of {page.name} is ended. No dose may be given.")
                return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=patient_id)
    else:
        seal = seal_form(request, purpose=END_SEAL, patient=str(patient_id), seen=page.seen)
        form = EndOrder(initial={"key": uuid.uuid4(), "seal": seal})
    record_look("dosing.ending_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    return render(request, "dosing/end_order.html", {"page": page, "form": form})


def _seal_signing(request: StaffRequest, page: SigningPage) -> str:
    return seal_form(request, purpose=SIGN_SEAL, patient=str(page.patient_id), seen=page.seen)
