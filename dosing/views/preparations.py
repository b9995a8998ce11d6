"""Drawing up, injecting, and wasting what was drawn up."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.injections import InjectionGiven, InjectionRefused
from dosing.actions.injections import record_injection as store_injection
from dosing.actions.preparations import DoseToPrepare, KeyReused, PreparationRefused
from dosing.actions.preparations import prepare_dose as store_preparation
from dosing.actions.preparations import waste_dose as store_waste
from dosing.actions.register import RegisterRefused
from dosing.forms.preparations import ChooseDose, PrepareDose, RecordInjection, WasteDose
from dosing.queries.days import get_day_state
from dosing.queries.drawn import get_inject_page, get_waste_page
from dosing.queries.injections import NoSuchDrawnDose
from dosing.queries.preparations import Chosen, PreparePage, get_prepare_page
from dosing.queries.visits import get_visit
from dosing.rules.authorisations import notes_of
from dosing.rules.days import may_supply
from dosing.rules.visits import VisitState
from dosing.views.room import sent, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.decisions import Decision

SEAL_PREPARE = "dosing.prepare_dose"
SEAL_INJECT = "dosing.record_injection"
SEAL_WASTE = "dosing.waste_dose"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for somebody else. Nothing was saved. "
    "Open the person again from the board."
)


@requires(Permission.PREPARE_DOSE)
@sensitive_post_parameters("preparer_pin", "witness_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def prepare_dose(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """Draw a dose up before a witness: the dose in figures and words, the arithmetic, two PINs.

    Where the order leaves a choice, the milligrams are chosen first; that saves nothing.
    """
    staff = request.staff
    visit = get_visit(clinic=staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    if request.method != "POST" and visit.state == VisitState.PREPARED:
        return redirect("dosing:record_injection", clinic_code=clinic_code, session_id=session_id)
    sealed = open_form_seal(request, purpose=SEAL_PREPARE, session=str(session_id))
    chosen = Chosen(mg=int(sealed["dose"]), reduction=sealed["reduction"]) if sealed else None
    page_of = partial(get_prepare_page, clinic=staff.clinic, visit=visit, preparer=staff.user, at=request.at)
    page = page_of(chosen=chosen)
    if request.method != "POST" and page.is_over:
        return redirect("dosing:record_reading", clinic_code=clinic_code, session_id=session_id)
    day = get_day_state(clinic=staff.clinic, at=request.at, terminal_id=staff.terminal_id)
    choose, page = _choose(request, page, page_of)
    decision = page.decision | may_supply(day.facts)
    is_signed = request.method == "POST" and "choose" not in request.POST
    form = _prepare_form(request, page, is_sent=is_signed)
    if is_signed and form.is_valid() and _prepared(request, form, page):
        return redirect("dosing:record_injection", clinic_code=clinic_code, session_id=session_id)
    _look(request, "dosing.preparation_page_seen", visit.patient_id)
    context = {"page": page, "form": form, "choose": choose, "decision": decision, "day": day}
    return show(request, "dosing/prepare_dose.html", context)


def _choose(
    request: StaffRequest, page: PreparePage, page_of: Callable[..., PreparePage]
) -> tuple[ChooseDose | None, PreparePage]:
    """Return the form on which the milligrams are chosen, None once they are, and the page for what was chosen."""
    choice = page.choice
    is_sent = request.method == "POST" and "choose" in request.POST
    is_wanted = request.method != "POST" and (
        (choice is not None and choice.is_asked) or "less" in request.GET
    )
    if choice is None or not (is_sent or is_wanted):
        return None, page
    form = ChooseDose(request.POST if is_sent else None, choice=choice)
    if not is_sent or not form.is_valid():
        return form, page
    chosen = page_of(chosen=form.chosen)
    if chosen.decision.is_allowed:
        return None, chosen
    form.refuse(chosen.decision)
    return form, page


def _prepare_form(request: StaffRequest, page: PreparePage, *, is_sent: bool) -> PrepareDose:
    initial = {
        "key": uuid.uuid4(),
        "seal": seal_form(
            request,
            purpose=SEAL_PREPARE,
            session=str(page.head.session_id),
            order=str(page.order_id or ""),
            dose=str(page.dose_mg),
            number=str(page.number),
            reduction=page.reduction,
            notes=_sealed_notes(page.decision),
        ),
    }
    return PrepareDose(
        sent(request) if is_sent else None,
        initial=initial,
        batches=tuple((str(batch.id), batch.label) for batch in page.batches),
        witnesses=page.witnesses,
        notes=tuple(notes_of(page.decision)),
        preparer_name=request.staff.user.full_name,
        dose_mg=page.dose_mg,
    )


def _prepared(request: StaffRequest, form: PrepareDose, page: PreparePage) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    sealed = open_form_seal(request, purpose=SEAL_PREPARE, session=str(page.head.session_id))
    if sealed is None or not sealed["order"]:
        form.add_error(None, SOMEBODY_ELSE)
        return False
    data, shown = form.cleaned_data, json.loads(sealed["notes"])
    batch = page.batch_of(uuid.UUID(data["batch"]))
    try:
        store_preparation(
            clinic=request.staff.clinic,
            dose=DoseToPrepare(
                session_id=uuid.UUID(sealed["session"]),
                order_id=uuid.UUID(sealed["order"]),
                batch_id=uuid.UUID(data["batch"]),
                dose_mg=int(sealed["dose"]),
                ampoules=batch.ampoules if batch else 0,
                witness_id=uuid.UUID(data["witness"]),
                number=int(sealed["number"]),
                reduction=sealed["reduction"],
                wasted_mg=batch.wasted_mg if batch else None,
            ),
            preparer_pin=data["preparer_pin"],
            witness_pin=data["witness_pin"],
            read={code: words for code, words in shown.items() if code in data["acknowledged"]},
            key=data["key"],
            terminal_id=request.staff.terminal_id,
            by=request.staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        is_own = refusal.user_id == request.staff.user.id
        form.add_error("preparer_pin" if is_own else "witness_pin", str(refusal))
    except PreparationRefused as refusal:
        form.refuse(refusal.decision)
        # What is ticked from here on is what is shown from here on; the dose stays that of the page.
        content = {name: sealed[name] for name in ("session", "order", "dose", "number", "reduction")}
        notes = _sealed_notes(refusal.decision)
        form.ask_anew(seal_form(request, purpose=SEAL_PREPARE, notes=notes, **content))
    except KeyReused as refusal:
        form.add_error(None, f"Nothing was saved. {refusal}")
    return form.is_valid()


def _sealed_notes(decision: Decision) -> str:
    return json.dumps({finding.code: finding.message for finding in notes_of(decision)})


@requires(Permission.RECORD_INJECTION)
@sensitive_post_parameters("preparer_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def record_injection(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """One injection of a drawn dose: where, and what went in. Saved once, with its register line.

    The page is asked for only where it is shown: a queue waits behind an injection that is saved.
    """
    staff = request.staff
    form = _sent_injection(request, session_id) if request.method == "POST" else None
    if form is not None and form.is_valid() and _injected(request, form):
        return redirect("dosing:record_reading", clinic_code=clinic_code, session_id=session_id)
    visit = get_visit(clinic=staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    page = get_inject_page(clinic=staff.clinic, visit=visit, active=staff.user, at=request.at)
    if page is None or visit.state != VisitState.PREPARED:
        name = "dosing:record_reading" if visit.injected_at is not None else "dosing:record_check"
        return redirect(name, clinic_code=clinic_code, session_id=session_id)
    if form is None:
        seal = seal_form(
            request,
            purpose=SEAL_INJECT,
            session=str(session_id),
            patient=str(visit.patient_id),
            preparation=str(page.preparation_id),
            dose=str(page.dose_mg),
            again=page.signs_again,
        )
        form = RecordInjection(
            initial={"key": uuid.uuid4(), "seal": seal}, dose_mg=page.dose_mg, signs_again=page.signs_again
        )
        if request.method == "POST":
            messages.error(request, SOMEBODY_ELSE)
    form.offer(sites=page.ordered_sites, routes=page.routes)
    _look(request, "dosing.injection_page_seen", visit.patient_id)
    return show(request, "dosing/record_injection.html", {"page": page, "form": form})


def _sent_injection(request: StaffRequest, session_id: uuid.UUID) -> RecordInjection | None:
    """Return the form that was sent with what it was sealed with, or None when it is not of this page."""
    sealed = open_form_seal(request, purpose=SEAL_INJECT, session=str(session_id))
    if sealed is None:
        return None
    form = RecordInjection(request.POST, dose_mg=int(sealed["dose"]), signs_again=sealed["again"])
    form.patient_id = uuid.UUID(sealed["patient"])
    form.preparation_id = uuid.UUID(sealed["preparation"])
    return form


def _injected(request: StaffRequest, form: RecordInjection) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    data = form.cleaned_data
    try:
        store_injection(
            clinic=request.staff.clinic,
            patient_id=form.patient_id,
            given=InjectionGiven(
                preparation_id=form.preparation_id,
                given_mg=data["mg"],
                route=data["route"],
                site=data["site"],
                seconds_ago=data["seconds_ago"] or 0,
                syringe_returned=data["syringe_returned"],
                before_emergency=data["before_emergency"],
            ),
            preparer_pin=data["preparer_pin"],
            key=data["key"],
            terminal_id=request.staff.terminal_id,
            by=request.staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        form.add_error("preparer_pin", str(refusal))
    except InjectionRefused as refusal:
        form.refuse(refusal.decision)
    except (KeyReused, RegisterRefused) as refusal:
        form.add_error(None, f"Nothing was saved. {refusal}")
    except NoSuchDrawnDose:
        raise Http404 from None
    return form.is_valid()


@requires(Permission.WASTE_DOSE)
@sensitive_post_parameters("waster_pin", "witness_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def waste_dose(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """A drawn dose that is not injected, or that was found without an ending: wasted by two."""
    staff = request.staff
    visit = get_visit(clinic=staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    page = get_waste_page(clinic=staff.clinic, visit=visit, active=staff.user, at=request.at)
    if page is None:
        return redirect("dosing:record_check", clinic_code=clinic_code, session_id=session_id)
    seal = seal_form(
        request, purpose=SEAL_WASTE, session=str(session_id), preparation=str(page.preparation_id)
    )
    form = WasteDose(
        sent(request),
        initial={"seal": seal},
        witnesses=page.witnesses,
        waster_name=staff.user.full_name,
    )
    if request.method == "POST" and form.is_valid() and _wasted(request, form, session_id):
        messages.success(request, f"Saved: the dose of {page.head.name} is wasted and in the register.")
        return redirect("dosing:record_check", clinic_code=clinic_code, session_id=session_id)
    _look(request, "dosing.waste_page_seen", visit.patient_id)
    return show(request, "dosing/waste_dose.html", {"page": page, "form": form})


def _wasted(request: StaffRequest, form: WasteDose, session_id: uuid.UUID) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    sealed = open_form_seal(request, purpose=SEAL_WASTE, session=str(session_id))
    if sealed is None:
        form.add_error(None, SOMEBODY_ELSE)
        return False
    data = form.cleaned_data
    try:
        store_waste(
            clinic=request.staff.clinic,
            preparation_id=uuid.UUID(sealed["preparation"]),
            reason=data["reason"],
            witness_id=uuid.UUID(data["witness"]),
            waster_pin=data["waster_pin"],
            witness_pin=data["witness_pin"],
            terminal_id=request.staff.terminal_id,
            by=request.staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        is_own = refusal.user_id == request.staff.user.id
        form.add_error("waster_pin" if is_own else "witness_pin", str(refusal))
    except PreparationRefused as refusal:
        form.refuse(refusal.decision)
    except RegisterRefused as refusal:
        form.add_error(None, f"Nothing was saved. {refusal}")
    return form.is_valid()


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id])
