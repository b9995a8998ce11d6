"""A licensed doctor's answer to an order that an unlicensed one wrote, and its author's change of mind."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.order_requests import authorise_order as store_order
from dosing.actions.order_requests import send_back_order as store_return
from dosing.actions.order_requests import withdraw_order_request as store_withdrawal
from dosing.actions.orders import OrderRefused, SentPage
from dosing.forms.order_requests import AuthoriseOrder, EndRequest
from dosing.queries.order_pages import signed_sentence
from dosing.queries.order_requests import RequestPage, get_request_page
from dosing.views.barred import barred_from_diamorphine
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import carry_seal, is_sent, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now

SEAL = "dosing.authorise_order"
NOT_YOURS = "This page was opened by somebody else or for another order. Open it again from the worklist."


@requires(Permission.AUTHORISE_ORDER, barred=barred_from_diamorphine)
@require_http_methods(["GET", "HEAD", "POST"])
def authorise_order(request: StaffRequest, clinic_code: str, request_id: uuid.UUID) -> HttpResponse:
    """Read what another doctor wrote, with every finding as of now, and sign it with the password given afresh."""
    at = now()
    staff = request.staff
    page = _page_or_404(request, request_id)
    form = AuthoriseOrder(request.POST) if request.method == "POST" else _opened(request, page)
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, asked=str(request_id))
        if sealed is None or not form.is_valid():
            form = _opened_again(request, page, [NOT_YOURS])
        else:
            raise_if_reauthentication_required(request, app="dosing")
            try:
                order = store_order(
                    clinic=staff.clinic,
                    request_id=request_id,
                    page=SentPage(
                        key=form.cleaned_data["key"],
                        seen=sealed["seen"],
                        acknowledged=frozenset(form.cleaned_data["acknowledged"]),
                    ),
                    by=staff.user,
                    at=at,
                )
            except OrderRefused as refusal:
                page = _page_or_404(request, request_id)
                form = _refused(request, form, page, refusal)
            else:
                messages.success(request, signed_sentence(order))
                return redirect("dosing:see_orders", clinic_code=clinic_code, patient_id=page.patient_id)
    people = [page.patient_id]
    record_look("dosing.order_request_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=people)
    return render(request, "dosing/authorise_order.html", {"page": page, "form": form, "review": page.review})


def _refused(
    request: StaffRequest, form: AuthoriseOrder, page: RequestPage, refusal: OrderRefused
) -> AuthoriseOrder:
    """Return the form with every reason; made anew, nothing ticked, where what it was opened on is no more."""
    refusals = refusal.decision.refusals
    if any(finding.code in ("order_changed", "key_reused") for finding in refusals):
        return _opened_again(request, page, [finding.message for finding in refusals])
    form.refuse(refusal.decision)
    return form


def _opened(request: StaffRequest, page: RequestPage) -> AuthoriseOrder:
    return AuthoriseOrder(initial={"key": uuid.uuid4(), "seal": _seal(request, page)})


def _opened_again(request: StaffRequest, page: RequestPage, sentences: list[str]) -> AuthoriseOrder:
    form = AuthoriseOrder({"key": str(uuid.uuid4()), "seal": _seal(request, page)})
    for sentence in sentences:
        form.add_error(None, sentence)
    return form


def _seal(request: StaffRequest, page: RequestPage) -> str:
    return seal_form(request, purpose=SEAL, asked=str(page.request_id), seen=page.seen)


@requires(Permission.AUTHORISE_ORDER, barred=barred_from_diamorphine)
@require_http_methods(["GET", "HEAD", "POST"])
def send_back_order(request: StaffRequest, clinic_code: str, request_id: uuid.UUID) -> HttpResponse:
    """Send an order back to its author unsigned, with a reason."""
    page = _page_or_404(request, request_id)
    form = EndRequest(
        request.POST if request.method == "POST" else None,
        help_text=f"What must change before it is signed. {page.author} reads it on the worklist.",
        button="Send it back unsigned",
    )
    told = f"Saved: {page.author} is told that the order of {page.name} came back unsigned."
    answer = _ended(request, page, form, store_return, told)
    return answer or render(request, "dosing/send_back_order.html", {"page": page, "form": form})


@requires(Permission.REQUEST_ORDER, barred=barred_from_diamorphine)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_order_request(request: StaffRequest, clinic_code: str, request_id: uuid.UUID) -> HttpResponse:
    """Take an order back that one wrote and nobody has answered, with a reason."""
    page = _page_or_404(request, request_id)
    form = EndRequest(
        request.POST if request.method == "POST" else None,
        help_text="It stays with the request.",
        button="Withdraw it",
    )
    told = f"Saved: nobody is asked any more to sign this order of {page.name}."
    answer = _ended(request, page, form, store_withdrawal, told)
    return answer or render(request, "dosing/withdraw_order_request.html", {"page": page, "form": form})


def _ended(
    request: StaffRequest, page: RequestPage, form: EndRequest, act: Callable[..., None], told: str
) -> HttpResponse | None:
    """End a request by an act, with the reason that was written; None where the page is shown, which is a look."""
    at, staff = now(), request.staff
    sealed = {"purpose": f"dosing.{act.__name__}", "order": str(page.request_id)}
    if is_sent(request, form, **sealed):
        try:
            act(
                clinic=staff.clinic,
                request_id=page.request_id,
                reason=form.cleaned_data["reason"].strip(),
                by=staff.user,
                at=at,
            )
        except OrderRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, told)
            return redirect("dosing:see_worklist", clinic_code=staff.clinic.code)
    carry_seal(request, form, **sealed)
    people = [page.patient_id]
    record_look("dosing.order_request_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=people)
    return None


def _page_or_404(request: StaffRequest, request_id: uuid.UUID) -> RequestPage:
    page = get_request_page(
        clinic=request.staff.clinic, request_id=request_id, viewer=request.staff.user, at=now()
    )
    if page is None:
        raise Http404
    return page
