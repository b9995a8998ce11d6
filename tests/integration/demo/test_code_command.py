from __future__ import annotations

import io
import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from hat_clinic.accounts.actions import create_user, enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def in_the_demo(settings) -> None:
    settings.IS_DEMO = True


@pytest.fixture
def demo_nurse() -> User:
    user = create_user(
        email="nurse@demo.example", full_name="Grace Okafor", password=PASSWORD, by=None, at=now()
    )
    enrol_totp(user=user, secret=None, by=None, at=now())
    return user


def run(role: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("code", role, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


class TestCode:
    def test_prints_six_digits_that_sign_in(self, client, demo_nurse) -> None:
        out, err = run("nurse")

        assert re.fullmatch(r"\d{6}\n", out)
        assert re.fullmatch(r"good for \d+ seconds, once\n", err)
        client.post(reverse("account_login"), {"login": demo_nurse.email, "password": PASSWORD})
        answer = client.post(reverse("mfa_authenticate"), {"code": out.strip()})
        assert answer.url == reverse("pages:home")

    def test_names_the_roles_there_are(self, demo_nurse) -> None:
        with pytest.raises(CommandError, match=r"There is no demo person 'boss'\. There are: nurse\."):
            run("boss")

    def test_tells_that_the_demo_is_not_made_yet(self) -> None:
        with pytest.raises(CommandError, match="not made yet"):
            run("nurse")

    def test_is_silent_outside_the_demo(self, demo_nurse, settings) -> None:
        settings.IS_DEMO = False

        with pytest.raises(CommandError, match="not the demo"):
            run("nurse")

    def test_knows_only_demo_people(self, nurse) -> None:
        with pytest.raises(CommandError):
            run("nurse@CLINIC1")
