"""A person's recovery plan: read it, set a goal, note how it goes, print it for the person."""

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
from outcomes.actions import plans as acts
from outcomes.forms.plans import NoteGoalStep, SetGoal
from outcomes.queries.plans import PlanPage, get_plan_page
from outcomes.views import is_sent

GOAL, STEP = "outcomes.set_goal", "outcomes.note_goal_step"


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> PlanPage:
    page = get_plan_page(clinic=request.staff.clinic, person_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    return page


def _look(request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look("outcomes.plan_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])


@requires(Permission.SEE_CASELOAD)
@require_safe
def see_plan(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's goals: those that stand, with their steps, and those that ended."""
    page = _page_or_404(request, patient_id)
    _look(request, patient_id)
    return render(request, "outcomes/see_plan.html", {"page": page})


@requires(Permission.SEE_CASELOAD)
@require_safe
def print_plan(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """The plan in plain words, for the person to take along."""
    page = _page_or_404(request, patient_id)
    _look(request, patient_id)
    return render(request, "outcomes/print_plan.html", {"page": page})


@requires(Permission.KEEP_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def set_goal(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One goal, agreed with the person, stored once."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    form = SetGoal(request.POST if request.method == "POST" else None, page=page)
    if is_sent(request, form, purpose=GOAL, patient=str(patient_id)):
        try:
            acts.set_goal(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                owner=form.owner_or(staff.user.pk),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.GoalRefused as refusal:
            form.refuse(refusal.decision)
        except acts.PlanKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the goal stands.")
            return redirect("outcomes:see_plan", clinic_code=clinic_code, patient_id=patient_id)
    _look(request, patient_id)
    form.carry(seal_form(request, purpose=GOAL, patient=str(patient_id)))
    return render(request, "outcomes/set_goal.html", {"page": page, "form": form})


@requires(Permission.KEEP_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def note_goal_step(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, goal_id: uuid.UUID
) -> HttpResponse:
    """How a goal went, and when to look again or why it ends."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    goal = next((one for one in (*page.standing, *page.ended) if one.id == goal_id), None)
    if goal is None:
        raise Http404
    form = NoteGoalStep(request.POST if request.method == "POST" else None, today=page.today)
    if is_sent(request, form, purpose=STEP, goal=str(goal_id)):
        try:
            acts.note_goal_step(
                clinic=staff.clinic,
                goal=goal_id,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.GoalStepRefused as refusal:
            form.refuse(refusal.decision)
        except acts.PlanKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the step stands under its goal.")
            return redirect("outcomes:see_plan", clinic_code=clinic_code, patient_id=patient_id)
    _look(request, patient_id)
    form.carry(seal_form(request, purpose=STEP, goal=str(goal_id)))
    context = {"page": page, "goal": goal, "form": form}
    return render(request, "outcomes/note_goal_step.html", context)
