"""Every write about who a person is and how their treatment runs."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.models import Episode, Person


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
