"""The alerts of somebody, how they are reached, and who works with them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.queries import standing
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from patients.models import Alert, ContactDetail, Person, Relationship
from patients.rules.alerts import Severity, is_standing
from patients.rules.contacts import ContactPurpose
from patients.rules.relationships import Part

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
    today = london_date(at)
    weight = list(Severity)
    rows = Alert.objects.select_related("set_by").filter(person_id=person_id, ended_at__isnull=True)
    lines = [
        AlertLine(row.id, Severity(row.severity), row.words, row.starts_on, row.ends_on, row.set_by.full_name)
        for row in rows.order_by("starts_on", "set_at", "id")
        if is_standing(starts_on=row.starts_on, ends_on=row.ends_on, is_ended=False, today=today)
    ]
    return tuple(sorted(lines, key=lambda line: weight.index(line.severity)))


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


def is_named(*, person_id: uuid.UUID, colleague: User, clinic: Clinic) -> bool:
    """Tell whether a relationship of a colleague with a person stands in a clinic."""
    return Relationship.objects.filter(
        person_id=person_id, clinic=clinic, colleague=colleague, ended_at__isnull=True
    ).exists()


def find_duplicates(*, person_id: uuid.UUID, clinic: Clinic, names: str, born_on: date) -> tuple[Person, ...]:
    """Return other people of a clinic with the same birth date and names, however they are written.

    `names` are given names and family name in one. Somebody known only elsewhere is never shown: another clinic's
    people do not exist here. Source: product R 4.
    """
    wanted = folded(names)
    same_day = Person.objects.filter(born_on=born_on, episodes__clinic=clinic).exclude(id=person_id)
    return tuple(one for one in same_day.distinct().order_by("id") if folded(one.full_name) == wanted)


def tell_duplicates(*, person_id: uuid.UUID, clinic: Clinic, names: str, born_on: date) -> tuple[str, ...]:
    """Return the other records of the same names and birth date in words: by number, and whether they are here now."""
    told = []
    for other in find_duplicates(person_id=person_id, clinic=clinic, names=names, born_on=born_on):
        number = other.nhs_number
        which = f"NHS {number[:3]} {number[3:6]} {number[6:]}" if number else "no NHS number"
        here = other.episodes.filter(clinic=clinic, exited_on__isnull=True).exists()
        told.append(f"{other.full_name}, {which}, {'in treatment here' if here else 'was in treatment here'}")
    return tuple(told)


def folded(names: str) -> str:
    """Return names without what people write differently: case, spaces, hyphens, apostrophes and their order."""
    words = "".join(letter if letter.isalnum() else " " for letter in names.casefold()).split()
    return " ".join(sorted(words))
