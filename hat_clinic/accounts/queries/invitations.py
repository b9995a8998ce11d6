"""One invitation, as the person reads it who was invited."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hat_clinic.accounts.models import Invitation, User
from hat_clinic.accounts.queries.staff import words_of
from hat_clinic.accounts.rules import (
    InvitationState,
    Role,
    invitation_sentence,
    invitation_state,
    signs_with_pin,
)
from hat_clinic.core.clock import london_date


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """What the invited person reads: `refusal` is why the invitation does not work, empty while it does."""

    id: uuid.UUID
    refusal: str
    name: str
    email: str
    clinic: str
    clinic_code: str
    roles: str
    agency: str
    last_day: date | None
    has_account: bool
    needs_pin: bool


def hash_of_token(token: str) -> str:
    """Return how the token of a link is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(*, token: str) -> uuid.UUID | None:
    """Return the invitation that a token opens, whatever became of it, or None."""
    return Invitation.objects.filter(token_sha256=hash_of_token(token)).values_list("pk", flat=True).first()


def get_invitation_page(*, invitation_id: uuid.UUID, at: datetime) -> InvitationPage | None:
    """Return an invitation in words, or None."""
    invitation = Invitation.objects.select_related("clinic", "agency").filter(pk=invitation_id).first()
    if invitation is None:
        return None
    state = invitation_state(
        expires_at=invitation.expires_at,
        accepted_at=invitation.accepted_at,
        withdrawn_at=invitation.withdrawn_at,
        at=at,
    )
    end = invitation.roles_end_at
    return InvitationPage(
        id=invitation.pk,
        refusal="" if state is InvitationState.WAITING else invitation_sentence(state),
        name=invitation.full_name,
        email=invitation.email,
        clinic=invitation.clinic.name,
        clinic_code=invitation.clinic.code,
        roles=words_of(invitation.roles),
        agency=invitation.agency.name if invitation.agency else "",
        last_day=None if end is None else london_date(end - timedelta(microseconds=1)),
        has_account=User.objects.filter(email=invitation.email, is_active=True).exists(),
        needs_pin=signs_with_pin(frozenset(Role(role) for role in invitation.roles)),
    )
