"""Help around treatment: the case worker's day, one person's sessions, logging and correcting one."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from outcomes.actions.support import NotInTreatmentHere, SupportAmended, SupportKeyReused, SupportRefused
from outcomes.actions.support import amend_support_session as store_correction
from outcomes.actions.support import join_caseload as join
from outcomes.actions.support import leave_caseload as leave
from outcomes.actions.support import log_support_session as store_session
from outcomes.forms.support import AmendSupportSession, LogSupportSession, as_it_stands
from outcomes.queries.appointments import list_to_log
from outcomes.queries.support import (
    get_caseload,
    get_log_page,
    get_standing_session,
    get_support_page,
)
from outcomes.rules.support import Correction
from patients.queries.openings import may_read

LOG_SEAL, AMEND_SEAL = "outcomes.log_support_session", "outcomes.amend_support_session"
CASELOAD_SEAL = "outcomes.caseload"
OPENED_BY_ANOTHER = (
    "This page was opened by somebody else or for somebody else. Nothing was saved. Go on here."
)


@requires(Permission.SEE_CASELOAD)
@require_safe
def see_caseload(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The case worker's today: who came, what was done last, what comes next."""
    at = now()
    staff = request.staff
    mine = {"mine": True, "everybody": False}.get(request.GET.get("people", ""))
    caseload = get_caseload(clinic=staff.clinic, case_worker=staff.user, mine=mine, today=london_date(at))
    record_look(
        "outcomes.caseload_seen",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=caseload.told_of,
    )
    return render(request, "outcomes/see_caseload.html", {"caseload": caseload})


@requires(Permission.SEE_CASELOAD)
@require_safe
def see_support(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's support sessions, newest first, each with its corrections."""
    at = now()
    staff = request.staff
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 4 else 1
    page = get_support_page(
        clinic=staff.clinic, person_id=patient_id, case_worker=staff.user, number=max(1, number)
    )
    if page is None:
        raise Http404
    _look("outcomes.support_seen", request, patient_id, at)
    seal = seal_form(request, purpose=CASELOAD_SEAL, patient=str(patient_id))
    reads = may_read(person_id=patient_id, colleague=staff.user, clinic=staff.clinic, at=at)
    return render(request, "outcomes/see_support.html", {"page": page, "seal": seal, "may_read": reads})


@requires(Permission.LOG_SUPPORT_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def log_support_session(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One session with one person, tapped in under a minute, stored once."""
    at = now()
    staff = request.staff
    page = get_log_page(clinic=staff.clinic, person_id=patient_id, at=at)
    if page is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = LogSupportSession(sent, initial={"key": uuid.uuid4()}, page=page)
    if (
        request.method == "POST"
        and open_form_seal(request, purpose=LOG_SEAL, patient=str(patient_id)) is None
    ):
        form.add_error(None, OPENED_BY_ANOTHER)
    elif request.method == "POST" and form.is_valid():
        try:
            store_session(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=at,
            )
        except SupportRefused as refusal:
            form.refuse(refusal.decision)
        except SupportKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: the session with {page.name} is logged.")
            return redirect("outcomes:see_caseload", clinic_code=clinic_code)
    _look("outcomes.support_form_seen", request, patient_id, at)
    form.carry(seal_form(request, purpose=LOG_SEAL, patient=str(patient_id)))
    booked = list_to_log(clinic=staff.clinic, person_id=patient_id, at=at)
    context = {"page": page, "form": form, "booked": booked}
    return render(request, "outcomes/log_support_session.html", context)


@requires(Permission.LOG_SUPPORT_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_support_session(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, support_id: uuid.UUID
) -> HttpResponse:
    """Write a session again: the first line stays, the correction stands beside it."""
    at = now()
    staff = request.staff
    page = get_log_page(clinic=staff.clinic, person_id=patient_id, at=at)
    session = get_standing_session(clinic=staff.clinic, person_id=patient_id, session_id=support_id)
    if page is None or session is None:
        raise Http404
    sealed = {"patient": str(patient_id), "session": str(support_id)}
    sent = request.POST if request.method == "POST" else None
    form = AmendSupportSession(sent, initial={"key": uuid.uuid4(), **as_it_stands(session)}, page=page)
    if request.method == "POST" and open_form_seal(request, purpose=AMEND_SEAL, **sealed) is None:
        form.add_error(None, OPENED_BY_ANOTHER)
    elif request.method == "POST" and form.is_valid():
        try:
            store_correction(
                clinic=staff.clinic,
                session=support_id,
                said=form.said(),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=at,
            )
        except SupportRefused as refusal:
            form.refuse(refusal.decision)
        except (SupportKeyReused, SupportAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_support", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.support_form_seen", request, patient_id, at)
    form.carry(seal_form(request, purpose=AMEND_SEAL, **sealed))
    return render(request, "outcomes/amend_support_session.html", {"page": page, "form": form})


@requires(Permission.SEE_CASELOAD)
@require_POST
def join_caseload(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Make a person one of one's own."""
    if get_log_page(clinic=request.staff.clinic, person_id=patient_id, at=now()) is None:
        raise Http404
    if open_form_seal(request, purpose=CASELOAD_SEAL, patient=str(patient_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
        return redirect("outcomes:see_support", clinic_code=clinic_code, patient_id=patient_id)
    try:
        join(clinic=request.staff.clinic, person=patient_id, by=request.staff.user, at=now())
    except NotInTreatmentHere as refusal:
        raise Http404 from refusal
    messages.success(request, "Saved: this is one of your people now.")
    return redirect("outcomes:see_support", clinic_code=clinic_code, patient_id=patient_id)


@requires(Permission.SEE_CASELOAD)
@require_POST
def leave_caseload(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Take a person off one's own."""
    if get_log_page(clinic=request.staff.clinic, person_id=patient_id, at=now()) is None:
        raise Http404
    if open_form_seal(request, purpose=CASELOAD_SEAL, patient=str(patient_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
        return redirect("outcomes:see_support", clinic_code=clinic_code, patient_id=patient_id)
    try:
        leave(clinic=request.staff.clinic, person=patient_id, by=request.staff.user, at=now())
    except NotInTreatmentHere as refusal:
        raise Http404 from refusal
    messages.success(request, "Saved: this is no longer one of your people.")
    return redirect("outcomes:see_support", clinic_code=clinic_code, patient_id=patient_id)


def _look(event: str, request: StaffRequest, person: uuid.UUID, at: datetime) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=at, clinic=staff.clinic.id, people=[person])
