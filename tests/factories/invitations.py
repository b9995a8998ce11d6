"""Accepting an invitation as the invited person does."""

from __future__ import annotations

from datetime import datetime

from hat_clinic.accounts.actions import Invited, accept_invitation
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.sign_in import PASSWORD


def accept(invited: Invited, *, by: User | None = None, at: datetime | None = None) -> User:
    return accept_invitation(
        invitation_id=invited.invitation.pk,
        password=None if by else PASSWORD,
        by=by,
        at=at or now(),
    )
