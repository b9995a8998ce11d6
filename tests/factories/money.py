"""How something about money or work stands, recorded by the real action."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date, now
from outcomes.actions.money import record_money
from outcomes.models import MoneyLine
from outcomes.rules.money import MoneySaid, MoneyTopic


def a_money_line(
    clinic: Clinic,
    person_id: uuid.UUID,
    topic: str,
    state: str,
    *,
    by: User,
    on: date | None = None,
    key: uuid.UUID | None = None,
    **more: Any,
) -> MoneyLine:
    """Record how something stands, since today unless told otherwise."""
    return record_money(
        clinic=clinic,
        person=person_id,
        said=MoneySaid(topic=MoneyTopic(topic), state=state, on=on or london_date(now()), **more),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )


def a_debt(clinic: Clinic, person_id: uuid.UUID, *, by: User, **more: Any) -> MoneyLine:
    """Record a debt of rent, its sum known to nobody unless told."""
    return a_money_line(clinic, person_id, "debt", "owed", by=by, **{"kind": "rent", **more})
