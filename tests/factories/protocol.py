"""A clinic's limits, drafted and approved by the real actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dosing.actions.protocol import approve_protocol, draft_protocol
from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.rules.protocol import UNVERIFIED, Protocol, numbers_of
from hat_clinic.accounts.models import Clinic, User

REASON = "The yearly review of the limits."


def a_draft(clinic: Clinic, *, by: User, at: datetime, reason: str = REASON, **numbers: Any) -> ProtocolDraft:
    """Return a draft of the starting values, changed where told."""
    return draft_protocol(
        clinic=clinic, numbers=numbers_of(Protocol()) | numbers, reason=reason, by=by, at=at
    )


def approved_limits(
    clinic: Clinic,
    *,
    by: User,
    at: datetime,
    author: User | None = None,
    starts_at: datetime | None = None,
    **numbers: Any,
) -> ProtocolVersion:
    """Return limits that a clinical lead approved, each unverified number ticked: the starting values or others."""
    draft = a_draft(clinic, by=author or by, at=at, **numbers)
    return approve_protocol(
        clinic=clinic, draft_id=draft.id, confirmed=UNVERIFIED, starts_at=starts_at or at, by=by, at=at
    )
