"""The aims of a programme: what is in force, what waits to be approved, and what this program ships."""

from __future__ import annotations

import tomllib
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hat_clinic.accounts.models import Clinic
from outcomes.models import AimsVersion
from outcomes.rules.evaluation.quotable import is_quotable, list_quotable
from outcomes.rules.evaluation.written_aims import (
    AimSaid,
    AimsSaid,
    ShippedAims,
    read_shipped,
    shipped_in_force,
)

FOLDER = Path(__file__).resolve().parents[1] / "data" / "aims"
SHIPPED = "This program, after what was published. Nobody at the clinic has approved them."
OWN = "One person of the clinic, and approved by another"


@dataclass(frozen=True, slots=True)
class AimRow:
    """One aim with the labels of its figures."""

    words: str
    figures: tuple[str, ...]
    unknown: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of the clinic's own, and who approved it if anybody did."""

    id: uuid.UUID
    from_day: date
    aims: tuple[AimRow, ...]
    source: str
    written_by: str
    written_at: datetime
    approved_by: str
    approved_at: datetime | None
    is_own: bool
    is_too_late: bool


@dataclass(frozen=True, slots=True)
class AimsPage:
    """The aims in force today and where they are from, and every version of the clinic's own, latest first day first."""

    today: date
    aims: tuple[AimRow, ...]
    basis: str
    source: str
    rows: tuple[VersionRow, ...]

    def row(self, id: uuid.UUID) -> VersionRow | None:
        """Return the version with an id, or None."""
        return next((row for row in self.rows if row.id == id), None)


@cache
def list_shipped() -> tuple[ShippedAims, ...]:
    """Return every version that comes with this program, read once."""
    return tuple(
        version
        for file in sorted(FOLDER.glob("*.toml"))
        for version in read_shipped(tomllib.loads(file.read_text(encoding="utf-8")), knows=is_quotable)
    )


def has_aims(clinic: Clinic) -> bool:
    """Tell whether a clinic has approved aims, or aims are shipped for it: then a new version is not its first."""
    if any(clinic.code in one.clinic_codes for one in list_shipped()):
        return True
    return AimsVersion.objects.filter(clinic=clinic, approval__isnull=False).exists()


def list_aims_in_force(*, clinic: Clinic, as_of: date) -> list[dict[str, Any]]:
    """Return the aims of a clinic that had begun before the data cut, as they are frozen.

    Its own approved version wins over a shipped one; of one first day the last approved counts.
    """
    said, version, basis = _in_force(clinic, as_of)
    if said is None:
        return []
    return [
        {"number": number, **aim.to_json(), "version": version, "source": said.source, "basis": basis}
        for number, aim in enumerate(said.aims, start=1)
    ]


def get_aims_to_begin_from(*, clinic: Clinic, today: date) -> AimsSaid | None:
    """Return what is in force, to write a new version from, or None."""
    return _in_force(clinic, _after(today))[0]


def get_aims_page(*, clinic: Clinic, reader: uuid.UUID, today: date) -> AimsPage:
    """Return the aims in force today and every version that was written; `reader` is whoever looks."""
    said, version, basis = _in_force(clinic, _after(today))
    is_first = not has_aims(clinic)
    written = (
        AimsVersion.objects.filter(clinic=clinic)
        .select_related("written_by", "approval__approved_by")
        .order_by("-from_day", "-written_at")
    )
    rows = []
    for row in written:
        approval = getattr(row, "approval", None)
        rows.append(
            VersionRow(
                id=row.id,
                from_day=row.from_day,
                aims=_rows(_said(row)),
                source=row.source,
                written_by=row.written_by.full_name,
                written_at=row.written_at,
                approved_by=approval.approved_by.full_name if approval else "",
                approved_at=approval.approved_at if approval else None,
                is_own=row.written_by_id == reader,
                is_too_late=not is_first and row.from_day <= today,
            )
        )
    return AimsPage(
        today=today,
        aims=_rows(said) if said else (),
        basis=f"Version {version}. Written by: {basis}" if said else "",
        source=said.source if said else "",
        rows=tuple(rows),
    )


def _in_force(clinic: Clinic, as_of: date) -> tuple[AimsSaid | None, str, str]:
    """What had begun before a day, its version in words, and who stands for it."""
    approved = list(
        AimsVersion.objects.filter(clinic=clinic, approval__isnull=False)
        .select_related("approval")
        .order_by("approval__approved_at", "id")
    )
    begun = [(row.from_day, number, row) for number, row in enumerate(approved, 1) if row.from_day < as_of]
    if begun:
        _, number, row = max(begun, key=lambda one: one[:2])
        return _said(row), str(number), OWN
    shipped = shipped_in_force(list_shipped(), clinic_code=clinic.code, as_of=as_of)
    if shipped is None:
        return None, "", ""
    return shipped.said, f"{shipped.version} of those shipped", SHIPPED


def _after(today: date) -> date:
    return date.fromordinal(today.toordinal() + 1)


def _said(row: AimsVersion) -> AimsSaid:
    return AimsSaid(
        from_day=row.from_day,
        source=row.source,
        aims=tuple(
            AimSaid(words=aim["words"], figures=tuple(aim["figures"]), unknown=aim["unknown"])
            for aim in row.aims
        ),
    )


def _rows(said: AimsSaid) -> tuple[AimRow, ...]:
    labels = list_quotable()
    return tuple(
        AimRow(
            words=aim.words,
            figures=tuple(labels.get(one, one) for one in aim.figures),
            unknown=aim.unknown,
        )
        for aim in said.aims
    )
