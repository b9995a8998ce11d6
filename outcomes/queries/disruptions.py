"""The disruptions of a clinic, and which of them count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import Disruption
from outcomes.rules.costs import STRUCK
from outcomes.rules.disruptions import DisruptionKind, DisruptionSaid
from outcomes.rules.support import Correction


@dataclass(frozen=True, slots=True)
class DisruptionVersion:
    """One row: as first entered, or a correction of it."""

    id: uuid.UUID
    said: DisruptionSaid
    kind: str
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class DisruptionEntry:
    """One disruption: what stands now, and what was written before, newest first."""

    stands: DisruptionVersion
    before: tuple[DisruptionVersion, ...]


def standing_disruptions(clinic: Clinic) -> QuerySet[Disruption]:
    """Return the rows that count: amended by nothing and not struck out."""
    return Disruption.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(correction__in=STRUCK)


def list_disruptions(*, clinic: Clinic) -> tuple[DisruptionEntry, ...]:
    """Return the disruptions of a clinic, the latest first."""
    rows = list(Disruption.objects.filter(clinic=clinic).select_related("recorded_by"))
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    heads = sorted(
        (row for row in rows if row.id not in amended),
        key=lambda row: (row.from_on, str(row.id)),
        reverse=True,
    )
    return tuple(_entry(head, by_id) for head in heads)


def get_disruption(*, clinic: Clinic, disruption_id: uuid.UUID) -> DisruptionSaid | None:
    """Return what one row says, to be corrected, or None when it is not this clinic's."""
    row = Disruption.objects.filter(clinic=clinic, id=disruption_id).first()
    return said_of(row) if row else None


def said_of(row: Disruption) -> DisruptionSaid:
    """Return what a row says."""
    last_on = row.to_on - timedelta(days=1) if row.to_on else None
    return DisruptionSaid(first_on=row.from_on, last_on=last_on, kind=row.kind, label=row.label)


def _entry(head: Disruption, by_id: dict[uuid.UUID, Disruption]) -> DisruptionEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return DisruptionEntry(stands=_version(head), before=tuple(before))


def _version(row: Disruption) -> DisruptionVersion:
    return DisruptionVersion(
        id=row.id,
        said=said_of(row),
        kind=DisruptionKind(row.kind).label,
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=Correction(row.correction).label if row.correction else "",
        is_struck=row.correction in STRUCK,
    )
