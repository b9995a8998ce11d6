"""The lock: two minutes without a touch, and back to the very page."""

from __future__ import annotations

import pytest

from hat_clinic.accounts.actions import (
    enrol_totp,
    set_pin,
)
from hat_clinic.accounts.presence import LOCKED_KEY, PIN_KEY
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.dose_pages import filled_preparation
from tests.factories.sign_in import type_pin
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    a_member_of_staff,
)

WRONG = "295184"
DOOR, LOCK, LOCKED = "/terminal/", "/terminal/lock/", "/terminal/locked/"


class TestTheLock:
    def test_falls_after_two_minutes_without_a_touch(self, room, browser, dose, later) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)

        later(119)
        assert browser.get(dose).status_code == 200
        later(120)

        assert browser.get(dose).url == f"{LOCKED}?next={dose.replace('/', '%2F')}"
        assert "_auth_user_id" in browser.session
        locked = AuditEvent.objects.get(event="accounts.terminal_locked")
        assert (locked.actor, locked.detail) == (room.nurse, {"why": "time"})

    def test_is_not_put_off_by_a_page_that_polls(self, room, browser, board, later) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        headers = {
            "x-poll": "1",
            "hx-request": "true",
            "hx-current-url": f"http://testserver{board}",
        }
        for _ in range(3):
            later(39)
            assert browser.get(board, headers=headers).status_code == 200

        later(10)
        answer = browser.get(board, headers=headers)

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].startswith(LOCKED)

    def test_is_put_off_by_a_touch(self, room, browser, board, later) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        for _ in range(3):
            later(100)
            assert browser.post("/terminal/input/").status_code == 204

        later(100)
        assert browser.get(board).status_code == 200

    def test_closes_every_page_until_the_pin_leads_back_to_the_very_page(
        self, room, browser, board, dose
    ) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        answer = browser.post(LOCK, {"next": dose})
        for page in (board, dose, "/", "/second-factor/", "/no-such-page/"):
            assert browser.get(page).url.startswith(LOCKED)
        page = browser.get(answer.url).content.decode()
        assert "Locked. Nothing you did is lost." in page
        assert room.nurse.full_name in page
        assert room.patient.full_name not in page
        before = browser.session.session_key

        assert "1 try used" in browser.post(answer.url, {"pin": WRONG, "next": dose}).content.decode()
        assert browser.get(dose).status_code == 302
        unlocked = browser.post(LOCKED, {"pin": NURSE_PIN, "next": dose})

        assert unlocked.url == dose
        assert browser.session.session_key != before
        assert browser.get(dose).status_code == 200

    def test_opens_to_nobody_elses_pin(self, room, browser) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        browser.post(LOCK)

        assert "1 try used" in browser.post(LOCKED, {"pin": SECOND_PIN}).content.decode()
        assert LOCKED_KEY in browser.session

    def test_lets_somebody_else_in_and_ends_the_session(self, room, browser, dose) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        browser.post(LOCK, {"next": dose})

        assert type_pin(browser, room.second_nurse, SECOND_PIN).url == "/"
        assert browser.session[PIN_KEY] == str(room.second_nurse.pk)

    @pytest.mark.parametrize("there", ["http://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_leads_to_no_other_host(self, room, browser, there) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        browser.post(LOCK)

        assert browser.post(LOCKED, {"pin": NURSE_PIN, "next": there}).url == "/"

    def test_falls_when_the_faces_are_opened(self, room, browser, board) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)

        browser.get(DOOR)

        assert browser.get(board).url.startswith(LOCKED)
        assert browser.post(LOCK, {"switch": "1"}).url == DOOR

    def test_leaves_a_full_sign_in_whole_for_15_minutes(
        self, room, browser, sign_in_at_terminal, later
    ) -> None:
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        sign_in_at_terminal(browser, room.nurse, room.terminal, room.terminal_secret)
        browser.post(LOCK)
        later(14 * 60)
        browser.post(LOCKED, {"pin": NURSE_PIN})
        assert browser.get("/second-factor/").status_code == 200

        browser.post(LOCK)
        later(15 * 60)
        browser.post(LOCKED, {"pin": NURSE_PIN})

        assert browser.get("/second-factor/").status_code == 403

    def test_does_not_fall_in_the_office(self, room, client, sign_in, board, later) -> None:
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        sign_in(client, room.nurse)

        later(10 * 60)

        assert client.get(board).status_code == 200

    def test_does_not_keep_a_session_longer_than_12_hours(self, room, browser, board, later) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)

        later(12 * 3600)

        assert browser.get(board).url == DOOR
        assert "_auth_user_id" not in browser.session


class TestAFormOfOneNurse:
    def test_is_refused_under_another(self, room, browser, dose) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        content = filled_preparation(browser, dose, room)
        other = {"witness": str(room.nurse.id), "preparer_pin": SECOND_PIN, "witness_pin": NURSE_PIN}
        type_pin(browser, room.second_nurse, SECOND_PIN)

        answer = browser.post(dose, content | other)

        assert "opened by somebody else" in answer.content.decode()


class TestSomebodyWithoutAPin:
    def test_is_told_to_sign_in_again_at_the_lock(self, room, browser, sign_in_at_terminal) -> None:
        user = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr No Pin")
        enrol_totp(user=user, secret=None, by=None, at=now())
        sign_in_at_terminal(browser, user, room.terminal, room.terminal_secret)
        browser.post(LOCK)

        assert "has no PIN yet" in browser.get(LOCKED).content.decode()
        set_pin(user=user, pin="735028", by=user, at=now())
        assert "has no PIN yet" not in browser.get(LOCKED).content.decode()
