"""Records to read: opened with a reason for one hour, or of somebody who left and one is still named for."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.pages.queries.opened import get_left_person, get_record_read
from patients.queries.openings import get_opening


@requires(Permission.OPEN_RECORD)
@require_safe
def see_opened_record(request: StaffRequest, clinic_code: str, opening_id: uuid.UUID) -> HttpResponse:
    """A record that was opened with a reason: to its own opener, until the hour is over."""
    staff = request.staff
    opening = get_opening(opening_id=opening_id, colleague=staff.user, clinic=staff.clinic, at=request.at)
    if opening is None:
        raise Http404
    record_look(
        "patients.opened_record_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[opening.person_id],
        detail={"opening": str(opening.id)},
    )
    read = get_record_read(person=opening.person, clinic=staff.clinic, at=request.at)
    return render(request, "pages/see_opened_record.html", {"read": read, "opening": opening})


@requires(Permission.OPEN_RECORD)
@require_safe
def see_left_person(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """The record of somebody whose treatment here ended, to whoever is named for them."""
    staff = request.staff
    person = get_left_person(patient_id=patient_id, colleague=staff.user, clinic=staff.clinic)
    if person is None:
        raise Http404
    record_look(
        "pages.person_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    read = get_record_read(person=person, clinic=staff.clinic, at=request.at)
    may_check_harm = staff.may(Permission.CHECK_HARM)
    return render(request, "pages/see_left_person.html", {"read": read, "may_check_harm": may_check_harm})
