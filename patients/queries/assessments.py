"""What was found when somebody was assessed."""

from __future__ import annotations

import uuid
from datetime import datetime

from patients.models import Assessment
from patients.rules.assessments import Capacity, Pregnancy, StandingAssessment


def find_assessment(*, person_id: uuid.UUID, at: datetime) -> Assessment | None:
    """Return the newest assessment signed by a moment in the person's treatment that runs now, or None."""
    return (
        Assessment.objects.select_related("signed_by")
        .filter(episode__person_id=person_id, episode__exited_on__isnull=True, signed_at__lte=at)
        .order_by("-number")
        .first()
    )


def get_standing_assessment(*, person_id: uuid.UUID, at: datetime) -> StandingAssessment | None:
    """Return what an order may rest on, as `may_order_rest_on` reads it; None when nothing was signed.

    An assessment of an earlier treatment does not count for a later one.
    """
    found = find_assessment(person_id=person_id, at=at)
    if found is None:
        return None
    return StandingAssessment(
        number=found.number,
        signed_by=found.signed_by.full_name,
        signed_at=found.signed_at,
        due_on=found.due_on,
        has_capacity=found.capacity == Capacity.YES,
        is_pregnant=found.pregnancy == Pregnancy.YES,
    )
