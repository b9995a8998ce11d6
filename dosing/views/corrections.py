"""The pages on which a line of the treatment room is put right, with the first beside it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.check_corrections import amend_check as store_check
from dosing.actions.corrections import amend_outcome as store_outcome
from dosing.actions.corrections import amend_reading as store_reading
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.forms.corrections import AmendCheck, AmendOutcome, AmendReading, SignedCorrection
from dosing.forms.visits import readings_of
from dosing.queries.corrections import (
    AmendPage,
    get_amend_check_page,
    get_amend_outcome_page,
    get_amend_reading_page,
)
from dosing.queries.emergencies import get_standing_emergency
from dosing.queries.oxygen import get_shown_target
from dosing.rules.corrections import CorrectedFor
from dosing.views.room import sent, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL_READING = "dosing.amend_reading"
SEAL_OUTCOME = "dosing.amend_outcome"
SEAL_CHECK = "dosing.amend_check"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for another line. Nothing was saved. "
    "Open the line again from the person’s page."
)


@requires(Permission.RECORD_READING)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def amend_reading(request: StaffRequest, clinic_code: str, reading_id: uuid.UUID) -> HttpResponse:
    """Put a reading after the injection right: the same keys, why, and one's own PIN."""
    page = get_amend_reading_page(clinic=request.staff.clinic, reading_id=reading_id, at=request.at)
    if page is None:
        raise Http404
    form = AmendReading(sent(request), initial=_initial(request, SEAL_READING, page))
    form.hold_oxygen_against(get_shown_target(patient_id=page.head.patient_id, at=request.at).target)
    status = 200
    if request.method == "POST" and _is_ours_and_valid(request, form, SEAL_READING, page):
        try:
            store_reading(
                clinic=request.staff.clinic,
                reading_id=page.line_id,
                readings=readings_of(form.cleaned_data),
                unable_reason=form.cleaned_data["unable_reason"],
                why=_why(request, form),
                by=request.staff.user,
                at=request.at,
            )
        except (PinRefused, CorrectionRefused) as refusal:
            status = _refused(form, refusal)
        else:
            messages.success(request, "Saved: the reading is put right. The first line stays beside it.")
            standing = get_standing_emergency(patient_id=page.head.patient_id)
            if standing is not None:
                return redirect("dosing:handle_emergency", emergency_id=standing.id)
            return redirect("dosing:record_reading", clinic_code=clinic_code, session_id=page.head.session_id)
    return _show(request, "dosing/amend_reading.html", page, form, status)


@requires(Permission.RECORD_NOT_GIVEN)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def amend_outcome(request: StaffRequest, clinic_code: str, outcome_id: uuid.UUID) -> HttpResponse:
    """Put the ending of a session without a dose right: how it ended, why, and one's own PIN."""
    page = get_amend_outcome_page(clinic=request.staff.clinic, outcome_id=outcome_id, at=request.at)
    if page is None:
        raise Http404
    form = AmendOutcome(sent(request), initial=_initial(request, SEAL_OUTCOME, page))
    status = 200
    if request.method == "POST" and _is_ours_and_valid(request, form, SEAL_OUTCOME, page):
        outcome, reason = form.outcome_and_reason()
        try:
            store_outcome(
                clinic=request.staff.clinic,
                outcome_id=page.line_id,
                outcome=outcome,
                reason=reason,
                why=_why(request, form),
                by=request.staff.user,
                at=request.at,
            )
        except (PinRefused, CorrectionRefused) as refusal:
            status = _refused(form, refusal)
        else:
            messages.success(request, "Saved: the ending is put right. The first line stays beside it.")
            return redirect("dosing:see_board", clinic_code=clinic_code)
    return _show(request, "dosing/amend_outcome.html", page, form, status)


@requires(Permission.RECORD_CHECK)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def amend_check(request: StaffRequest, clinic_code: str, check_id: uuid.UUID) -> HttpResponse:
    """Put a check before a dose right: the same keys, why, and one's own PIN."""
    page = get_amend_check_page(clinic=request.staff.clinic, check_id=check_id, at=request.at)
    if page is None:
        raise Http404
    form = AmendCheck(sent(request), initial=_initial(request, SEAL_CHECK, page))
    form.hold_oxygen_against(get_shown_target(patient_id=page.head.patient_id, at=request.at).target)
    status = 200
    if request.method == "POST" and _is_ours_and_valid(request, form, SEAL_CHECK, page):
        try:
            check = store_check(
                clinic=request.staff.clinic,
                check_id=page.line_id,
                answers=form.answers(),
                unable_reason=form.cleaned_data["unable_reason"],
                why=_why(request, form),
                by=request.staff.user,
                at=request.at,
            )
        except (PinRefused, CorrectionRefused) as refusal:
            status = _refused(form, refusal)
        else:
            messages.success(request, "Saved: the check is put right. The first line stays beside it.")
            standing = get_standing_emergency(patient_id=page.head.patient_id)
            if standing is not None:
                return redirect("dosing:handle_emergency", emergency_id=standing.id)
            return redirect("dosing:see_written", clinic_code=clinic_code, session_id=check.session_id)
    return _show(request, "dosing/amend_check.html", page, form, status)


def _initial(request: StaffRequest, purpose: str, page: AmendPage) -> dict[str, object]:
    return {"key": uuid.uuid4(), "seal": seal_form(request, purpose=purpose, line=str(page.line_id))}


def _is_ours_and_valid(request: StaffRequest, form: SignedCorrection, purpose: str, page: AmendPage) -> bool:
    is_valid = form.is_valid()
    if open_form_seal(request, purpose=purpose, line=str(page.line_id)) is not None:
        return is_valid
    form.add_error(None, SOMEBODY_ELSE)
    return False


def _why(request: StaffRequest, form: SignedCorrection) -> SignedWhy:
    data = form.cleaned_data
    return SignedWhy(
        reason=CorrectedFor(data["reason"]),
        words=data["words"].strip(),
        pin=data["pin"],
        terminal_id=request.staff.terminal_id,
        key=data["key"],
    )


def _refused(form: SignedCorrection, refusal: PinRefused | CorrectionRefused) -> int:
    """Put a refusal's words on the form and return the status: 409 where somebody was faster."""
    if isinstance(refusal, PinRefused):
        form.add_error("pin", str(refusal))
        return 200
    form.refuse(refusal.decision)
    return 409 if refusal.is_stale else 200


def _show(
    request: StaffRequest, template: str, page: AmendPage, form: SignedCorrection, status: int
) -> HttpResponse:
    staff = request.staff
    record_look(
        "dosing.amend_page_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.head.patient_id],
    )
    answer = show(request, template, {"page": page, "form": form})
    answer.status_code = status
    return answer
