"""The prescriber's pages of oral medicine and naloxone: signing, ending, deciding, ordering."""

from __future__ import annotations

import uuid
from datetime import datetime

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.oral import OralRefused
from dosing.actions.oral import end_oral_order as store_end
from dosing.actions.oral import order_naloxone as store_naloxone
from dosing.actions.oral import sign_oral_order as store_order
from dosing.actions.orders import SentPage
from dosing.forms.oral import EndOralOrder, OrderNaloxone, SignOralOrder
from dosing.queries.oral_pages import (
    OralReview,
    OralSigningPage,
    get_oral_ending_page,
    get_oral_signing_page,
    oral_signed_sentence,
    review_oral_order,
)
from dosing.queries.orders import get_episode_here
from dosing.rules.oral import OralDrug
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Finding
from patients.views import related_or_404

SIGN_SEAL = "dosing.sign_oral_order"
END_SEAL = "dosing.end_oral_order"
NALOXONE_SEAL = "dosing.order_naloxone"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open the person's orders again."


@requires(Permission.SIGN_ORAL_ORDER)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_oral_order(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Fill an oral order in, read it in figures and words, sign it with the password given afresh."""
    at = now()
    staff = request.staff
    page = get_oral_signing_page(clinic=staff.clinic, patient_id=patient_id, signer=staff.user, at=at)
    if page is None:
        raise Http404
    review, decision = None, page.decision
    if request.method == "POST":
        form = SignOralOrder(request.POST, page=page)
        if form.is_valid():
            step = _take_step(request, form, page, at)
            if isinstance(step, HttpResponse):
                return step
            form, review, decision = step
    else:
        form = SignOralOrder(initial={"key": uuid.uuid4(), "seal": _seal_signing(request, page)}, page=page)
    _look(request, "dosing.oral_signing_page_seen", patient_id, at)
    context = {"page": page, "form": form, "review": review, "decision": decision}
    return render(request, "dosing/sign_oral_order.html", context | {"linked": form.linked(decision)})


def _take_step(
    request: StaffRequest, form: SignOralOrder, page: OralSigningPage, at: datetime
) -> HttpResponse | tuple[SignOralOrder, OralReview | None, Decision]:
    """Change, read or sign what was filled in; return where to go, or what is shown next."""
    sealed = open_form_seal(request, purpose=SIGN_SEAL, patient=str(page.patient_id))
    step = request.POST.get("step", "")
    if sealed is None:
        return _filled_in_again(request, page, [NOT_YOURS]), None, page.decision
    if step != "sign" and sealed["seen"] != page.seen:
        changed = f"An oral order changed since you opened this page. {page.standing} Check what you wrote."
        return _filled_in_again(request, page, [changed]), None, page.decision
    if step == "change":
        return form, None, page.decision
    refusals: tuple[Finding, ...] = ()
    if step == "sign":
        raise_if_reauthentication_required(request, app="dosing")
        try:
            sentence = _sign(request, form, page, sealed["seen"], at)
        except OralRefused as refusal:
            refusals = refusal.decision.refusals
        else:
            messages.success(request, sentence)
            return _to_orders(request, page.patient_id)
    if any(finding.code in ("order_changed", "key_reused") for finding in refusals):
        sentences = [finding.message for finding in refusals]
        return _filled_in_again(request, page, sentences), None, page.decision
    review = review_oral_order(
        episode=page.episode,
        premises=page.place(form.cleaned_data["premises"]),
        draft=form.draft(at),
        starts_at_once=form.starts_at_once,
        signer=request.staff.user,
        at=at,
    )
    for finding in refusals:
        form.add_error(None, finding.message)
    return form, None if review.decision.refusals else review, review.decision


def _sign(request: StaffRequest, form: SignOralOrder, page: OralSigningPage, seen: str, at: datetime) -> str:
    """Send the order to the action and return what it is told with."""
    order = store_order(
        episode=page.episode,
        premises=page.place(form.cleaned_data["premises"]),
        draft=form.draft(at),
        page=SentPage(
            key=form.cleaned_data["key"],
            seen=seen,
            acknowledged=frozenset(form.cleaned_data["acknowledged"]),
            starts_at_once=form.starts_at_once,
        ),
        by=request.staff.user,
        at=at,
    )
    return oral_signed_sentence(order)


def _filled_in_again(request: StaffRequest, page: OralSigningPage, sentences: list[str]) -> SignOralOrder:
    """Return the form with what was written, made anew for whoever sends it now and for what stands now."""
    written = request.POST.copy()
    written["key"], written["seal"] = str(uuid.uuid4()), _seal_signing(request, page)
    written.setlist("acknowledged", [])
    form = SignOralOrder(written, page=page)
    for sentence in sentences:
        form.add_error(None, sentence)
    return form


@requires(Permission.END_ORAL_ORDER)
@require_http_methods(["GET", "HEAD", "POST"])
def end_oral_order(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """End a person's order of one oral drug now, with a reason."""
    at = now()
    staff = request.staff
    related_or_404(request, patient_id, at)
    page = get_oral_ending_page(clinic=staff.clinic, patient_id=patient_id, at=at)
    if page is None:
        raise Http404
    if request.method == "POST":
        form = EndOralOrder(request.POST, drugs=page.drugs)
        sealed = open_form_seal(request, purpose=END_SEAL, patient=str(patient_id))
        if form.is_valid() and sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid() and sealed is not None:
            try:
                store_end(
                    clinic=staff.clinic,
                    episode=page.episode,
                    drug=OralDrug(form.cleaned_data["drug"]),
                    reason=form.chosen,
                    words=form.cleaned_data["words"],
                    page=SentPage(key=form.cleaned_data["key"], seen=sealed["seen"]),
                    by=staff.user,
                    at=at,
                )
            except OralRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: the oral order of {page.name} is ended.")
                return _to_orders(request, patient_id)
    else:
        seal = seal_form(request, purpose=END_SEAL, patient=str(patient_id), seen=page.seen)
        form = EndOralOrder(initial={"key": uuid.uuid4(), "seal": seal}, drugs=page.drugs)
    _look(request, "dosing.oral_ending_page_seen", patient_id, at)
    return render(request, "dosing/end_oral_order.html", {"page": page, "form": form})


@requires(Permission.ORDER_NALOXONE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_naloxone(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Order naloxone kits for a person to take home."""
    at = now()
    staff = request.staff
    episode = get_episode_here(clinic_id=staff.clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        raise Http404
    form = OrderNaloxone(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=NALOXONE_SEAL, patient=str(patient_id)) is None:
            form.add_error(None, NOT_YOURS)
        else:
            raise_if_reauthentication_required(request, app="dosing")
            try:
                store_naloxone(
                    clinic=staff.clinic,
                    episode=episode,
                    draft=form.draft(),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=at,
                )
            except OralRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: naloxone for {episode.person.full_name} is ordered.")
                return _to_orders(request, patient_id)
    elif request.method != "POST":
        seal = seal_form(request, purpose=NALOXONE_SEAL, patient=str(patient_id))
        form = OrderNaloxone(initial={"key": uuid.uuid4(), "seal": seal})
    _look(request, "dosing.naloxone_page_seen", patient_id, at)
    return render(request, "dosing/order_naloxone.html", {"person": episode.person, "form": form})


def _to_orders(request: StaffRequest, patient_id: uuid.UUID) -> HttpResponse:
    return redirect("dosing:see_orders", clinic_code=request.staff.clinic.code, patient_id=patient_id)


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID, at: datetime) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])


def _seal_signing(request: StaffRequest, page: OralSigningPage) -> str:
    return seal_form(request, purpose=SIGN_SEAL, patient=str(page.patient_id), seen=page.seen)
