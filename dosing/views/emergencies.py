"""The red button and the emergency screen: at a terminal, by whoever stands there, with or without a PIN.

Nobody types a PIN while somebody does not breathe. Whoever is signed in at the terminal is named; else nobody is, and
those present sign afterwards.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dosing.actions.emergencies import (
    CardRefused,
    EmergencyRefused,
    LineToWrite,
    NoSuchEmergency,
)
from dosing.actions.emergencies import approve_emergency_card as store_card
from dosing.actions.emergencies import sign_emergency as store_signature
from dosing.actions.emergencies import start_emergency as begin_emergency
from dosing.actions.emergencies import write_emergency as store_line
from dosing.actions.watching import hand_over_watching as store_handing_over
from dosing.forms.emergencies import (
    ApproveEmergencyCard,
    CorrectEmergency,
    GiveNaloxone,
    HandOverWatching,
    SignEmergency,
    StartEmergency,
    WriteEmergency,
)
from dosing.queries.clocks import list_observed_clocks
from dosing.queries.emergencies import Emergency, get_card, get_emergency, is_over, naloxone_of
from dosing.queries.emergency_pages import get_emergency_page, get_start_page, list_lines_to_correct
from dosing.queries.watching import get_handing_over
from dosing.rules.emergencies import ENDS, LineKind
from hat_clinic.accounts.access import StaffRequest, TerminalRequest, User, at_terminal, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.presence import TERMINAL_KEY, Proof, is_locked, proof_in
from hat_clinic.accounts.queries import get_staff
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record, record_look
from hat_clinic.core.clock import now

SEAL_SIGN = "dosing.sign_emergency"
SEAL_CARD = "dosing.approve_emergency_card"
NOT_YOURS = "This page was opened by somebody else. Open it again."


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def start_emergency(request: TerminalRequest) -> HttpResponse:
    """The red button: whose emergency is it? Those in the room first. One press begins it."""
    at, clinic, by = now(), request.terminal.clinic, _who(request)
    form = StartEmergency(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            emergency = begin_emergency(
                clinic=clinic,
                patient_id=form.cleaned_data["patient"],
                terminal_id=request.terminal.id,
                key=form.cleaned_data["key"],
                by=by,
                at=at,
            )
        except NoSuchEmergency:
            raise Http404 from None
        return redirect("dosing:handle_emergency", emergency_id=emergency.id)
    page = get_start_page(clinic=clinic, by=by, at=at)
    shown = [one.patient_id for one in (*page.here, *page.others)]
    _look(request, "dosing.emergency_start_seen", shown, by, at)
    context = {
        "page": page,
        "key": uuid.uuid4(),
        "terminal": request.terminal,
        "by": by,
        "at": at,
        "form": form,
    }
    return render(request, "dosing/start_emergency.html", context)


@at_terminal
@require_http_methods(["GET", "HEAD"])
def handle_emergency(request: TerminalRequest, emergency_id: uuid.UUID) -> HttpResponse:
    """The emergency screen: nine buttons that each write a time, the clock since naloxone, what to tell 999."""
    at, by = now(), _who(request)
    emergency = _here(request, emergency_id)
    page = get_emergency_page(emergency=emergency, terminal=request.terminal, by=by, at=at)
    if page.is_over:
        return _after(request, emergency, by)
    _look(request, "dosing.emergency_seen", [page.patient_id], by, at)
    observed = list_observed_clocks(clinic=request.terminal.clinic, at=at, besides=page.session_id)
    context: dict[str, Any] = {
        "page": page,
        "observed": observed,
        "handing_over": get_handing_over(clinic=request.terminal.clinic, by=by, at=at) if observed else None,
        "terminal": request.terminal,
        "clinic": request.terminal.clinic,
        "by": by,
        "at": at,
        "end_key": uuid.uuid4(),
        "left_key": uuid.uuid4(),
    }
    return render(request, "dosing/handle_emergency.html", context)


@at_terminal
@require_POST
def write_emergency(request: TerminalRequest, emergency_id: uuid.UUID) -> HttpResponse:
    """One tap: the time is written, and the screen comes back."""
    at, by = now(), _who(request)
    emergency = _here(request, emergency_id)
    form = WriteEmergency(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was written. Tap again.")
        return redirect("dosing:handle_emergency", emergency_id=emergency_id)
    kind, key = form.cleaned_data["tap"]
    naloxone = naloxone_of(get_card(clinic_id=emergency.clinic_id)) if kind is LineKind.NALOXONE else None
    if kind is LineKind.NALOXONE and naloxone is None:
        return redirect("dosing:give_naloxone", emergency_id=emergency_id)
    try:
        _store(request, LineToWrite(kind, naloxone=naloxone), emergency_id, key, by, at)
    except EmergencyRefused as refusal:
        messages.error(request, f"Nothing was written. {refusal}")
    if kind in ENDS:
        return _after(request, emergency, by)
    return redirect("dosing:handle_emergency", emergency_id=emergency_id)


@at_terminal
@require_POST
def hand_over_watching(request: TerminalRequest, emergency_id: uuid.UUID) -> HttpResponse:
    """One tap: everybody else who is being observed is watched by this colleague from now on."""
    emergency = _here(request, emergency_id)
    form = HandOverWatching(request.POST)
    if not form.is_valid():
        messages.error(request, "Nobody was handed over. Tap again.")
        return redirect("dosing:handle_emergency", emergency_id=emergency_id)
    to_id, key = form.cleaned_data["to"]
    try:
        store_handing_over(
            clinic=emergency.clinic,
            emergency_id=emergency_id,
            to_id=to_id,
            terminal_id=request.terminal.id,
            key=key,
            by=_who(request),
            at=now(),
        )
    except EmergencyRefused as refusal:
        messages.error(request, f"Nobody was handed over. {refusal}")
    return redirect("dosing:handle_emergency", emergency_id=emergency_id)


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def give_naloxone(request: TerminalRequest, emergency_id: uuid.UUID) -> HttpResponse:
    """Naloxone in another dose, by another route, or given before it could be tapped."""
    at, by = now(), _who(request)
    emergency = _here(request, emergency_id)
    if by is None and is_over(emergency):
        return redirect("unlock_terminal")
    form = GiveNaloxone(
        request.POST if request.method == "POST" else None,
        initial={"key": uuid.uuid4()},
        began_at=emergency.began_at,
        at=at,
    )
    if request.method == "POST" and form.is_valid():
        line = LineToWrite(LineKind.NALOXONE, happened_at=form.cleaned_data["wall"], naloxone=form.naloxone)
        try:
            _store(request, line, emergency_id, form.cleaned_data["key"], by, at)
        except EmergencyRefused as refusal:
            form.refuse(refusal.decision)
        else:
            return redirect("dosing:handle_emergency", emergency_id=emergency_id)
    _look(request, "dosing.emergency_seen", [emergency.patient_id], by, at)
    return render(request, "dosing/give_naloxone.html", _beside(request, emergency, form, by, at))


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def correct_emergency(request: TerminalRequest, emergency_id: uuid.UUID) -> HttpResponse:
    """A late or wrong tap is put right by a note beside it; the tap stays as it was."""
    at, by = now(), _who(request)
    emergency = _here(request, emergency_id)
    if by is None and is_over(emergency):
        return redirect("unlock_terminal")
    form = CorrectEmergency(
        request.POST if request.method == "POST" else None,
        initial={"key": uuid.uuid4()},
        lines=list_lines_to_correct(emergency=emergency),
        began_at=emergency.began_at,
        at=at,
    )
    if request.method == "POST" and form.is_valid():
        line = LineToWrite(
            LineKind.NOTE,
            happened_at=form.cleaned_data["wall"],
            words=form.cleaned_data["words"],
            corrects_id=form.corrects_id,
        )
        try:
            _store(request, line, emergency_id, form.cleaned_data["key"], by, at)
        except EmergencyRefused as refusal:
            form.refuse(refusal.decision)
        else:
            return redirect("dosing:handle_emergency", emergency_id=emergency_id)
    _look(request, "dosing.emergency_seen", [emergency.patient_id], by, at)
    return render(request, "dosing/correct_emergency.html", _beside(request, emergency, form, by, at))


@requires(Permission.SEE_EMERGENCY)
@require_http_methods(["GET", "HEAD"])
def see_emergency(request: StaffRequest, clinic_code: str, emergency_id: uuid.UUID) -> HttpResponse:
    """What was written in an emergency, and who has put their name to it."""
    staff = request.staff
    emergency = get_emergency(clinic=staff.clinic, emergency_id=emergency_id)
    if emergency is None:
        raise Http404
    page = get_emergency_page(emergency=emergency, terminal=emergency.terminal, by=staff.user, at=request.at)
    record_look(
        "dosing.emergency_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.patient_id],
    )
    may_sign = staff.may(Permission.SIGN_EMERGENCY) and staff.terminal_id is not None
    return render(request, "dosing/see_emergency.html", {"page": page, "may_sign": may_sign})


@requires(Permission.SIGN_EMERGENCY)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_emergency(request: StaffRequest, clinic_code: str, emergency_id: uuid.UUID) -> HttpResponse:
    """Put one's own PIN to what was written, having been there."""
    staff = request.staff
    emergency = get_emergency(clinic=staff.clinic, emergency_id=emergency_id)
    if emergency is None:
        raise Http404
    form = SignEmergency(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _signed(request, form, emergency):
        messages.success(request, f"Signed: the emergency of {emergency.patient.full_name}.")
        return redirect("dosing:see_board", clinic_code=clinic_code)
    page = get_emergency_page(emergency=emergency, terminal=emergency.terminal, by=staff.user, at=request.at)
    # The seal holds what this page shows, also where it is shown again: what is signed is what was read.
    seal = seal_form(request, purpose=SEAL_SIGN, emergency=str(emergency_id), lines=str(page.lines))
    form.show(key=uuid.uuid4(), seal=seal)
    record_look(
        "dosing.emergency_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.patient_id],
    )
    return render(request, "dosing/sign_emergency.html", {"page": page, "form": form})


def _signed(request: StaffRequest, form: SignEmergency, emergency: Emergency) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    sealed = open_form_seal(request, purpose=SEAL_SIGN, emergency=str(emergency.id))
    if sealed is None:
        form.add_error(None, NOT_YOURS)
        return False
    try:
        store_signature(
            clinic=request.staff.clinic,
            emergency_id=emergency.id,
            lines=int(sealed["lines"]),
            pin=form.cleaned_data["pin"],
            terminal_id=request.staff.terminal_id,
            key=form.cleaned_data["key"],
            by=request.staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        form.add_error("pin", str(refusal))
    except EmergencyRefused as refusal:
        form.refuse(refusal.decision)
    return form.is_valid()


@requires(Permission.APPROVE_EMERGENCY_CARD)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_emergency_card(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The clinic's emergency card: the dose and route of naloxone, and what to tell 999."""
    staff = request.staff
    if request.method == "POST":
        form = ApproveEmergencyCard(request.POST)
        is_theirs = open_form_seal(request, purpose=SEAL_CARD) is not None
        if form.is_valid() and not is_theirs:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            try:
                store_card(
                    clinic=staff.clinic,
                    draft=form.draft,
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except CardRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Approved: the emergency card. It counts from now on.")
                return redirect("dosing:approve_emergency_card", clinic_code=clinic_code)
    else:
        seal = seal_form(request, purpose=SEAL_CARD)
        form = ApproveEmergencyCard(initial={"key": uuid.uuid4(), "seal": seal})
    card = get_card(clinic_id=staff.clinic.id)
    record_look("dosing.emergency_card_seen", by=staff.user, at=request.at, clinic=staff.clinic.id)
    context = {"card": card, "naloxone": naloxone_of(card), "form": form}
    return render(request, "dosing/approve_emergency_card.html", context)


# --- shared ------------------------------------------------------------------------------------------------


def _who(request: TerminalRequest) -> User | None:
    """Return who is active at this terminal, None where it is locked or nobody has signed in."""
    user = request.user
    if (
        not isinstance(user, User)
        or is_locked(request)
        or request.session.get(TERMINAL_KEY) != str(request.terminal.pk)
        or proof_in(request, user) < Proof.PIN
    ):
        return None
    staff = get_staff(user=user, clinic_code=request.terminal.clinic.code, at=now())
    return user if staff is not None else None


def _here(request: TerminalRequest, emergency_id: uuid.UUID) -> Emergency:
    emergency = get_emergency(clinic=request.terminal.clinic, emergency_id=emergency_id)
    if emergency is None:
        raise Http404
    return emergency


def _store(
    request: TerminalRequest,
    line: LineToWrite,
    emergency_id: uuid.UUID,
    key: uuid.UUID,
    by: User | None,
    at: datetime,
) -> None:
    store_line(
        clinic=request.terminal.clinic,
        emergency_id=emergency_id,
        line=line,
        terminal_id=request.terminal.id,
        key=key,
        by=by,
        at=at,
    )


def _after(request: TerminalRequest, emergency: Emergency, by: User | None) -> HttpResponse:
    """Return where to go once it is over: to what was written, or back to the lock where nobody is named."""
    if by is None:
        return redirect("unlock_terminal")
    there = reverse("dosing:see_emergency", args=[emergency.clinic.code, emergency.id])
    return redirect(there)


def _beside(
    request: TerminalRequest,
    emergency: Emergency,
    form: GiveNaloxone | CorrectEmergency,
    by: User | None,
    at: datetime,
) -> dict[str, Any]:
    return {
        "emergency_id": emergency.id,
        "name": emergency.patient.full_name,
        "form": form,
        "terminal": request.terminal,
        "by": by,
        "at": at,
    }


def _look(
    request: TerminalRequest, event: str, people: list[uuid.UUID], by: User | None, at: datetime
) -> None:
    """Tell the trail who was shown; at a locked terminal nobody is named as the one who looked."""
    clinic_id = request.terminal.clinic_id
    if by is not None:
        record_look(event, by=by, at=at, clinic=clinic_id, people=people)
        return
    with transaction.atomic():
        for person_id in people:
            record(event, by=None, at=at, clinic=clinic_id, person=person_id, is_look=True)
