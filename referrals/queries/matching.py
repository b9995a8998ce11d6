"""Finding one person again: among the referrals of a clinic, and among the people it knows.

Source: product R 4.
"""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, Q

from patients.models import Episode, Person
from referrals.models import Referral
from referrals.rules.asking import Identity, is_same_person, which_are_same


def find_first_of(identity: Identity, *, clinic_id: uuid.UUID) -> Referral | None:
    """Return the first of the clinic's referrals that are likely about a person, or None.

    The caller holds the clinic's row, so that no other comes in meanwhile.
    """
    similar = Referral.objects.select_related("person", "same_as").filter(
        Q(born_on=identity.born_on)
        | Q(person__born_on=identity.born_on)
        | _has_number(identity.nhs_number, "nhs_number", "person__nhs_number"),
        clinic_id=clinic_id,
    )
    found = list(similar.order_by("referred_on", "sent_at", "id"))
    same = which_are_same(identity, [referral.identity for referral in found])
    for referral, is_same in zip(found, same, strict=True):
        first = referral.same_as or referral
        if is_same and not _is_of_another(identity, first):
            return first
    return None


def _is_of_another(identity: Identity, first: Referral) -> bool:
    """Tell whether a referral that is linked with `first` has another NHS number: then `first` is not followed."""
    linked = Referral.objects.filter(Q(id=first.id) | Q(same_as=first)).exclude(nhs_number="")
    return bool(identity.nhs_number) and linked.exclude(nhs_number=identity.nhs_number or "").exists()


def list_known_people(referral: Referral) -> list[Person]:
    """Return the people this clinic knows who may be the person of an agency's referral, by name.

    Somebody known only elsewhere is never shown: another clinic's people do not exist here. Empty where the
    referral has its person already.
    """
    if referral.person_id is not None:
        return []
    identity = referral.identity
    people = (
        Person.objects.filter(
            Q(born_on=identity.born_on) | _has_number(identity.nhs_number, "nhs_number"),
            Q(episodes__clinic_id=referral.clinic_id) | Q(referrals__clinic_id=referral.clinic_id),
        )
        .distinct()
        .order_by("family_name", "given_names", "id")
    )
    return [person for person in people if is_same_person(_identity_of(person), identity)]


def list_treated_elsewhere(referral: Referral) -> list[bool]:
    """Return, for each person in treatment at another clinic who may be the one referred, whether the number is one.

    Nothing else of them leaves here: not who they are, and not which clinic. Whoever is decided on is told only that.
    """
    identity = referral.identity
    people = Person.objects.filter(
        Q(born_on=identity.born_on, born_on__isnull=False) | _has_number(identity.nhs_number, "nhs_number"),
        Exists(
            Episode.objects.filter(person=OuterRef("pk"), exited_on__isnull=True).exclude(
                clinic_id=referral.clinic_id
            )
        ),
    )
    return [
        bool(identity.nhs_number) and person.nhs_number == identity.nhs_number
        for person in people
        if is_same_person(_identity_of(person), identity)
    ]


def _identity_of(person: Person) -> Identity:
    return Identity(person.given_names, person.family_name, person.born_on, person.nhs_number)


def _has_number(number: str | None, *columns: str) -> Q:
    """Return the condition that one of the columns holds a number; nothing, where there is no number."""
    condition = Q(pk__in=[])
    for column in columns if number else ():
        condition |= Q(**{column: number})
    return condition
