"""Setting up, replacing and removing second factors."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import reverse

from tests.factories.sign_in import PASSWORD, code_of, give_code, give_password, is_inside

# What a browser answered when a key made of software was added: a public key, no secret.
A_KEY = {
    "name": "Key",
    "credential": {
        "id": "bNrghjpo_zvuha4bT-r3c4xRA1237MJJTpa1XbFbYis",
        "rawId": "bNrghjpo_zvuha4bT-r3c4xRA1237MJJTpa1XbFbYis",
        "type": "public-key",
        "response": {
            "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiNkF2V0E4UzhGYnphZWU3S29MQkxNY"
            "UZCZ1ZMVjNCZE92UmhfNnNvRmhPMCIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODkxNyIsImNyb3NzT3JpZ2luIjpmYWxz"
            "ZX0",
            "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoM"
            "dl2NFAAAAAQAAAAAAAAAAAAAAAAAAAAAAIGza4IY6aP877oWuG0_q93OMUQNdt-zCSU6WtV2xW2IrpQECAyYgASFYINBgti5bFG"
            "N2BwitNYQyoktA0gmso21AmbS9de4vMi2KIlggeX95r3hZAPnkxSbWHsZp01ZcV9Oyh4M_nrs2LqSEUXc",
        },
    },
}
pytestmark = pytest.mark.django_db


class TestNewcomer:
    def test_can_open_nothing_but_the_set_up(self, client, newcomer) -> None:
        give_password(client, newcomer)

        for name in ("pages:home", "mfa_index", "mfa_list_webauthn", "mfa_view_recovery_codes"):
            assert client.get(reverse(name)).url == reverse("set_up_app"), name

        assert client.get(reverse("set_up_app")).status_code == 200
        assert client.get(reverse("mfa_add_webauthn")).status_code == 200

    def test_is_inside_once_the_app_is_set_up(self, client, newcomer, set_app_up) -> None:
        give_password(client, newcomer)

        shown = set_app_up(client)

        assert "shown this one time" in shown
        assert is_inside(client)

    def test_sees_recovery_codes_once(self, client, newcomer, set_app_up) -> None:
        give_password(client, newcomer)
        set_app_up(client)

        again = client.get(reverse("mfa_view_recovery_codes")).content.decode()

        assert "<code>" not in again
        assert "10 of 10 codes are left" in again

    def test_must_prove_the_first_code(self, client, newcomer) -> None:
        give_password(client, newcomer)
        client.get(reverse("set_up_app"))

        answer = client.post(reverse("set_up_app"), {"code": "123"})

        assert "That code is not right" in answer.content.decode()
        assert not Authenticator.objects.filter(user=newcomer).exists()

    def test_cannot_use_a_window_opened_before_the_set_up(
        self, client, client_too, newcomer, set_app_up
    ) -> None:
        give_password(client, newcomer)
        give_password(client_too, newcomer)
        set_app_up(client)

        for name in ("mfa_add_webauthn", "set_up_app", "account_reauthenticate", "pages:home"):
            give_password(client_too, newcomer)
            answer = client_too.get(reverse(name))
            assert answer.url.startswith(reverse("account_login")), name

    def test_has_a_sealed_seed_in_the_database(self, client, newcomer) -> None:
        give_password(client, newcomer)
        page = client.get(reverse("set_up_app")).content.decode()
        secret = re.search(r"<code>([A-Z2-7]+)</code>", page)
        assert secret is not None

        code = format_hotp_value(hotp_value(secret[1], int(time.time()) // 30))
        client.post(reverse("set_up_app"), {"code": code})

        kept = Authenticator.objects.get(user=newcomer, type="totp").data["secret"]
        assert secret[1] not in kept
        assert kept.startswith("1:")


class TestReplacingTheApp:
    def test_leaves_only_the_new_phone(self, client, nurse, set_app_up) -> None:
        give_password(client, nurse)
        give_code(client, code_of(nurse))
        old = Authenticator.objects.get(user=nurse, type="totp").data

        set_app_up(client)

        assert Authenticator.objects.get(user=nurse, type="totp").data != old
        assert is_inside(client)

    def test_asks_for_the_password_when_the_sign_in_is_old(self, client, nurse, sign_in) -> None:
        sign_in(client, nurse)

        answer = client.get(reverse("set_up_app"))

        assert answer.url.startswith(reverse("account_reauthenticate"))
        wrong = client.post(answer.url, {"password": "no"})
        assert "That password is not right" in wrong.content.decode()
        right = client.post(answer.url, {"password": PASSWORD})
        assert right.url == reverse("set_up_app")
        assert client.get(right.url).status_code == 200


class TestKeys:
    def test_are_asked_for_only_where_there_is_one(self, client, nurse) -> None:
        give_password(client, nurse)
        without = client.get(reverse("mfa_authenticate")).content.decode()
        Authenticator.objects.create(user=nurse, type="webauthn", data=A_KEY)
        with_one = client.get(reverse("mfa_authenticate")).content.decode()

        assert "Use my security key" not in without
        assert "Use my security key" in with_one

    def test_keeps_the_last_second_factor(self, client, nurse, sign_in) -> None:
        Authenticator.objects.filter(user=nurse).delete()
        key = Authenticator.objects.create(user=nurse, type="webauthn", data={"name": "k"})
        sign_in(client, nurse)

        answer = client.post(reverse("remove_key"), {"key": key.pk}, follow=True)

        assert "This is your only second factor" in answer.content.decode()
        assert Authenticator.objects.filter(pk=key.pk).exists()

    def test_go_when_another_factor_stays(self, client, nurse) -> None:
        key = Authenticator.objects.create(user=nurse, type="webauthn", data={"name": "k"})
        give_password(client, nurse)
        give_code(client, code_of(nurse))

        client.post(reverse("remove_key"), {"key": key.pk})

        assert not Authenticator.objects.filter(pk=key.pk).exists()

    def test_of_others_are_not_there(self, client, nurse, doctor) -> None:
        key = Authenticator.objects.create(user=doctor, type="webauthn", data={"name": "k"})
        give_password(client, nurse)
        give_code(client, code_of(nurse))

        answer = client.post(reverse("remove_key"), {"key": key.pk})

        assert answer.status_code == 404
