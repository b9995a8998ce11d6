"""Whom the treatment room asks for a urine sample: what a case worker is told of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.queries.sample_days import get_sample_days


@requires(Permission.SEE_SAMPLE_DAYS)
@require_safe
def list_sample_days(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Who is asked for a sample today and was in the last days: due, taken or not taken."""
    staff = request.staff
    page = get_sample_days(clinic=staff.clinic, today=london_date(request.at))
    record_look(
        "outcomes.sample_days_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=page.people
    )
    return render(request, "outcomes/list_sample_days.html", {"page": page})
