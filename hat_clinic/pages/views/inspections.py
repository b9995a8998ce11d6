"""What inspectors opened. Reading it is itself recorded."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.pages.forms import SeeInspections
from hat_clinic.pages.queries.inspections import get_inspections_page


@requires(Permission.SEE_INSPECTIONS)
@require_safe
def see_inspections(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every inspection of this clinic, and each page and print that an inspector opened."""
    at = now()
    staff = request.staff
    form = SeeInspections(request.GET)
    page = get_inspections_page(
        clinic=staff.clinic, at=at, inspector_id=form.asked("inspector"), before=form.asked("before")
    )
    record_look("pages.inspections_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    context = {"page": page, "inspector_id": form.asked("inspector")}
    return render(request, "pages/see_inspections.html", context)
