"""What an invitation is worth at a moment, and who may be invited."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from hat_clinic.accounts.rules.membership import may_grant_role
from hat_clinic.accounts.rules.roles import Role
from hat_clinic.core.decisions import Decision, block

INVITATION_LASTS = timedelta(days=7)


class InvitationState(StrEnum):
    """Where an invitation stands."""

    WAITING = "waiting"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


def invitation_state(
    *, expires_at: datetime, accepted_at: datetime | None, withdrawn_at: datetime | None, at: datetime
) -> InvitationState:
    """Return where an invitation stands; it is good until just before `expires_at`."""
    if accepted_at is not None:
        return InvitationState.ACCEPTED
    if withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.WAITING if at < expires_at else InvitationState.EXPIRED


def invitation_sentence(state: InvitationState | None) -> str:
    """Return what somebody reads whose link does not work; the same for an unknown link and a used one.

    None is a link that was never given out: nobody learns by trying which links there were.
    """
    if state is InvitationState.EXPIRED:
        return "This link was good for 7 days at most, and that time is over. Ask the manager for a new one."
    if state is InvitationState.WITHDRAWN:
        return "The clinic has taken this invitation back. Ask the manager for a new one."
    return "This link does not work (any more). Ask the manager for a new one."


def may_invite(
    *,
    roles: frozenset[Role],
    held: frozenset[Role],
    has_agency: bool,
    ends_at: datetime | None,
    is_waiting: bool,
    is_program: bool,
    at: datetime,
    starts_at: datetime | None = None,
) -> Decision:
    """Decide whether a person is invited into a clinic with these roles, until `ends_at` (None: no end).

    `held` are the roles that the owner of the address holds there now. `is_waiting` says that an invitation
    to the address waits there already; `is_program` that the address belongs to one of our own programs.
    Source: trust design 3.
    """
    decision = Decision.of(
        [
            None if roles else block("no_role", "Choose at least one role.", "trust design 3"),
            block(
                "invitation_waits",
                "An invitation to this address is waiting already. Withdraw it first if its link was lost.",
                "trust design 3",
            )
            if is_waiting
            else None,
            block("is_program", "Nobody can sign in with this address.", "trust design 3")
            if is_program
            else None,
        ]
    )
    for role in sorted(roles):
        needs_agency = role is Role.REFERRER or Role.REFERRER not in roles
        decision |= may_grant_role(
            role=role,
            is_open=True,
            is_held=role in held,
            # Beside a referrer's role the agency is that role's, and no concern of the others.
            has_agency=has_agency and needs_agency,
            ends_at=ends_at,
            at=at,
            starts_at=starts_at,
        )
    return Decision(tuple(dict.fromkeys(decision)))
