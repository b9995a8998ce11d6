"""When a doctor's licence may be recorded, and what state it is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dosing.rules.worklist import licence_notice
from hat_clinic.core.decisions import Decision, block


class LicenceState(StrEnum):
    """What a licence is worth at a moment."""

    REVOKED = "revoked"
    NOT_YET = "not_yet"
    ENDED = "ended"
    ENDS_SOON = "ends_soon"
    IN_FORCE = "in_force"


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What is known when a licence is recorded, half-open: from `starts_at` until just before `ends_at`."""

    doctor_is_doctor: bool
    starts_at: datetime
    ends_at: datetime
    is_recorded: bool


def may_record_licence(facts: LicenceFacts) -> Decision:
    """Decide whether a licence may be recorded. Source: clinical rule 1."""
    return Decision.of(
        (
            None
            if facts.doctor_is_doctor
            else block(
                "not_a_doctor",
                "Only a licensed doctor may order diamorphine. This person is not a doctor of this clinic.",
                "clinical rule 1",
            ),
            None
            if facts.starts_at < facts.ends_at
            else block(
                "ends_before_it_starts",
                "The licence would end before it starts. Write a later last day.",
                "clinical rule 1",
            ),
            block(
                "recorded_already",
                "This licence is recorded already, and not revoked. Nothing more was saved.",
                "clinical rule 1",
            )
            if facts.is_recorded
            else None,
        )
    )


def may_revoke_licence(*, is_revoked: bool, reason: str) -> Decision:
    """Decide whether a licence may be revoked: once, with a reason. Source: clinical rules 7.11."""
    return Decision.of(
        (
            block(
                "revoked_already",
                "This licence is revoked already. Nothing was changed.",
                "clinical rules 7.11",
            )
            if is_revoked
            else None,
            None
            if reason.strip()
            else block("reason", "Write why the licence is revoked.", "clinical rules 7.11"),
        )
    )


def state_of(*, starts_at: datetime, ends_at: datetime, is_revoked: bool, at: datetime) -> LicenceState:
    """Return the state of a licence; it ends at the first moment that it does not cover.

    Source: clinical rule 1; clinical rules 7.11.
    """
    if is_revoked:
        return LicenceState.REVOKED
    if at < starts_at:
        return LicenceState.NOT_YET
    if ends_at <= at:
        return LicenceState.ENDED
    return LicenceState.IN_FORCE if licence_notice(ends_at, at) is None else LicenceState.ENDS_SOON
