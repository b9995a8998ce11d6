"""How a browser becomes a terminal, and how it ends."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import (
    TerminalRefused,
    add_terminal,
    enrol_terminal,
    enrol_totp,
    retire_terminal,
)
from hat_clinic.accounts.models import Terminal, TerminalEnrolment
from hat_clinic.accounts.presence import TERMINAL_COOKIE, TERMINAL_KEY
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.sign_in import type_pin
from tests.factories.treatment import (
    NURSE_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_terminal,
    a_treatment_room,
)

WRONG = "295184"
DOOR, LOCK, LOCKED = "/terminal/", "/terminal/lock/", "/terminal/locked/"


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
