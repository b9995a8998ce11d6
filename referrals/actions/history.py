"""Referrals taken in from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.actions import ImportedPeople
from referrals.models import Referral


@dataclass(frozen=True, slots=True)
class ImportedReferral:
    """One referral of an imported folder; closed dates are those of somebody who left before a start."""

    ref: str
    source: str
    referred_on: date
    assessed_on: date | None
    is_eligible: bool | None
    closed_on: date | None
    closed_reason: str
    area: str


def import_history(
    *, clinic: Clinic, imported: ImportedPeople, referrals: Iterable[ImportedReferral], by: User, at: datetime
) -> None:
    """Store the referrals of a checked folder, in the caller's transaction."""
    stored = Referral.objects.bulk_create(
        (
            Referral(
                clinic=clinic,
                person=imported.people[row.ref],
                source=row.source,
                referred_on=row.referred_on,
                assessed_on=row.assessed_on,
                is_eligible=row.is_eligible,
                episode=imported.episodes.get(row.ref),
                closed_on=row.closed_on,
                closed_reason=row.closed_reason,
                area=row.area,
                import_run=imported.run,
            )
            for row in referrals
        ),
        batch_size=500,
    )
    record(
        "referrals.history_imported",
        by=by,
        at=at,
        clinic=clinic.id,
        thing=imported.run,
        referrals=len(stored),
    )
