"""Inviting people into a clinic, taking an invitation back, and accepting one."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from hat_clinic.accounts.actions.people import reopen_account, store_role, store_user
from hat_clinic.accounts.models import Agency, Clinic, Invitation, Membership, User
from hat_clinic.accounts.queries import hash_of_token, roles_of, standing
from hat_clinic.accounts.rules import (
    INVITATION_LASTS,
    InvitationState,
    Role,
    invitation_sentence,
    invitation_state,
    may_invite,
)
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Refused

TOKEN_BYTES = 32  # 256 bits: nobody guesses one, so tries need not be counted


class InviteRefused(Refused):
    """The person was not invited; `decision` says why."""


class NoSuchInvitation(Exception):
    """The clinic has no such invitation."""


class InvitationRefused(Exception):
    """The invitation was not accepted or not withdrawn; the message is what the person reads."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and its token, which is kept nowhere and cannot be shown again."""

    invitation: Invitation
    token: str


def invite_person(
    *,
    clinic: Clinic,
    email: str,
    full_name: str,
    roles: Collection[Role],
    agency: Agency | None,
    roles_end_at: datetime | None,
    by: User,
    at: datetime,
    roles_start_at: datetime | None = None,
) -> Invited:
    """Store an invitation that is good for 7 days, or until the roles would end if that is sooner.

    One that has expired unanswered makes way. Raises InviteRefused with the decision of `may_invite`.
    """
    with transaction.atomic(durable=True):
        return store_invitation(
            clinic=clinic,
            email=email,
            full_name=full_name,
            roles=roles,
            agency=agency,
            roles_end_at=roles_end_at,
            by=by,
            at=at,
            roles_start_at=roles_start_at,
        )


def store_invitation(
    *,
    clinic: Clinic,
    email: str,
    full_name: str,
    roles: Collection[Role],
    agency: Agency | None,
    roles_end_at: datetime | None,
    by: User,
    at: datetime,
    roles_start_at: datetime | None = None,
) -> Invited:
    """Store one invitation in the caller's transaction, as `invite_person` does."""
    email = email.strip().lower()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    unanswered = Invitation.objects.filter(
        clinic=clinic, email=email, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    known = User.objects.filter(email=email).first()
    decision = may_invite(
        roles=frozenset(roles),
        held=roles_of(user=known, clinic=clinic, at=at) if known else frozenset(),
        has_agency=agency is not None,
        ends_at=roles_end_at,
        is_waiting=unanswered.filter(expires_at__gt=at).exists(),
        is_program=known is not None and known.is_service,
        at=at,
        starts_at=roles_start_at,
    )
    if not decision.is_allowed:
        raise InviteRefused(decision)
    unanswered.update(withdrawn_at=at, withdrawn_by=by)
    expires_at = at + INVITATION_LASTS
    invitation = Invitation.objects.create(
        clinic=clinic,
        email=email,
        full_name=full_name,
        roles=[role.value for role in Role if role in roles],
        agency=agency,
        roles_start_at=roles_start_at,
        roles_end_at=roles_end_at,
        token_sha256=hash_of_token(token),
        invited_at=at,
        invited_by=by,
        expires_at=min(expires_at, roles_end_at or expires_at),
    )
    record(
        "accounts.person_invited",
        by=by,
        at=at,
        clinic=clinic.pk,
        thing=invitation,
        roles=list(invitation.roles),
    )
    return Invited(invitation, token)


def withdraw_invitation(*, clinic: Clinic, invitation_id: uuid.UUID, by: User, at: datetime) -> None:
    """Take an unanswered invitation of a clinic back.

    Raises NoSuchInvitation for another clinic's, InvitationRefused for one that was answered or withdrawn.
    """
    with transaction.atomic(durable=True):
        invitation = Invitation.objects.select_for_update().filter(pk=invitation_id, clinic=clinic).first()
        if invitation is None:
            raise NoSuchInvitation
        if invitation.accepted_at or invitation.withdrawn_at:
            raise InvitationRefused("That invitation is no longer waiting. The list shows where it stands.")
        invitation.withdrawn_at, invitation.withdrawn_by = at, by
        invitation.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record("accounts.invitation_withdrawn", by=by, at=at, clinic=clinic.pk, thing=invitation)


def accept_invitation(
    *, invitation_id: uuid.UUID, password: str | None, by: User | None, at: datetime
) -> User:
    """Give the invited person their roles, once, and return them.

    `by` is who is signed in with both factors: an open account takes an invitation only itself. Without one
    (`by` None) the person is stored with `password`, or their closed account is opened again with it. Who
    holds one of the roles by now keeps it as it is. Raises InvitationRefused, and UserRefused for a weak
    password.
    """
    try:
        with transaction.atomic(durable=True):
            invitation = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
            state = None if invitation is None else _state(invitation, at)
            if invitation is None or state is not InvitationState.WAITING:
                raise InvitationRefused(invitation_sentence(state))
            user = _who_accepts(invitation, password=password, by=by, at=at)
            held = set(
                Membership.objects.filter(standing(at), user=user, clinic=invitation.clinic_id).values_list(
                    "role", flat=True
                )
            )
            for role in (Role(value) for value in invitation.roles if value not in held):
                store_role(
                    user=user,
                    clinic=invitation.clinic,
                    role=role,
                    agency=invitation.agency if role is Role.REFERRER else None,
                    ends_at=invitation.roles_end_at,
                    by=invitation.invited_by,
                    at=at,
                    starts_at=invitation.roles_start_at,
                )
            invitation.accepted_at, invitation.accepted_by = at, user
            invitation.save(update_fields=["accepted_at", "accepted_by"])
            record(
                "accounts.invitation_accepted",
                by=user,
                at=at,
                clinic=invitation.clinic_id,
                thing=invitation,
            )
    except IntegrityError as error:
        raise InvitationRefused("Nothing was saved. Open the link again.") from error
    return user


def _state(invitation: Invitation, at: datetime) -> InvitationState:
    return invitation_state(
        expires_at=invitation.expires_at,
        accepted_at=invitation.accepted_at,
        withdrawn_at=invitation.withdrawn_at,
        at=at,
    )


def _who_accepts(invitation: Invitation, *, password: str | None, by: User | None, at: datetime) -> User:
    """Return the locked row of the person whom the invitation is for, made or opened again where needed."""
    known = User.objects.select_for_update().filter(email=invitation.email).first()
    if known is not None and known.is_active:
        if by is None or by.pk != known.pk:
            raise InvitationRefused(
                "You have an account here already. Sign in with it, then accept the invitation."
            )
        return known
    if by is not None or password is None:
        raise InvitationRefused("Sign out first: this invitation is for somebody else.")
    if known is None:
        return store_user(
            email=invitation.email, full_name=invitation.full_name, password=password, by=None, at=at
        )
    reopen_account(user=known, password=password, by=known, at=at)
    return known
