"""Stays in custody, recorded by the real action."""

from __future__ import annotations

import uuid
from datetime import date

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from outcomes.actions.custody import record_custody
from outcomes.models import CustodyStay
from outcomes.rules.custody import CustodySaid


def a_stay(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    first_on: date,
    last_on: date | None = None,
    kind: str = "prison",
    source: str = "self_reported",
    key: uuid.UUID | None = None,
) -> CustodyStay:
    """Record a stay of one person in treatment; without a last day they are still in."""
    return record_custody(
        clinic=clinic,
        person=person_id,
        said=CustodySaid(first_on=first_on, last_on=last_on, kind=kind, source=source),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )
