"""Who is ready to be ordered for: whose treatment consent stands, and who was assessed."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime

from patients.models import Assessment
from patients.queries import list_people_with_consent
from patients.rules.consents import Purpose


def list_consented(people: Collection[uuid.UUID], *, at: datetime) -> frozenset[uuid.UUID]:
    """Return whose treatment consent stands at a moment, in one query."""
    return list_people_with_consent(person_ids=list(people), purpose=Purpose.TREATMENT, at=at)


def list_assessed(people: Collection[uuid.UUID], *, at: datetime) -> dict[uuid.UUID, date]:
    """Return who has a signed medical assessment of the treatment that runs, and when the next is due, in one query."""
    signed = Assessment.objects.filter(
        episode__person__in=people, episode__exited_on__isnull=True, signed_at__lte=at
    )
    newest = signed.order_by("episode__person", "-number").distinct("episode__person")
    return dict(newest.values_list("episode__person_id", "due_on"))
