"""Legal holds: what may not be removed, however old it is."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions import retention as acts
from dosing.queries.retention import get_legal_hold, list_ledgers
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.pages.forms import LiftLegalHold, SetLegalHold
from hat_clinic.pages.queries.retention import get_legal_holds_page
from hat_clinic.pages.queries.trail import list_people_to_choose

SET, LIFT = "pages.set_legal_hold", "pages.lift_legal_hold"
NOT_YOURS = "This page was opened by somebody else or for another legal hold. Nothing was saved. Look again."


@requires(Permission.KEEP_LEGAL_HOLDS)
@require_safe
def see_legal_holds(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The legal holds of this clinic, and how long each kind of record is kept."""
    staff = request.staff
    page = get_legal_holds_page(clinic=staff.clinic)
    record_look("pages.legal_holds_seen", by=staff.user, at=now(), clinic=staff.clinic.id, people=page.people)
    return render(request, "pages/see_legal_holds.html", {"page": page})


@requires(Permission.KEEP_LEGAL_HOLDS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_legal_hold(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """From now on let nothing be removed of a person, a register or the whole clinic."""
    at = now()
    staff = request.staff
    people = list_people_to_choose(clinic=staff.clinic)
    record_look(
        "pages.legal_holds_seen",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=[person.id for person in people],
    )
    form = SetLegalHold(
        request.POST or None,
        initial={"seal": seal_form(request, purpose=SET)},
        people=people,
        ledgers=[(line.id, line.title) for line in list_ledgers(clinic=staff.clinic)],
    )
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=SET) is None:
            form.add_error(None, NOT_YOURS)
        else:
            try:
                acts.set_legal_hold(
                    clinic=staff.clinic,
                    person_id=form.person_id,
                    line_id=form.line_id,
                    reason=form.cleaned_data["reason"],
                    by=staff.user,
                    at=at,
                )
            except acts.LegalHoldRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Saved: the legal hold stands.")
                return redirect("pages:see_legal_holds", clinic_code=clinic_code)
    return render(request, "pages/set_legal_hold.html", {"form": form})


@requires(Permission.KEEP_LEGAL_HOLDS)
@require_http_methods(["GET", "HEAD", "POST"])
def lift_legal_hold(request: StaffRequest, clinic_code: str, legal_hold_id: uuid.UUID) -> HttpResponse:
    """Lift one legal hold, with a reason."""
    staff = request.staff
    hold = get_legal_hold(clinic=staff.clinic, hold_id=legal_hold_id)
    if hold is None:
        raise Http404
    form = LiftLegalHold(
        request.POST or None, initial={"seal": seal_form(request, purpose=LIFT, hold=str(legal_hold_id))}
    )
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=LIFT, hold=str(legal_hold_id)) is None:
            form.add_error(None, NOT_YOURS)
        else:
            try:
                acts.lift_legal_hold(
                    clinic=staff.clinic,
                    hold_id=legal_hold_id,
                    reason=form.cleaned_data["reason"],
                    by=staff.user,
                    at=now(),
                )
            except acts.LegalHoldRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "Saved: the legal hold is lifted.")
                return redirect("pages:see_legal_holds", clinic_code=clinic_code)
    return render(request, "pages/lift_legal_hold.html", {"hold": hold, "form": form})
