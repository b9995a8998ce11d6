"""The alerts of somebody, how they are reached, and who works with them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, Value, When

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.queries import standing
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from patients.models import Alert, ContactDetail, Person, Relationship
from patients.rules.alerts import Severity, is_standing
from patients.rules.contacts import ContactPurpose
from patients.rules.relationships import Part

A_RECORD_OF_BEFORE = "a record of somebody who is not in treatment here now: open it with a reason"
WORKS_WITH_PEOPLE = (Role.NURSE, Role.DOCTOR, Role.PRESCRIBER, Role.CASE_WORKER, Role.CLINICAL_LEAD)


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert of one person that stands."""

    id: uuid.UUID
    severity: Severity
    words: str
    starts_on: date
    ends_on: date | None
    set_by: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One way to reach a person that stands."""

    id: uuid.UUID
    purpose: ContactPurpose
    who: str
    how: str
    knows_of_treatment: bool


@dataclass(frozen=True, slots=True)
class RelationshipLine:
    """One colleague who works with a person, or did. `until` is None while they do."""

    id: uuid.UUID
    colleague: str
    part: Part
    since: datetime
    until: datetime | None


def list_alerts(*, person_id: uuid.UUID, at: datetime) -> tuple[AlertLine, ...]:
    """Return the alerts of a person that stand, the heaviest first, in one query."""
    return alerts_of(people=[person_id], today=london_date(at)).get(person_id, ())


def alerts_of(*, people: Iterable[uuid.UUID], today: date) -> dict[uuid.UUID, tuple[AlertLine, ...]]:
    """Return the alerts of some people that stand, each one's heaviest first, in one query."""
    weight = list(Severity)
    found: dict[uuid.UUID, list[AlertLine]] = {}
    rows = Alert.objects.select_related("set_by").filter(person_id__in=list(people), ended_at__isnull=True)
    for row in rows.order_by("starts_on", "set_at", "id"):
        if is_standing(starts_on=row.starts_on, ends_on=row.ends_on, is_ended=False, today=today):
            found.setdefault(row.person_id, []).append(
                AlertLine(
                    row.id,
                    Severity(row.severity),
                    row.words,
                    row.starts_on,
                    row.ends_on,
                    row.set_by.full_name,
                )
            )
    return {
        person: tuple(sorted(lines, key=lambda line: weight.index(line.severity)))
        for person, lines in found.items()
    }


def heaviest_alert_of(reference: str, *, today: date) -> Subquery:
    """Return the expression of the heaviest alert that the board names, of whom a query's rows point at, or NULL.

    `reference` is the column of the person's id in the outer query, so that a list needs no query of its own.
    """
    heaviest = Case(
        *(When(severity=one.value, then=Value(place)) for place, one in enumerate(Severity)),
        output_field=SmallIntegerField(),
    )
    standing_today = Alert.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        person=OuterRef(reference),
        ended_at__isnull=True,
        starts_on__lte=today,
        severity__in=[one.value for one in Severity if one.is_on_board],
    )
    return Subquery(standing_today.order_by(heaviest).values("severity")[:1])


def list_contact_details(*, person_id: uuid.UUID) -> tuple[ContactLine, ...]:
    """Return how a person is reached, by purpose, in one query."""
    order = list(ContactPurpose)
    rows = ContactDetail.objects.filter(person_id=person_id, ended_at__isnull=True).order_by("added_at", "id")
    lines = [
        ContactLine(row.id, ContactPurpose(row.purpose), row.who, row.how, row.knows_of_treatment)
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: order.index(line.purpose)))


def list_relationships(*, person_id: uuid.UUID, clinic: Clinic) -> tuple[RelationshipLine, ...]:
    """Return who of a clinic works with a person, those who still do first, in one query."""
    rows = Relationship.objects.select_related("colleague").filter(person_id=person_id, clinic=clinic)
    lines = [
        RelationshipLine(row.id, row.colleague.full_name, Part(row.part), row.added_at, row.ended_at)
        for row in rows.order_by("-added_at", "id")
    ]
    return tuple(sorted(lines, key=lambda line: line.until is not None))


def is_colleague_here(colleague_id: uuid.UUID, *, clinic: Clinic, at: datetime) -> bool:
    """Tell whether somebody works with people in a clinic at a moment."""
    return Membership.objects.filter(
        standing(at), user_id=colleague_id, clinic=clinic, role__in=WORKS_WITH_PEOPLE
    ).exists()


def list_colleagues_here(*, clinic: Clinic, at: datetime) -> list[tuple[str, str]]:
    """Return who works with people in a clinic, by name, as id and name."""
    people = User.objects.filter(
        is_active=True,
        memberships__in=Membership.objects.filter(standing(at), clinic=clinic, role__in=WORKS_WITH_PEOPLE),
    ).distinct()
    return [(str(one.id), one.full_name) for one in people.order_by("full_name", "id")]


def named_by_another(*, colleague: User, clinic: Clinic) -> QuerySet[Relationship]:
    """Return the relationships of a colleague that stand in a clinic and that somebody else wrote.

    Nobody opens the record of who left by naming themselves.
    """
    standing_here = Relationship.objects.filter(clinic=clinic, colleague=colleague, ended_at__isnull=True)
    return standing_here.exclude(added_by=colleague)


def is_named(*, person_id: uuid.UUID, colleague: User, clinic: Clinic) -> bool:
    """Tell whether somebody else named a colleague for a person in a clinic, and that stands."""
    return named_by_another(colleague=colleague, clinic=clinic).filter(person_id=person_id).exists()


def find_duplicates(*, person_id: uuid.UUID, clinic: Clinic, names: str, born_on: date) -> tuple[Person, ...]:
    """Return other people of a clinic with the same birth date and names, however they are written.

    `names` are given names and family name in one. Somebody known only elsewhere is never shown: another clinic's
    people do not exist here. Source: product R 4.
    """
    wanted = folded(names)
    same_day = Person.objects.filter(born_on=born_on, episodes__clinic=clinic).exclude(id=person_id)
    return tuple(one for one in same_day.distinct().order_by("id") if folded(one.full_name) == wanted)


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """Another record of the same names and birth date, in words. `is_told` tells that the words say who it is."""

    person_id: uuid.UUID
    words: str
    is_told: bool


def tell_duplicates(
    *, person_id: uuid.UUID, clinic: Clinic, names: str, born_on: date
) -> tuple[OtherRecord, ...]:
    """Return the other records of the same names and birth date: by number where they are in treatment here.

    Of somebody who left only that there is a record: who it is needs a reason. Source: product R 4; trust design 3.
    """
    told = []
    for other in find_duplicates(person_id=person_id, clinic=clinic, names=names, born_on=born_on):
        number = other.nhs_number
        which = f"NHS {number[:3]} {number[3:6]} {number[6:]}" if number else "no NHS number"
        is_here = other.episodes.filter(clinic=clinic, exited_on__isnull=True).exists()
        words = f"{other.full_name}, {which}, in treatment here" if is_here else A_RECORD_OF_BEFORE
        told.append(OtherRecord(other.id, words, is_here))
    return tuple(told)


def folded(names: str) -> str:
    """Return names without what people write differently: case, spaces, hyphens, apostrophes and their order."""
    words = "".join(letter if letter.isalnum() else " " for letter in names.casefold()).split()
    return " ".join(sorted(words))
