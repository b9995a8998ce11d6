"""One person's health-service use by period, and which rows count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import ServiceUse
from outcomes.rules.service_use import A_DAY, UseSaid
from outcomes.rules.support import STRIKING, Correction
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class UseVersion:
    """One row: as first written, or a correction of it."""

    id: uuid.UUID
    said: UseSaid
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class UseEntry:
    """One period: what stands now, and what was written before, newest first."""

    stands: UseVersion
    before: tuple[UseVersion, ...]


@dataclass(frozen=True, slots=True)
class UsePage:
    """One person's periods, the latest first."""

    person_id: uuid.UUID
    name: str
    entries: tuple[UseEntry, ...]


def standing_use(clinic: Clinic, person_id: uuid.UUID) -> QuerySet[ServiceUse]:
    """Return the rows that count: amended by nothing and not struck out."""
    return ServiceUse.objects.filter(clinic=clinic, patient_id=person_id, amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def get_service_use_page(*, clinic: Clinic, person_id: uuid.UUID) -> UsePage | None:
    """Return one person's periods, or None for somebody never accepted here."""
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    rows = list(
        ServiceUse.objects.filter(clinic=clinic, patient_id=person_id)
        .select_related("recorded_by")
        .order_by("-from_on", "source", "-recorded_at", "id")
    )
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    entries = tuple(_entry(row, by_id) for row in rows if row.id not in amended)
    return UsePage(
        person_id=person_id,
        name=treatment.person.full_name,
        entries=entries,
    )


def get_use(*, clinic: Clinic, person_id: uuid.UUID, use_id: uuid.UUID) -> UseSaid | None:
    """Return what one row says, to be corrected, or None when it is not this person's."""
    row = ServiceUse.objects.filter(clinic=clinic, patient_id=person_id, id=use_id).first()
    return said_of(row) if row else None


def said_of(row: ServiceUse) -> UseSaid:
    """Return what a row says."""
    return UseSaid(
        first_on=row.from_on,
        last_on=row.to_on - A_DAY,
        source=row.source,
        ambulance=row.ambulance,
        ae=row.ae,
        inpatient=row.inpatient,
    )


def _entry(head: ServiceUse, by_id: dict[uuid.UUID, ServiceUse]) -> UseEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return UseEntry(stands=_version(head), before=tuple(before))


def _version(row: ServiceUse) -> UseVersion:
    return UseVersion(
        id=row.id,
        said=said_of(row),
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=Correction(row.correction).label if row.correction else "",
        is_struck=row.correction in STRIKING,
    )
