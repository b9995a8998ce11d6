"""Where one person lives and has lived, and which rows count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import HousingRecord
from outcomes.rules.housing import HousingSaid, HousingState
from outcomes.rules.support import STRIKING, Correction
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class HousingVersion:
    """One row: as first written, or a correction of it."""

    id: uuid.UUID
    state: str
    on: date
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class HousingEntry:
    """One line: what stands now, and what was written before, newest first."""

    stands: HousingVersion
    before: tuple[HousingVersion, ...]


@dataclass(frozen=True, slots=True)
class HousingPage:
    """Where one person lives now (None: nobody wrote it down) and has lived, newest day first."""

    person_id: uuid.UUID
    name: str
    now: HousingVersion | None
    entries: tuple[HousingEntry, ...]


def standing_housing(clinic: Clinic, person_id: uuid.UUID) -> QuerySet[HousingRecord]:
    """Return the rows that count: amended by nothing and not struck out."""
    return HousingRecord.objects.filter(clinic=clinic, patient_id=person_id, amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def get_housing_page(*, clinic: Clinic, person_id: uuid.UUID) -> HousingPage | None:
    """Return one person's housing, or None for somebody never accepted here."""
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    rows = list(
        HousingRecord.objects.filter(clinic=clinic, patient_id=person_id)
        .select_related("recorded_by")
        .order_by("-recorded_on", "-recorded_at", "id")
    )
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    entries = tuple(_entry(row, by_id) for row in rows if row.id not in amended)
    standing = (entry.stands for entry in entries if not entry.stands.is_struck)
    return HousingPage(
        person_id=person_id,
        name=treatment.person.full_name,
        now=next(standing, None),
        entries=entries,
    )


def get_standing_housing(
    *, clinic: Clinic, person_id: uuid.UUID, housing_id: uuid.UUID
) -> HousingSaid | None:
    """Return what one line says, to be corrected, or None when it is not this person's."""
    row = HousingRecord.objects.filter(clinic=clinic, patient_id=person_id, id=housing_id).first()
    return HousingSaid(on=row.recorded_on, state=row.state) if row else None


def _entry(head: HousingRecord, by_id: dict[uuid.UUID, HousingRecord]) -> HousingEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return HousingEntry(stands=_version(head), before=tuple(before))


def _version(row: HousingRecord) -> HousingVersion:
    correction = Correction(row.correction) if row.correction else None
    return HousingVersion(
        id=row.id,
        state=HousingState(row.state).label,
        on=row.recorded_on,
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
    )
