"""The outcome form on a tablet in the person's hands: handed over by staff, answered one question at a time."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.presence import hand_over, handed_over
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from outcomes.actions import outcome_forms as acts
from outcomes.actions.askings import AnswersKeyReused
from outcomes.forms.outcome_tablet import AnswerOnTablet, HandOver
from outcomes.queries.askings import PersonAsked, get_person_asked
from outcomes.queries.outcome_tablet import may_ask_today
from outcomes.rules.askings import STAGE_IN_ADDRESS
from outcomes.rules.outcome_form import FORM_VERSION
from outcomes.views import is_sent

HAND_SEAL, ANSWER_SEAL = "outcomes.hand_over_tablet", "outcomes.answer_on_tablet"
STANDS_IN_THE_ROOM = (
    "This is a terminal of the treatment room: it stays with staff. Hand over a tablet you signed in on."
)


@requires(Permission.RECORD_OUTCOME_FORM)
@require_http_methods(["GET", "HEAD", "POST"])
def answer_on_tablet(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, stage: str
) -> HttpResponse:
    """Hand the tablet over, and from then on the questions. No earlier answer and no name is on them."""
    person = _person_or_404(request, patient_id)
    ask = _ask if request.path in handed_over(request) else _hand_over
    return ask(request, person, stage)


def _hand_over(request: StaffRequest, person: PersonAsked, stage: str) -> HttpResponse:
    """Say what handing over means; with the tap this browser shows nothing but the questions."""
    staff, point = request.staff, STAGE_IN_ADDRESS[stage]
    sealed = {"patient": str(person.person_id), "stage": point.value}
    reasons = [finding.message for finding in _decision(request, person, stage).refusals]
    if staff.terminal_id is not None:
        reasons.append(STANDS_IN_THE_ROOM)
    form = HandOver(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=HAND_SEAL, **sealed) and not reasons:
        hand_over(request, request.path)
        _look("outcomes.outcome_form_handed_over", request, person)
        return redirect(request.path)
    _look("outcomes.outcome_form_seen", request, person)
    form.carry(seal_form(request, purpose=HAND_SEAL, **sealed))
    context = {"person": person, "point": point, "form": form, "reasons": reasons}
    return render(request, "outcomes/outcome_forms/hand_over.html", context)


def _ask(request: StaffRequest, person: PersonAsked, stage: str) -> HttpResponse:
    """Ask the questions of whoever holds the tablet; what is sent is stored like the form on one page."""
    staff, point = request.staff, STAGE_IN_ADDRESS[stage]
    sealed = {"patient": str(person.person_id), "stage": point.value, "asked": FORM_VERSION}
    form = AnswerOnTablet(
        request.POST if request.method == "POST" else None, initial={"on": london_date(request.at)}
    )
    if is_sent(request, form, purpose=ANSWER_SEAL, **sealed):
        try:
            acts.record_outcome_form(
                clinic=staff.clinic,
                person=person.person_id,
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
            thanks = reverse("outcomes:thank_on_tablet", args=_of(request, person))
            hand_over(request, thanks)  # from now on not even the questions: nobody answers them again
            return redirect(thanks)
    _look("outcomes.outcome_form_seen", request, person)
    form.carry(seal_form(request, purpose=ANSWER_SEAL, **sealed))
    return render(
        request, "outcomes/answer_on_tablet.html", {"form": form, "staff_name": staff.user.full_name}
    )


@requires(Permission.RECORD_OUTCOME_FORM)
@require_safe
def thank_on_tablet(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Thank the person. The tablet opens nothing else until staff sign out and in again."""
    person = _person_or_404(request, patient_id)
    forms = reverse("outcomes:see_outcome_forms", args=_of(request, person))
    if request.path not in handed_over(request):
        return redirect(forms)
    context = {"staff_name": request.staff.user.full_name, "forms": forms}
    return render(request, "outcomes/thank_on_tablet.html", context)


def _decision(request: StaffRequest, person: PersonAsked, stage: str) -> Decision:
    return may_ask_today(
        clinic=request.staff.clinic,
        person_id=person.person_id,
        stage=STAGE_IN_ADDRESS[stage],
        today=london_date(request.at),
    )


def _person_or_404(request: StaffRequest, patient_id: uuid.UUID) -> PersonAsked:
    person = get_person_asked(clinic=request.staff.clinic, person_id=patient_id)
    if person is None:
        raise Http404
    return person


def _of(request: StaffRequest, person: PersonAsked) -> tuple[str, uuid.UUID]:
    return request.staff.clinic.code, person.person_id


def _look(event: str, request: StaffRequest, person: PersonAsked) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person.person_id])
