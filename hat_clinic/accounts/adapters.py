"""Where django-allauth asks us: how sign-in and second factor behave here."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.queries import SEAL_PURPOSE
from hat_clinic.accounts.receivers import record_failed_sign_in
from hat_clinic.core.sealing import seal, unseal

WRONG_CODE = "That code is not right. Codes change every 30 seconds: wait for the next one and try again."
TOO_MANY = "There were too many wrong tries. Wait 15 minutes and try again, or ask a colleague to carry on."


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail and password; nobody signs themselves up; a closed account looks like a wrong one."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That e-mail address and password do not belong together. "
        "Check both and try again.",
        "incorrect_password": "That password is not right. Try again.",
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": TOO_MANY,
        "rate_limited": TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_failed_sign_in(credentials.get("email"), why="too_many_tries")
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        return user if isinstance(user, User) and user.is_active and not user.is_service else None

    def reauthenticate(self, user: Any, password: str) -> bool:
        proved = self.authenticate(context.request, email=user.email, password=password)
        return proved is not None and proved.pk == user.pk

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Take a sign-in of the last few minutes for a re-authentication: the password was just typed."""
        records = get_authentication_records(context.request, context.request.user)
        is_fresh = any(time.time() - step["at"] < app_settings.REAUTHENTICATION_TIMEOUT for step in records)
        return not is_fresh

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count per account. The default counts per host name too, which gives each alias its own tries."""
        return f"sign-in:{credentials.get('email', '').strip().lower()}"


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: seeds are sealed, words are ours."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        return seal(text, purpose=SEAL_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, purpose=SEAL_PURPOSE)
