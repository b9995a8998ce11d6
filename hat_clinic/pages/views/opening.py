"""What a clinic still needs until its first dose."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.pages.queries.opening import get_checklist_page


@requires(Permission.SEE_CHECKLIST)
@require_safe
def see_checklist(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The checklist of this clinic, and what is known of the programme it follows."""
    staff = request.staff
    page = get_checklist_page(clinic=staff.clinic, at=request.at)
    record_look("pages.checklist_seen", by=staff.user, at=request.at, clinic=staff.clinic.id)
    return render(request, "pages/see_checklist.html", {"page": page})
