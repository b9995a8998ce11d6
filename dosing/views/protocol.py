"""The clinic's limits: what is in force, every version, a draft of the next, and its approval."""

from __future__ import annotations

import uuid
from datetime import datetime

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.orders import SentPage
from dosing.actions.protocol import ProtocolRefused
from dosing.actions.protocol import approve_protocol as store_approval
from dosing.actions.protocol import draft_protocol as store_draft
from dosing.forms.protocol import ApproveProtocol, DraftProtocol
from dosing.queries.protocol_pages import (
    ApprovalPage,
    DraftingPage,
    approved_sentence,
    get_approval_page,
    get_compare_page,
    get_drafting_page,
    get_protocol_page,
    get_protocol_version,
)
from dosing.rules.protocol_versions import DraftFacts, may_draft_protocol
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now

DRAFT_SEAL = "dosing.draft_protocol"
APPROVE_SEAL = "dosing.approve_protocol"
NOT_YOURS = "This page was opened by somebody else or for other limits. Nothing was saved. Look at it again."


@requires(Permission.SEE_PROTOCOL)
@require_safe
def see_protocol(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The limits in force, what begins later, the draft that waits, and every version."""
    at = now()
    staff = request.staff
    page = get_protocol_page(clinic=staff.clinic, at=at)
    record_look("dosing.protocol_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    may = {
        "may_draft": staff.may(Permission.DRAFT_PROTOCOL) and staff.has_full_sign_in,
        "may_approve": staff.may(Permission.APPROVE_PROTOCOL) and staff.has_full_sign_in,
    }
    return render(request, "dosing/see_protocol.html", {"page": page, **may})


@requires(Permission.SEE_PROTOCOL)
@require_safe
def see_protocol_version(request: StaffRequest, clinic_code: str, version_id: uuid.UUID) -> HttpResponse:
    """One version with all its numbers, whoever wrote and approved it."""
    at = now()
    staff = request.staff
    version = get_protocol_version(clinic=staff.clinic, version_id=version_id, at=at)
    if version is None:
        raise Http404
    record_look("dosing.protocol_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    return render(request, "dosing/see_protocol_version.html", {"version": version})


@requires(Permission.SEE_PROTOCOL)
@require_safe
def compare_protocols(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What differs between two versions, or between a version and the draft that waits."""
    at = now()
    staff = request.staff
    asked = {side: request.GET.get(side, "") for side in ("before", "after")}
    page = get_compare_page(clinic=staff.clinic, at=at, **asked)
    record_look("dosing.protocol_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    return render(request, "dosing/compare_protocols.html", {"page": page})


@requires(Permission.DRAFT_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def draft_protocol(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write a draft of the next limits, beginning with those in force or with the draft that waits."""
    at = now()
    staff = request.staff
    page = get_drafting_page(clinic=staff.clinic, from_draft=request.GET.get("from") == "draft", at=at)
    if request.method == "POST":
        answer = _store_draft(request, page, at)
        if isinstance(answer, HttpResponse):
            return answer
        form = answer
    else:
        seal = seal_form(request, purpose=DRAFT_SEAL, seen=page.seen)
        form = DraftProtocol(initial={"key": uuid.uuid4(), "seal": seal, **page.numbers})
    record_look("dosing.protocol_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    return render(request, "dosing/draft_protocol.html", {"page": page, "form": form})


def _store_draft(request: StaffRequest, page: DraftingPage, at: datetime) -> HttpResponse | DraftProtocol:
    """Send what was written to the action; return where to go, or the form with every reason beside its limit."""
    form = DraftProtocol(request.POST)
    sealed = open_form_seal(request, purpose=DRAFT_SEAL)
    if not form.is_valid():
        form.refuse(may_draft_protocol(form.numbers, DraftFacts(form.reason_written, writer_may_draft=True)))
        return form
    if sealed is None:
        return _draft_again(request, page, [NOT_YOURS])
    try:
        draft = store_draft(
            clinic=request.staff.clinic,
            numbers=form.numbers,
            reason=form.cleaned_data["reason"],
            page=SentPage(key=form.cleaned_data["key"], seen=sealed["seen"]),
            by=request.staff.user,
            at=at,
        )
    except ProtocolRefused as refusal:
        if refusal.is_stale:
            return _draft_again(request, page, [finding.message for finding in refusal.decision.refusals])
        form.refuse(refusal.decision)
        return form
    messages.success(
        request, f"Saved: draft {draft.number} of the limits. It binds nobody until it is approved."
    )
    return redirect("dosing:see_protocol", clinic_code=request.staff.clinic.code)


def _draft_again(request: StaffRequest, page: DraftingPage, sentences: list[str]) -> DraftProtocol:
    """Return the form with what was written, made anew for whoever sends it now and for what stands now."""
    written = request.POST.copy()
    written["key"] = str(uuid.uuid4())
    written["seal"] = seal_form(request, purpose=DRAFT_SEAL, seen=page.seen)
    form = DraftProtocol(written)
    for sentence in sentences:
        form.add_error(None, sentence)
    return form


@requires(Permission.APPROVE_PROTOCOL)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_protocol(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Read the draft that waits and what it changes, confirm what nobody verified, approve with the password afresh."""
    at = now()
    staff = request.staff
    page = get_approval_page(clinic=staff.clinic, approver=staff.user, at=at)
    if request.method == "POST":
        answer = _store_approval(request, page, at)
        if isinstance(answer, HttpResponse):
            return answer
        form = answer
    else:
        form = ApproveProtocol(
            initial={"key": uuid.uuid4(), "seal": _seal_approval(request, page)}, numbers=page.numbers
        )
    record_look("dosing.protocol_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    return render(request, "dosing/approve_protocol.html", {"page": page, "form": form})


def _store_approval(
    request: StaffRequest, page: ApprovalPage, at: datetime
) -> HttpResponse | ApproveProtocol:
    """Send the approval to the action; return where to go, or the form with what stands against it."""
    form = ApproveProtocol(request.POST, numbers=page.numbers)
    sealed = open_form_seal(request, purpose=APPROVE_SEAL)
    if not form.is_valid():
        return form
    if sealed is None or not sealed["draft"]:
        return _approve_again(request, page, [NOT_YOURS])
    raise_if_reauthentication_required(request, app="dosing")
    try:
        version = store_approval(
            clinic=request.staff.clinic,
            draft_id=uuid.UUID(sealed["draft"]),
            confirmed=frozenset(form.cleaned_data["confirmed"]),
            starts_at=form.starts_at(at),
            page=SentPage(
                key=form.cleaned_data["key"], seen=sealed["seen"], starts_at_once=form.starts_at_once
            ),
            by=request.staff.user,
            at=at,
        )
    except ProtocolRefused as refusal:
        if refusal.is_stale:
            return _approve_again(request, page, [finding.message for finding in refusal.decision.refusals])
        form.refuse(refusal.decision)
        return form
    messages.success(request, approved_sentence(version))
    return redirect("dosing:see_protocol", clinic_code=request.staff.clinic.code)


def _approve_again(request: StaffRequest, page: ApprovalPage, sentences: list[str]) -> ApproveProtocol:
    """Return the form made anew for what stands now; nothing stays ticked, because the numbers may be others."""
    written = request.POST.copy()
    written["key"], written["seal"] = str(uuid.uuid4()), _seal_approval(request, page)
    written.setlist("confirmed", [])
    form = ApproveProtocol(written, numbers=page.numbers)
    for sentence in sentences:
        form.add_error(None, sentence)
    return form


def _seal_approval(request: StaffRequest, page: ApprovalPage) -> str:
    draft = str(page.draft.id) if page.draft else ""
    return seal_form(request, purpose=APPROVE_SEAL, draft=draft, seen=page.seen)
