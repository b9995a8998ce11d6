"""What an authenticator app would show, for tests that sign in the real way."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from hat_clinic.accounts.adapters import MFAAdapter
from hat_clinic.accounts.models import User


def code_of(user: User, *, steps: int = 0) -> str:
    """Return what the person's app shows now, or so many steps of 30 seconds from now."""
    sealed = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
    return code_of_secret(MFAAdapter().decrypt(sealed), steps=steps)


def code_of_secret(secret: str, *, steps: int = 0) -> str:
    """Return what an app with this secret shows."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
