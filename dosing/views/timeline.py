"""One person on one line of time."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.queries.timeline import get_timeline
from dosing.rules.timeline.axis import LENGTHS, days_asked
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now


@requires(Permission.SEE_TIMELINE)
@require_safe
def see_timeline(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Doses, sessions, readings, oral medicine and holds of one person on one axis, drawn or as a table."""
    at = now()
    staff = request.staff
    days = days_asked(request.GET.get("days", ""))
    page = get_timeline(clinic=staff.clinic, patient_id=patient_id, days=days, at=at)
    if page is None:
        raise Http404
    record_look("dosing.timeline_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    context = {
        "page": page,
        "lengths": LENGTHS,
        "is_table": request.GET.get("as") == "table",
        "may_sign": staff.may(Permission.SIGN_ORDER),
        "may_amend": staff.may(Permission.AMEND_LATER),
        "may_lift": staff.may(Permission.LIFT_HOLD),
    }
    return render(request, "dosing/see_timeline.html", context)
