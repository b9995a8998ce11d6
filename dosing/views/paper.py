"""A paper pack that was used: its lines entered one by one, and what of them is contested settled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dosing.actions.paper import PaperPins, PaperRefused, begin_entry, enter_line
from dosing.actions.paper_cases import Settled, SettlementRefused, settle_line
from dosing.actions.paper_cases import write_waiting_line as store_waiting_line
from dosing.actions.register import RegisterRefused
from dosing.forms.paper import EnterPaperLine, SettlePaperLine
from dosing.queries.oxygen import get_shown_target
from dosing.queries.paper import find_pack, get_entered_line, get_line_preview, get_pack_of, is_on_pack
from dosing.queries.paper_oral import list_contested_oral
from dosing.queries.paper_pages import (
    EnterPage,
    LinePage,
    get_enter_page,
    get_line_page,
    get_paper_page,
    list_paper_cases,
)
from dosing.rules.paper import OnLine, Stands, codes_of
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.decisions import Decision

ENTER, SETTLE = "dosing.enter_paper_line", "dosing.settle_paper_line"
BEGIN, WRITE = "dosing.begin_paper", "dosing.write_waiting_line"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for another line. Nothing was saved. "
    "Open the line again from the pack."
)
NO_FINDING = "none"


@requires(Permission.SEE_PAPER)
@require_safe
def see_paper(request: StaffRequest, clinic_code: str, pack_id: uuid.UUID) -> HttpResponse:
    """Every line of a pack, and how far each is."""
    pack = get_pack_of(clinic=request.staff.clinic, pack_id=pack_id)
    if pack is None:
        raise Http404
    page = get_paper_page(clinic=request.staff.clinic, pack=pack)
    _look(request, page.people)
    seal = seal_form(request, purpose=BEGIN, pack=str(pack_id))
    return render(request, "dosing/see_paper.html", {"page": page, "seal": seal, **_may(request)})


@requires(Permission.SEE_PAPER)
@require_safe
def find_paper(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Open the pack whose number stands on the paper, whichever was printed."""
    pack = find_pack(clinic=request.staff.clinic, number=request.GET.get("number", ""))
    if pack is None:
        messages.error(request, "There is no pack of that number. Read it again: P12-03 is on pack 12.")
        return redirect("dosing:see_downtime", clinic_code=clinic_code)
    return redirect("dosing:see_paper", clinic_code=clinic_code, pack_id=pack.id)


@requires(Permission.ENTER_PAPER)
@require_POST
def begin_paper(request: StaffRequest, clinic_code: str, pack_id: uuid.UUID) -> HttpResponse:
    """Say that a pack was used: from now on the board and the handover ask for its lines."""
    pack = get_pack_of(clinic=request.staff.clinic, pack_id=pack_id)
    if pack is None:
        raise Http404
    if open_form_seal(request, purpose=BEGIN, pack=str(pack_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
    else:
        begin_entry(clinic=request.staff.clinic, pack=pack, by=request.staff.user, at=request.at)
    return redirect("dosing:see_paper", clinic_code=clinic_code, pack_id=pack_id)


@requires(Permission.ENTER_PAPER)
@sensitive_post_parameters("pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_paper_line(request: StaffRequest, clinic_code: str, pack_id: uuid.UUID, line: int) -> HttpResponse:
    """Enter one line: what the rules say of it is shown first, then it is signed."""
    staff = request.staff
    pack = get_pack_of(clinic=staff.clinic, pack_id=pack_id)
    if pack is None or not is_on_pack(pack, line):
        raise Http404
    entered = get_entered_line(pack=pack, line=line)
    if entered is not None and request.method != "POST":
        return redirect("dosing:see_paper_line", clinic_code=clinic_code, line_id=entered.id)
    page = get_enter_page(clinic=staff.clinic, pack=pack, line=line, at=request.at)
    form = _form(request, page)
    decision = None
    if request.method == "POST" and _is_ours(request, form, page):
        pins = _pins(request, form)
        try:
            if form.is_shown and form.cleaned_data["pin"]:
                stored = enter_line(
                    clinic=staff.clinic,
                    pack=pack,
                    line=line,
                    entry=form.entry(),
                    pins=pins,
                    by=staff.user,
                    at=request.at,
                    seen=seen_codes(form.cleaned_data["shown"]),
                )
                messages.success(request, _saved(page.reference, is_contested=stored.is_contested))
                if form.cleaned_data["has_oral"]:
                    return redirect(
                        "dosing:enter_paper_oral", clinic_code=clinic_code, pack_id=pack_id, line=line
                    )
                return redirect("dosing:see_paper", clinic_code=clinic_code, pack_id=pack_id)
            form, decision = _judged(request, page, pack, form, pins)
        except PinRefused as refusal:
            name = "pin" if str(refusal.user_id) == form.cleaned_data["signer"] else "second_pin"
            form.add_error(name, str(refusal))
        except PaperRefused as refusal:
            is_stale = [one.code for one in refusal.decision] == ["rules_changed"]
            if is_stale:
                form, decision = _judged(request, page, pack, form, pins)
            form.refuse(refusal.decision)
    _look(request, page.shown_people)
    return render(request, "dosing/enter_paper_line.html", {"page": page, "form": form, "decision": decision})


@requires(Permission.SEE_PAPER)
@require_safe
def see_paper_line(request: StaffRequest, clinic_code: str, line_id: uuid.UUID) -> HttpResponse:
    """One line as it was entered, what the computer had, and how it was settled."""
    page = _line(request, line_id)
    seal = seal_form(request, purpose=WRITE, line=str(line_id))
    return render(request, "dosing/see_paper_line.html", {"page": page, "seal": seal, **_may(request)})


@requires(Permission.SETTLE_PAPER)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def settle_paper_line(request: StaffRequest, clinic_code: str, line_id: uuid.UUID) -> HttpResponse:
    """Say which of the two stands, with a reason and a PIN. Both stay."""
    page = _line(request, line_id)
    if not page.why_contested:
        raise Http404
    form = SettlePaperLine(
        sent(request), initial={"seal": seal_form(request, purpose=SETTLE, line=str(line_id))}
    )
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=SETTLE, line=str(line_id)) is None:
            form.add_error(None, SOMEBODY_ELSE)
        else:
            outcome, reason = form.ending()
            try:
                settle_line(
                    clinic=request.staff.clinic,
                    line_id=line_id,
                    settled=Settled(
                        Stands(form.cleaned_data["stands"]), form.cleaned_data["why"], outcome, reason
                    ),
                    pin=form.cleaned_data["pin"],
                    terminal_id=request.staff.terminal_id,
                    by=request.staff.user,
                    at=request.at,
                )
            except PinRefused as refusal:
                form.add_error("pin", str(refusal))
            except SettlementRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Settled: line {page.reference}. Both records stay.")
                return redirect("dosing:see_paper_line", clinic_code=clinic_code, line_id=line_id)
    return render(request, "dosing/settle_paper_line.html", {"page": page, "form": form})


@requires(Permission.WRITE_WAITING_LINE)
@require_POST
def write_waiting_line(request: StaffRequest, clinic_code: str, line_id: uuid.UUID) -> HttpResponse:
    """Write the register's line of a paper dose that was beyond the book, once the book has the ampoules."""
    page = _line(request, line_id)
    if not page.waits_for_book and not page.register:
        raise Http404
    if open_form_seal(request, purpose=WRITE, line=str(line_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
        return redirect("dosing:see_paper_line", clinic_code=clinic_code, line_id=line_id)
    try:
        store_waiting_line(clinic=request.staff.clinic, line_id=line_id, by=request.staff.user, at=request.at)
    except (SettlementRefused, RegisterRefused) as refusal:
        messages.error(request, f"Nothing was written. {refusal}")
    else:
        messages.success(request, f"Written: the register has the line of {page.reference}.")
    return redirect("dosing:see_paper_line", clinic_code=clinic_code, line_id=line_id)


@requires(Permission.SEE_PAPER)
@require_safe
def see_paper_cases(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The contested lines of a clinic, those to settle first."""
    cases = list_paper_cases(clinic=request.staff.clinic)
    oral = list_contested_oral(clinic=request.staff.clinic)
    shown = [*(one.patient_id for one in cases if one.patient_id), *(row.patient_id for row in oral)]
    record_look(
        "dosing.paper_cases_seen",
        by=request.staff.user,
        at=request.at,
        clinic=request.staff.clinic.id,
        people=list(dict.fromkeys(shown)),
    )
    found = {"cases": cases, "oral": oral, **_may(request)}
    return render(request, "dosing/see_paper_cases.html", found)


def _line(request: StaffRequest, line_id: uuid.UUID) -> LinePage:
    page = get_line_page(clinic=request.staff.clinic, line_id=line_id)
    if page is None:
        raise Http404
    _look(request, [page.patient_id] if page.patient_id else [])
    return page


def _look(request: StaffRequest, people: Sequence[uuid.UUID]) -> None:
    staff = request.staff
    record_look("dosing.paper_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=people)


def _may(request: StaffRequest) -> dict[str, bool]:
    staff = request.staff
    return {
        "may_enter": staff.may(Permission.ENTER_PAPER),
        "may_settle": staff.may(Permission.SETTLE_PAPER),
        "may_write": staff.may(Permission.WRITE_WAITING_LINE),
        "may_adjust": staff.may(Permission.ADJUST_LINE),
    }


def _form(request: StaffRequest, page: EnterPage, data: Any = None) -> EnterPaperLine:
    seal = seal_form(request, purpose=ENTER, pack=str(page.pack_id), line=str(page.line))
    form = EnterPaperLine(
        sent(request) if data is None else data,
        service_date=page.key.service_date,
        patient_id=page.patient_id,
        initial={"seal": seal},
    )
    if page.patient_id is not None:
        form.target = get_shown_target(patient_id=page.patient_id, at=request.at).target
    form.offer(
        patient=page.people,
        batch=page.batches,
        giver=page.names,
        witness=page.names,
        signer=page.signers,
        second=page.signers,
    )
    return form


def _judged(
    request: StaffRequest, page: EnterPage, pack: Any, form: EnterPaperLine, pins: PaperPins
) -> tuple[EnterPaperLine, Decision | None]:
    """Return the form with what the rules say, to be signed; or with why it cannot be entered so."""
    preview = get_line_preview(
        clinic=request.staff.clinic,
        pack=pack,
        line=page.line,
        entry=form.entry(),
        names=(pins.giver_id, pins.witness_id),
        away_reason=pins.away_reason,
        at=request.at,
    )
    if preview.decision is None:
        form.refuse(preview.refusal)
        return form, None
    return _shown(request, page, preview.decision), preview.decision


def _shown(request: StaffRequest, page: EnterPage, decision: Decision) -> EnterPaperLine:
    """Return the form again with what the rules say remembered in it, so that it can be signed."""
    data = request.POST.copy()
    data["shown"] = ",".join(sorted(codes_of(decision))) or NO_FINDING
    form = _form(request, page, data)
    form.is_valid()
    return form


def seen_codes(shown: str) -> frozenset[str]:
    """Return the codes that a page showed before anybody signed, as its form carries them."""
    return frozenset() if shown == NO_FINDING else frozenset(shown.split(","))


def _is_ours(request: StaffRequest, form: EnterPaperLine, page: EnterPage) -> bool:
    if open_form_seal(request, purpose=ENTER, pack=str(page.pack_id), line=str(page.line)) is None:
        form.add_error(None, SOMEBODY_ELSE)
        return False
    return form.is_valid()


def _pins(request: StaffRequest, form: EnterPaperLine) -> PaperPins:
    data = form.cleaned_data
    has_dose = data["what"] == OnLine.GIVEN
    return PaperPins(
        giver_id=uuid.UUID(data["signer"]),
        giver_pin=data["pin"],
        terminal_id=request.staff.terminal_id,
        witness_id=uuid.UUID(data["second"]) if has_dose else None,
        witness_pin=data["second_pin"],
        away_reason=data["away_reason"],
    )


def _saved(reference: str, *, is_contested: bool) -> str:
    if is_contested:
        return f"Saved: line {reference} is contested. The clinical lead settles it; both records stay."
    return f"Saved: line {reference} is entered."
