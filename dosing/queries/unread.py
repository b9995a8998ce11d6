"""The newest handover of a clinic, told with its day while nobody of the next team has read it."""

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
    """Return the subquery that tells of a clinic's newest handover, and whether it was read; NULL without one."""
    newest = Handover.objects.filter(clinic=clinic).order_by("-signed_at")
    return newest.values(
        told=JSONObject(
            id=F("id"), on=F("service_date"), slot=F("slot"), read=F("acknowledgement__handover_id")
        )
    )[:1]


def unread_handover(told: Mapping[str, Any] | None) -> UnreadHandover | None:
    """Return the handover that was told of, where nobody has read it."""
    if told is None or told["read"] is not None:
        return None
    return UnreadHandover(uuid.UUID(told["id"]), title_of(date.fromisoformat(told["on"]), told["slot"]))


def title_of(on: date, slot: str) -> str:
    """Return such as "Monday 2 February, morning"."""
    return f"{on:%A} {on.day} {on:%B}, {Slot(slot).label}"
