"""An offence that a person told of, written down by the real action."""

from __future__ import annotations

import uuid
from datetime import date

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from outcomes.actions.told_offences import record_told_offence
from outcomes.models import Offence
from outcomes.rules.told_offences import OffenceTold


def a_told_offence(
    clinic: Clinic,
    person_id: uuid.UUID,
    *,
    by: User,
    on: date,
    kind: str = "shoplifting",
    key: uuid.UUID | None = None,
) -> Offence:
    """Write down what one person in treatment told of."""
    return record_told_offence(
        clinic=clinic,
        person=person_id,
        said=OffenceTold(on=on, kind=kind),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )
