"""How often a clinic asks the outcome form: what is in force, what comes, and what waits to be approved."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from outcomes.models import FormSchedule
from outcomes.rules.due_forms import Schedule, Schedules


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """Numbers that somebody wrote, and who approved them if anybody did."""

    id: uuid.UUID
    from_day: date
    every_days: int
    window_days: int
    source: str
    written_by: str
    written_at: datetime
    approved_by: str
    approved_at: datetime | None
    is_own: bool
    is_too_late: bool


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """What is in force today in words, and everything that was written, the latest first day first."""

    today: date
    words: str
    rows: tuple[ScheduleRow, ...]

    def row(self, id: uuid.UUID) -> ScheduleRow | None:
        """Return the numbers with an id, or None."""
        return next((row for row in self.rows if row.id == id), None)


def get_schedules(clinic: Clinic) -> Schedules:
    """Return the approved numbers of a clinic through time, in one query. Of one first day the last approved counts."""
    approved = (
        FormSchedule.objects.filter(clinic=clinic, approval__isnull=False)
        .select_related("written_by", "approval__approved_by")
        .order_by("from_day", "approval__approved_at")
    )
    return Schedules(
        tuple(
            (
                row.from_day,
                Schedule(
                    every_days=row.every_days,
                    window_days=row.window_days,
                    basis=(
                        f"From {row.source}; written by {row.written_by.full_name}, "
                        f"approved by {row.approval.approved_by.full_name}."
                    ),
                ),
            )
            for row in approved
        )
    )


def get_schedule_page(*, clinic: Clinic, reader: uuid.UUID, today: date) -> SchedulePage:
    """Return everything that was written for a clinic; `reader` is whoever looks."""
    written = (
        FormSchedule.objects.filter(clinic=clinic)
        .select_related("written_by", "approval__approved_by")
        .order_by("-from_day", "-written_at")
    )
    rows = []
    for row in written:
        approval = getattr(row, "approval", None)
        rows.append(
            ScheduleRow(
                id=row.id,
                from_day=row.from_day,
                every_days=row.every_days,
                window_days=row.window_days,
                source=row.source,
                written_by=row.written_by.full_name,
                written_at=row.written_at,
                approved_by=approval.approved_by.full_name if approval else "",
                approved_at=approval.approved_at if approval else None,
                is_own=row.written_by_id == reader,
                is_too_late=row.from_day <= today,
            )
        )
    return SchedulePage(today=today, words=get_schedules(clinic).on(today).words, rows=tuple(rows))
