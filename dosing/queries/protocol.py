"""Which limits are in force."""

from __future__ import annotations

import uuid
from dataclasses import fields
from datetime import datetime

from dosing.models import ProtocolVersion
from dosing.rules.protocol import Protocol


def get_protocol_in_force(*, clinic_id: uuid.UUID, at: datetime) -> ProtocolVersion | None:
    """Return the clinic's approved version in force at a moment, or None where nothing was approved."""
    versions = ProtocolVersion.objects.filter(clinic_id=clinic_id, starts_at__lte=at)
    return versions.order_by("-starts_at", "-number").first()


def as_rules_read_it(version: ProtocolVersion | None) -> Protocol | None:
    """Return the frozen limits that rules receive."""
    if version is None:
        return None
    return Protocol(**{field.name: getattr(version, field.name) for field in fields(Protocol)})
