"""Orders and prescriptions on paper: the live order, choosing and printing a prescription, and its paper."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.orders import SentPage
from dosing.actions.prescriptions import PrescriptionRefused
from dosing.actions.prescriptions import print_prescription as store_prescription
from dosing.forms.prescriptions import PrintPrescription
from dosing.queries.prescriptions import (
    PrescriptionPage,
    PrescriptionReview,
    get_prescription_page,
    get_print,
    may_open_print,
    review_prescription,
)
from dosing.queries.sheets import get_order_sheet, print_order_sheet, print_prescription_sheet
from dosing.views.checkpoints import sign_for_paper
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Finding
from patients.views import related_or_404

SEAL = "dosing.print_prescription"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open the person's orders again."
CHANGED = (
    "The order changed, its plan moved on, or a prescription was printed, since you opened this page. Check what you "
    "chose."
)


@requires(Permission.PRINT_ORDER)
@require_safe
def print_order(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """The order in force as a PDF, or a page that says why there is none."""
    at = now()
    related_or_404(request, patient_id, at)
    staff = request.staff
    sheet = get_order_sheet(clinic=staff.clinic, patient_id=patient_id, printer=staff.user, at=at)
    if sheet is None:
        raise Http404
    record_look(
        "dosing.orders_seen" if sheet.refusal else "dosing.order_printed",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=[patient_id],
    )
    sign_for_paper(request, at=at)
    if sheet.refusal:
        return render(request, "dosing/print_order.html", {"sheet": sheet, "patient_id": patient_id})
    return _as_pdf(print_order_sheet(sheet, clinic=staff.clinic, at=at), "order.pdf")


@requires(Permission.PRINT_PRESCRIPTION)
@require_http_methods(["GET", "HEAD", "POST"])
def print_prescription(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Choose form and wording, read the prescription in figures and words, print it."""
    at = now()
    related_or_404(request, patient_id, at)
    staff = request.staff
    page = get_prescription_page(clinic=staff.clinic, patient_id=patient_id, printer=staff.user, at=at)
    if page is None:
        raise Http404
    review, decision = None, page.decision
    if request.method == "POST":
        sign_for_paper(request, at=at)
        form = PrintPrescription(request.POST, page=page)
        if form.is_valid():
            step = _take_step(request, form, page, at)
            if isinstance(step, HttpResponse):
                return step
            form, review, decision = step
    else:
        form = PrintPrescription(initial={"key": uuid.uuid4(), "seal": _seal(request, page)}, page=page)
    record_look(
        "dosing.prescription_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id]
    )
    context = {"page": page, "form": form, "review": review, "decision": decision}
    return render(request, "dosing/print_prescription.html", context | {"linked": form.linked(decision)})


@requires(Permission.PRINT_PRESCRIPTION)
@require_safe
def see_prescription(request: StaffRequest, clinic_code: str, prescription_id: uuid.UUID) -> HttpResponse:
    """The paper of a printed prescription, or a page that says why it may not be opened any more."""
    at = now()
    staff = request.staff
    one = get_print(clinic=staff.clinic, print_id=prescription_id)
    if one is None:
        raise Http404
    person = one.order.patient
    related_or_404(request, person.id, at)
    record_look("dosing.prescription_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[person.id])
    decision = may_open_print(one=one, clinic=staff.clinic, printer=staff.user, at=at)
    if not decision.is_allowed:
        context = {"one": one, "person": person, "decision": decision}
        return render(request, "dosing/see_prescription.html", context)
    return _as_pdf(print_prescription_sheet(one, clinic=staff.clinic), "prescription.pdf")


def _take_step(
    request: StaffRequest, form: PrintPrescription, page: PrescriptionPage, at: datetime
) -> HttpResponse | tuple[PrintPrescription, PrescriptionReview | None, Decision]:
    """Change, read or print what was chosen; return where to go, or what is shown next."""
    staff = request.staff
    sealed = open_form_seal(request, purpose=SEAL, patient=str(page.patient_id))
    step = request.POST.get("step", "")
    if sealed is None:
        return _chosen_again(request, page, [NOT_YOURS]), None, page.decision
    if step != "print" and sealed["seen"] != page.seen:
        return _chosen_again(request, page, [CHANGED]), None, page.decision
    if step == "change":
        return form, None, page.decision
    refusals: tuple[Finding, ...] = ()
    if step == "print":
        try:
            stored = store_prescription(
                clinic=staff.clinic,
                episode=page.episode,
                draft=form.draft(),
                page=SentPage(
                    key=form.cleaned_data["key"],
                    seen=sealed["seen"],
                    acknowledged=frozenset(form.cleaned_data["acknowledged"]),
                ),
                by=staff.user,
                at=at,
            )
        except PrescriptionRefused as refusal:
            refusals = refusal.decision.refusals
        else:
            messages.success(
                request, f"Saved: prescription {stored.full_number}. Open it below and print it."
            )
            return redirect(
                "dosing:print_prescription", clinic_code=staff.clinic.code, patient_id=page.patient_id
            )
    if any(finding.code in ("order_changed", "key_reused") for finding in refusals):
        sentences = [finding.message for finding in refusals]
        return _chosen_again(request, page, sentences), None, page.decision
    review = review_prescription(
        episode=page.episode, clinic=staff.clinic, draft=form.draft(), printer=staff.user, at=at
    )
    form.refuse(Decision(refusals))
    return form, None if review.decision.refusals else review, review.decision


def _chosen_again(request: StaffRequest, page: PrescriptionPage, sentences: list[str]) -> PrintPrescription:
    """Return the form with what was chosen, made anew for whoever sends it now and for what stands now."""
    written = request.POST.copy()
    written["key"], written["seal"] = str(uuid.uuid4()), _seal(request, page)
    written.setlist("acknowledged", [])
    form = PrintPrescription(written, page=page)
    for sentence in sentences:
        form.add_error(None, sentence)
    return form


def _seal(request: StaffRequest, page: PrescriptionPage) -> str:
    return seal_form(request, purpose=SEAL, patient=str(page.patient_id), seen=page.seen)


def _as_pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
