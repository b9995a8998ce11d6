"""One person's row: found in a clinic, and locked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON
from patients.models import Episode, Person, PersonChange
from patients.queries.photos import photo_url
from patients.rules.people import WORDS, PersonDetails, initials_of

EXIT_REASONS: Final = tuple((str(value), str(words)) for value, words in Episode.ExitReason.choices)
SEXES: Final = tuple((str(value), str(words)) for value, words in Person.Sex.choices)


class PersonIsImported(Exception):
    """The person is known by the reference of old records only, and has no details."""


def lock_person(*, person_id: uuid.UUID) -> Person | None:
    """Lock one person's row against everything else about them, in the caller's transaction; None if missing.

    Whoever changes what a dose rests on (consent) takes it, and waits for the doses that are being written.
    """
    return Person.objects.select_for_update(of=("self",)).filter(id=person_id).first()


def lock_person_for_dosing(*, person_id: uuid.UUID) -> bool:
    """Hold one person's consents still while a dose is written, in the caller's transaction; False if missing.

    The lock is shared (FOR SHARE): two doses do not wait for each other here, a withdrawal waits for both, and
    a dose waits for a withdrawal and then sees it. Take it after the person's dosing state and before asking
    `has_consent`; judge the dose by a clock that is read after it. No act that takes `lock_person` takes the
    dosing state, so the two cannot wait for each other.
    Raises TransactionManagementError outside a transaction, where a lock would hold nothing.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A person is locked inside the transaction of a dose.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM patients_person WHERE id = %s FOR SHARE", [person_id])
        return cursor.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Birth:
    """Sex (empty where nobody wrote it) and year of birth of one person."""

    person: uuid.UUID
    sex: str
    year: int | None


def hold_births(*, person_ids: Sequence[uuid.UUID]) -> tuple[Birth, ...]:
    """Return sex and year of birth, and hold the consents of these people still until the transaction ends.

    As in `lock_person_for_dosing`: ask which consents stand afterwards, by a clock that is read after it. Ids that are
    no person's are left out.
    """
    held = (
        Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=person_ids).order_by("pk")
    )
    return tuple(
        Birth(person=one.pk, sex=one.sex, year=one.born_on.year if one.born_on else one.birth_year)
        for one in held.only("pk", "sex", "born_on", "birth_year")
    )


def find_open_episode(*, person_id: uuid.UUID, clinic: Clinic) -> Episode | None:
    """Return the treatment that a person has in a clinic now, with the person; None for everybody else."""
    return (
        Episode.objects.select_related("person")
        .filter(person_id=person_id, clinic=clinic, exited_on__isnull=True, person__import_run__isnull=True)
        .first()
    )


@dataclass(frozen=True, slots=True)
class PersonHead:
    """Who a page is about: what stands in its head, and the treatment it belongs to."""

    episode: Episode
    photo_url: str | None

    @property
    def person(self) -> Person:
        """Return the person's row."""
        return self.episode.person

    @property
    def initials(self) -> str:
        """Return what is drawn where there is no photo."""
        return initials_of(self.person.given_names, self.person.family_name)


def get_person_head(*, person_id: uuid.UUID, clinic: Clinic, at: datetime) -> PersonHead | None:
    """Return the head of a page about somebody in treatment in a clinic, in two queries; None for others."""
    episode = find_open_episode(person_id=person_id, clinic=clinic)
    if episode is None:
        return None
    return PersonHead(episode, photo_url(clinic=clinic, person_id=person_id, at=at))


def details_of(person: Person) -> PersonDetails:
    """Return what is known of who a person is, as rules read it."""
    if person.born_on is None:
        raise PersonIsImported("Imported history has no details to change.")
    return PersonDetails(
        **{
            field.name: getattr(person, field.name)
            for field in fields(PersonDetails)
            if field.name != "born_on"
        },
        born_on=person.born_on,
    )


def tell_changes(
    *, person_id: uuid.UUID, after_version: int, leaving_out: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Tell in one sentence each what was changed since a version, by whom and when, the first one first.

    Details of `leaving_out` are not named, nor is a change of nothing else told.
    """
    changes = PersonChange.objects.select_related("changed_by").filter(
        person_id=person_id, version__gt=after_version
    )
    told = []
    for change in changes.order_by("version"):
        named = [words for name, words in WORDS.items() if name in change.after and name not in leaving_out]
        if named:
            when = f"{change.changed_at.astimezone(LONDON):%-d %B at %H:%M}"
            told.append(f"{change.changed_by.full_name} changed {_listed(named)} on {when}.")
    return tuple(told)


def list_changed_names(*, person_id: uuid.UUID, after_version: int) -> tuple[str, ...]:
    """Return which details were changed since a version, in the order of the record."""
    changed = {
        name
        for after in PersonChange.objects.filter(person_id=person_id, version__gt=after_version).values_list(
            "after", flat=True
        )
        for name in after
    }
    return tuple(name for name in WORDS if name in changed)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
