"""Every way in, walked: nobody comes past with a password alone."""

from __future__ import annotations

import re
import time

import pytest
from django.core.cache import cache
from django.urls import reverse

from hat_clinic.accounts.access import SECOND_FACTOR_KEY
from hat_clinic.accounts.actions import close_account
from hat_clinic.accounts.models import User
from hat_clinic.accounts.presence import LAST_INPUT_AT, SIGNED_IN_AT
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.sign_in import PASSWORD, code_of, give_code, give_password, is_inside
from tests.pages import alike

pytestmark = pytest.mark.django_db


class TestSignIn:
    def test_takes_password_and_code(self, client, nurse) -> None:
        first = give_password(client, nurse)
        assert first.url == reverse("mfa_authenticate")
        assert not is_inside(client)

        second = give_code(client, code_of(nurse))

        assert second.url == reverse("pages:home")
        assert is_inside(client)
        assert {SECOND_FACTOR_KEY, SIGNED_IN_AT, LAST_INPUT_AT} <= set(client.session.keys())

    def test_leaves_the_session_that_the_test_shortcut_makes(
        self, client, client_too, nurse, sign_in
    ) -> None:
        give_password(client, nurse)
        give_code(client, code_of(nurse))
        sign_in(client_too, nurse)

        ours = set(client_too.session.keys())

        assert ours <= set(client.session.keys())
        assert client.session[SECOND_FACTOR_KEY] == client_too.session[SECOND_FACTOR_KEY]

    def test_stops_at_the_second_factor_whatever_is_asked_for(self, client, nurse) -> None:
        give_password(client, nurse)

        for name in (
            "pages:home",
            "mfa_index",
            "set_up_app",
            "mfa_add_webauthn",
            "mfa_view_recovery_codes",
        ):
            answer = client.get(reverse(name))
            assert answer.status_code == 302, name
            assert answer.url.startswith(reverse("account_login")), name

    def test_knows_the_address_in_any_case(self, client, nurse) -> None:
        answer = client.post(
            reverse("account_login"), {"login": f" {nurse.email.upper()} ", "password": PASSWORD}
        )

        assert answer.url == reverse("mfa_authenticate")

    def test_goes_on_to_the_page_that_was_asked_for(self, client, nurse) -> None:
        asked = client.get(reverse("mfa_index"))
        assert asked.url == "/sign-in/?next=%2Fsecond-factor%2F"
        give_password(client, nurse, next="/second-factor/")

        answer = give_code(client, code_of(nurse))

        assert answer.url == "/second-factor/"

    @pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_never_leads_to_another_host(self, client, nurse, away) -> None:
        give_password(client, nurse, next=away)

        answer = give_code(client, code_of(nurse))

        assert answer.url == reverse("pages:home")

    def test_says_the_same_of_a_wrong_password_and_an_unknown_address(self, client, nurse) -> None:
        wrong = give_password(client, nurse, "wrong-password-entirely").content.decode()
        unknown = client.post(
            reverse("account_login"), {"login": "nobody@clinic.example", "password": PASSWORD}
        ).content.decode()

        assert "do not belong together" in wrong
        assert alike(wrong.replace(nurse.email, "")) == alike(unknown.replace("nobody@clinic.example", ""))

    def test_says_the_same_of_a_closed_account(self, client, nurse, clinic, manager) -> None:
        close_account(user=nurse, clinic=clinic, by=manager, at=now())

        answer = give_password(client, nurse)

        assert "do not belong together" in answer.content.decode()

    def test_refuses_a_program(self, client, newcomer) -> None:
        User.objects.filter(pk=newcomer.pk).update(is_service=True)

        answer = give_password(client, newcomer)

        assert "do not belong together" in answer.content.decode()

    def test_refuses_a_wrong_code_in_words(self, client, nurse) -> None:
        give_password(client, nurse)

        answer = give_code(client, code_of(nurse, steps=5))

        assert "That code is not right. Codes change every 30 seconds" in answer.content.decode()
        assert not is_inside(client)

    @pytest.mark.parametrize(("steps", "inside"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_takes_codes_of_one_step_early_or_late(self, client, nurse, steps, inside, monkeypatch) -> None:
        monkeypatch.setattr(time, "time", lambda: 1_800_000_015.0)
        give_password(client, nurse)

        give_code(client, code_of(nurse, steps=steps))

        assert is_inside(client) is inside

    def test_takes_a_code_once(self, client, client_too, nurse) -> None:
        code = code_of(nurse)
        give_password(client, nurse)
        give_code(client, code)
        give_password(client_too, nurse)

        answer = give_code(client_too, f"{code[:3]} {code[3:]}")

        assert "That code is not right" in answer.content.decode()
        assert not is_inside(client_too)

    def test_takes_a_code_once_though_the_library_forgot_it(self, client, client_too, nurse) -> None:
        code = code_of(nurse, steps=1)
        give_password(client, nurse)
        give_code(client, code)
        cache.delete(f"allauth.mfa.totp.used?user={nurse.pk}&code={code}")
        give_password(client_too, nurse)

        give_code(client_too, code)

        assert not is_inside(client_too)

    def test_stops_an_account_after_ten_wrong_passwords(
        self, client, nurse, second_nurse, client_too
    ) -> None:
        for _ in range(10):
            assert "do not belong together" in give_password(client, nurse, "wrong-password").content.decode()

        right = give_password(client, nurse)
        other = give_password(client_too, second_nurse)

        assert "too many wrong tries" in right.content.decode()
        assert other.url == reverse("mfa_authenticate")

    def test_counts_one_account_under_all_its_host_names(self, client, nurse) -> None:
        for number in range(10):
            client.post(
                reverse("account_login"),
                {"login": nurse.email, "password": "wrong-password"},
                headers={"host": "localhost" if number % 2 else "127.0.0.1"},
            )

        answer = give_password(client, nurse)

        assert "too many wrong tries" in answer.content.decode()

    def test_stops_an_account_after_ten_wrong_codes(self, client, nurse) -> None:
        give_password(client, nurse)
        for _ in range(10):
            assert "That code is not right" in give_code(client, "000000").content.decode()

        answer = give_code(client, code_of(nurse))

        assert "too many wrong tries" in answer.content.decode()
        assert not is_inside(client)

    def test_stops_an_address_after_forty_wrong_passwords_a_minute(self, client, clinic) -> None:
        for number in range(40):
            client.post(reverse("account_login"), {"login": f"p{number}@x.example", "password": "wrong"})

        answer = client.post(reverse("account_login"), {"login": "p@x.example", "password": "wrong"})

        assert "too many wrong tries" in answer.content.decode()

    def test_ends_when_the_browser_closes(self, client, nurse) -> None:
        give_password(client, nurse)

        answer = give_code(client, code_of(nurse))

        assert answer.cookies["sessionid"]["max-age"] == ""
        assert answer.cookies["sessionid"]["httponly"]

    def test_takes_a_recovery_code_once(self, client, client_too, newcomer, set_app_up) -> None:
        give_password(client, newcomer)
        shown = set_app_up(client)
        recovery = re.findall(r"<code>(\d{8})</code>", shown)
        assert len(recovery) == 10
        client.post(reverse("account_logout"))

        give_password(client, newcomer)
        give_code(client, recovery[0])
        give_password(client_too, newcomer)
        give_code(client_too, recovery[0])

        assert is_inside(client)
        assert not is_inside(client_too)


class TestTrail:
    def test_holds_every_sign_in_and_sign_out(self, client, nurse) -> None:
        give_password(client, nurse, "wrong-password")
        give_password(client, nurse)
        give_code(client, "000000")
        give_code(client, code_of(nurse))
        client.post(reverse("account_logout"))

        events = list(
            AuditEvent.objects.filter(object_id=str(nurse.pk))
            .exclude(
                event__in=["accounts.user_created", "accounts.role_granted", "accounts.second_factor_set"]
            )
            .order_by("id")
            .values_list("event", "outcome")
        )
        assert events == [
            ("accounts.sign_in_failed", "refused"),
            ("accounts.second_factor_failed", "refused"),
            ("accounts.signed_in", "done"),
            ("accounts.signed_out", "done"),
        ]

    def test_carries_the_request_id_of_the_answer(self, client, nurse) -> None:
        give_password(client, nurse)

        answer = give_code(client, code_of(nurse))

        event = AuditEvent.objects.get(event="accounts.signed_in")
        assert event.request_id == answer.headers["X-Request-ID"]

    def test_never_holds_an_address(self, client, clinic) -> None:
        client.post(reverse("account_login"), {"login": "secret@x.example", "password": "wrong"})

        event = AuditEvent.objects.get(event="accounts.sign_in_failed")
        assert event.object_id == ""
        assert event.detail == {"why": "wrong"}

    def test_tells_when_tries_were_too_many(self, client, nurse) -> None:
        for _ in range(11):
            give_password(client, nurse, "wrong-password")

        reasons = [
            event.detail["why"] for event in AuditEvent.objects.filter(event="accounts.sign_in_failed")
        ]
        assert reasons.count("wrong") == 10
        assert reasons.count("too_many_tries") == 1
