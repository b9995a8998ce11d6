"""What every template may print."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from dosing.queries.checkpoints import list_alarms
from dosing.queries.clocks import list_observed_clocks
from dosing.queries.emergencies import list_alerts
from dosing.queries.licences import list_licence_notices
from hat_clinic.accounts.models import Terminal
from hat_clinic.accounts.queries import Staff
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import now
from hat_clinic.pages.navigation import entries_for
from patients.queries.openings import count_waiting


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Return what head and foot of every page need: demo or not, version, navigation, clinic and role."""
    frame: dict[str, Any] = {"is_demo": settings.IS_DEMO, "version": settings.VERSION}
    staff = getattr(request, "staff", None)
    if isinstance(staff, Staff):
        frame["navigation"] = entries_for(staff, request.path, notes=_notes(staff))
        frame["clinic_name"] = staff.clinic.name
        frame["role_label"] = staff.role_label
        if staff.may(Permission.HEED_REGISTER):
            frame["register_alarms"] = list_alarms(clinic=staff.clinic, at=now())
        if staff.may(Permission.SEE_EMERGENCY):
            frame["emergency_alerts"] = SimpleLazyObject(lambda: list_alerts(clinic=staff.clinic))
    terminal = getattr(request, "terminal", None)
    if isinstance(terminal, Terminal):
        # Locked, and before anybody has signed in: an overdue reading is seen there too, by initials alone.
        frame["observed_clocks"] = list_observed_clocks(clinic=terminal.clinic, at=now())
        frame["emergency_alerts"] = list_alerts(clinic=terminal.clinic)
    return frame


def _notes(staff: Staff) -> dict[Permission, str]:
    """Return what waits for whoever keeps the licences or reviews openings, who may have no worklist."""
    said: dict[Permission, str] = {}
    if staff.may(Permission.KEEP_LICENCES):
        count = len(list_licence_notices(clinic=staff.clinic, at=now()))
        said |= {Permission.KEEP_LICENCES: f"{count} to renew"} if count else {}
    if staff.may(Permission.REVIEW_OPENING):
        waiting = count_waiting(clinic=staff.clinic)
        said |= {Permission.REVIEW_OPENING: f"{waiting} to look into"} if waiting else {}
    return said
