"""Opening a record without a relationship, and the privacy officer's review of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from patients.actions import openings as acts
from patients.forms.openings import OpenRecord, ReviewOpening
from patients.queries.openings import find_opening, get_openings_page

OPEN, REVIEW = "patients.open_record", "patients.review_opening"


@requires(Permission.OPEN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def open_record(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Ask for somebody one does not work with, by exactly who they are, and say why; every attempt is logged."""
    staff = request.staff
    form = OpenRecord(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if open_form_seal(request, purpose=OPEN) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                opening = acts.open_record(
                    clinic=staff.clinic,
                    asked=form.asked,
                    reason=form.why,
                    words=form.cleaned_data["words"],
                    by=staff.user,
                    at=request.at,
                )
            except acts.OpeningRefused as refusal:
                form.refuse(refusal.decision)
            else:
                return redirect("pages:see_opened_record", clinic_code=clinic_code, opening_id=opening.id)
    form.carry(seal_form(request, purpose=OPEN))
    return render(request, "patients/open_record.html", {"form": form})


@requires(Permission.REVIEW_OPENING)
@require_safe
def see_openings(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The records that were opened with a reason: those that wait for a finding, and those that have one."""
    staff = request.staff
    page = get_openings_page(clinic=staff.clinic, viewer=staff.user, at=request.at)
    people = list(dict.fromkeys(row.person_id for row in (*page.waiting, *page.reviewed)))
    record_look("patients.openings_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=people)
    return render(request, "patients/see_openings.html", {"page": page})


@requires(Permission.REVIEW_OPENING)
@require_http_methods(["GET", "HEAD", "POST"])
def review_opening(request: StaffRequest, clinic_code: str, opening_id: uuid.UUID) -> HttpResponse:
    """Close one opening with what was found."""
    staff = request.staff
    row = find_opening(opening_id=opening_id, clinic=staff.clinic, viewer=staff.user, at=request.at)
    if row is None:
        raise Http404
    form = ReviewOpening(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if open_form_seal(request, purpose=REVIEW, opening=str(opening_id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                acts.review_opening(
                    clinic=staff.clinic,
                    opening_id=opening_id,
                    finding=form.found,
                    words=form.cleaned_data["words"],
                    by=staff.user,
                    at=request.at,
                )
            except acts.ReviewRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Saved: it is closed with your finding.")
                return redirect("patients:see_openings", clinic_code=clinic_code)
    record_look(
        "patients.openings_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[row.person_id],
    )
    form.carry(seal_form(request, purpose=REVIEW, opening=str(opening_id)))
    return render(request, "patients/review_opening.html", {"row": row, "form": form})
