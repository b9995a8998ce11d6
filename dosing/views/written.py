"""The page of all that was written of one session."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from dosing.queries.written import get_written_page
from dosing.views.room import show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look


@requires(Permission.RECORD_CHECK)
@require_safe
def see_written(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """What was written of one session, each first line beside the one that puts it right."""
    staff = request.staff
    page = get_written_page(clinic=staff.clinic, session_id=session_id, at=request.at)
    if page is None:
        raise Http404
    record_look(
        "dosing.written_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.head.patient_id],
    )
    return show(request, "dosing/see_written.html", {"page": page})
