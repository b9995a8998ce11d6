"""Which consents stand."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet

from patients.models import Consent, ConsentWithdrawal
from patients.rules.consents import Purpose


def standing_consents(*, at: datetime) -> QuerySet[Consent]:
    """Return the consents that were given by a moment and not taken back by then."""
    return Consent.objects.filter(given_at__lte=at).exclude(withdrawal__withdrawn_at__lte=at)


def same_consent(*, person_id: uuid.UUID, purpose: Purpose, agency_id: uuid.UUID | None) -> Q:
    """Return the condition for every consent of one person to one purpose; for sharing, with one agency."""
    agency = Q(agency__isnull=True) if agency_id is None else Q(agency_id=agency_id)
    return Q(person_id=person_id, purpose=purpose) & agency


def has_consent(
    *, person_id: uuid.UUID, purpose: Purpose, at: datetime, agency_id: uuid.UUID | None = None
) -> bool:
    """Return whether a person's consent to a purpose stands at a moment; for sharing, with that agency.

    Inside a transaction that writes a dose, call `lock_person_for_dosing` first, then read the clock, then ask.
    """
    same = same_consent(person_id=person_id, purpose=purpose, agency_id=agency_id)
    return standing_consents(at=at).filter(same).exists()


def list_people_with_consent(
    *, person_ids: list[uuid.UUID], purpose: Purpose, at: datetime
) -> frozenset[uuid.UUID]:
    """Return whose consent to a purpose stands, in one query for 500 people."""
    standing = standing_consents(at=at).filter(person__in=person_ids, purpose=purpose)
    return frozenset(standing.values_list("person_id", flat=True))


def get_last_withdrawal(
    *, person_id: uuid.UUID, purpose: Purpose, agency_id: uuid.UUID | None
) -> datetime | None:
    """Return when the same consent was last taken back, or None."""
    same = Consent.objects.filter(
        same_consent(person_id=person_id, purpose=purpose, agency_id=agency_id), withdrawal__isnull=False
    )
    withdrawals = ConsentWithdrawal.objects.filter(consent__in=same).order_by("-withdrawn_at")
    return withdrawals.values_list("withdrawn_at", flat=True).first()
