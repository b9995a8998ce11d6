"""The terminal as browsers meet it: becoming one, opening, switching, locking, and being retired."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import (
    PinRefused,
    TerminalRefused,
    add_terminal,
    close_account,
    enrol_terminal,
    enrol_totp,
    grant_role,
    prove_pin,
    retire_terminal,
    set_pin,
)
from hat_clinic.accounts.models import SigningPin, Terminal, TerminalEnrolment, User
from hat_clinic.accounts.presence import LOCKED_KEY, PIN_KEY, TERMINAL_COOKIE, TERMINAL_KEY
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
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


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def board(room: TreatmentRoom) -> str:
    return reverse("dosing:see_board", args=[room.clinic.code])


@pytest.fixture
def dose(room: TreatmentRoom) -> str:
    return reverse("dosing:record_injection", args=[room.clinic.code, room.patient.id])


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


def type_pin(client: Client, user: User, pin: str) -> Any:
    return client.post(DOOR, {"person": str(user.pk), "pin": pin})


class TestALink:
    def make(self, room: TreatmentRoom, **more: Any) -> str:
        return add_terminal(
            clinic=room.clinic, premises_id=room.premises.id, name="Room 2", by=room.doctor, at=now(), **more
        )

    def test_makes_the_browser_that_presses_the_button_a_terminal(self, room, client) -> None:
        address = reverse("enrol_terminal", kwargs={"token": self.make(room)})

        looked = client.get(address)
        assert "Make this browser the terminal “Room 2”" in looked.content.decode()
        assert TERMINAL_COOKIE not in client.cookies
        answer = client.post(address)

        assert answer.url == DOOR
        cookie = client.cookies[TERMINAL_COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 400 * 86400)
        assert bool(cookie["secure"]) is settings.SERVES_HTTPS
        terminal = Terminal.objects.get(name="Room 2")
        assert cookie.value not in str(Terminal.objects.filter(pk=terminal.pk).values())
        assert (terminal.enrolled_by, terminal.open_until) == (room.doctor, None)
        assert "Open this terminal" in client.get(DOOR).content.decode()

    def test_works_once(self, room, client) -> None:
        address = reverse("enrol_terminal", kwargs={"token": self.make(room)})
        client.post(address)

        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 410
            assert "This link does not work any more" in answer.content.decode()
            assert TERMINAL_COOKIE not in answer.cookies

    def test_works_for_30_minutes(self, room) -> None:
        at = now()
        first, second = (self.make(room) for _ in range(2))
        TerminalEnrolment.objects.update(made_at=at, expires_at=at + timedelta(minutes=30))

        with pytest.raises(TerminalRefused):
            enrol_terminal(token=first, by=None, at=at + timedelta(minutes=30))
        enrol_terminal(token=second, by=None, at=at + timedelta(minutes=30, seconds=-1))

    def test_that_was_never_made_is_answered_like_a_used_one(self, room, client) -> None:
        address = reverse("enrol_terminal", kwargs={"token": "x" * 43})

        assert client.post(address).status_code == 410

    def test_is_for_a_name_that_is_free(self, room) -> None:
        with pytest.raises(TerminalRefused, match="already a terminal called Treatment room 1"):
            add_terminal(
                clinic=room.clinic, premises_id=None, name="Treatment room 1", by=room.doctor, at=now()
            )

    def test_is_refused_when_another_took_the_name_in_the_meantime(self, room) -> None:
        first, second = (self.make(room) for _ in range(2))
        enrol_terminal(token=first, by=None, at=now())

        with pytest.raises(TerminalRefused, match="Another browser became Room 2"):
            enrol_terminal(token=second, by=None, at=now())

    def test_is_for_premises_of_the_clinic(self, room) -> None:
        elsewhere = a_treatment_room()

        with pytest.raises(TerminalRefused, match="premises of this clinic"):
            add_terminal(
                clinic=room.clinic, premises_id=elsewhere.premises.id, name="X", by=room.doctor, at=now()
            )

    def test_opens_a_terminal_in_the_demo_only(self, room, settings) -> None:
        settings.IS_DEMO = False
        with pytest.raises(TerminalRefused, match="Only the demo"):
            self.make(room, opens_terminal=True)

        settings.IS_DEMO = True
        token = self.make(room, opens_terminal=True)
        settings.IS_DEMO = False
        closed, _ = enrol_terminal(token=token, by=None, at=now())

        assert closed.open_until is None

    def test_of_the_demo_opens_the_terminal_for_12_hours(self, room, settings) -> None:
        settings.IS_DEMO = True
        at = now()

        terminal, _ = enrol_terminal(token=self.make(room, opens_terminal=True), by=None, at=at)

        assert terminal.open_until == at + timedelta(hours=12)

    def test_used_by_somebody_signed_in_wholly_opens_the_terminal(self, room, client, sign_in) -> None:
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        sign_in(client, room.nurse)

        client.post(reverse("enrol_terminal", kwargs={"token": self.make(room)}))

        assert Terminal.objects.get(name="Room 2").opened_by == room.nurse
        assert TERMINAL_KEY in client.session


@pytest.mark.race
class TestALinkUsedTwiceAtOnce:
    def test_makes_one_terminal(self, own_database: str) -> None:
        room = a_treatment_room()
        token = add_terminal(clinic=room.clinic, premises_id=None, name="Room 2", by=room.doctor, at=now())
        start = threading.Barrier(2)
        refused: list[str] = []

        def use() -> None:
            start.wait()
            try:
                enrol_terminal(token=token, by=None, at=now())
            except TerminalRefused as refusal:
                refused.append(str(refusal))
            connection.close()

        threads = [threading.Thread(target=use) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert Terminal.objects.filter(name="Room 2").count() == 1
        assert len(refused) == 1


class TestTheFaces:
    def test_are_of_those_who_act_here_and_have_a_pin(self, room, browser) -> None:
        a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Case Worker", pin="735028")
        leaver = a_member_of_staff(room.clinic, Role.NURSE, name="Left Nurse", pin="735028")
        close_account(user=leaver, by=room.doctor, at=now())

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


class TestARetiredTerminal:
    def test_is_cut_off_at_the_next_click(self, room, browser, board, dose, client, sign_in) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")
        enrol_totp(user=manager, secret=None, by=None, at=now())
        sign_in(client, manager)

        retire = reverse("retire_terminal", args=[room.clinic.code, room.terminal.pk])
        assert client.post(retire).status_code == 302

        assert browser.get(board).url == DOOR
        assert browser.get(DOOR).status_code == 403
        assert type_pin(browser, room.nurse, NURSE_PIN).status_code == 403
        page = client.get(reverse("list_terminals", args=[room.clinic.code])).content.decode()
        assert "Retired terminals" in page
        assert "by Morag Ellis" in page

    def test_lets_a_locked_session_go(self, room, browser, board) -> None:
        type_pin(browser, room.nurse, NURSE_PIN)
        browser.post(LOCK)
        retire_terminal(clinic=room.clinic, terminal_id=room.terminal.pk, by=room.doctor, at=now())

        assert browser.get(LOCKED).status_code == 403
        assert browser.get("/sign-in/").status_code == 200

    def test_stays_as_it_was_when_it_is_retired_again(self, room) -> None:
        first = retire_terminal(clinic=room.clinic, terminal_id=room.terminal.pk, by=room.doctor, at=now())
        retire_terminal(clinic=room.clinic, terminal_id=room.terminal.pk, by=room.nurse, at=now())

        assert first is not None
        assert Terminal.objects.get().retired_by == room.doctor


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
        form = browser.get(dose).context["form"]
        content = {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "given_mg": "180",
            "ampoules": "2",
            "batch": str(room.batch.id),
            "route": "iv",
            "site": "left_arm",
            "witness": str(room.nurse.id),
            "giver_pin": SECOND_PIN,
            "witness_pin": NURSE_PIN,
        }
        type_pin(browser, room.second_nurse, SECOND_PIN)

        answer = browser.post(dose, content)

        assert "opened by somebody else" in answer.content.decode()


class TestTheManagersPage:
    @pytest.fixture
    def manager(self, room: TreatmentRoom, client: Client, sign_in: Any) -> Client:
        user = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")
        enrol_totp(user=user, secret=None, by=None, at=now())
        return sign_in(client, user)

    def test_shows_a_link_once_that_works(self, room, manager) -> None:
        address = reverse("add_terminal", args=[room.clinic.code])

        page = manager.post(address, {"name": "Room 2", "premises": str(room.premises.id)}).content.decode()
        link = page.split("<code>")[1].split("</code>")[0]

        assert link.startswith("http://testserver/terminal/enrol/")
        assert link not in manager.get(reverse("list_terminals", args=[room.clinic.code])).content.decode()
        assert Client().post(link).url == DOOR

    def test_says_what_to_write_and_keeps_it(self, room, manager) -> None:
        address = reverse("add_terminal", args=[room.clinic.code])

        assert "Write what the terminal is called." in manager.post(address, {}).content.decode()
        page = manager.post(
            address, {"name": "Treatment room 1", "premises": str(room.premises.id)}
        ).content.decode()
        assert "There is already a terminal called Treatment room 1." in page
        assert 'value="Treatment room 1"' in page

    def test_lists_no_terminal_of_another_clinic(self, room, manager) -> None:
        a_terminal(a_treatment_room().clinic, by=room.doctor, name="Elsewhere")

        page = manager.get(reverse("list_terminals", args=[room.clinic.code])).content.decode()

        assert "Treatment room 1" in page
        assert "Elsewhere" not in page


class TestSomebodyWithoutAPin:
    def test_is_told_to_sign_in_again_at_the_lock(self, room, browser, sign_in_at_terminal) -> None:
        user = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr No Pin")
        enrol_totp(user=user, secret=None, by=None, at=now())
        sign_in_at_terminal(browser, user, room.terminal, room.terminal_secret)
        browser.post(LOCK)

        assert "has no PIN yet" in browser.get(LOCKED).content.decode()
        set_pin(user=user, pin="735028", by=user, at=now())
        assert "has no PIN yet" not in browser.get(LOCKED).content.decode()
