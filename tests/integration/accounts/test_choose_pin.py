"""One's own PIN: set after proving again who one is, by who signs with one."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import prove_pin, set_pin
from hat_clinic.accounts.models import SigningPin, User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import a_terminal

pytestmark = pytest.mark.django_db
PIN, OTHER_PIN = "592837", "463728"
MINE = "/my-pin/"


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def prove(client: Client, user: User, *, seconds_ago: float = 0) -> None:
    """Leave the session as it is some time after the password was typed."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - seconds_ago}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = user_id_to_str(user)
    session.save()


@pytest.fixture
def mine(client, nurse, sign_in) -> Client:
    """The nurse's browser, the password just typed."""
    sign_in(client, nurse)
    prove(client, nurse)
    return client


@pytest.fixture
def at_a_terminal(clinic, nurse) -> uuid.UUID:
    """The id of an open terminal: a PIN is worth something nowhere else."""
    return a_terminal(clinic, by=nurse)[0].pk


class TestChoosePin:
    def test_sets_the_first_one(self, mine, nurse, at_a_terminal) -> None:
        assert "You have none yet" in words(mine.get(MINE))

        answer = mine.post(MINE, {"pin": PIN, "pin_again": PIN})

        assert answer.url == "/"
        assert prove_pin(user=nurse, pin=PIN, terminal_id=at_a_terminal, at=now())
        assert AuditEvent.objects.get(event="accounts.pin_set").actor == nurse

    def test_takes_the_place_of_the_one_before(self, mine, nurse, at_a_terminal) -> None:
        set_pin(user=nurse, pin=PIN, by=nurse, at=now())
        assert "A new one takes its place" in words(mine.get(MINE))

        mine.post(MINE, {"pin": OTHER_PIN, "pin_again": OTHER_PIN})

        assert prove_pin(user=nurse, pin=OTHER_PIN, terminal_id=at_a_terminal, at=now())

    @pytest.mark.parametrize(
        ("pin", "again", "sentence"),
        [
            ("", "", "Type 6 digits."),
            (PIN, OTHER_PIN, "The two PINs differ."),
            ("12345", "12345", "A PIN has exactly 6 digits"),
            ("123456", "123456", "one of the first that somebody would guess"),
            ("1234567", "1234567", "A PIN has exactly 6 digits"),
        ],
    )
    def test_says_what_to_type_instead(self, mine, pin: str, again: str, sentence: str) -> None:
        page = words(mine.post(MINE, {"pin": pin, "pin_again": again}))

        assert sentence in page
        assert not [
            field for field in re.findall(r'<input[^>]* name="pin\w*"[^>]*>', page) if "value=" in field
        ]
        assert not SigningPin.objects.exists()

    def test_asks_for_the_password_again_after_a_while(self, mine, nurse) -> None:
        prove(mine, nurse, seconds_ago=3600)

        answer = mine.get(MINE)

        assert reverse("account_reauthenticate") in answer.url or "confirm" in answer.url

    def test_posted_too_late_is_not_kept_in_the_session(self, mine, nurse) -> None:
        prove(mine, nurse, seconds_ago=3600)

        answer = mine.post(MINE, {"pin": PIN, "pin_again": PIN})

        assert answer.url == MINE
        assert PIN not in str(dict(mine.session.items()))
        assert not SigningPin.objects.exists()

    def test_is_not_for_roles_that_never_sign(self, client, case_worker, sign_in) -> None:
        sign_in(client, case_worker)
        prove(client, case_worker)

        assert "you need no PIN" in words(client.get(MINE))
        client.post(MINE, {"pin": PIN, "pin_again": PIN})

        assert not SigningPin.objects.exists()

    def test_does_not_bring_back_one_that_is_off(self, mine, nurse) -> None:
        set_pin(user=nurse, pin=PIN, by=nurse, at=now())
        SigningPin.objects.update(failures=10)

        assert "Your PIN is off after 10 wrong tries" in words(mine.get(MINE))
        mine.post(MINE, {"pin": OTHER_PIN, "pin_again": OTHER_PIN})

        assert SigningPin.objects.get().failures == 10
