"""What the clinical lead puts right at a desk once the day of a line is over, with the first line beside it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.check_corrections import amend_check
from dosing.actions.corrections import amend_outcome, amend_reading
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.forms.corrections import AmendCheckLater, AmendOutcomeLater, AmendReadingLater
from dosing.forms.visits import readings_of
from dosing.queries.corrections import (
    AmendPage,
    get_amend_check_page,
    get_amend_outcome_page,
    get_amend_reading_page,
)
from dosing.queries.written import get_past_lines_page
from dosing.rules.corrections import CorrectedFor
from dosing.views.room import sent
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL = "dosing.amend_later"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for another line. Nothing was saved. Open it again."
)
Form = AmendReadingLater | AmendCheckLater | AmendOutcomeLater


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was found: what is shown of it, and the form that puts it right."""

    page: AmendPage
    form: type[Form]


@requires(Permission.AMEND_LATER)
@require_safe
def see_past_lines(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """What was written of a session, for the clinical lead at a desk, each first line beside the later one."""
    page = get_past_lines_page(clinic=request.staff.clinic, session_id=session_id, at=request.at)
    if page is None:
        raise Http404
    _look(request, "dosing.written_seen", page.head.patient_id)
    return render(request, "dosing/see_past_lines.html", {"page": page})


@requires(Permission.AMEND_LATER)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_later(request: StaffRequest, clinic_code: str, written_id: uuid.UUID) -> HttpResponse:
    """Put a check, a reading or an ending right after its day, with words and the password given afresh."""
    line = _find(request, written_id)
    if line is None:
        raise Http404
    page = line.page
    seal = seal_form(request, purpose=SEAL, line=str(written_id))
    form = line.form(sent(request), initial={"key": uuid.uuid4(), "seal": seal})
    status = 200
    if request.method == "POST":
        is_valid = form.is_valid()
        if open_form_seal(request, purpose=SEAL, line=str(written_id)) is None:
            form.add_error(None, SOMEBODY_ELSE)
        elif is_valid:
            raise_if_reauthentication_required(request, app="dosing")
            try:
                _store(request, written_id, form)
            except CorrectionRefused as refusal:
                form.refuse(refusal.decision)
                status = 409 if refusal.is_stale else 200
            else:
                messages.success(request, "Saved: the line is put right. The first line stays beside it.")
                return redirect("dosing:see_past_lines", clinic_code, page.head.session_id)
    _look(request, "dosing.amend_page_seen", page.head.patient_id)
    context = {"page": page, "form": form}
    return render(request, "dosing/amend_later.html", context, status=status)


def _find(request: StaffRequest, written_id: uuid.UUID) -> Line | None:
    clinic, at = request.staff.clinic, request.at
    if (page := get_amend_reading_page(clinic=clinic, reading_id=written_id, at=at)) is not None:
        return Line(page, AmendReadingLater)
    if (page := get_amend_check_page(clinic=clinic, check_id=written_id, at=at)) is not None:
        return Line(page, AmendCheckLater)
    if (page := get_amend_outcome_page(clinic=clinic, outcome_id=written_id, at=at)) is not None:
        return Line(page, AmendOutcomeLater)
    return None


def _store(request: StaffRequest, written_id: uuid.UUID, form: Form) -> None:
    data, clinic, by, at = form.cleaned_data, request.staff.clinic, request.staff.user, request.at
    why = SignedWhy(
        reason=CorrectedFor(data["reason"]),
        words=data["words"].strip(),
        pin="",
        terminal_id=None,
        key=data["key"],
        is_lead=True,
    )
    if isinstance(form, AmendOutcomeLater):
        outcome, reason = form.outcome_and_reason()
        amend_outcome(
            clinic=clinic, outcome_id=written_id, outcome=outcome, reason=reason, why=why, by=by, at=at
        )
    elif isinstance(form, AmendCheckLater):
        amend_check(
            clinic=clinic,
            check_id=written_id,
            answers=form.answers(),
            unable_reason=data["unable_reason"],
            why=why,
            by=by,
            at=at,
        )
    else:
        amend_reading(
            clinic=clinic,
            reading_id=written_id,
            readings=readings_of(data),
            unable_reason=data["unable_reason"],
            why=why,
            by=by,
            at=at,
        )


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id])
