"""The hatch: who is this, the check, and a session that ends without a dose."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from dosing.actions.late import note_late_arrival as store_late_arrival
from dosing.actions.visits import VisitRefused
from dosing.actions.visits import identify_person as store_identity
from dosing.actions.visits import note_arrival as store_arrival
from dosing.actions.visits import record_check as store_check
from dosing.actions.visits import record_not_given as store_not_given
from dosing.forms.visits import PAIRS, IdentifyPerson, RecordCheck, RecordNotGiven
from dosing.queries.hatch import CheckPage, get_check_page, get_identity_page
from dosing.queries.sessions import SessionKey
from dosing.queries.visits import get_visit
from dosing.rules.authorisations import with_lifters
from dosing.rules.checks import judge_check
from dosing.rules.visits import IdentityItem
from dosing.views.room import sent, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.decisions import Decision
from patients.queries.around import list_alerts

SEAL_IDENTITY = "dosing.identify_person"
SEAL_CHECK = "dosing.record_check"
SEAL_NOT_GIVEN = "dosing.record_not_given"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for somebody else. Nothing was saved. "
    "Open the person again from the board."
)


@requires(Permission.IDENTIFY_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def identify_person(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Ask who this is: the face, and the date of birth they say. Right opens the check; wrong opens nothing."""
    page = get_identity_page(clinic=request.staff.clinic, patient_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    if page.is_further_on and page.head.session_id is not None:
        return redirect("dosing:record_check", clinic_code=clinic_code, session_id=page.head.session_id)
    form = IdentifyPerson(sent(request))
    is_wrong = False
    if request.method == "POST":
        session = _sealed_session(request, SEAL_IDENTITY, patient_id)
        is_valid = form.is_valid()
        if session is None:
            form.add_error(None, SOMEBODY_ELSE)
        elif is_valid:
            pair = form.cleaned_data["pair"]
            beside = IdentityItem.PHOTO if page.head.photo else IdentityItem.KNOWN_BY_TWO_STAFF
            items = PAIRS[pair] if pair else frozenset({beside, IdentityItem.BIRTH_DATE})
            try:
                visit = store_identity(
                    clinic=request.staff.clinic,
                    patient_id=patient_id,
                    session=session,
                    items=items,
                    is_right=bool(pair) or form.cleaned_data["born"] == page.head.born_on,
                    by=request.staff.user,
                    at=request.at,
                )
            except VisitRefused as refusal:
                page = replace(page, decision=refusal.decision)
            else:
                if visit is not None:
                    return redirect(
                        "dosing:record_check", clinic_code=clinic_code, session_id=visit.session_id
                    )
                is_wrong = True
    _look(request, "dosing.identity_page_seen", patient_id)
    seal = _seal_session(request, SEAL_IDENTITY, patient_id, page.head.session)
    alerts = list_alerts(person_id=patient_id, at=request.at)
    context = {"page": page, "form": form, "seal": seal, "is_wrong": is_wrong, "alerts": alerts}
    return show(request, "dosing/identify_person.html", context)


@requires(Permission.IDENTIFY_PERSON)
@require_POST
def note_arrival(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Somebody has come and waits: they move to the board's second column."""
    page = get_identity_page(clinic=request.staff.clinic, patient_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    session = _sealed_session(request, SEAL_IDENTITY, patient_id)
    if session is None:
        messages.error(request, SOMEBODY_ELSE)
        return redirect("dosing:identify_person", clinic_code=clinic_code, patient_id=patient_id)
    try:
        store_arrival(
            clinic=request.staff.clinic,
            patient_id=patient_id,
            session=session,
            by=request.staff.user,
            at=request.at,
        )
    except VisitRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("dosing:identify_person", clinic_code=clinic_code, patient_id=patient_id)
    return redirect("dosing:see_board", clinic_code=clinic_code)


@requires(Permission.IDENTIFY_PERSON)
@require_POST
def note_late_arrival(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Somebody comes whose session had ended without a dose: it goes on, and both facts stay."""
    if get_identity_page(clinic=request.staff.clinic, patient_id=patient_id, at=request.at) is None:
        raise Http404
    session = _sealed_session(request, SEAL_IDENTITY, patient_id)
    try:
        if session is None:
            messages.error(request, SOMEBODY_ELSE)
        else:
            store_late_arrival(
                clinic=request.staff.clinic,
                patient_id=patient_id,
                session=session,
                by=request.staff.user,
                at=request.at,
            )
    except VisitRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("dosing:identify_person", clinic_code=clinic_code, patient_id=patient_id)


@requires(Permission.RECORD_CHECK)
@require_http_methods(["GET", "HEAD", "POST"])
def record_check(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """The check: every reading and answer, with what stands against a dose shown before anything is pressed."""
    visit = get_visit(clinic=request.staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    page = get_check_page(clinic=request.staff.clinic, visit=visit, at=request.at)
    form = RecordCheck(sent(request)).hold_oxygen_against(page.oxygen.target)
    if request.method == "POST":
        is_valid = form.is_valid()
        if not _is_ours(request, SEAL_CHECK, session_id):
            form.add_error(None, SOMEBODY_ELSE)
        elif is_valid:
            try:
                _, decision = store_check(
                    clinic=request.staff.clinic,
                    session_id=session_id,
                    answers=form.answers(),
                    unable_reason=form.cleaned_data["unable_reason"],
                    by=request.staff.user,
                    at=request.at,
                )
            except VisitRefused as refusal:
                for finding in refusal.decision.refusals:
                    form.add_error(None, finding.message)
            else:
                going_on = decision.is_allowed and page.standing.is_allowed
                name = "dosing:prepare_dose" if going_on else "dosing:record_check"
                return redirect(name, clinic_code=clinic_code, session_id=session_id)
    _look(request, "dosing.check_page_seen", visit.patient_id)
    context = _check_context(page, form) | {"seal": _seal(request, SEAL_CHECK, session_id)}
    return show(request, "dosing/record_check.html", context)


@requires(Permission.RECORD_CHECK)
@require_POST
def preview_check(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """What the answers so far say against a dose, for the panel beside them; nothing but the look is stored."""
    visit = get_visit(clinic=request.staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    page = get_check_page(clinic=request.staff.clinic, visit=visit, at=request.at)
    _look(request, "dosing.check_page_seen", visit.patient_id)
    form = RecordCheck(request.POST).hold_oxygen_against(page.oxygen.target)
    return render(request, "dosing/preview_check.html", _check_context(page, form))


def _check_context(page: CheckPage, form: RecordCheck) -> dict[str, object]:
    decision: Decision | None = None
    if form.is_bound and form.is_valid():
        decision = with_lifters(judge_check(form.answers()))
    return {
        "page": page,
        "form": form,
        "decision": page.standing | decision if decision is not None else page.standing,
        "is_complete": decision is not None,
        "needed": form.still_needed(),
    }


@requires(Permission.RECORD_NOT_GIVEN)
@require_http_methods(["GET", "HEAD", "POST"])
def record_not_given(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """End somebody's session without a dose: withheld, declined, missed or excused."""
    page = get_identity_page(clinic=request.staff.clinic, patient_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    form = RecordNotGiven(sent(request))
    if request.method == "POST":
        session = _sealed_session(request, SEAL_NOT_GIVEN, patient_id)
        is_valid = form.is_valid()
        if session is None:
            form.add_error(None, SOMEBODY_ELSE)
        elif is_valid:
            outcome, reason = form.outcome_and_reason()
            try:
                ended = store_not_given(
                    clinic=request.staff.clinic,
                    patient_id=patient_id,
                    session=session,
                    outcome=outcome,
                    reason=reason,
                    by=request.staff.user,
                    at=request.at,
                )
            except VisitRefused as refusal:
                form.refuse(refusal.decision)
            else:
                amend = reverse("dosing:amend_outcome", args=[clinic_code, ended.id])
                saved = f"{page.head.name} has no dose in this session"
                messages.success(request, format_html('Saved: {}. <a href="{}">Amend</a>', saved, amend))
                return redirect("dosing:see_board", clinic_code=clinic_code)
    else:
        seal = _seal_session(request, SEAL_NOT_GIVEN, patient_id, page.head.session)
        form = RecordNotGiven(initial={"seal": seal})
    _look(request, "dosing.not_given_page_seen", patient_id)
    return show(request, "dosing/record_not_given.html", {"page": page, "form": form})


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id])


def _seal(request: StaffRequest, purpose: str, session_id: uuid.UUID) -> str:
    return seal_form(request, purpose=purpose, session=str(session_id))


def _is_ours(request: StaffRequest, purpose: str, session_id: uuid.UUID) -> bool:
    return open_form_seal(request, purpose=purpose, session=str(session_id)) is not None


def _seal_session(request: StaffRequest, purpose: str, patient_id: uuid.UUID, session: SessionKey) -> str:
    return seal_form(
        request,
        purpose=purpose,
        patient=str(patient_id),
        date=session.service_date.isoformat(),
        slot=session.slot,
    )


def _sealed_session(request: StaffRequest, purpose: str, patient_id: uuid.UUID) -> SessionKey | None:
    sealed = open_form_seal(request, purpose=purpose, patient=str(patient_id))
    return SessionKey(date.fromisoformat(sealed["date"]), sealed["slot"]) if sealed else None
