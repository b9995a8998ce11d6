"""The incidents that emergencies have opened."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.queries.incidents import list_incidents
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look


@requires(Permission.SEE_INCIDENTS)
@require_safe
def see_incidents(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every incident of the clinic, the newest first, with the emergency that opened it."""
    staff = request.staff
    rows = list_incidents(clinic=staff.clinic)
    record_look(
        "dosing.incidents_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[row.patient_id for row in rows],
    )
    return render(request, "dosing/see_incidents.html", {"rows": rows})
