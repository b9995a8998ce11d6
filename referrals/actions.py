"""Every write about how a person comes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.actions import ImportedPeople, open_episode
from patients.models import Episode, Person
from referrals.models import Referral


class AcceptanceRefused(Exception):
    """The person was not accepted; the message says why."""


@transaction.atomic(durable=True)
def receive_referral(
    *, clinic: Clinic, person: Person, source: str, referred_on: date, by: User, at: datetime
) -> Referral:
    """Store one referral of a person to a clinic."""
    referral = Referral.objects.create(clinic=clinic, person=person, source=source, referred_on=referred_on)
    record("referrals.referral_received", by=by, at=at, clinic=clinic.id, person=person.id, thing=referral)
    return referral


@transaction.atomic(durable=True)
def accept_referral(*, referral: Referral, assessed_on: date, by: User, at: datetime) -> Episode:
    """Accept a referred person into the clinic's places, once; a second press returns the same episode.

    Raises AcceptanceRefused when every place is taken or the referral was closed, EpisodeRefused when the
    person is in treatment already.
    """
    clinic = Clinic.objects.select_for_update().get(id=referral.clinic_id)
    standing = Referral.objects.select_for_update(of=("self",)).select_related("episode").get(id=referral.id)
    if standing.episode is not None:
        return standing.episode
    if standing.closed_on is not None:
        raise AcceptanceRefused("This referral was closed. Ask for a new one.")
    if Episode.objects.filter(clinic=clinic, exited_on__isnull=True).count() >= clinic.places:
        raise AcceptanceRefused(
            f"All {clinic.places} places are taken. The person stays on the waiting list."
        )
    episode = open_episode(person=standing.person, clinic=clinic, accepted_on=assessed_on, by=by, at=at)
    standing.assessed_on = assessed_on
    standing.is_eligible = True
    standing.episode = episode
    standing.save(update_fields=["assessed_on", "is_eligible", "episode"])
    record(
        "referrals.referral_accepted",
        by=by,
        at=at,
        clinic=clinic.id,
        person=standing.person_id,
        thing=standing,
    )
    return episode


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
