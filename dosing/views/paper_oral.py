"""Oral doses on a paper pack that was used: entered one by one, and those that are contested settled."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.paper_oral import (
    OralPin,
    OralSettlementRefused,
    PaperOralRefused,
    enter_oral,
    settle_oral,
)
from dosing.forms.paper_oral import EnterPaperOral, SettlePaperOral
from dosing.queries.paper import get_pack_of, is_on_pack
from dosing.queries.paper_oral import (
    EnterOralPage,
    find_contested_oral,
    get_enter_oral_page,
    preview_oral,
    whose_line,
)
from dosing.rules.paper import Stands, codes_of
from dosing.views.paper import NO_FINDING, SOMEBODY_ELSE, seen_codes
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.decisions import Decision

ENTER, SETTLE = "dosing.enter_paper_oral", "dosing.settle_paper_oral"


@requires(Permission.ENTER_PAPER)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_paper_oral(request: StaffRequest, clinic_code: str, pack_id: uuid.UUID, line: int) -> HttpResponse:
    """Enter an oral dose of one line: what the rules say of it is shown first, then it is signed."""
    staff = request.staff
    pack = get_pack_of(clinic=staff.clinic, pack_id=pack_id)
    if pack is None or not is_on_pack(pack, line):
        raise Http404
    patient_id = whose_line(pack=pack, line=line)
    if patient_id is None:
        messages.error(request, "Enter the line first: an injection on it is judged with the oral dose.")
        return redirect("dosing:see_paper", clinic_code=clinic_code, pack_id=pack_id)
    page = get_enter_oral_page(
        clinic=staff.clinic, pack=pack, line=line, patient_id=patient_id, at=request.at
    )
    form = _form(request, page)
    decision: Decision | None = None
    if request.method == "POST" and _is_ours(request, form, page):
        if form.is_shown and form.cleaned_data["pin"]:
            try:
                stored = enter_oral(
                    clinic=staff.clinic,
                    pack=pack,
                    line=line,
                    patient_id=patient_id,
                    dose=form.dose(),
                    pin=OralPin(
                        uuid.UUID(form.cleaned_data["signer"]),
                        form.cleaned_data["pin"],
                        staff.terminal_id,
                        form.cleaned_data["away_reason"],
                    ),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                    seen=seen_codes(form.cleaned_data["shown"]),
                )
            except PinRefused as refusal:
                form.add_error("pin", str(refusal))
            except PaperOralRefused as refusal:
                if [one.code for one in refusal.decision] == ["rules_changed"]:
                    form, decision = _judged(request, page, pack, form)
                form.refuse(refusal.decision)
            else:
                messages.success(request, _saved(page, is_contested=bool(stored.conflicts)))
                return redirect("dosing:see_paper", clinic_code=clinic_code, pack_id=pack_id)
        else:
            form, decision = _judged(request, page, pack, form)
    record_look(
        "dosing.paper_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    return render(request, "dosing/enter_paper_oral.html", {"page": page, "form": form, "decision": decision})


@requires(Permission.SETTLE_PAPER)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def settle_paper_oral(request: StaffRequest, clinic_code: str, dose_id: uuid.UUID) -> HttpResponse:
    """Say whether a contested oral dose stands, with a reason and a PIN. It stays either way."""
    staff = request.staff
    row = find_contested_oral(clinic=staff.clinic, dose_id=dose_id)
    if row is None:
        raise Http404
    seal = seal_form(request, purpose=SETTLE, dose=str(dose_id))
    form = SettlePaperOral(sent(request), initial={"seal": seal})
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=SETTLE, dose=str(dose_id)) is None:
            form.add_error(None, SOMEBODY_ELSE)
        else:
            try:
                settle_oral(
                    clinic=staff.clinic,
                    dose_id=dose_id,
                    stands=Stands(form.cleaned_data["stands"]),
                    why=form.cleaned_data["why"],
                    pin=form.cleaned_data["pin"],
                    terminal_id=staff.terminal_id,
                    by=staff.user,
                    at=request.at,
                )
            except PinRefused as refusal:
                form.add_error("pin", str(refusal))
            except OralSettlementRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Settled: the oral dose of {row.name}. What was written stays.")
                return redirect("dosing:see_paper_cases", clinic_code=clinic_code)
    record_look(
        "dosing.paper_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[row.patient_id]
    )
    return render(request, "dosing/settle_paper_oral.html", {"row": row, "form": form})


def _form(request: StaffRequest, page: EnterOralPage, data: Any = None) -> EnterPaperOral:
    seal = seal_form(request, purpose=ENTER, pack=str(page.pack_id), line=str(page.line))
    form = EnterPaperOral(
        sent(request) if data is None else data,
        service_date=page.key.service_date,
        initial={"seal": seal, "key": uuid.uuid4()},
    )
    form.offer(order=page.orders, giver=page.names, signer=page.signers)
    return form


def _judged(
    request: StaffRequest, page: EnterOralPage, pack: Any, form: EnterPaperOral
) -> tuple[EnterPaperOral, Decision | None]:
    """Return the form with what the rules say, to be signed; or with why it cannot be entered so."""
    refusal, decision = preview_oral(
        clinic=request.staff.clinic,
        pack=pack,
        patient_id=page.patient_id,
        dose=form.dose(),
        signer_id=uuid.UUID(form.cleaned_data["signer"]),
        away_reason=form.cleaned_data["away_reason"],
        at=request.at,
    )
    if decision is None:
        form.refuse(refusal)
        return form, None
    data = request.POST.copy()
    data["shown"] = ",".join(sorted(codes_of(decision))) or NO_FINDING
    data["pin"] = ""
    shown = _form(request, page, data)
    shown.fields["pin"].required = False
    shown.is_valid()
    return shown, decision


def _is_ours(request: StaffRequest, form: EnterPaperOral, page: EnterOralPage) -> bool:
    if open_form_seal(request, purpose=ENTER, pack=str(page.pack_id), line=str(page.line)) is None:
        form.add_error(None, SOMEBODY_ELSE)
        return False
    return form.is_valid()


def _saved(page: EnterOralPage, *, is_contested: bool) -> str:
    if is_contested:
        return f"Saved: the oral dose of line {page.reference} is contested. The clinical lead settles it."
    return f"Saved: the oral dose of line {page.reference} is entered."
