"""What a clinic is known by, and every correction of it that was written."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import Clinic, SessionSlot
from outcomes.models import ClinicCorrection
from outcomes.rules.clinic_corrections import ClinicHas, ClinicSaid
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One correction: what was and what it says, why, and who wrote and approved it."""

    id: uuid.UUID
    was: ClinicSaid
    said: ClinicSaid
    why: str
    written_by: str
    written_at: datetime
    approved_by: str
    approved_at: datetime | None
    is_own: bool
    is_outdated: bool

    @property
    def changes(self) -> tuple[tuple[str, object, object], ...]:
        """What differs: its name, what was, what it says."""
        compared = (
            ("Name", self.was.name, self.said.name),
            ("Opened on", self.was.opened_on, self.said.opened_on),
            ("Places", self.was.places, self.said.places),
            ("Sessions a day", self.was.sessions_per_day, self.said.sessions_per_day),
        )
        return tuple((name, was, says) for name, was, says in compared if was != says)


@dataclass(frozen=True, slots=True)
class ClinicPage:
    """What stands, and everything that was written, the newest first."""

    code: str
    stands: ClinicSaid
    rows: tuple[CorrectionRow, ...]

    def row(self, id: uuid.UUID) -> CorrectionRow | None:
        """Return the correction with an id, or None."""
        return next((row for row in self.rows if row.id == id), None)


def said_of_clinic(clinic: Clinic) -> ClinicSaid:
    """Return what a clinic's row says."""
    return ClinicSaid(
        name=clinic.name,
        opened_on=clinic.opened_on,
        places=clinic.places,
        sessions_per_day=clinic.sessions_per_day,
    )


def said_of(row: ClinicCorrection) -> ClinicSaid:
    """Return what a correction says."""
    return ClinicSaid(
        name=row.name, opened_on=row.opened_on, places=row.places, sessions_per_day=row.sessions_per_day
    )


def was_of(row: ClinicCorrection) -> ClinicSaid:
    """Return what stood when a correction was written."""
    return ClinicSaid(
        name=row.was_name,
        opened_on=row.was_opened,
        places=row.was_places,
        sessions_per_day=row.was_sessions_per_day,
    )


def get_what_clinic_has(clinic: Clinic) -> ClinicHas:
    """Return what a correction may not contradict."""
    started = Episode.objects.filter(clinic=clinic, started_on__isnull=False).order_by("started_on")
    return ClinicHas(
        first_start_on=started.values_list("started_on", flat=True).first(),
        slots=SessionSlot.objects.filter(clinic=clinic).count(),
    )


def get_clinic_page(*, clinic: Clinic, reader: uuid.UUID) -> ClinicPage:
    """Return what a clinic is known by and how it was corrected; `reader` is whoever looks."""
    stands = said_of_clinic(Clinic.objects.get(pk=clinic.pk))
    written = (
        ClinicCorrection.objects.filter(clinic=clinic)
        .select_related("written_by", "approval__approved_by")
        .order_by("-written_at", "-id")
    )
    rows = []
    for row in written:
        approval = getattr(row, "approval", None)
        rows.append(
            CorrectionRow(
                id=row.id,
                was=was_of(row),
                said=said_of(row),
                why=row.why,
                written_by=row.written_by.full_name,
                written_at=row.written_at,
                approved_by=approval.approved_by.full_name if approval else "",
                approved_at=approval.approved_at if approval else None,
                is_own=row.written_by_id == reader,
                is_outdated=approval is None and was_of(row) != stands,
            )
        )
    return ClinicPage(code=clinic.code, stands=stands, rows=tuple(rows))
