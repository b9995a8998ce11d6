"""The handover of a clinic that has waited longest for somebody of the next team to read it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.db.models.functions import JSONObject

from dosing.models import Handover
from hat_clinic.accounts.models import Slot


@dataclass(frozen=True, slots=True)
class UnreadHandover:
    """One handover that waits to be read: its id, and its session in words."""

    id: uuid.UUID
    title: str


def told_of_handover(clinic: Any) -> Any:
    """Return the subquery that tells of a clinic's oldest handover that nobody has read; NULL without one."""
    unread = Handover.objects.filter(clinic=clinic, acknowledgement__isnull=True)
    unread = unread.order_by("signed_at", "number")
    return unread.values(
        told=JSONObject(id=F("id"), on=F("service_date"), slot=F("slot"), number=F("number"))
    )[:1]


def unread_handover(told: Mapping[str, Any] | None) -> UnreadHandover | None:
    """Return the handover that was told of."""
    if told is None:
        return None
    title = title_of(date.fromisoformat(told["on"]), told["slot"], told["number"])
    return UnreadHandover(uuid.UUID(told["id"]), title)


def title_of(on: date, slot: str, number: int = 1) -> str:
    """Return such as "Monday 2 February, morning", and ", addition 1" for the second that was signed for it."""
    added = f", addition {number - 1}" if number > 1 else ""
    return f"{on:%A} {on.day} {on:%B}, {Slot(slot).label}{added}"
