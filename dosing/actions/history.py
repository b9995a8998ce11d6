"""Doses given before this system: history, never administrations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dosing.models import PlannedSession, SessionOutcome
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.actions import ImportedPeople

BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportedSession:
    """One session of an imported folder, with how it ended; milligrams only where a dose was given."""

    ref: str
    service_date: date
    slot: str
    outcome: str
    given_mg: int | None
    reason: str


def import_history(
    *, clinic: Clinic, imported: ImportedPeople, sessions: Iterable[ImportedSession], by: User, at: datetime
) -> None:
    """Store sessions and their outcomes of a checked folder, in the caller's transaction.

    They carry the import run and no injection, order or signature, and touch no register and no stock.
    """
    rows = list(sessions)
    planned = PlannedSession.objects.bulk_create(
        (
            PlannedSession(
                clinic=clinic,
                patient=imported.people[row.ref],
                episode=imported.episodes[row.ref],
                service_date=row.service_date,
                slot=row.slot,
                import_run=imported.run,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    SessionOutcome.objects.bulk_create(
        (
            SessionOutcome(
                session=session,
                outcome=row.outcome,
                reason=row.reason,
                given_mg=row.given_mg,
                import_run=imported.run,
            )
            for session, row in zip(planned, rows, strict=True)
        ),
        batch_size=BATCH,
    )
    record("dosing.history_imported", by=by, at=at, clinic=clinic.id, thing=imported.run, sessions=len(rows))
