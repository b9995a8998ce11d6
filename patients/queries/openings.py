"""Records that were opened without a relationship: whom they were asked for, which are open, which wait for review."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from hat_clinic.accounts.models import Clinic, User
from patients.models import Episode, Person, RecordOpening
from patients.queries.around import folded, is_named
from patients.queries.people import find_open_episode
from patients.rules.people import initials_of, parse_nhs_number
from patients.rules.relationships import (
    REVIEW_WITHIN,
    OpeningFinding,
    OpeningReason,
    RelationshipFacts,
    has_relationship,
    is_review_late,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom somebody asks for: an NHS number, or family name and birth date. Nothing less finds anybody."""

    nhs_number: str
    family_name: str
    born_on: date | None


def find_asked(asked: Asked) -> Person | None:
    """Return the one person known by exactly what was asked, wherever they are or were treated; else None.

    Both ways given must agree. A name and birth date that two people share find nobody: the number tells them apart.
    """
    number = parse_nhs_number(asked.nhs_number) if asked.nhs_number else None
    if asked.nhs_number and number is None:
        return None
    people = Person.objects.filter(import_run__isnull=True)
    if number is not None:
        people = people.filter(nhs_number=number)
    if asked.family_name or asked.born_on is not None:
        people = people.filter(born_on=asked.born_on)
    elif number is None:
        return None
    found = [
        one for one in people if not asked.family_name or folded(one.family_name) == folded(asked.family_name)
    ]
    if number is None and not asked.family_name:
        return None
    return found[0] if len(found) == 1 else None


def is_related(*, person_id: uuid.UUID, colleague: User, clinic: Clinic) -> bool:
    """Tell whether a colleague may open a record without a reason. Source: trust design 3."""
    return has_relationship(
        RelationshipFacts(
            treats_here=find_open_episode(person_id=person_id, clinic=clinic) is not None,
            is_named=is_named(person_id=person_id, colleague=colleague, clinic=clinic),
        )
    )


def may_read(*, person_id: uuid.UUID, colleague: User, clinic: Clinic, at: datetime) -> bool:
    """Tell whether a colleague may read what is written of a person: related, or inside an hour of their own opening.

    The one guard of every page that also shows somebody whose treatment here ended. Source: trust design 3.
    """
    return (
        is_related(person_id=person_id, colleague=colleague, clinic=clinic)
        or RecordOpening.objects.filter(
            person_id=person_id, opened_by=colleague, clinic=clinic, opened_at__lte=at, ends_at__gt=at
        ).exists()
    )


def get_opening(
    *, opening_id: uuid.UUID, colleague: User, clinic: Clinic, at: datetime
) -> RecordOpening | None:
    """Return a colleague's own opening while it lasts; None for anybody else's and once the hour is over."""
    return (
        RecordOpening.objects.select_related("person")
        .filter(id=opening_id, opened_by=colleague, clinic=clinic, opened_at__lte=at, ends_at__gt=at)
        .first()
    )


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One opening in the privacy officer's queue. The person stands by initials and year of birth alone."""

    id: uuid.UUID
    person_id: uuid.UUID
    about: str
    opened_by: str
    opened_at: datetime
    reason: str
    words: str
    is_late: bool
    is_own: bool
    finding: str
    found: str
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class OpeningsPage:
    """The openings that wait for a finding, the oldest first, and those that have one, the newest first."""

    waiting: tuple[OpeningRow, ...]
    reviewed: tuple[OpeningRow, ...]


def openings_looked_into(*, clinic: Clinic) -> QuerySet[RecordOpening]:
    """Return the openings that a clinic's privacy officer looks into: by its own staff, and of its own people.

    Whoever holds the record learns that somebody elsewhere opened it. Source: trust design 3.
    """
    held = Episode.objects.filter(clinic=clinic, import_run__isnull=True)
    return RecordOpening.objects.filter(Q(clinic=clinic) | Q(person__in=held.values("person")))


def get_openings_page(*, clinic: Clinic, viewer: User, at: datetime) -> OpeningsPage:
    """Return the review queue of a clinic, in one query."""
    rows = [
        _row(opening, viewer, at)
        for opening in openings_looked_into(clinic=clinic)
        .select_related("person", "opened_by", "review__reviewed_by")
        .order_by("opened_at", "id")
    ]
    return OpeningsPage(
        waiting=tuple(row for row in rows if not row.finding),
        reviewed=tuple(row for row in reversed(rows) if row.finding),
    )


def count_waiting(*, clinic: Clinic) -> int:
    """Return how many openings wait for a finding."""
    return openings_looked_into(clinic=clinic).filter(review__isnull=True).count()


def count_late(*, clinic: Clinic, at: datetime) -> int:
    """Return how many openings wait longer for a finding than they should. Source: trust design 3."""
    waiting = openings_looked_into(clinic=clinic).filter(review__isnull=True)
    return waiting.filter(opened_at__lte=at - REVIEW_WITHIN).count()


def find_opening(*, opening_id: uuid.UUID, clinic: Clinic, viewer: User, at: datetime) -> OpeningRow | None:
    """Return one opening of a clinic's queue, or None."""
    found = (
        openings_looked_into(clinic=clinic)
        .select_related("person", "opened_by", "review__reviewed_by")
        .filter(id=opening_id)
        .first()
    )
    return _row(found, viewer, at) if found is not None else None


def _row(opening: RecordOpening, viewer: User, at: datetime) -> OpeningRow:
    review = getattr(opening, "review", None)
    person = opening.person
    return OpeningRow(
        id=opening.id,
        person_id=person.id,
        about=f"{initials_of(person.given_names, person.family_name)}, "
        + (f"born {person.birth_year}" if person.birth_year else "year of birth not known"),
        opened_by=opening.opened_by.full_name,
        opened_at=opening.opened_at,
        reason=OpeningReason(opening.reason).label,
        words=opening.words,
        is_late=review is None and is_review_late(opened_at=opening.opened_at, at=at),
        is_own=opening.opened_by_id == viewer.pk,
        finding=OpeningFinding(review.finding).label if review else "",
        found=review.words if review else "",
        reviewed_by=review.reviewed_by.full_name if review else "",
    )
