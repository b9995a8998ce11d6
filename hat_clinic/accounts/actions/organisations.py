"""Opening clinics and premises, and naming the agencies that work with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import Agency, Clinic, Premises, SessionSlot, Slot, User
from hat_clinic.audit.actions import record


class AgencyRefused(Exception):
    """The agency was not stored; the message says why."""


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
    preset: str = "",
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
            preset=preset,
        )
        SessionSlot.objects.bulk_create(
            SessionSlot(clinic=clinic, name=slot, opens_at=opens_at, closes_at=closes_at)
            for slot, (opens_at, closes_at) in (slots or {}).items()
        )
        record("accounts.clinic_opened", by=by, at=at, clinic=clinic.pk, thing=clinic)
    return clinic


def open_premises(*, clinic: Clinic, name: str, address: str, by: User | None, at: datetime) -> Premises:
    """Store one address of a clinic where controlled drugs are kept and given.

    May run inside the caller's transaction.
    """
    with transaction.atomic():
        premises = Premises.objects.create(clinic=clinic, name=name, address=address)
        record("accounts.premises_opened", by=by, at=at, clinic=clinic.pk, thing=premises)
    return premises


def add_agency(*, name: str, kind: Agency.Kind, clinic: Clinic, by: User | None, at: datetime) -> Agency:
    """Store one agency, for every clinic that works with it. Raises AgencyRefused for a name that is taken."""
    try:
        with transaction.atomic(durable=True):
            agency = Agency.objects.create(name=name, kind=kind)
            record("accounts.agency_added", by=by, at=at, clinic=clinic.pk, thing=agency, kind=str(kind))
    except IntegrityError as error:
        raise AgencyRefused("An agency of that name is known already. Choose it from the list.") from error
    return agency
