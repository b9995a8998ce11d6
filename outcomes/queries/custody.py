"""One person's stays in custody, and which rows count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import CustodyStay
from outcomes.rules.custody import ENDED, REASONS, CustodySaid, last_day
from outcomes.rules.support import STRIKING
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class CustodyVersion:
    """One row: as first written, with its end, or a correction of it."""

    id: uuid.UUID
    said: CustodySaid
    recorded_by: str
    recorded_at: datetime | None
    why_written_again: str
    is_end: bool
    is_struck: bool

    @property
    def is_open(self) -> bool:
        """Whether the person is still in."""
        return self.said.last_on is None and not self.is_struck


@dataclass(frozen=True, slots=True)
class CustodyEntry:
    """One stay: what stands now, and what was written before, newest first."""

    stands: CustodyVersion
    before: tuple[CustodyVersion, ...]


@dataclass(frozen=True, slots=True)
class CustodyPage:
    """One person's stays in custody, the latest first, and those that they are still in."""

    person_id: uuid.UUID
    name: str
    open: tuple[CustodyVersion, ...]
    entries: tuple[CustodyEntry, ...]


def standing_custody(clinic: Clinic, person_id: uuid.UUID) -> QuerySet[CustodyStay]:
    """Return the rows that count: amended by nothing and not struck out."""
    return CustodyStay.objects.filter(clinic=clinic, patient_id=person_id, amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def get_custody_page(*, clinic: Clinic, person_id: uuid.UUID) -> CustodyPage | None:
    """Return one person's stays, or None for somebody never accepted here."""
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    rows = list(
        CustodyStay.objects.filter(clinic=clinic, patient_id=person_id)
        .select_related("recorded_by")
        .order_by("-during", "-recorded_at", "id")
    )
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    entries = tuple(_entry(row, by_id) for row in rows if row.id not in amended)
    return CustodyPage(
        person_id=person_id,
        name=treatment.person.full_name,
        open=tuple(entry.stands for entry in entries if entry.stands.is_open),
        entries=entries,
    )


def get_stay(*, clinic: Clinic, person_id: uuid.UUID, stay_id: uuid.UUID) -> CustodySaid | None:
    """Return what one row says, to be ended or corrected, or None when it is not this person's."""
    row = CustodyStay.objects.filter(clinic=clinic, patient_id=person_id, id=stay_id).first()
    return said_of(row) if row else None


def said_of(row: CustodyStay) -> CustodySaid:
    """Return what a row says."""
    return CustodySaid(
        first_on=row.during.lower, last_on=last_day(row.during.upper), kind=row.kind, source=row.source
    )


def _entry(head: CustodyStay, by_id: dict[uuid.UUID, CustodyStay]) -> CustodyEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return CustodyEntry(stands=_version(head), before=tuple(before))


def _version(row: CustodyStay) -> CustodyVersion:
    return CustodyVersion(
        id=row.id,
        said=said_of(row),
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_written_again=REASONS.get(row.correction, ""),
        is_end=row.correction == ENDED,
        is_struck=row.correction in STRIKING,
    )
