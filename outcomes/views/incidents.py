"""Safety incidents: written down, put right, and worked through until everybody was told who must be."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from outcomes.actions.incidents import IncidentKeyReused, IncidentRefused, IncidentUnknown
from outcomes.actions.incidents import amend_incident as store_correction
from outcomes.actions.incidents import amend_incident_told as store_told_correction
from outcomes.actions.incidents import note_incident_told as store_telling
from outcomes.actions.incidents import record_incident as store_incident
from outcomes.forms.incidents import (
    AmendIncident,
    AmendIncidentTold,
    NoteIncidentTold,
    RecordIncident,
    as_it_stands,
)
from outcomes.queries.incidents import IncidentShown, get_incident, get_incident_person, get_told
from outcomes.queries.incidents import list_incidents as find_incidents
from outcomes.rules.incidents import Body

RECORD, AMEND, TOLD = "outcomes.record_incident", "outcomes.amend_incident", "outcomes.note_incident_told"
AMEND_TOLD = "outcomes.amend_incident_told"
NOT_YOURS = "This page was opened by somebody else or for another incident. Nothing was saved. Open it again and look."


@requires(Permission.LIST_INCIDENTS)
@require_safe
def list_incidents(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every incident that was written down; first those of which somebody is still to be told."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 4 else 1
    page = find_incidents(clinic=request.staff.clinic, number=max(1, number))
    _look(request, "outcomes.incident_list_seen", sorted({one.person_id for one in page.incidents}))
    context = {
        "page": page,
        "may_tell": _may_tell(request),
        "may_see_emergencies": request.staff.may(Permission.SEE_INCIDENTS),
    }
    return render(request, "outcomes/list_incidents.html", context)


@requires(Permission.RECORD_INCIDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def record_incident(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One incident of one person, in the clinic or away from it."""
    staff = request.staff
    person = get_incident_person(clinic=staff.clinic, person_id=patient_id)
    if person is None:
        raise Http404
    form = RecordIncident(**_sent(request, RECORD, patient_id, {}))
    if request.method == "POST" and form.is_valid():
        sealed = open_form_seal(request, purpose=RECORD, about=str(patient_id))
        try:
            if sealed is None:
                raise IncidentUnknown(NOT_YOURS)
            key = uuid.UUID(sealed["key"])
            store_incident(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                key=key,
                by=staff.user,
                at=request.at,
            )
        except IncidentRefused as refusal:
            form.refuse(refusal.decision)
        except (IncidentKeyReused, IncidentUnknown) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Saved: the incident of {person.full_name}. See below who is to be told."
            )
            return redirect("outcomes:list_incidents", clinic_code=clinic_code)
    _look(request, "outcomes.incident_form_seen", [patient_id])
    return render(request, "outcomes/record_incident.html", {"name": person.full_name, "form": form})


@requires(Permission.RECORD_INCIDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_incident(request: StaffRequest, clinic_code: str, report_id: uuid.UUID) -> HttpResponse:
    """An incident written again with the reason; what was written before stays beside it."""
    staff = request.staff
    incident = _incident_or_404(request, report_id)
    form = AmendIncident(**_sent(request, AMEND, report_id, as_it_stands(incident.stands.said)))
    if request.method == "POST" and form.is_valid():
        sealed = open_form_seal(request, purpose=AMEND, about=str(report_id))
        try:
            if sealed is None:
                raise IncidentUnknown(NOT_YOURS)
            store_correction(
                clinic=staff.clinic,
                report_id=report_id,
                said=form.said(),
                why=form.cleaned_data["why"],
                key=uuid.UUID(sealed["key"]),
                by=staff.user,
                at=request.at,
            )
        except IncidentRefused as refusal:
            form.refuse(refusal.decision)
        except (IncidentKeyReused, IncidentUnknown) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:list_incidents", clinic_code=clinic_code)
    _look(request, "outcomes.incident_form_seen", [incident.person_id])
    return render(request, "outcomes/amend_incident.html", {"incident": incident, "form": form})


@requires(Permission.NOTE_INCIDENT_TOLD)
@require_http_methods(["GET", "HEAD", "POST"])
def note_incident_told(request: StaffRequest, clinic_code: str, report_id: uuid.UUID) -> HttpResponse:
    """That somebody who must be told of an incident was told, when and how."""
    staff = request.staff
    incident = _incident_or_404(request, report_id)
    bodies = tuple(one.body for one in incident.telling)
    form = NoteIncidentTold(**_sent(request, TOLD, report_id, {}), bodies=bodies)
    if request.method == "POST" and form.is_valid():
        sealed = open_form_seal(request, purpose=TOLD, about=str(report_id))
        try:
            if sealed is None:
                raise IncidentUnknown(NOT_YOURS)
            store_telling(
                clinic=staff.clinic,
                report_id=report_id,
                body=Body(form.cleaned_data["body"]),
                told_on=form.cleaned_data["told_on"],
                words=form.cleaned_data["words"],
                by=staff.user,
                at=request.at,
            )
        except IncidentRefused as refusal:
            form.refuse(refusal.decision)
        except IncidentUnknown as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: they were told.")
            return redirect("outcomes:list_incidents", clinic_code=clinic_code)
    _look(request, "outcomes.incident_form_seen", [incident.person_id])
    return render(request, "outcomes/note_incident_told.html", {"incident": incident, "form": form})


@requires(Permission.NOTE_INCIDENT_TOLD)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_incident_told(request: StaffRequest, clinic_code: str, telling_id: uuid.UUID) -> HttpResponse:
    """That somebody was told, written again with the reason; what was written before stays beside it."""
    staff = request.staff
    found = get_told(clinic=staff.clinic, telling_id=telling_id)
    if found is None:
        raise Http404
    incident, told = found
    initial = {
        "right": "told",
        "told_on": told.told_on,
        "words": told.stands.said.words if told.stands else "",
    }
    form = AmendIncidentTold(**_sent(request, AMEND_TOLD, telling_id, initial))
    if request.method == "POST" and form.is_valid():
        sealed = open_form_seal(request, purpose=AMEND_TOLD, about=str(telling_id))
        try:
            if sealed is None:
                raise IncidentUnknown(NOT_YOURS)
            store_told_correction(
                clinic=staff.clinic,
                telling_id=telling_id,
                said=form.said(),
                why=form.cleaned_data["why"],
                by=staff.user,
                at=request.at,
            )
        except IncidentRefused as refusal:
            form.refuse(refusal.decision)
        except IncidentUnknown as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:list_incidents", clinic_code=clinic_code)
    _look(request, "outcomes.incident_form_seen", [incident.person_id])
    context = {"incident": incident, "told": told, "form": form}
    return render(request, "outcomes/amend_incident_told.html", context)


def _incident_or_404(request: StaffRequest, report_id: uuid.UUID) -> IncidentShown:
    incident = get_incident(clinic=request.staff.clinic, report_id=report_id)
    if incident is None:
        raise Http404
    return incident


def _may_tell(request: StaffRequest) -> bool:
    return request.staff.may(Permission.NOTE_INCIDENT_TOLD) and request.staff.has_full_sign_in


def _sent(request: StaffRequest, purpose: str, about: uuid.UUID, initial: dict[str, Any]) -> dict[str, Any]:
    if request.method == "POST":
        return {"data": request.POST}
    seal = seal_form(request, purpose=purpose, about=str(about), key=str(uuid.uuid4()))
    return {"initial": {"seal": seal, **initial}}


def _look(request: StaffRequest, event: str, people: list[uuid.UUID]) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=people)
