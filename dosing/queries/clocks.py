"""The clocks of those who are being observed, by initials: they are on every page of the treatment room."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dosing.models import Visit
from dosing.queries.visits import initials_of
from dosing.rules.observation import OVERDUE_AFTER
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic


@dataclass(frozen=True, slots=True)
class Clock:
    """One person being observed, by initials: seconds since the injection, and when the next reading is due."""

    initials: str
    elapsed_s: int
    of_s: int
    due_s: int | None

    @property
    def is_overdue(self) -> bool:
        """Whether a reading is over a minute late."""
        return self.due_s is not None and self.elapsed_s > self.due_s + OVERDUE_AFTER.total_seconds()

    @property
    def left_s(self) -> int:
        """Seconds until the next reading is due; how late it is when it is past."""
        return abs(self.due_s - self.elapsed_s) if self.due_s is not None else 0


def get_clock(visit: Visit, at: datetime) -> Clock:
    """Return the clock of one visit; it stands at nothing before the injection."""
    began = visit.injected_at
    initials = ".".join(initials_of(visit.patient.given_names, visit.patient.family_name)) + "."
    if began is None or visit.observe_until is None:
        return Clock(initials=initials, elapsed_s=0, of_s=0, due_s=None)
    due = visit.next_due_at
    return Clock(
        initials=initials,
        elapsed_s=int((at - began).total_seconds()),
        of_s=int((visit.observe_until - began).total_seconds()),
        due_s=int((due - began).total_seconds()) if due else None,
    )


def list_observed_clocks(*, clinic: Clinic, at: datetime, besides: uuid.UUID | None = None) -> list[Clock]:
    """Return the clocks of everybody being observed in a clinic besides one session, the most urgent first."""
    visits = (
        Visit.objects.select_related("patient")
        .filter(
            Q(state=VisitState.OBSERVED) | Q(state=VisitState.PREPARED, injected_at__isnull=False),
            clinic=clinic,
        )
        .exclude(session_id=besides)
        .order_by("next_due_at", "observe_until")
    )
    return [get_clock(visit, at) for visit in visits]
