"""Alerts, ways to reach somebody, and who works with them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, is_sent, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from patients.actions import around as acts
from patients.forms.around import AddContact, AddRelationship, SetAlert
from patients.queries.around import (
    list_alerts,
    list_colleagues_here,
    list_contact_details,
    list_relationships,
)
from patients.rules.relationships import Part
from patients.views import head_or_404

ALERT, CONTACT, RELATIONSHIP = "patients.set_alert", "patients.add_contact", "patients.add_relationship"


def _shown(
    request: StaffRequest, template: str, patient_id: uuid.UUID, seal: str, context: dict[str, Any]
) -> HttpResponse:
    staff = request.staff
    record_look(
        "patients.person_opened", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id]
    )
    context["seal"] = seal_form(request, purpose=seal, patient=str(patient_id))
    context["form"].carry(context["seal"])
    return render(request, template, context)


@requires(Permission.SET_ALERT)
@require_http_methods(["GET", "HEAD", "POST"])
def set_alert(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Set an alert; those that stand are below, each with a button that ends it."""
    head = head_or_404(request, patient_id, request.at)
    form = SetAlert(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=ALERT, patient=str(patient_id)):
        try:
            acts.set_alert(
                person_id=patient_id,
                clinic=request.staff.clinic,
                content=form.content(),
                by=request.staff.user,
                at=request.at,
            )
        except acts.AlertRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: the alert stands.")
            return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    alerts = list_alerts(person_id=patient_id, at=request.at)
    context = {"head": head, "form": form, "alerts": alerts}
    return _shown(request, "patients/set_alert.html", patient_id, ALERT, context)


@requires(Permission.SET_ALERT)
@require_POST
def end_alert(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, alert_id: uuid.UUID
) -> HttpResponse:
    """End an alert now; it stays in the record."""
    head_or_404(request, patient_id, request.at)
    if open_form_seal(request, purpose=ALERT, patient=str(patient_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
        return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    if not acts.end_alert(
        alert_id=alert_id,
        person_id=patient_id,
        clinic=request.staff.clinic,
        by=request.staff.user,
        at=request.at,
    ):
        raise Http404
    messages.success(request, "Saved: the alert has ended.")
    return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)


@requires(Permission.CHANGE_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def add_contact(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Add a way to reach somebody, with what it may be used for; those in use are below."""
    head = head_or_404(request, patient_id, request.at)
    form = AddContact(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=CONTACT, patient=str(patient_id)):
        try:
            acts.add_contact(
                person_id=patient_id,
                clinic=request.staff.clinic,
                content=form.content(),
                by=request.staff.user,
                at=request.at,
            )
        except acts.ContactRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: the way to reach them is added.")
            return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    context = {"head": head, "form": form, "contacts": list_contact_details(person_id=patient_id)}
    return _shown(request, "patients/add_contact.html", patient_id, CONTACT, context)


@requires(Permission.CHANGE_PERSON)
@require_POST
def end_contact(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, contact_id: uuid.UUID
) -> HttpResponse:
    """Take a way to reach somebody out of use; it stays in the record."""
    head_or_404(request, patient_id, request.at)
    if open_form_seal(request, purpose=CONTACT, patient=str(patient_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
        return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    if not acts.end_contact(
        contact_id=contact_id,
        person_id=patient_id,
        clinic=request.staff.clinic,
        by=request.staff.user,
        at=request.at,
    ):
        raise Http404
    messages.success(request, "Saved: it is out of use.")
    return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)


@requires(Permission.ADD_RELATIONSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
def add_relationship(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Write which colleague works with somebody, as what; those who do and did are below."""
    staff = request.staff
    head = head_or_404(request, patient_id, request.at)
    form = AddRelationship(
        request.POST if request.method == "POST" else None,
        colleagues=list_colleagues_here(clinic=staff.clinic, at=request.at),
    )
    if is_sent(request, form, purpose=RELATIONSHIP, patient=str(patient_id)):
        typed = form.cleaned_data
        try:
            acts.add_relationship(
                person_id=patient_id,
                clinic=staff.clinic,
                colleague_id=uuid.UUID(typed["colleague"]) if typed["colleague"] else None,
                part=Part(typed["part"]) if typed["part"] else None,
                by=staff.user,
                at=request.at,
            )
        except acts.RelationshipRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: they work with this person.")
            return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    lines = list_relationships(person_id=patient_id, clinic=staff.clinic)
    context = {"head": head, "form": form, "lines": lines}
    return _shown(request, "patients/add_relationship.html", patient_id, RELATIONSHIP, context)


@requires(Permission.ADD_RELATIONSHIP)
@require_POST
def end_relationship(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, relationship_id: uuid.UUID
) -> HttpResponse:
    """End that a colleague works with somebody; until when they did stays in the record."""
    head_or_404(request, patient_id, request.at)
    if open_form_seal(request, purpose=RELATIONSHIP, patient=str(patient_id)) is None:
        messages.error(request, OPENED_BY_ANOTHER)
        return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    if not acts.end_relationship(
        relationship_id=relationship_id,
        person_id=patient_id,
        clinic=request.staff.clinic,
        by=request.staff.user,
        at=request.at,
    ):
        raise Http404
    messages.success(request, "Saved: it has ended.")
    return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
