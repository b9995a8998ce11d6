"""Health around treatment: the clinic's list, one person's page, a step, its correction, what case workers are told."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions import health as acts
from outcomes.actions.lines import LineAmended, LineKeyReused
from outcomes.forms.health import AmendHealthStep, RecordHealthStep, initial_of
from outcomes.queries.health import HealthPage, get_health_page, get_standing_line
from outcomes.queries.health_list import get_health_due, get_health_list
from outcomes.rules.health import Topic
from outcomes.rules.support import Correction
from outcomes.views import is_sent
from patients.views import related_or_404

STEP, AMEND = "outcomes.record_health_step", "outcomes.amend_health_step"


@requires(Permission.SEE_HEALTH)
@require_safe
def list_health(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody in treatment: wounds to look at, kits that are missing or end soon, and each topic."""
    page = get_health_list(clinic=request.staff.clinic, today=london_date(request.at))
    _look("outcomes.health_list_seen", request, page.people)
    return render(request, "outcomes/list_health.html", {"page": page})


@requires(Permission.SEE_HEALTH_DUE)
@require_safe
def list_health_due(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What a case worker is told of everybody in treatment: due, offered or done."""
    page = get_health_due(clinic=request.staff.clinic, today=london_date(request.at))
    _look("outcomes.health_due_seen", request, page.people)
    return render(request, "outcomes/list_health_due.html", {"page": page})


@requires(Permission.SEE_HEALTH)
@require_safe
def see_health(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's topics, wounds and kits, each line with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.health_seen", request, [patient_id])
    context = {"page": page, "may_record": request.staff.may(Permission.RECORD_HEALTH)}
    return render(request, "outcomes/see_health.html", context)


@requires(Permission.RECORD_HEALTH)
@require_http_methods(["GET", "HEAD", "POST"])
def record_health_step(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, topic: str
) -> HttpResponse:
    """Write one step of a topic down, once."""
    if topic not in set(Topic):
        raise Http404
    staff, about = request.staff, Topic(topic)
    page = _page_or_404(request, patient_id)
    form = RecordHealthStep(
        request.POST if request.method == "POST" else None, topic=about, things=page.open_things(about)
    )
    sealed = {"patient": str(patient_id), "topic": topic}
    if is_sent(request, form, purpose=STEP, **sealed):
        try:
            acts.record_health_step(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.HealthRefused as refusal:
            form.refuse(refusal.decision)
        except LineKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: {about.label}, {page.name}.")
            return redirect("outcomes:see_health", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.health_form_seen", request, [patient_id])
    form.carry(seal_form(request, purpose=STEP, **sealed))
    context = {"page": page, "topic": about, "form": form}
    return render(request, "outcomes/record_health_step.html", context)


@requires(Permission.RECORD_HEALTH)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_health_step(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, health_id: uuid.UUID
) -> HttpResponse:
    """Write a line again: the first stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = get_standing_line(clinic=staff.clinic, person_id=patient_id, line_id=health_id)
    if stands is None:
        raise Http404
    form = AmendHealthStep(
        request.POST if request.method == "POST" else None,
        topic=stands.topic,
        things=page.things_like(stands),
        like=stands,
        initial=initial_of(stands),
    )
    sealed = {"patient": str(patient_id), "line": str(health_id)}
    if is_sent(request, form, purpose=AMEND, **sealed):
        try:
            acts.amend_health_step(
                clinic=staff.clinic,
                line=health_id,
                said=form.said(),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.HealthRefused as refusal:
            form.refuse(refusal.decision)
        except (LineKeyReused, LineAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_health", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.health_form_seen", request, [patient_id])
    form.carry(seal_form(request, purpose=AMEND, **sealed))
    context = {"page": page, "topic": stands.topic, "form": form}
    return render(request, "outcomes/amend_health_step.html", context)


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> HealthPage:
    related_or_404(request, patient_id, request.at)
    page = get_health_page(clinic=request.staff.clinic, person_id=patient_id, today=london_date(request.at))
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, people: Iterable[uuid.UUID]) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=list(people))
