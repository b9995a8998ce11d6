"""Which class of readers reads which edition of a clinic's reports, and what waits to be approved."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from outcomes.models import ReaderEditions
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.readers import Given, Grants, Reader, editions_given


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """What one class reads today."""

    label: str
    editions: str
    basis: str
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line that somebody wrote, and who approved it if anybody did."""

    id: uuid.UUID
    label: str
    from_day: date
    editions: str
    source: str
    written_by: str
    written_at: datetime
    approved_by: str
    approved_at: datetime | None
    is_own: bool
    is_too_late: bool


@dataclass(frozen=True, slots=True)
class ReadersPage:
    """What every class reads today, and everything that was written, the latest first day first."""

    today: date
    readers: tuple[ReaderRow, ...]
    lines: tuple[LineRow, ...]

    def line(self, id: uuid.UUID) -> LineRow | None:
        """Return the line with an id, or None."""
        return next((line for line in self.lines if line.id == id), None)


def get_grants(clinics: Collection[uuid.UUID]) -> dict[uuid.UUID, Grants]:
    """Return what each of some clinics approved, in one query."""
    approved = (
        ReaderEditions.objects.filter(clinic__in=clinics, approval__isnull=False)
        .select_related("written_by", "approval__approved_by")
        .order_by("from_day", "approval__approved_at")
    )
    lines: dict[uuid.UUID, list[tuple[Reader, date, Given]]] = {clinic: [] for clinic in clinics}
    for row in approved:
        basis = (
            f"{row.source.rstrip('.')}. Written by {row.written_by.full_name}, "
            f"approved by {row.approval.approved_by.full_name}."
        )
        lines[row.clinic_id].append(
            (Reader(row.reader), row.from_day, Given(_editions(row), basis, is_proposed=False))
        )
    return {clinic: Grants(tuple(rows)) for clinic, rows in lines.items()}


def get_readers_page(*, clinic: Clinic, reader: uuid.UUID, today: date) -> ReadersPage:
    """Return what every class reads and what was written for a clinic; `reader` is whoever looks."""
    grants = get_grants([clinic.pk])[clinic.pk]
    written = (
        ReaderEditions.objects.filter(clinic=clinic)
        .select_related("written_by", "approval__approved_by")
        .order_by("-from_day", "-written_at")
    )
    lines = []
    for row in written:
        approval = getattr(row, "approval", None)
        lines.append(
            LineRow(
                id=row.id,
                label=Reader(row.reader).label,
                from_day=row.from_day,
                editions=_words(_editions(row)),
                source=row.source,
                written_by=row.written_by.full_name,
                written_at=row.written_at,
                approved_by=approval.approved_by.full_name if approval else "",
                approved_at=approval.approved_at if approval else None,
                is_own=row.written_by_id == reader,
                is_too_late=row.from_day < today,
            )
        )
    return ReadersPage(
        today=today,
        readers=tuple(_reader(one, grants.on(one, today)) for one in Reader),
        lines=tuple(lines),
    )


def _reader(reader: Reader, given: Given) -> ReaderRow:
    return ReaderRow(reader.label, _words(given.editions), given.basis, given.is_proposed)


def _editions(row: ReaderEditions) -> frozenset[Edition]:
    return editions_given(has_restricted=row.has_restricted, has_justice=row.has_justice)


def _words(editions: Collection[Edition]) -> str:
    return ", ".join(edition.value for edition in Edition if edition in editions)
