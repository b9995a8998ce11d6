"""Appointments: days and weeks, whom to remind, one person's, booking, moving, cancelling and logging one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.days import FIRST_YEAR, LAST_YEAR
from outcomes.actions import appointments as acts
from outcomes.actions.support import SupportKeyReused, SupportRefused
from outcomes.actions.support import log_support_session as store_session
from outcomes.forms.appointments import (
    AGENCY,
    OWN_TIME,
    WORKER,
    BookAppointment,
    CancelAppointment,
    MoveAppointment,
    planned_minutes,
)
from outcomes.forms.support import CAME, DID_NOT_COME, LogAppointment
from outcomes.queries.appointments import (
    AppointmentShown,
    BookingPage,
    get_appointment,
    get_appointments_page,
    get_booking_page,
    get_person_appointments,
)
from outcomes.queries.reminders import get_reminders
from outcomes.queries.support import get_log_page
from outcomes.views import OPENED_BY_ANOTHER, is_sent

BOOK, MOVE = "outcomes.book_appointment", "outcomes.move_appointment"
CANCEL, LOG = "outcomes.cancel_appointment", "outcomes.log_appointment"


@requires(Permission.SEE_APPOINTMENTS)
@require_safe
def see_appointments(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """One day or one week: who is booked with whom, which agencies are here, who comes out of prison."""
    page = get_appointments_page(
        clinic=request.staff.clinic,
        on=_day_of(request.GET.get("on", "")),
        is_week=request.GET.get("span") == "week",
        who=request.GET.get("who", ""),
        at=request.at,
    )
    _look("outcomes.appointments_seen", request, page.told_of)
    same = urlencode({"span": "week" if page.is_week else "day", "who": page.who})
    return render(request, "outcomes/see_appointments.html", {"page": page, "same": same})


@requires(Permission.SEE_APPOINTMENTS)
@require_safe
def list_reminders(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Whom to remind of what is tomorrow and on the three days after."""
    page = get_reminders(clinic=request.staff.clinic, at=request.at)
    _look("outcomes.reminders_seen", request, page.told_of)
    return render(request, "outcomes/list_reminders.html", {"page": page})


@requires(Permission.SEE_APPOINTMENTS)
@require_safe
def see_person_appointments(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's appointments: to come, and what became of the others."""
    page = get_person_appointments(clinic=request.staff.clinic, person_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    _look("outcomes.person_appointments_seen", request, [patient_id])
    return render(request, "outcomes/see_person_appointments.html", {"page": page})


@requires(Permission.KEEP_APPOINTMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def book_appointment(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Book a person, at a free place of an agency or at a time of its own, once."""
    staff = request.staff
    page = _booking_page_or_404(request, patient_id)
    form = BookAppointment(request.POST if request.method == "POST" else None, page=page)
    if is_sent(request, form, purpose=BOOK, patient=str(patient_id)):
        try:
            acts.book_appointment(
                clinic=staff.clinic,
                person=patient_id,
                booking=form.booking(staff.user.pk),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.AppointmentRefused as refusal:
            form.refuse(refusal.decision)
        except acts.AppointmentKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: {page.name} is booked.")
            return redirect(
                "outcomes:see_person_appointments", clinic_code=clinic_code, patient_id=patient_id
            )
    _look("outcomes.appointment_form_seen", request, [patient_id])
    form.carry(seal_form(request, purpose=BOOK, patient=str(patient_id)))
    return render(request, "outcomes/book_appointment.html", {"page": page, "form": form})


@requires(Permission.KEEP_APPOINTMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def move_appointment(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, appointment_id: uuid.UUID
) -> HttpResponse:
    """Move an appointment to another time: the first stays to be read, and names the new one."""
    staff = request.staff
    page = _booking_page_or_404(request, patient_id)
    shown = _appointment_or_404(request, patient_id, appointment_id)
    form = MoveAppointment(
        request.POST if request.method == "POST" else None, page=page, initial=_as_booked(shown)
    )
    sealed = {"appointment": str(appointment_id)}
    if is_sent(request, form, purpose=MOVE, **sealed):
        try:
            acts.move_appointment(
                clinic=staff.clinic,
                appointment=appointment_id,
                booking=form.booking(staff.user.pk),
                reason=form.reason(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.AppointmentRefused as refusal:
            form.refuse(refusal.decision)
        except acts.AppointmentKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the appointment is moved.")
            return redirect(
                "outcomes:see_person_appointments", clinic_code=clinic_code, patient_id=patient_id
            )
    _look("outcomes.appointment_form_seen", request, [patient_id])
    form.carry(seal_form(request, purpose=MOVE, **sealed))
    context = {"page": page, "appointment": shown, "form": form}
    return render(request, "outcomes/move_appointment.html", context)


@requires(Permission.KEEP_APPOINTMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_appointment(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, appointment_id: uuid.UUID
) -> HttpResponse:
    """Cancel an appointment, with who asked for it and why."""
    staff = request.staff
    shown = _appointment_or_404(request, patient_id, appointment_id)
    form = CancelAppointment(request.POST if request.method == "POST" else None)
    sealed = {"appointment": str(appointment_id)}
    if is_sent(request, form, purpose=CANCEL, **sealed):
        try:
            acts.cancel_appointment(
                clinic=staff.clinic,
                appointment=appointment_id,
                reason=form.reason(),
                by=staff.user,
                at=request.at,
            )
        except acts.AppointmentRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: the appointment is cancelled.")
            return redirect(
                "outcomes:see_person_appointments", clinic_code=clinic_code, patient_id=patient_id
            )
    _look("outcomes.appointment_form_seen", request, [patient_id])
    form.carry(seal_form(request, purpose=CANCEL, **sealed))
    return render(request, "outcomes/cancel_appointment.html", {"appointment": shown, "form": form})


@requires(Permission.LOG_SUPPORT_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def log_appointment(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, appointment_id: uuid.UUID
) -> HttpResponse:
    """What came of an appointment, logged as a support session with what was booked filled in."""
    staff = request.staff
    shown = _appointment_or_404(request, patient_id, appointment_id)
    page = get_log_page(clinic=staff.clinic, person_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    came = {"yes": CAME, "no": DID_NOT_COME}.get(request.GET.get("came", ""), "")
    form = LogAppointment(
        request.POST if request.method == "POST" else None,
        page=page,
        on=shown.on,
        initial={"key": uuid.uuid4(), **_as_logged(shown), **({"attended": came} if came else {})},
    )
    sealed = {"appointment": str(appointment_id)}
    if request.method == "POST":
        if open_form_seal(request, purpose=LOG, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_session(
                    clinic=staff.clinic,
                    person=patient_id,
                    said=form.said_of(appointment_id),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except SupportRefused as refusal:
                form.refuse(refusal.decision)
            except SupportKeyReused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Saved: the session with {page.name} is logged.")
                return redirect("outcomes:see_appointments", clinic_code=clinic_code)
    _look("outcomes.support_form_seen", request, [patient_id])
    form.carry(seal_form(request, purpose=LOG, **sealed))
    context = {"page": page, "appointment": shown, "form": form}
    return render(request, "outcomes/log_appointment.html", context)


def _as_booked(shown: AppointmentShown) -> dict[str, str]:
    """Return the answers of the form to book that an appointment stands for, but for its time."""
    whom = f"{WORKER} {shown.worker_id}" if shown.worker_id else f"{AGENCY} {shown.agency_id}"
    return {
        "domain": shown.domain,
        "place": OWN_TIME,
        "with_whom": whom,
        # The room of an agency's time is not where a time of its own would be.
        "where": "" if shown.is_in_slot else shown.where,
        "words": shown.words,
        **planned_minutes(shown.minutes),
    }


def _as_logged(shown: AppointmentShown) -> dict[str, str]:
    """Return the answers of the form to log that an appointment stands for."""
    return {
        "domain": shown.domain,
        "agency": str(shown.agency_id or ""),
        **planned_minutes(shown.minutes),
    }


def _day_of(written: str) -> date | None:
    try:
        on = date.fromisoformat(written)
    except ValueError:
        return None
    return on if FIRST_YEAR <= on.year <= LAST_YEAR else None


def _booking_page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> BookingPage:
    page = get_booking_page(
        clinic=request.staff.clinic, person_id=patient_id, at=request.at, sent=request.POST.get("key", "")
    )
    if page is None:
        raise Http404
    return page


def _appointment_or_404(
    request: StaffRequest, patient_id: uuid.UUID, appointment_id: uuid.UUID
) -> AppointmentShown:
    shown = get_appointment(
        clinic=request.staff.clinic, person_id=patient_id, appointment_id=appointment_id, at=request.at
    )
    if shown is None:
        raise Http404
    return shown


def _look(event: str, request: StaffRequest, people: Iterable[uuid.UUID]) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=list(people))
