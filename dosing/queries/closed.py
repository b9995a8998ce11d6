"""Which sessions of a clinic are closed: read with the day, with a gap, and with what waits for a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from dosing.models import Closure, Reopening
from dosing.rules.closures import ClosedFor, closed_in_words, reopens_in_words
from dosing.rules.missed import Held
from hat_clinic.accounts.models import Clinic


def _reopened() -> QuerySet[Reopening]:
    """Return how the closure outside was cut short, the earliest session first."""
    return Reopening.objects.filter(closure=OuterRef("pk")).order_by("from_at")


def told_of_closures(clinic: Any, *, at: datetime) -> Any:
    """Return the subquery that tells of a clinic's closures from a moment on, the first one first."""
    return ArraySubquery(
        Closure.objects.filter(clinic=clinic, ends_at__gt=at)
        .exclude(
            Exists(
                Reopening.objects.filter(
                    Q(from_at__lte=at) | Q(from_at__lte=OuterRef("starts_at")), closure=OuterRef("pk")
                )
            )
        )
        .order_by("starts_at")
        .values(
            told=JSONObject(
                words=F("words"),
                stands=Q(starts_at__lte=at),
                first_on=F("first_on"),
                first_slot=F("first_slot"),
                on=Coalesce(Subquery(_reopened().values("from_on")[:1]), F("reopens_on")),
                slot=Coalesce(Subquery(_reopened().values("from_slot")[:1]), F("reopens_slot")),
            )
        )
    )


def closed_sentence(told: Sequence[Mapping[str, Any]], *, today: date) -> str:
    """Return such as "Closed: heating failed. Reopens Tuesday morning.", empty where nothing is closed now.

    Where another closure begins with the session this one ends before, it reopens when that one does.
    """
    standing = next((one for one in told if one["stands"]), None)
    if standing is None:
        return ""
    following = {(one["first_on"], one["first_slot"]): one for one in told if not one["stands"]}
    last = standing
    while (last["on"], last["slot"]) in following:
        last = following[last["on"], last["slot"]]
    on = date.fromisoformat(str(last["on"]))
    return closed_in_words(standing["words"], reopens_in_words(on, last["slot"], today=today))


def get_closed_sentence(*, clinic: Clinic, at: datetime, today: date) -> str:
    """Return the same for one clinic, in one statement."""
    told = Clinic.objects.filter(id=clinic.id).values_list(told_of_closures(OuterRef("pk"), at=at))
    return closed_sentence(told.get()[0], today=today)


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """One closure as it stands: from when to when nothing is held, and why."""

    closure: Closure
    starts_at: datetime
    ends_at: datetime
    reason: ClosedFor

    def covers(self, session: Held) -> bool:
        """Tell whether a session is one of those that are closed."""
        return self.starts_at < session.ends_at and session.begins_at < self.ends_at


def list_closed_spans(*, clinic: Clinic, since: datetime) -> list[ClosedSpan]:
    """Return the closures of a clinic that reach past a moment, each as far as it stands, the first one first."""
    found = (
        Closure.objects.select_related("closed_by")
        .filter(clinic=clinic, ends_at__gt=since)
        .annotate(stands_until=Coalesce(Subquery(_reopened().values("from_at")[:1]), F("ends_at")))
        .order_by("starts_at", "closed_at")
    )
    return [
        ClosedSpan(closure, closure.starts_at, closure.stands_until, ClosedFor(closure.reason))
        for closure in found
        if closure.stands_until > since and closure.stands_until > closure.starts_at
    ]
