"""The people of a clinic, and one of them."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.opened import list_left
from hat_clinic.pages.queries.people import get_people_page, get_person_page


@requires(Permission.LIST_PEOPLE)
@require_safe
def list_people(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody in treatment here, how far they have come, and what is missing."""
    at = now()
    staff = request.staff
    page = get_people_page(clinic=staff.clinic, at=at)
    may_open = staff.may(Permission.OPEN_RECORD) and staff.has_full_sign_in
    left = list_left(colleague=staff.user, clinic=staff.clinic) if may_open else ()
    record_look(
        "pages.people_listed",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=[*(row.patient_id for row in page.rows), *(row.patient_id for row in left)],
    )
    context = {"page": page, "may_open": may_open, "left": left}
    return render(request, "pages/list_people.html", context)


@requires(Permission.SEE_PERSON)
@require_safe
def see_person(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person, with everything that the viewer's role may see."""
    at = now()
    staff = request.staff
    page = get_person_page(
        clinic=staff.clinic,
        patient_id=patient_id,
        sees_treatment=staff.may(Permission.SEE_ORDERS),
        at=at,
    )
    if page is None:
        raise Http404
    record_look("pages.person_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    context = {
        "page": page,
        "may_change": staff.may(Permission.CHANGE_PERSON),
        "may_record_consent": staff.may(Permission.RECORD_CONSENT),
        "may_assess": staff.may(Permission.RECORD_ASSESSMENT),
        "may_give_oral": staff.may(Permission.GIVE_ORAL) and staff.terminal_id is not None,
        "may_set_stage": staff.may(Permission.SET_STAGE),
        "may_end_treatment": staff.may(Permission.END_TREATMENT),
        "may_set_alert": staff.may(Permission.SET_ALERT),
        "may_relate": staff.may(Permission.ADD_RELATIONSHIP),
        "may_plan": staff.may(Permission.PLAN_LEAVING),
        "may_check_harm": staff.may(Permission.CHECK_HARM) and staff.has_full_sign_in,
        "may_state": staff.may(Permission.GIVE_STATEMENT),
        "may_see_timeline": staff.may(Permission.SEE_TIMELINE),
        "may_record_incident": staff.may(Permission.RECORD_INCIDENT),
        "may_see_urine": staff.may(Permission.SEE_URINE),
        "may_record_outcome_form": staff.may(Permission.RECORD_OUTCOME_FORM),
        "may_record_own_answers": staff.may(Permission.RECORD_OWN_ANSWERS),
        "may_see_health": staff.may(Permission.SEE_HEALTH),
        "may_note_contact": staff.may(Permission.NOTE_CONTACT) and page.head.episode.exited_on is None,
    }
    return render(request, "pages/see_person.html", context)
