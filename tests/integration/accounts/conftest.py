"""People and browsers of the sign-in tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import Invited, create_user, invite_person
from hat_clinic.accounts.models import User
from hat_clinic.accounts.presence import TERMINAL_COOKIE
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.dose_pages import prepare_address
from tests.factories.sign_in import PASSWORD
from tests.factories.treatment import TreatmentRoom, a_treatment_room


@pytest.fixture
def newcomer() -> User:
    """Somebody with a password and no second factor yet."""
    return create_user(
        email="new@clinic.example", full_name="New Person", password=PASSWORD, by=None, at=now()
    )


@pytest.fixture
def set_app_up(django_capture_on_commit_callbacks) -> Any:
    """Return a function that sets an authenticator app up and returns the page of recovery codes."""

    def set_up(client: Any) -> str:
        page = client.get(reverse("set_up_app")).content.decode()
        secret = re.search(r"<code>([A-Z2-7]+)</code>", page)
        assert secret is not None
        code = format_hotp_value(hotp_value(secret[1], int(time.time()) // 30))
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("set_up_app"), {"code": code})
        assert answer.url == reverse("mfa_view_recovery_codes")
        return client.get(answer.url).content.decode()

    return set_up


@pytest.fixture
def client_too() -> Any:
    """A second browser."""
    return Client()


@pytest.fixture
def invite(clinic, manager) -> Callable[..., Invited]:
    """Return a function that invites somebody as the clinic's manager does."""

    def do(email: str = "noor@clinic.example", *roles: Role, **changes: Any) -> Invited:
        content = {
            "clinic": clinic,
            "email": email,
            "full_name": "Noor Malik",
            "roles": roles or [Role.NURSE],
            "agency": None,
            "roles_end_at": None,
            "by": manager,
            "at": now(),
        }
        return invite_person(**(content | changes))

    return do


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def board(room: TreatmentRoom) -> str:
    return reverse("dosing:see_board", args=[room.clinic.code])


@pytest.fixture
def dose(room: TreatmentRoom) -> str:
    return prepare_address(room)


@pytest.fixture
def browser(room: TreatmentRoom) -> Client:
    """The browser of the room's open terminal; nobody is signed in."""
    client = Client()
    client.cookies[TERMINAL_COOKIE] = room.terminal_secret
    return client


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the server's own clock on."""
    moved = 0.0
    real = time.time

    def move(seconds: float) -> None:
        nonlocal moved
        moved += seconds
        monkeypatch.setattr(time, "time", lambda: real() + moved)

    return move
