"""Every write about who a person is and how their treatment runs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.models import Episode, ImportRun, Incident, Person


class EpisodeRefused(Exception):
    """The person could not be taken in; the message says why."""


@transaction.atomic(durable=True)
def register_person(
    *,
    given_names: str,
    family_name: str,
    born_on: date,
    sex: str,
    address: str,
    nhs_number: str | None,
    is_invented: bool,
    by: User,
    at: datetime,
) -> Person:
    """Store one person with their name, birth date and address; `is_invented` marks demo people."""
    return admit_person(
        person_id=uuid.uuid4(),
        given_names=given_names,
        family_name=family_name,
        born_on=born_on,
        sex=sex,
        address=address,
        nhs_number=nhs_number,
        is_invented=is_invented,
        by=by,
        at=at,
    )


def admit_person(
    *,
    person_id: uuid.UUID,
    given_names: str,
    family_name: str,
    born_on: date,
    sex: str,
    address: str,
    nhs_number: str | None,
    is_invented: bool,
    by: User,
    at: datetime,
) -> Person:
    """Store one person under an id that is known already, in the caller's transaction.

    A person who was referred keeps the id under which the referral was counted and looked at.
    """
    person = Person.objects.create(
        id=person_id,
        given_names=given_names,
        family_name=family_name,
        born_on=born_on,
        birth_year=born_on.year,
        sex=sex,
        address=address,
        nhs_number=nhs_number,
        is_invented=is_invented,
    )
    record("patients.person_registered", by=by, at=at, person=person.id, thing=person)
    return person


def open_episode(*, person: Person, clinic: Clinic, accepted_on: date, by: User, at: datetime) -> Episode:
    """Open the treatment of an accepted person, in the caller's transaction.

    Raises EpisodeRefused when the person is in treatment already, here or elsewhere.
    """
    if Episode.objects.filter(person=person, exited_on__isnull=True).exists():
        raise EpisodeRefused("This person is already in treatment.")
    episode = Episode.objects.create(person=person, clinic=clinic, accepted_on=accepted_on)
    record("patients.episode_opened", by=by, at=at, clinic=clinic.id, person=person.id, thing=episode)
    return episode


def start_treatment(*, episode: Episode, started_on: date, by: User, at: datetime) -> None:
    """Mark the day of the first dose given here, in the caller's transaction; later doses change nothing."""
    changed = Episode.objects.filter(id=episode.id, started_on__isnull=True).update(started_on=started_on)
    if changed:
        record(
            "patients.treatment_started",
            by=by,
            at=at,
            clinic=episode.clinic_id,
            person=episode.person_id,
            thing=episode,
        )


# --- history taken in from elsewhere ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportedPerson:
    """One person of an imported folder: known by a reference only. `accepted_on` goes with `started_on`."""

    ref: str
    sex: str
    birth_year: int | None
    accepted_on: date
    started_on: date | None
    exited_on: date | None
    exit_reason: str


@dataclass(frozen=True, slots=True)
class ImportedIncident:
    """One safety event of an imported folder."""

    ref: str
    happened_on: date
    category: str
    on_site: bool
    naloxone_given: bool | None
    place: str
    is_drug_related: bool | None


@dataclass(frozen=True, slots=True)
class ImportedPeople:
    """What stands after the people were stored: the run, and person and episode by reference."""

    run: ImportRun
    people: dict[str, Person]
    episodes: dict[str, Episode]


def import_history(
    *,
    clinic: Clinic,
    folder_sha256: str,
    counts: dict[str, int],
    people: Iterable[ImportedPerson],
    incidents: Iterable[ImportedIncident],
    is_invented: bool,
    by: User,
    at: datetime,
) -> ImportedPeople:
    """Store the people, episodes and incidents of a checked folder, in the caller's transaction.

    The database refuses the same folder for the same clinic twice (one_import_of_a_folder_per_clinic).
    """
    run = ImportRun.objects.create(
        clinic=clinic, folder_sha256=folder_sha256, imported_at=at, imported_by=by, counts=counts
    )
    stored: dict[str, Person] = {}
    episodes: dict[str, Episode] = {}
    for row in people:
        stored[row.ref] = Person(
            sex=row.sex,
            birth_year=row.birth_year,
            is_invented=is_invented,
            import_run=run,
            imported_ref=row.ref,
        )
        if row.started_on is not None:
            episodes[row.ref] = Episode(
                person=stored[row.ref],
                clinic=clinic,
                accepted_on=row.accepted_on,
                started_on=row.started_on,
                exited_on=row.exited_on,
                exit_reason=row.exit_reason,
                import_run=run,
            )
    Person.objects.bulk_create(stored.values(), batch_size=500)
    Episode.objects.bulk_create(episodes.values(), batch_size=500)
    Incident.objects.bulk_create(
        (
            Incident(
                clinic=clinic,
                person=stored[row.ref],
                happened_on=row.happened_on,
                category=row.category,
                on_site=row.on_site,
                naloxone_given=row.naloxone_given,
                place=row.place,
                is_drug_related=row.is_drug_related,
                import_run=run,
            )
            for row in incidents
        ),
        batch_size=500,
    )
    record("patients.history_imported", by=by, at=at, clinic=clinic.id, thing=run, people=len(stored))
    return ImportedPeople(run=run, people=stored, episodes=episodes)
