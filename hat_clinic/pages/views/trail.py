"""The audit trail: who did what, and who looked at whom. Reading it is itself recorded."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from hat_clinic.pages.forms import SeeActs, SeeLooks
from hat_clinic.pages.queries.trail import (
    get_acts_page,
    get_looks_page,
    list_colleagues,
    list_people_to_choose,
)
from patients.queries.openings import count_late


@requires(Permission.SEE_ACTS)
@require_safe
def see_acts(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What was done and refused in this clinic, newest first, without a name of anybody in treatment."""
    at = now()
    staff = request.staff
    colleagues = list_colleagues(clinic=staff.clinic)
    form = SeeActs(request.GET, colleagues=colleagues)
    page = get_acts_page(
        clinic=staff.clinic,
        colleagues=colleagues,
        day=form.asked("day"),
        colleague_id=form.asked("colleague"),
        refused_only=bool(form.asked("refused")),
        before=form.asked("before"),
    )
    older = form.query(before=page.older_before) if page.older_before else ""
    record_look("pages.acts_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    late = count_late(clinic=staff.clinic, at=at)
    return render(request, "pages/see_acts.html", {"form": form, "page": page, "older": older, "late": late})


@requires(Permission.SEE_LOOKS)
@require_safe
def see_looks(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Who looked at whom: counts of a week, and each look at one person or by one colleague."""
    at = now()
    staff = request.staff
    colleagues = list_colleagues(clinic=staff.clinic)
    people = list_people_to_choose(clinic=staff.clinic)
    form = SeeLooks(request.GET, colleagues=colleagues, people=people)
    page = get_looks_page(
        clinic=staff.clinic,
        colleagues=colleagues,
        people=people,
        until=form.asked("day") or london_date(at),
        colleague_id=form.asked("colleague"),
        person_id=form.asked("person"),
        before=form.asked("before"),
    )
    older = form.query(before=page.older_before) if page.older_before else ""
    record_look("pages.looks_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=page.shown)
    return render(request, "pages/see_looks.html", {"form": form, "page": page, "older": older})
