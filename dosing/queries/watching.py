"""Who is being observed beside an emergency, and which colleagues may watch them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from dosing.models import Reading, Visit
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission

# Who took a reading or had somebody with them so lately stands first: they are here today.
IS_HERE_SINCE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One colleague who may watch, and the key that this press would have."""

    user_id: uuid.UUID
    name: str
    key: uuid.UUID


@dataclass(frozen=True, slots=True)
class HandingOver:
    """To whom those who are observed can be handed: those who are here today, then the others."""

    here: tuple[Colleague, ...]
    others: tuple[Colleague, ...]


def list_to_hand_over(*, clinic: Clinic, besides: uuid.UUID, lock: bool = False) -> list[Visit]:
    """Return the visits of those being observed in a clinic besides one person, in the order they are locked in."""
    visits = Visit.objects.select_related("session", "patient").filter(
        Q(state=VisitState.OBSERVED) | Q(state=VisitState.PREPARED, injected_at__isnull=False),
        clinic=clinic,
    )
    if lock:
        visits = visits.select_for_update(of=("self",))
    return list(visits.exclude(patient_id=besides).order_by("session_id"))


def get_handing_over(*, clinic: Clinic, by: User | None, at: datetime) -> HandingOver:
    """Return which colleagues of somebody may watch now; of nobody in particular at a locked terminal."""
    since = at - IS_HERE_SINCE
    busy = set(
        Visit.objects.filter(clinic=clinic, arrived_at__gte=since).values_list("with_staff_id", flat=True)
    ) | set(
        Reading.objects.filter(session__clinic=clinic, taken_at__gte=since).values_list(
            "taken_by_id", flat=True
        )
    )
    able = [
        (user.id in busy, Colleague(user.id, user.full_name, uuid.uuid4()))
        for user in list_people_who_may(Permission.RECORD_READING, clinic=clinic, at=at)
        if by is None or user.id != by.id
    ]
    return HandingOver(
        here=tuple(one for is_here, one in able if is_here),
        others=tuple(one for is_here, one in able if not is_here),
    )
