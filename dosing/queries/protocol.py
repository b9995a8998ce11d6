"""Which limits are in force, and which draft of the next waits for approval."""

from __future__ import annotations

import uuid
from dataclasses import fields
from datetime import datetime

from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.rules.moments import exact_moment
from dosing.rules.protocol import Protocol


def get_protocol_in_force(*, clinic_id: uuid.UUID, at: datetime) -> ProtocolVersion | None:
    """Return the clinic's newest approved version that has begun, or None where none has.

    A version that was approved for later gives way to a newer one that begins before it, for good.
    """
    return ProtocolVersion.objects.filter(clinic_id=clinic_id, starts_at__lte=at).order_by("-number").first()


def as_rules_read_it(version: ProtocolVersion | ProtocolDraft | None) -> Protocol | None:
    """Return the frozen limits that rules receive."""
    if version is None:
        return None
    return Protocol(**{field.name: getattr(version, field.name) for field in fields(Protocol)})


def get_last_draft(*, clinic_id: uuid.UUID) -> ProtocolDraft | None:
    """Return the draft that took the place of all before it, approved or not; None where none was written."""
    drafts = ProtocolDraft.objects.select_related("written_by", "version").filter(clinic_id=clinic_id)
    return drafts.order_by("-number").first()


def get_waiting_draft(*, clinic_id: uuid.UUID) -> ProtocolDraft | None:
    """Return the draft that a clinical lead may approve: the newest, unless it is approved already."""
    draft = get_last_draft(clinic_id=clinic_id)
    return None if draft is None or hasattr(draft, "version") else draft


def get_last_version(*, clinic_id: uuid.UUID) -> ProtocolVersion | None:
    """Return what was approved last, begun or not."""
    versions = ProtocolVersion.objects.select_related("approved_by").filter(clinic_id=clinic_id)
    return versions.order_by("-number").first()


def get_next_version(*, clinic_id: uuid.UUID, at: datetime) -> ProtocolVersion | None:
    """Return what begins next in a clinic where nothing is in force yet."""
    versions = ProtocolVersion.objects.filter(clinic_id=clinic_id, starts_at__gt=at)
    return versions.order_by("starts_at", "-number").first()


def as_limits_seen(*, clinic_id: uuid.UUID) -> str:
    """Return what a page of the limits was opened on: the last version and the last draft, by their numbers."""
    version, draft = get_last_version(clinic_id=clinic_id), get_last_draft(clinic_id=clinic_id)
    return f"{version.number if version else 0} {draft.number if draft else 0}"


def what_stands(*, clinic_id: uuid.UUID) -> str:
    """Return what became of a clinic's limits last, in one sentence, for whoever looked at something older."""
    draft, version = get_waiting_draft(clinic_id=clinic_id), get_last_version(clinic_id=clinic_id)
    if draft is not None:
        return f"{draft.written_by.full_name} wrote draft {draft.number} on {exact_moment(draft.written_at)}."
    if version is not None:
        return (
            f"{version.approved_by.full_name} approved version {version.number} on "
            f"{exact_moment(version.approved_at)}."
        )
    return "No limits are approved, and no draft is written."
