"""Health-service use over a period, recorded by the real action."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from outcomes.actions.service_use import record_service_use
from outcomes.models import ServiceUse
from outcomes.rules.service_use import UseSaid


def what_was_said(first_on: date, last_on: date, **more: Any) -> UseSaid:
    """Return what a person told: an ambulance twice, A&E never, and nobody asked about the hospital."""
    told: dict[str, Any] = {"source": "self_reported", "ambulance": 2, "ae": 0, "inpatient": None}
    return UseSaid(first_on=first_on, last_on=last_on, **{**told, **more})


def a_period(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    first_on: date,
    last_on: date,
    key: uuid.UUID | None = None,
    **more: Any,
) -> ServiceUse:
    """Record a period of one person in treatment."""
    return record_service_use(
        clinic=clinic,
        person=person_id,
        said=what_was_said(first_on, last_on, **more),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )
