"""Where somebody lives, recorded by the real action."""

from __future__ import annotations

import uuid
from datetime import date

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from outcomes.actions.housing import record_housing
from outcomes.models import HousingRecord
from outcomes.rules.housing import HousingSaid


def a_housing_line(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    on: date,
    state: str = "sofa",
    key: uuid.UUID | None = None,
) -> HousingRecord:
    """Record where one person in treatment lives since a day."""
    return record_housing(
        clinic=clinic,
        person=person_id,
        said=HousingSaid(on=on, state=state),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )
