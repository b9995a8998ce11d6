"""Offences that one person told of, and which rows count. What police recorded is read elsewhere, never here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from outcomes.models import Offence, OffenceType
from outcomes.rules.support import Correction
from outcomes.rules.told_offences import OffenceTold
from patients.models import Episode

TOLD = Offence.Source.SELF_REPORTED


@dataclass(frozen=True, slots=True)
class ToldVersion:
    """One row: as first written, or a correction of it."""

    id: uuid.UUID
    kind: str
    on: date
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """One offence: what stands now, and what was written before, newest first."""

    stands: ToldVersion
    before: tuple[ToldVersion, ...]


@dataclass(frozen=True, slots=True)
class ToldPage:
    """What one person told of, newest day first."""

    person_id: uuid.UUID
    name: str
    entries: tuple[ToldEntry, ...]


def list_offence_kinds() -> list[tuple[str, str]]:
    """Return the code and the words of every kind of offence, by its words."""
    return list(OffenceType.objects.order_by("label").values_list("code", "label"))


def get_told_page(*, clinic: Clinic, person_id: uuid.UUID) -> ToldPage | None:
    """Return what one person told of, or None for somebody never accepted here."""
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    rows = list(
        Offence.objects.filter(clinic_id=clinic.id, person_id=person_id, source=TOLD)
        .select_related("recorded_by", "type")
        .order_by("-occurred_on", "-recorded_at", "id")
    )
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    return ToldPage(
        person_id=person_id,
        name=treatment.person.full_name,
        entries=tuple(_entry(row, by_id) for row in rows if row.id not in amended),
    )


def get_told_offence(*, clinic: Clinic, person_id: uuid.UUID, offence_id: uuid.UUID) -> OffenceTold | None:
    """Return what one row says, to be corrected, or None when this person did not tell of it."""
    row = Offence.objects.filter(clinic_id=clinic.id, person_id=person_id, id=offence_id, source=TOLD).first()
    return OffenceTold(on=row.occurred_on, kind=row.type_id) if row else None


def _entry(head: Offence, by_id: dict[uuid.UUID, Offence]) -> ToldEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return ToldEntry(stands=_version(head), before=tuple(before))


def _version(row: Offence) -> ToldVersion:
    correction = Correction(row.correction) if row.correction else None
    return ToldVersion(
        id=row.id,
        kind=row.type.label,
        on=row.occurred_on,
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
    )
