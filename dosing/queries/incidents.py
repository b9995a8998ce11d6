"""The incidents that emergencies have opened, for the clinical lead."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from dosing.models import EmergencyIncident
from dosing.rules.emergencies import IncidentCategory
from hat_clinic.accounts.models import Clinic


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident: whose, for what, when, and the emergency that opened it."""

    patient_id: uuid.UUID
    emergency_id: uuid.UUID
    name: str
    category: str
    opened_at: datetime
    opened_by: str


def list_incidents(*, clinic: Clinic) -> tuple[IncidentRow, ...]:
    """Return every incident of a clinic, the newest first, in one statement."""
    found = EmergencyIncident.objects.select_related("emergency__patient", "opened_by").filter(
        emergency__clinic=clinic
    )
    return tuple(
        IncidentRow(
            patient_id=one.emergency.patient_id,
            emergency_id=one.emergency_id,
            name=one.emergency.patient.full_name,
            category=IncidentCategory(one.category).label,
            opened_at=one.opened_at,
            opened_by=one.opened_by.full_name if one.opened_by is not None else "nobody signed in",
        )
        for one in found.order_by("-opened_at", "category")
    )
