"""Every write about who a person is and how their treatment runs."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record, record_look
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.prepared import ask_once_planned
from patients.models import Episode, Person, PersonChange
from patients.queries.around import tell_duplicates
from patients.queries.people import details_of, list_changed_names, tell_changes
from patients.rules.people import PersonDetails, changed_details, is_same_twice, may_change_person

# The database's own name of the rule that an NHS number is one person's.
NUMBER_IS_UNIQUE = "patients_person_nhs_number_key"
# Told without a word of whose the other record is.
NUMBER_IS_TAKEN = Decision(
    (
        block(
            "nhs_number",
            "This NHS number is on another record already. Check the number with the person.",
            "trust design 7",
        ),
    )
)


class EpisodeRefused(Exception):
    """The person could not be taken in; the message says why."""


class ChangeRefused(Refused):
    """The person was not changed; `decision` holds every reason, coded by the detail it is about."""


class ChangedMeanwhile(Exception):
    """The person was not changed: somebody else had changed them since the page was opened.

    `since` tells in words who changed what; `names` are the details that changed, `version` stands now.
    """

    def __init__(self, *, since: tuple[str, ...], names: tuple[str, ...], version: int) -> None:
        super().__init__(" ".join(since))
        self.since = since
        self.names = names
        self.version = version


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


def change_person(
    *,
    person_id: uuid.UUID,
    clinic: Clinic,
    details: PersonDetails,
    version: int,
    by: User,
    at: datetime,
    is_somebody_else: bool = False,
) -> tuple[str, ...]:
    """Store changed details of a person, and return the names of those that changed.

    `version` is the one that the changer had before them. Raises ChangedMeanwhile when another stands by now,
    and ChangeRefused with every reason; a refusal is in the audit trail. Nothing changed stores nothing. New names or
    a new birth date that another record of this clinic has too are refused with that record, unless `is_somebody_else`
    says that it was looked at. Source: product R 4.
    """
    try:
        with transaction.atomic(durable=True):
            answer = _change(person_id, clinic, details, version, is_somebody_else, by=by, at=at)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != NUMBER_IS_UNIQUE:
            raise
        raise ChangeRefused(NUMBER_IS_TAKEN) from error  # another record got it in the same moment
    if isinstance(answer, ChangedMeanwhile):
        raise answer
    if isinstance(answer, Decision):
        raise ChangeRefused(answer)
    return answer


def _change(
    person_id: uuid.UUID,
    clinic: Clinic,
    details: PersonDetails,
    version: int,
    is_somebody_else: bool,
    *,
    by: User,
    at: datetime,
) -> tuple[str, ...] | Decision | ChangedMeanwhile:
    person = Person.objects.select_for_update(of=("self",)).get(id=person_id)
    if person.version != version:
        _note_refusal(["changed_meanwhile"], person_id, clinic, by=by, at=at)
        since = tell_changes(person_id=person_id, after_version=version)
        names = list_changed_names(person_id=person_id, after_version=version)
        return ChangedMeanwhile(since=since, names=names, version=person.version)
    decision = may_change_person(details, today=london_date(at))
    number = details.nhs_number
    if number is not None and Person.objects.filter(nhs_number=number).exclude(id=person.id).exists():
        decision |= NUMBER_IS_TAKEN
    if {"given_names", "family_name", "born_on"} & set(changed_details(details_of(person), details)):
        written = f"{details.given_names} {details.family_name}"
        others = tell_duplicates(person_id=person_id, clinic=clinic, names=written, born_on=details.born_on)
        told = tuple(other.words for other in others)
        decision |= is_same_twice(told, is_somebody_else=is_somebody_else)
        shown = [other.person_id for other in others if other.is_told]
        if shown and not decision.is_allowed:
            record_look("patients.other_record_told", by=by, at=at, clinic=clinic.id, people=shown)
    if not decision.is_allowed:
        _note_refusal(decision.refusal_codes, person_id, clinic, by=by, at=at)
        return decision
    before = details_of(person)
    changed = changed_details(before, details)
    if changed:
        _store_change(person, clinic, before, details, changed, by=by, at=at)
    return changed


def _note_refusal(codes: list[str], person_id: uuid.UUID, clinic: Clinic, *, by: User, at: datetime) -> None:
    record(
        "patients.person_changed",
        by=by,
        at=at,
        clinic=clinic.id,
        person=person_id,
        refused=True,
        codes=codes,
    )


def _store_change(
    person: Person,
    clinic: Clinic,
    before: PersonDetails,
    details: PersonDetails,
    changed: tuple[str, ...],
    *,
    by: User,
    at: datetime,
) -> None:
    for name in changed:
        setattr(person, name, getattr(details, name))
    person.birth_year = details.born_on.year
    person.version += 1
    person.save(update_fields=[*changed, "birth_year", "version"])
    PersonChange.objects.create(
        person=person,
        version=person.version,
        changed_at=at,
        changed_by=by,
        before=_values(before, changed),
        after=_values(details, changed),
    )
    record(
        "patients.person_changed",
        by=by,
        at=at,
        clinic=clinic.id,
        person=person.id,
        thing=person,
        details=list(changed),
    )


def _values(details: PersonDetails, names: tuple[str, ...]) -> dict[str, str | bool | None]:
    """Return details as they are kept in a history: a date as text."""
    return {
        name: value.isoformat() if isinstance(value := getattr(details, name), date) else value
        for name in names
    }


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
    changed = ask_once_planned(
        "UPDATE patients_episode SET started_on = $1 WHERE id = $2 AND started_on IS NULL RETURNING id",
        ("date", "uuid"),
        [started_on, episode.id],
    )
    if changed is not None:
        record(
            "patients.treatment_started",
            by=by,
            at=at,
            clinic=episode.clinic_id,
            person=episode.person_id,
            thing=episode,
        )
