from __future__ import annotations

import time

import pytest
from django.urls import reverse

from hat_clinic.accounts.presence import LAST_INPUT_AT, SIGNED_IN_AT
from hat_clinic.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
PAGE = "/second-factor/"
MINUTE, HOUR = 60, 3600


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the server's clock on."""
    moved = 0.0
    real = time.time

    def move(seconds: float) -> None:
        nonlocal moved
        moved += seconds
        monkeypatch.setattr(time, "time", lambda: real() + moved)

    return move


class TestIdleLimit:
    def test_lets_go_on_just_before_15_minutes(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)

        later(15 * MINUTE - 5)

        assert client.get(PAGE).status_code == 200

    def test_signs_out_at_15_minutes_and_comes_back(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)

        later(15 * MINUTE)
        answer = client.get(PAGE)

        assert answer.url == "/sign-in/?next=%2Fsecond-factor%2F"
        assert "nothing was touched for 15 minutes" in client.get(answer.url).content.decode()
        assert client.get(PAGE).status_code == 302

    def test_starts_anew_at_every_touch(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)

        for _ in range(4):
            later(14 * MINUTE)
            assert client.get(PAGE).status_code == 200

    def test_is_not_put_off_by_a_page_that_polls(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)

        for _ in range(2):
            later(7 * MINUTE)
            assert client.get(PAGE, headers={"x-poll": "1"}).status_code == 200
        later(MINUTE)

        assert client.get(PAGE).status_code == 302

    def test_tells_a_poll_to_leave_the_page(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)

        later(15 * MINUTE)
        answer = client.get(
            PAGE,
            headers={
                "x-poll": "1",
                "hx-request": "true",
                "hx-current-url": "http://testserver/second-factor/",
            },
        )

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fsecond-factor%2F"

    def test_is_written_down(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)

        later(15 * MINUTE)
        client.get(PAGE)

        assert AuditEvent.objects.get(event="accounts.signed_out").detail == {"why": "time"}


class TestHardLimit:
    def test_signs_out_12_hours_after_the_sign_in_though_busy(self, client, nurse, sign_in, later) -> None:
        sign_in(client, nurse)
        for _ in range(71):
            later(10 * MINUTE)
            assert client.get(PAGE).status_code == 200

        later(10 * MINUTE)
        answer = client.get(PAGE)

        assert "a sign-in lasts 12 hours" in client.get(answer.url).content.decode()

    def test_is_over_for_a_session_without_a_start(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)
        session = client.session
        del session[SIGNED_IN_AT], session[LAST_INPUT_AT]
        session.save()

        assert client.get(PAGE).status_code == 302


class TestSignOut:
    def test_asks_first_and_acts_on_post(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)

        asked = client.get(reverse("account_logout"))
        assert "Sign out?" in asked.content.decode()
        assert client.get(PAGE).status_code == 200
        client.post(reverse("account_logout"))

        assert client.get(PAGE).status_code == 302

    def test_ends_the_session_on_the_server(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)
        stolen = client.cookies["sessionid"].value

        client.post(reverse("account_logout"))
        client.cookies["sessionid"] = stolen

        assert client.get(PAGE).status_code == 302

    def test_of_a_changed_password_is_at_once(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)

        nurse.set_password("another-long-password")
        nurse.save()

        assert client.get(PAGE).status_code == 302
