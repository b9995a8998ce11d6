"""How often the outcome form is asked: what stands, new numbers, and the approval of a colleague's."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions import form_schedules as acts
from outcomes.forms.form_schedules import ApproveFormSchedule, WriteFormSchedule
from outcomes.queries.form_schedules import SchedulePage, get_schedule_page
from outcomes.views import is_sent

WRITE, APPROVE = "outcomes.write_form_schedule", "outcomes.approve_form_schedule"


@requires(Permission.SET_FORM_SCHEDULE)
@require_safe
def list_form_schedules(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What is in force, what comes, and what waits to be approved. It names nobody in treatment."""
    return render(request, "outcomes/list_form_schedules.html", {"page": _page(request)})


@requires(Permission.SET_FORM_SCHEDULE)
@require_http_methods(["GET", "HEAD", "POST"])
def write_form_schedule(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write numbers from a day on; a colleague approves them."""
    staff = request.staff
    form = WriteFormSchedule(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=WRITE):
        try:
            acts.write_form_schedule(
                clinic=staff.clinic,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.ScheduleRefused as refusal:
            form.refuse(refusal.decision)
        except acts.ScheduleKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. The numbers count once a colleague has approved them.")
            return redirect("outcomes:list_form_schedules", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=WRITE))
    return render(request, "outcomes/write_form_schedule.html", {"page": _page(request), "form": form})


@requires(Permission.SET_FORM_SCHEDULE)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_form_schedule(request: StaffRequest, clinic_code: str, schedule_id: uuid.UUID) -> HttpResponse:
    """Approve what a colleague wrote, before its first day."""
    staff = request.staff
    row = _page(request).row(schedule_id)
    if row is None:
        raise Http404
    form = ApproveFormSchedule(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=APPROVE, schedule=str(schedule_id)):
        try:
            acts.approve_form_schedule(
                clinic=staff.clinic,
                schedule=schedule_id,
                is_confirmed=form.cleaned_data["is_confirmed"],
                by=staff.user,
                at=request.at,
            )
        except acts.ScheduleRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: these numbers count from their first day on.")
            return redirect("outcomes:list_form_schedules", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=APPROVE, schedule=str(schedule_id)))
    return render(request, "outcomes/approve_form_schedule.html", {"row": row, "form": form})


def _page(request: StaffRequest) -> SchedulePage:
    staff = request.staff
    return get_schedule_page(clinic=staff.clinic, reader=staff.user.pk, today=london_date(request.at))
