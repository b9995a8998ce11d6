"""The phases of a clinic's programme, as they were entered, and which of them count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import PhaseLine
from outcomes.rules.costs import STRUCK
from outcomes.rules.phases import PhaseSaid
from outcomes.rules.support import Correction


@dataclass(frozen=True, slots=True)
class PhaseVersion:
    """One line: as first entered, or a correction of it."""

    id: uuid.UUID
    said: PhaseSaid
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class PhaseEntry:
    """One phase: what stands now, and what was written before, newest first."""

    stands: PhaseVersion
    before: tuple[PhaseVersion, ...]


def standing_phases(clinic: Clinic) -> QuerySet[PhaseLine]:
    """Return the lines that count: amended by nothing and not struck out."""
    return PhaseLine.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(correction__in=STRUCK)


def list_phases(*, clinic: Clinic) -> tuple[PhaseEntry, ...]:
    """Return the phases of a clinic, the latest first."""
    rows = list(PhaseLine.objects.filter(clinic=clinic).select_related("recorded_by"))
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    heads = sorted(
        (row for row in rows if row.id not in amended),
        key=lambda row: (row.from_on, str(row.id)),
        reverse=True,
    )
    return tuple(_entry(head, by_id) for head in heads)


def get_phase(*, clinic: Clinic, line_id: uuid.UUID) -> PhaseSaid | None:
    """Return what one line says, to be corrected, or None when it is not this clinic's."""
    row = PhaseLine.objects.filter(clinic=clinic, id=line_id).first()
    return said_of(row) if row else None


def said_of(row: PhaseLine) -> PhaseSaid:
    """Return what a line says."""
    return PhaseSaid(
        name=row.name,
        first_on=row.from_on,
        last_on=row.to_on - timedelta(days=1) if row.to_on else None,
        places=row.places,
        sessions_per_day=row.sessions_per_day,
        funded_by=row.funded_by,
        funded_until=row.funded_until,
    )


def _entry(head: PhaseLine, by_id: dict[uuid.UUID, PhaseLine]) -> PhaseEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return PhaseEntry(stands=_version(head), before=tuple(before))


def _version(row: PhaseLine) -> PhaseVersion:
    return PhaseVersion(
        id=row.id,
        said=said_of(row),
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=Correction(row.correction).label if row.correction else "",
        is_struck=row.correction in STRUCK,
    )
