"""The door of the terminal: faces, PINs, and what a PIN is worth where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import (
    PinRefused,
    close_account,
    enrol_totp,
    grant_role,
    prove_pin,
    retire_terminal,
)
from hat_clinic.accounts.models import SigningPin, Terminal, User
from hat_clinic.accounts.presence import TERMINAL_COOKIE, TERMINAL_KEY
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.sign_in import type_pin
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_terminal,
    a_treatment_room,
)
from tests.second_factor import code_of

WRONG = "295184"
DOOR, LOCK, LOCKED = "/terminal/", "/terminal/lock/", "/terminal/locked/"


class TestTheFaces:
    def test_are_of_those_who_act_here_and_have_a_pin(self, room, browser) -> None:
        a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Case Worker", pin="735028")
        leaver = a_member_of_staff(room.clinic, Role.NURSE, name="Left Nurse", pin="735028")
        close_account(user=leaver, clinic=room.clinic, by=room.doctor, at=now())

        page = browser.get(DOOR).content.decode()

        assert room.nurse.full_name in page
        assert room.second_nurse.full_name in page
        for name in ("Ewa Malik", "Dr Priya Nair", "Case Worker", "Left Nurse"):
            assert name not in page

    def test_are_not_shown_at_a_closed_terminal(self, room, browser) -> None:
        Terminal.objects.update(opened_at=now() - timedelta(hours=13), open_until=now() - timedelta(hours=1))

        page = browser.get(DOOR).content.decode()

        assert "Open this terminal" in page
        assert room.nurse.full_name not in page

    def test_are_not_shown_away_from_a_terminal(self, room) -> None:
        for cookies in ({}, {TERMINAL_COOKIE: "made up"}):
            client = Client()
            client.cookies.load(cookies)
            answer = client.get(DOOR)
            assert answer.status_code == 403
            assert "no treatment-room terminal" in answer.content.decode()

    def test_ask_for_face_and_pin(self, room, browser) -> None:
        page = browser.post(DOOR, {}).content.decode()

        assert "Tap your face first." in page
        assert "Type your PIN: 6 digits." in page


class TestTheRightPin:
    def test_opens_the_treatment_room(self, room, browser, board, dose) -> None:
        answer = type_pin(browser, room.nurse, NURSE_PIN)

        assert answer.url == "/"
        assert browser.get("/").url == board
        assert browser.get(board).status_code == browser.get(dose).status_code == 200

    def test_ends_the_session_of_the_last_person_and_begins_a_new_one(self, room, browser, board) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        browser.get(board)
        first, first_token = browser.session.session_key, browser.cookies["csrftoken"].value
        type_pin(browser, room.second_nurse, SECOND_PIN)

        assert browser.session.session_key != first
        assert browser.cookies["csrftoken"].value != first_token
        assert room.second_nurse.full_name in browser.get(board).content.decode()
        browser.cookies[settings.SESSION_COOKIE_NAME] = first
        assert browser.get(board).url == DOOR
        ended = AuditEvent.objects.filter(event="accounts.signed_out", actor=room.nurse).get()
        assert ended.detail == {"why": "switch"}

    def test_takes_no_session_key_that_was_planted(self, room, browser) -> None:
        browser.get(DOOR)
        session = browser.session
        session["planted"] = "yes"
        session.save()
        planted = session.session_key

        type_pin(browser, room.nurse, NURSE_PIN)

        assert browser.session.session_key != planted
        assert "planted" not in browser.session

    def test_is_worth_nothing_in_another_browser(self, room, browser, board) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        copied = browser.cookies[settings.SESSION_COOKIE_NAME].value
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = copied

        answer = thief.get(board)

        assert answer.url.startswith("/sign-in/")
        assert "_auth_user_id" not in thief.session

    def test_is_worth_nothing_at_another_terminal(self, room, browser, board) -> None:
        _, secret = a_terminal(room.clinic, by=room.doctor, name="Room 2")
        type_pin(browser, room.nurse, NURSE_PIN)
        browser.cookies[TERMINAL_COOKIE] = secret

        assert browser.get(board).url == DOOR
        assert "_auth_user_id" not in browser.session

    def test_is_worth_nothing_when_the_terminal_is_closed(self, room, browser, board) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        Terminal.objects.update(opened_at=now() - timedelta(hours=13), open_until=now() - timedelta(hours=1))

        assert browser.get(board).url == DOOR

    def test_is_no_full_sign_in(self, room, browser) -> None:
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis", pin="735028")
        grant_role(user=manager, clinic=room.clinic, role=Role.NURSE, by=None, at=now())
        type_pin(browser, manager, "735028")

        for address in (
            reverse("list_terminals", args=[room.clinic.code]),
            reverse("outcomes:list_reports", args=[room.clinic.code]),
            "/second-factor/",
        ):
            answer = browser.get(address)
            assert answer.status_code == 403
            assert "needs your password and second factor" in answer.content.decode()

    def test_sets_no_second_factor_up(self, room, browser) -> None:
        assert not Authenticator.objects.filter(user=room.nurse).exists()
        type_pin(browser, room.nurse, NURSE_PIN)

        for page in ("/second-factor/set-up-app/", "/second-factor/add-key/", "/confirm-password/"):
            assert browser.get(page).status_code == 403

    def test_shows_the_reports_and_the_like_in_no_head(self, room, browser, board) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)

        assert "Reports" not in browser.get(board).content.decode()

    def test_of_another_clinic_is_no_face_here(self, room, browser) -> None:
        stranger = a_treatment_room().nurse

        answer = type_pin(browser, stranger, NURSE_PIN)

        assert "That person is not shown any more" in answer.content.decode()
        assert "_auth_user_id" not in browser.session


class TestAWrongPin:
    def test_keeps_the_face_and_says_what_comes(self, room, browser) -> None:
        page = type_pin(browser, room.nurse, WRONG).content.decode()

        assert "1 try used" in page
        assert f"PIN for {room.nurse.full_name}" in page
        assert WRONG not in page
        assert "_auth_user_id" not in browser.session

    def test_is_counted_at_the_terminal_whoevers_it_was(self, room) -> None:
        at = now()
        for _ in range(5):
            for user in (room.nurse, room.second_nurse):
                self.refusal(user, WRONG, room, at)
        assert Terminal.objects.get().failures == 10
        third = a_member_of_staff(room.clinic, Role.NURSE, name="Sam Oduya", pin="735028")

        assert "10 wrong PINs in a row" in self.refusal(third, "735028", room, at + timedelta(seconds=29))
        assert SigningPin.objects.get(user=third).failures == 0
        assert self.refusal(third, "735028", room, at + timedelta(seconds=30)) == ""
        assert Terminal.objects.get().failures == 0

    def test_at_one_terminal_holds_up_no_other(self, room) -> None:
        at = now()
        Terminal.objects.update(failures=500, last_failed_at=at)
        other, _ = a_terminal(room.clinic, by=room.doctor, name="Room 2")

        prove_pin(user=room.nurse, pin=NURSE_PIN, terminal_id=other.pk, at=at)

    @staticmethod
    def refusal(user: User, pin: str, room: TreatmentRoom, at: Any) -> str:
        try:
            prove_pin(user=user, pin=pin, terminal_id=room.terminal.pk, at=at)
        except PinRefused as refusal:
            return str(refusal)
        return ""


class TestAPinElsewhere:
    def test_is_refused_without_a_terminal_and_not_counted(self, room) -> None:
        with pytest.raises(PinRefused, match="at an enrolled treatment-room terminal only"):
            prove_pin(user=room.nurse, pin=NURSE_PIN, terminal_id=None, at=now())

        assert SigningPin.objects.get(user=room.nurse).failures == 0
        event = AuditEvent.objects.get(event="accounts.pin_proved", actor=room.nurse)
        assert (event.outcome, event.detail) == ("refused", {"why": "no_terminal"})

    def test_is_refused_at_a_retired_terminal(self, room) -> None:
        retire_terminal(clinic=room.clinic, terminal_id=room.terminal.pk, by=room.doctor, at=now())

        with pytest.raises(PinRefused, match="at an enrolled treatment-room terminal only"):
            prove_pin(user=room.nurse, pin=NURSE_PIN, terminal_id=room.terminal.pk, at=now())


class TestAFullSignInAtATerminal:
    def test_opens_it_for_12_hours_and_counts_as_being_there(self, room, browser, dose) -> None:
        Terminal.objects.update(opened_at=None, opened_by=None, open_until=None)
        nurse = a_member_of_staff(room.clinic, Role.NURSE, name="Sam Oduya")
        enrol_totp(user=nurse, secret=None, by=None, at=now())

        browser.post(reverse("account_login"), {"login": nurse.email, "password": "a long enough secret"})
        browser.post(reverse("mfa_authenticate"), {"code": code_of(nurse)})

        terminal = Terminal.objects.get()
        assert terminal.opened_by == nurse
        assert terminal.open_until == terminal.opened_at + timedelta(hours=12)
        assert browser.get(dose).status_code == 200

    def test_of_a_stranger_opens_nothing(self, room, browser, make_clinic, make_member) -> None:
        Terminal.objects.update(opened_at=None, opened_by=None, open_until=None)
        stranger = a_member_of_staff(make_clinic("OTHER"), Role.NURSE, name="Stranger")
        enrol_totp(user=stranger, secret=None, by=None, at=now())

        browser.post(reverse("account_login"), {"login": stranger.email, "password": "a long enough secret"})
        browser.post(reverse("mfa_authenticate"), {"code": code_of(stranger)})

        assert Terminal.objects.get().open_until is None
        assert TERMINAL_KEY not in browser.session
