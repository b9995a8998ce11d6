"""Opening clinics and premises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from django.db import transaction

from hat_clinic.accounts.models import Clinic, Premises, SessionSlot, Slot, User
from hat_clinic.audit.actions import record


def open_clinic(
    *,
    code: str,
    name: str,
    opened_on: date,
    places: int,
    sessions_per_day: int,
    has_invented_people: bool,
    by: User | None,
    at: datetime,
    slots: Mapping[Slot, tuple[time, time]] | None = None,
) -> Clinic:
    """Store one clinic, and when its sessions open and close by the clock in Europe/London.

    May run inside the caller's transaction. A code that is taken is refused by the database.
    """
    with transaction.atomic():
        clinic = Clinic.objects.create(
            code=code,
            name=name,
            opened_on=opened_on,
            places=places,
            sessions_per_day=sessions_per_day,
            has_invented_people=has_invented_people,
        )
        SessionSlot.objects.bulk_create(
            SessionSlot(clinic=clinic, name=slot, opens_at=opens_at, closes_at=closes_at)
            for slot, (opens_at, closes_at) in (slots or {}).items()
        )
        record("accounts.clinic_opened", by=by, at=at, clinic=clinic.pk, thing=clinic)
    return clinic


def open_premises(*, clinic: Clinic, name: str, address: str, by: User | None, at: datetime) -> Premises:
    """Store one address of a clinic where controlled drugs are kept and given."""
    with transaction.atomic(durable=True):
        premises = Premises.objects.create(clinic=clinic, name=name, address=address)
        record("accounts.premises_opened", by=by, at=at, clinic=clinic.pk, thing=premises)
    return premises
