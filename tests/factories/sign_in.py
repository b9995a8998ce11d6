"""The steps of a sign-in, as a browser takes them."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.adapters import MFAAdapter
from hat_clinic.accounts.models import User

PASSWORD = "correct-horse-battery-staple"


def code_of(user: User, steps: int = 0) -> str:
    """Return what the person's authenticator app shows now, or so many steps of 30 seconds from now."""
    sealed = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
    counter = int(time.time()) // 30 + steps
    return format_hotp_value(hotp_value(MFAAdapter().decrypt(sealed), counter))


def give_password(client: Any, user: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": password, **more})


def give_code(client: Any, code: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code})


def is_inside(client: Any) -> bool:
    return client.get(reverse("mfa_index")).status_code == 200


def type_pin(client: Client, user: User, pin: str) -> Any:
    """Tap a face and type a PIN at the door of a terminal."""
    return client.post("/terminal/", {"person": str(user.pk), "pin": pin})
