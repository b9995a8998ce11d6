"""The handover of one team to the next: written and read at the terminal, looked up by date elsewhere."""

from __future__ import annotations

import json
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.handovers import HandoverRefused
from dosing.actions.handovers import acknowledge_handover as store_reading
from dosing.actions.handovers import sign_handover as store_handover
from dosing.forms.handovers import AcknowledgeHandover, SignHandover
from dosing.queries.handovers import (
    get_handover,
    list_handover_facts,
    list_handovers,
    list_sessions_to_hand_over,
)
from dosing.rules.handovers import facts_sha256, grouped
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SIGN, READ = "dosing.sign_handover", "dosing.acknowledge_handover"
NOT_YOURS = (
    "This page was opened by somebody else, at another terminal, or for another session. Nothing was signed. "
    "Look at it again, then sign."
)


@requires(Permission.SEE_HANDOVERS)
@require_safe
def see_handovers(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What was handed over, by date, with who signed and who read it."""
    handovers = list_handovers(clinic=request.staff.clinic)
    may_sign = request.staff.may(Permission.SIGN_HANDOVER) and request.staff.terminal_id is not None
    return render(request, "dosing/see_handovers.html", {"handovers": handovers, "may_sign": may_sign})


@requires(Permission.SEE_HANDOVERS)
@require_safe
def see_handover(request: StaffRequest, clinic_code: str, handover_id: uuid.UUID) -> HttpResponse:
    """One handover as it was signed."""
    page = get_handover(clinic=request.staff.clinic, handover_id=handover_id)
    if page is None:
        raise Http404
    _look(request, page.people)
    return render(request, "dosing/see_handover.html", {"page": page})


@requires(Permission.SIGN_HANDOVER)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_handover(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The facts of the session that ends, a line beside each person where it helps, and the PIN.

    Another session of today that has begun is chosen by `?slot=`; one that was handed over is added to.
    """
    staff = request.staff
    begun = list_sessions_to_hand_over(clinic=staff.clinic, at=request.at)
    chosen = next((one for one in begun if one.session.slot == request.GET.get("slot")), None)
    if not begun or ("slot" in request.GET and chosen is None):
        return render(request, "dosing/sign_handover.html", {"chosen": None})
    chosen = chosen or begun[0]
    session = chosen.session
    facts = list_handover_facts(clinic=staff.clinic, session=session, at=request.at)
    named = {str(one.patient_id): one.name for one in facts if one.patient_id is not None}
    what = {"on": session.service_date.isoformat(), "slot": session.slot}
    sealed = open_form_seal(request, purpose=SIGN, **what) if request.method == "POST" else None
    # Whom the page showed before stays on it, so that a line about them is never lost.
    shown: dict[str, str] = (json.loads(sealed["shown"]) if sealed else {}) | named
    people = [(uuid.UUID(person), name) for person, name in shown.items()]
    seal = seal_form(
        request,
        purpose=SIGN,
        seen=facts_sha256(facts, staff.user.id),
        number=str(chosen.number),
        shown=json.dumps(shown),
        **what,
    )
    form = SignHandover(initial={"seal": seal}, people=people)
    if request.method == "POST":
        form = SignHandover(request.POST, people=people)
        if sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            try:
                signed = store_handover(
                    clinic=staff.clinic,
                    session=session,
                    number=int(sealed["number"]),
                    seen=sealed["seen"],
                    shown={person for person, _ in people},
                    words=form.cleaned_data["words"],
                    notes=form.notes,
                    pin=form.cleaned_data["pin"],
                    terminal_id=staff.terminal_id,
                    by=staff.user,
                    at=request.at,
                )
            except PinRefused as refusal:
                form.add_error("pin", str(refusal))
            except HandoverRefused as refusal:
                written = request.POST.copy()
                written["seal"] = seal
                form = SignHandover(written, people=people)
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Saved: the session is handed over.")
                return redirect("dosing:see_handover", clinic_code=clinic_code, handover_id=signed.id)
    _look(request, tuple(person for person, _ in people))
    context = {
        "chosen": chosen,
        "others": [one for one in begun if one != chosen and not one.signed],
        "groups": grouped(facts),
        "form": form,
    }
    return render(request, "dosing/sign_handover.html", context)


@requires(Permission.ACKNOWLEDGE_HANDOVER)
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge_handover(request: StaffRequest, clinic_code: str, handover_id: uuid.UUID) -> HttpResponse:
    """Read what the team before has handed over, and sign that it was read."""
    staff = request.staff
    page = get_handover(clinic=staff.clinic, handover_id=handover_id)
    if page is None:
        raise Http404
    seal = seal_form(request, purpose=READ, handover=str(handover_id))
    form = AcknowledgeHandover(request.POST if request.method == "POST" else None, initial={"seal": seal})
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=READ, handover=str(handover_id)) is None:
            form.add_error(None, NOT_YOURS)
        else:
            try:
                store_reading(
                    clinic=staff.clinic,
                    handover_id=handover_id,
                    pin=form.cleaned_data["pin"],
                    terminal_id=staff.terminal_id,
                    by=staff.user,
                    at=request.at,
                )
            except PinRefused as refusal:
                form.add_error("pin", str(refusal))
            except HandoverRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Saved: the handover is read.")
                return redirect("dosing:see_board", clinic_code=clinic_code)
    _look(request, page.people)
    is_own = page.signer_id == staff.user.id
    context = {"page": page, "form": form, "is_own": is_own}
    return render(request, "dosing/acknowledge_handover.html", context)


def _look(request: StaffRequest, people: tuple[uuid.UUID, ...]) -> None:
    staff = request.staff
    record_look(
        "dosing.handover_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=list(people)
    )
