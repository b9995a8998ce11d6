"""The treatment room: the board, and one dose."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.register import RegisterRefused
from dosing.actions.sessions import InjectionRefused, KeyReused
from dosing.actions.sessions import record_injection as store_injection
from dosing.forms.sessions import RecordInjection
from dosing.queries.sessions import InjectionPage, SessionKey, get_board, get_injection_page
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now

SEAL = "dosing.record_injection"
OPEN_AGAIN = "Open the person again from the board."


@requires(Permission.SEE_BOARD)
@require_safe
def see_board(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody booked into the session that is open now."""
    at = now()
    staff = request.staff
    board = get_board(clinic=staff.clinic, at=at)
    record_look(
        "dosing.board_seen",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=[tile.patient_id for tile in board.tiles],
    )
    return render(request, "dosing/see_board.html", {"board": board})


@requires(Permission.RECORD_INJECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def record_injection(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One dose of one person: shown with every reason against it, stored once."""
    at = now()
    staff = request.staff
    sealed = _open_seal(request, patient_id)
    session = SessionKey(date.fromisoformat(sealed["date"]), sealed["slot"]) if sealed else None
    page = get_injection_page(
        clinic=staff.clinic, patient_id=patient_id, session=session, giver=staff.user, at=at
    )
    if page is None:
        raise Http404
    if request.method == "POST":
        form = RecordInjection(request.POST, page=page, giver_name=staff.user.full_name)
        if form.is_valid() and _store(request, form, sealed, at):
            messages.success(request, f"Saved: the injection of {page.name} is recorded.")
            return redirect("dosing:see_board", clinic_code=clinic_code)
    else:
        form = RecordInjection(
            initial={"key": uuid.uuid4(), "seal": _seal(request, page)},
            page=page,
            giver_name=staff.user.full_name,
        )
    people = [patient_id]
    record_look("dosing.injection_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=people)
    return render(request, "dosing/record_injection.html", {"page": page, "form": form})


def _store(request: StaffRequest, form: RecordInjection, sealed: dict[str, str] | None, at: datetime) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    if sealed is None:
        form.add_error(None, "This page was opened by somebody else or for somebody else. " + OPEN_AGAIN)
        return False
    data = form.cleaned_data
    try:
        store_injection(
            clinic=request.staff.clinic,
            given=form.given(sealed),
            giver_pin=data["giver_pin"],
            witness_pin=data["witness_pin"],
            acknowledged=frozenset(data["acknowledged"]),
            key=data["key"],
            terminal_id=request.staff.terminal_id,
            by=request.staff.user,
            at=at,
        )
    except PinRefused as refusal:
        form.add_error(
            "giver_pin" if refusal.user_id == request.staff.user.id else "witness_pin", str(refusal)
        )
    except InjectionRefused as refusal:
        form.refuse(refusal.decision)
    except (KeyReused, RegisterRefused) as refusal:
        form.add_error(None, f"Nothing was saved. {refusal}")
    return form.is_valid()


def _seal(request: StaffRequest, page: InjectionPage) -> str:
    """Tie a page to who opened it, for whom, for which session and on which order."""
    content = {
        "actor": str(request.staff.user.id),
        "patient": str(page.patient_id),
        "date": page.session.service_date.isoformat(),
        "slot": page.session.slot,
        "order": str(page.order_id) if page.order_id else "",
    }
    return signing.dumps(content, salt=SEAL)


def _open_seal(request: StaffRequest, patient_id: uuid.UUID) -> dict[str, str] | None:
    """Return what the posted page was tied to, or None when it is not this person's page of this nurse."""
    try:
        sealed: dict[str, str] = signing.loads(request.POST.get("seal", ""), salt=SEAL)
    except signing.BadSignature:
        return None
    fits = sealed["actor"] == str(request.staff.user.id) and sealed["patient"] == str(patient_id)
    return sealed if fits else None
