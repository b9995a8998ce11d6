"""Steps of health topics, recorded by the real action."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date, now
from outcomes.actions.health import record_health_step
from outcomes.models import HealthLine
from outcomes.rules.health import HealthSaid, Topic


def a_health_step(
    clinic: Clinic,
    person_id: uuid.UUID,
    topic: str,
    step: str,
    *,
    by: User,
    on: date | None = None,
    key: uuid.UUID | None = None,
    **more: Any,
) -> HealthLine:
    """Record one step of somebody in treatment, today unless told otherwise, as somebody told it."""
    given: dict[str, Any] = {"source": "told", **more}
    return record_health_step(
        clinic=clinic,
        person=person_id,
        said=HealthSaid(topic=Topic(topic), step=step, on=on or london_date(now()), **given),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )


def a_kit(clinic: Clinic, person_id: uuid.UUID, *, by: User, days: int = 400, **more: Any) -> HealthLine:
    """Hand out a kit whose date comes in so many days."""
    until = london_date(now()) + timedelta(days=days)
    return a_health_step(clinic, person_id, "kit", "given", by=by, expires_on=until, **more)


def a_wound(clinic: Clinic, person_id: uuid.UUID, *, by: User, days_ago: int = 0, **more: Any) -> HealthLine:
    """Write down a wound that is looked at again on the day after."""
    on = london_date(now()) - timedelta(days=days_ago)
    given: dict[str, Any] = {
        "kind": "abscess",
        "site": "left forearm",
        "size": "a coin",
        "care": "cleaned, dry dressing",
        "review_on": on + timedelta(days=1),
        "source": "here",
        **more,
    }
    return a_health_step(clinic, person_id, "wound", "found", by=by, on=on, **given)
