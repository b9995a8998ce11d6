"""The outcome form: seeing what was answered, asking, correcting."""

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
from outcomes.actions import outcome_forms as acts
from outcomes.actions.askings import AnswersAmended, AnswersKeyReused
from outcomes.forms.outcome_forms import AmendOutcomeForm, RecordOutcomeForm, as_it_stands
from outcomes.queries.due_forms import Asked, get_due_page, list_forms_to_ask
from outcomes.queries.outcome_forms import FormsPage, get_form_said, get_forms_page
from outcomes.rules.askings import STAGE_IN_ADDRESS
from outcomes.rules.outcome_form import FORM_VERSION
from outcomes.rules.support import Correction
from outcomes.views import is_sent

RECORD_SEAL, AMEND_SEAL = "outcomes.record_outcome_form", "outcomes.amend_outcome_form"


@requires(Permission.RECORD_OUTCOME_FORM)
@require_safe
def see_outcome_forms(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """The outcome forms of one person, each with its corrections, and the newest beside earlier ones."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.outcome_forms_seen", request, patient_id)
    due = list_forms_to_ask(clinic=request.staff.clinic, people=[patient_id], today=london_date(request.at))
    main = next((form.address for form in due if form.asks == Asked.OUTCOME_FORM), "")
    main = main or ("after" if page.person.has_left else "review")
    return render(request, "outcomes/see_outcome_forms.html", {"page": page, "main": main})


@requires(Permission.RECORD_OUTCOME_FORM)
@require_http_methods(["GET", "HEAD", "POST"])
def record_outcome_form(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, stage: str
) -> HttpResponse:
    """Ask the questions with the person. No earlier answer is on this page."""
    staff, point = request.staff, STAGE_IN_ADDRESS[stage]
    page = _page_or_404(request, patient_id)
    sealed = {"patient": str(patient_id), "stage": point.value, "asked": FORM_VERSION}
    form = RecordOutcomeForm(
        request.POST if request.method == "POST" else None, initial={"on": london_date(request.at)}
    )
    if is_sent(request, form, purpose=RECORD_SEAL, **sealed):
        try:
            acts.record_outcome_form(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(point.value),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.OutcomeFormRefused as refusal:
            form.refuse(refusal.decision)
        except AnswersKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: the outcome form of {page.person.name}.")
            return redirect("outcomes:see_outcome_forms", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.outcome_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD_SEAL, **sealed))
    return render(request, "outcomes/record_outcome_form.html", {"page": page, "form": form, "point": point})


@requires(Permission.RECORD_OUTCOME_FORM)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_outcome_form(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, form_id: uuid.UUID
) -> HttpResponse:
    """Write a form again: the first stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = get_form_said(clinic=staff.clinic, person_id=patient_id, form_id=form_id)
    if stands is None:
        raise Http404
    sealed = {"patient": str(patient_id), "corrected": str(form_id), "asked": FORM_VERSION}
    form = AmendOutcomeForm(
        request.POST if request.method == "POST" else None,
        in_parts=stands.weeks is not None,
        initial=as_it_stands(stands),
    )
    if is_sent(request, form, purpose=AMEND_SEAL, **sealed):
        try:
            acts.amend_outcome_form(
                clinic=staff.clinic,
                form=form_id,
                said=stands if form.strikes else form.said(form.cleaned_data["stage"]),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.OutcomeFormRefused as refusal:
            form.refuse(refusal.decision)
        except (AnswersKeyReused, AnswersAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_outcome_forms", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.outcome_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND_SEAL, **sealed))
    return render(request, "outcomes/amend_outcome_form.html", {"page": page, "form": form, "stands": stands})


@requires(Permission.RECORD_OUTCOME_FORM)
@require_safe
def list_due_forms(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Whose outcome form, or whose four questions, are overdue or due now, in the whole clinic."""
    staff = request.staff
    page = get_due_page(clinic=staff.clinic, today=london_date(request.at))
    record_look(
        "outcomes.due_forms_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=page.told_of
    )
    return render(request, "outcomes/list_due_forms.html", {"page": page})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> FormsPage:
    page = get_forms_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
