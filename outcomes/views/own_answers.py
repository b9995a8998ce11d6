"""The clinic's own four questions: seeing the answers, recording them, correcting them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions import own_answers as acts
from outcomes.actions.askings import AnswersAmended, AnswersKeyReused
from outcomes.forms.own_answers import AmendOwnAnswers, RecordOwnAnswers, as_they_stand
from outcomes.queries.due_forms import Asked, list_forms_to_ask
from outcomes.queries.own_answers import OwnPage, get_own_page, get_own_said
from outcomes.rules.askings import STAGE_IN_ADDRESS
from outcomes.rules.support import Correction
from outcomes.views import is_sent

RECORD_SEAL, AMEND_SEAL = "outcomes.record_own_answers", "outcomes.amend_own_answers"


@requires(Permission.RECORD_OWN_ANSWERS)
@require_safe
def see_own_answers(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """What one person answered, each day with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.own_answers_seen", request, patient_id)
    due = list_forms_to_ask(clinic=request.staff.clinic, people=[patient_id], today=london_date(request.at))
    main = next((asked.address for asked in due if asked.asks == Asked.OWN), "")
    main = main or ("after" if page.person.has_left else "review")
    return render(request, "outcomes/see_own_answers.html", {"page": page, "main": main})


@requires(Permission.RECORD_OWN_ANSWERS)
@require_http_methods(["GET", "HEAD", "POST"])
def record_own_answers(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, stage: str
) -> HttpResponse:
    """Write down what a person answers now. No earlier answer is on this page."""
    staff, point = request.staff, STAGE_IN_ADDRESS[stage]
    page = _page_or_404(request, patient_id)
    sealed = {"patient": str(patient_id), "stage": point.value}
    form = RecordOwnAnswers(
        request.POST if request.method == "POST" else None, initial={"on": london_date(request.at)}
    )
    if is_sent(request, form, purpose=RECORD_SEAL, **sealed):
        try:
            acts.record_own_answers(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(point.value),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.OwnAnswersRefused as refusal:
            form.refuse(refusal.decision)
        except AnswersKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: what {page.person.name} answered.")
            return redirect("outcomes:see_own_answers", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.own_answers_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD_SEAL, **sealed))
    return render(request, "outcomes/record_own_answers.html", {"page": page, "form": form, "point": point})


@requires(Permission.RECORD_OWN_ANSWERS)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_own_answers(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, answers_id: uuid.UUID
) -> HttpResponse:
    """Write answers again: the first stay, the correction stands beside them."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = get_own_said(clinic=staff.clinic, person_id=patient_id, answers_id=answers_id)
    if stands is None:
        raise Http404
    sealed = {"patient": str(patient_id), "answers": str(answers_id)}
    form = AmendOwnAnswers(request.POST if request.method == "POST" else None, initial=as_they_stand(stands))
    if is_sent(request, form, purpose=AMEND_SEAL, **sealed):
        try:
            acts.amend_own_answers(
                clinic=staff.clinic,
                answers=answers_id,
                said=stands if form.strikes else form.said(form.cleaned_data["stage"]),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.OwnAnswersRefused as refusal:
            form.refuse(refusal.decision)
        except (AnswersKeyReused, AnswersAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_own_answers", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.own_answers_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND_SEAL, **sealed))
    return render(request, "outcomes/amend_own_answers.html", {"page": page, "form": form})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> OwnPage:
    page = get_own_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
