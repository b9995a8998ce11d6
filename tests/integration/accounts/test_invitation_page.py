"""The page on which an invitation is opened, read and accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import close_account, withdraw_invitation
from hat_clinic.accounts.models import User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.invitations import accept
from tests.factories.sign_in import PASSWORD, code_of, give_code, is_inside
from tests.pages import shown

pytestmark = pytest.mark.django_db
ACCEPT = "/accept-invitation/"
GONE = "This link does not work (any more). Ask the manager for a new one."


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


class TestTheInvitationPage:
    def open(self, client: Client, token: str) -> Any:
        return client.post(ACCEPT, {"code": token}, follow=True)

    def test_leads_a_newcomer_to_their_second_factor_and_then_to_their_pin(
        self, client, invite, set_app_up
    ) -> None:
        page = self.open(client, invite().token)
        assert "Welcome, Noor Malik" in words(page)
        assert "The clinic" in words(page)

        answer = client.post(ACCEPT, {"password": PASSWORD, "password_again": PASSWORD})
        assert answer.url == reverse("set_up_app")
        assert not is_inside(client)

        codes = " ".join(set_app_up(client).split())
        assert "Go on: choose your signing PIN" in codes
        assert is_inside(client)
        assert "You have none yet" in words(client.get("/my-pin/"))

    def test_asks_somebody_who_is_back_for_the_second_factor_they_had(
        self, client, clinic, manager, nurse, invite
    ) -> None:
        close_account(user=nurse, clinic=clinic, by=manager, at=now())
        self.open(client, invite(nurse.email).token)

        answer = client.post(ACCEPT, {"password": PASSWORD, "password_again": PASSWORD})
        assert answer.url == reverse("mfa_authenticate")
        assert not is_inside(client)

        assert give_code(client, code_of(nurse)).url == "/my-pin/"
        assert is_inside(client)

    def test_takes_the_whole_link_for_a_code(self, client, invite) -> None:
        page = self.open(client, f" https://clinic.example/accept-invitation/#{invite().token} ")

        assert "Welcome, Noor Malik" in words(page)

    def test_says_the_same_of_an_unknown_and_of_a_used_link(self, client, client_too, invite) -> None:
        invited = invite()
        accept(invited)

        used, unknown = self.open(client, invited.token), self.open(client_too, "guessed")

        assert GONE in words(used)
        assert shown(used).replace(invited.token, "guessed") == shown(unknown)

    def test_says_that_a_link_is_over_or_was_taken_back(self, client, clinic, manager, invite) -> None:
        old = invite(at=now() - timedelta(days=7))
        back = invite("b@clinic.example")
        withdraw_invitation(clinic=clinic, invitation_id=back.invitation.pk, by=manager, at=now())

        assert "that time is over" in words(self.open(client, old.token))
        assert "has taken this invitation back" in words(self.open(client, back.token))

    def test_asks_again_for_passwords_that_differ_or_are_weak(self, client, invite) -> None:
        self.open(client, invite().token)

        differ = client.post(ACCEPT, {"password": PASSWORD, "password_again": "something else entirely"})
        weak = client.post(ACCEPT, {"password": "noor malik 1", "password_again": "noor malik 1"})

        assert "The two passwords differ" in words(differ)
        assert "too similar" in words(weak)
        assert not User.objects.filter(email="noor@clinic.example").exists()

    def test_needs_no_code_twice_but_one_at_all(self, client) -> None:
        assert "Code of the invitation" in words(client.get(ACCEPT))
        assert "Write the code: the part of the link" in words(client.post(ACCEPT, {"code": ""}))

    def test_sends_an_owner_to_the_sign_in_page_and_takes_them_back(
        self, client, clinic, make_clinic, make_member, sign_in, invite
    ) -> None:
        known = make_member(make_clinic("OTHER"), Role.NURSE)
        invited = invite(known.email, Role.MANAGER)
        assert "/sign-in/?next=/accept-invitation/" in words(self.open(client, invited.token))

        sign_in(client, known)
        assert "Accept the invitation" in words(client.get(ACCEPT))
        answer = client.post(ACCEPT)

        assert answer.url == "/"
        assert roles_of(user=known, clinic=clinic, at=now()) == {Role.MANAGER}

    def test_gives_nothing_to_a_password_alone(
        self, client, clinic, make_clinic, make_member, invite
    ) -> None:
        known = make_member(make_clinic("OTHER"), Role.NURSE)
        client.force_login(known)
        client.post(ACCEPT, {"code": invite(known.email, Role.MANAGER).token})

        answer = client.post(ACCEPT)

        assert answer.url == reverse("set_up_app")
        assert roles_of(user=known, clinic=clinic, at=now()) == set()

    def test_is_not_for_who_happens_to_be_signed_in(self, client, nurse, sign_in, invite) -> None:
        sign_in(client, nurse)

        page = self.open(client, invite().token)
        answer = client.post(ACCEPT, {"password": PASSWORD, "password_again": PASSWORD})

        assert "This invitation is for somebody else" in words(page)
        assert "This invitation is for somebody else" in words(answer)
        assert not User.objects.filter(email="noor@clinic.example").exists()

    def test_keeps_no_token_in_the_session(self, client, invite) -> None:
        invited = invite()

        self.open(client, invited.token)

        assert invited.token not in str(dict(client.session.items()))
