"""What is still to be done because somebody did not come, and who may do it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.rules import Role
from outcomes.models import FollowUp
from outcomes.rules.support import STRIKING, Domain


@dataclass(frozen=True, slots=True)
class OpenFollowUp:
    """One thing to do because somebody did not come."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    about: str
    missed_on: date
    what: str
    due_on: date
    owner: str
    is_mine: bool
    today: date

    @property
    def is_late(self) -> bool:
        """Whether its day has gone by."""
        return self.due_on < self.today

    @property
    def is_today(self) -> bool:
        """Whether it is for today."""
        return self.due_on == self.today


def _memberships(clinic: Clinic, at: datetime) -> QuerySet[Membership]:
    return Membership.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at),
        clinic=clinic,
        role=Role.CASE_WORKER.value,
        starts_at__lte=at,
    )


def is_case_worker_here(*, clinic: Clinic, user_id: uuid.UUID, at: datetime) -> bool:
    """Return whether somebody is a case worker of the clinic now."""
    return _memberships(clinic, at).filter(user_id=user_id).exists()


def list_case_workers(*, clinic: Clinic, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return the case workers of the clinic, as id and name, by name."""
    rows = _memberships(clinic, at).values_list("user_id", "user__full_name").distinct()
    return tuple((str(user_id), name) for user_id, name in sorted(rows, key=lambda row: (row[1], row[0])))


def _open(clinic: Clinic) -> QuerySet[FollowUp]:
    return (
        FollowUp.objects.filter(clinic=clinic, done__isnull=True, session__amended_by__isnull=True)
        .exclude(session__correction__in=[str(reason) for reason in STRIKING])
        .select_related("patient", "session", "owner")
        .order_by("due_on", "set_at", "id")
    )


def list_open_follow_ups(
    *, clinic: Clinic, case_worker: User, people: Iterable[uuid.UUID] | None, today: date
) -> tuple[OpenFollowUp, ...]:
    """Return what is open, the earliest first: all of the clinic, or of some people and of the case worker's own.

    Somebody who left treatment meanwhile stays on it: leaving does nothing that was promised.
    """
    rows = _open(clinic)
    if people is not None:
        rows = rows.filter(Q(owner=case_worker) | Q(patient_id__in=list(people)))
    return tuple(_shown(row, case_worker, today) for row in rows)


def get_open_follow_up(
    *, clinic: Clinic, follow_up_id: uuid.UUID, case_worker: User, today: date
) -> OpenFollowUp | None:
    """Return one that is open in this clinic, or None."""
    row = _open(clinic).filter(id=follow_up_id).first()
    return _shown(row, case_worker, today) if row else None


def is_follow_up_here(*, clinic: Clinic, follow_up_id: uuid.UUID) -> bool:
    """Tell whether a follow-up is one of this clinic, done or not."""
    return FollowUp.objects.filter(clinic=clinic, id=follow_up_id).exists()


def _shown(row: FollowUp, case_worker: User, today: date) -> OpenFollowUp:
    return OpenFollowUp(
        id=row.id,
        person_id=row.patient_id,
        name=row.patient.full_name,
        about=Domain(row.session.domain).label,
        missed_on=row.session.booked_on,
        what=row.what,
        due_on=row.due_on,
        owner=row.owner.full_name,
        is_mine=row.owner_id == case_worker.id,
        today=today,
    )
