"""What the form of a group needs: who can have been in it, and with whom it was held."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from hat_clinic.accounts.models import Agency, Clinic
from hat_clinic.core.clock import london_date
from outcomes.models import GroupSession
from outcomes.queries.following import list_case_workers
from outcomes.rules.support import Domain
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Everybody in treatment here, by name, the agencies and the case workers."""

    today: date
    people: tuple[tuple[str, str], ...]
    agencies: tuple[tuple[str, str], ...]
    case_workers: tuple[tuple[str, str], ...]

    @property
    def day_ahead(self) -> date:
        """The example beside a day to come."""
        return self.today + timedelta(days=28)


def get_group_page(*, clinic: Clinic, at: datetime) -> GroupPage:
    """Return what the form needs, in three queries."""
    treated = (
        Episode.objects.filter(clinic=clinic, exited_on__isnull=True)
        .select_related("person")
        .order_by("person__given_names", "person__family_name", "person__imported_ref", "person_id")
    )
    return GroupPage(
        today=london_date(at),
        people=tuple((str(episode.person_id), episode.person.full_name) for episode in treated),
        agencies=tuple((str(agency.id), agency.name) for agency in Agency.objects.order_by("name")),
        case_workers=list_case_workers(clinic=clinic, at=at),
    )


@dataclass(frozen=True, slots=True)
class GroupShown:
    """One group that is logged, who stands in it, and who else was in treatment on its day."""

    id: uuid.UUID
    on: date
    about: str
    minutes: int
    agency: str
    members: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    told_of: tuple[uuid.UUID, ...]
    today: date

    @property
    def day_ahead(self) -> date:
        """The example beside a day to come."""
        return self.today + timedelta(days=28)


def get_group(*, clinic: Clinic, group_id: uuid.UUID, at: datetime, sent: str = "") -> GroupShown | None:
    """Return one group of the clinic, or None.

    `sent` is the key of a form that was sent: whom it added already is among the others for it.
    """
    row = GroupSession.objects.filter(clinic=clinic, id=group_id).select_related("agency").first()
    if row is None:
        return None
    sessions = row.support_sessions.filter(amends__isnull=True).select_related("patient")
    people = sorted(
        {one.patient for one in sessions if str(one.key) != sent}, key=lambda person: person.full_name
    )
    treated = (
        Episode.objects.filter(clinic=clinic, accepted_on__lte=row.held_on)
        .filter(Q(exited_on__isnull=True) | Q(exited_on__gte=row.held_on))
        .exclude(person__in=people)
        .select_related("person")
    )
    others = {episode.person_id: episode.person.full_name for episode in treated}
    return GroupShown(
        id=row.id,
        on=row.held_on,
        about=Domain(row.domain).label,
        minutes=row.minutes,
        agency=row.agency.name if row.agency else "",
        members=tuple(person.full_name for person in people),
        others=tuple((str(person), name) for person, name in sorted(others.items(), key=lambda one: one[1])),
        told_of=(*(person.id for person in people), *others),
        today=london_date(at),
    )
