"""The treatment-room terminal by touch and by keyboard: in, locked, out, and nothing left behind."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Locator

from hat_clinic.accounts.actions import add_terminal
from hat_clinic.accounts.models import Terminal
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.windows import Window, with_sign_in
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
SIZES = [(1366, 768), (1024, 768), (341, 768)]
# The page's own clock, moved on without waiting: what the idle timer reads.
TWO_MINUTES_LATER = "() => { const real = Date.now; Date.now = () => real() + 121000; }"


def tap_pin(window: Window, pin: str) -> None:
    """Tap the digits on the keypad; the sixth one opens."""
    keys = window.page.locator(".hat-keypad")
    for digit in pin[:-1]:
        keys.get_by_role("button", name=digit, exact=True).click()
    window.follow(keys.get_by_role("button", name=pin[-1], exact=True))


def tap_face(window: Window, name: str) -> None:
    window.page.get_by_role("radio", name=re.compile(name)).check()


def enter(window: Window, name: str, pin: str) -> None:
    """Tap a face and the PIN, and be on the board."""
    window.go("/terminal/")
    tap_face(window, name)
    tap_pin(window, pin)
    window.page.get_by_role("heading", name="Board", exact=True).wait_for(state="attached")


def lock(window: Window) -> None:
    window.page.get_by_role("button", name="Lock").click()
    window.page.get_by_role("heading", name="Locked. Nothing you did is lost.").wait_for()


def at_the_check(window: Window, room: TreatmentRoom) -> None:
    """Open the person, who is identified, from the board."""
    room.identify()
    window.page.reload()
    window.follow(window.page.get_by_role("link", name=re.compile(re.escape(room.patient.full_name))))


def key(window: Window, name: str, value: str) -> Locator:
    """Return one key of a row of the check."""
    return window.page.locator(f"input[name={name}][value='{value}']")


class TestTheDoor:
    def test_opens_at_the_sixth_digit_by_touch(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(at=room)
        window.go("/terminal/")
        tap_face(window, "Grace Okafor")
        assert window.page.get_by_role("heading", name="PIN for Grace Okafor").is_visible()

        keys = window.page.locator(".hat-keypad")
        for digit in NURSE_PIN[:2]:
            keys.get_by_role("button", name=digit, exact=True).click()
        assert window.page.locator("[data-hat-count]").inner_text() == "2 of 6"
        keys.get_by_role("button", name="Clear").click()
        tap_pin(window, NURSE_PIN)

        assert window.path.endswith("/board/")
        assert "Grace Okafor" in window.page.locator("header").inner_text()
        assert "Treatment room 1" in window.page.locator("header").inner_text()

    def test_opens_by_keyboard_alone(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(at=room)
        window.go("/terminal/")
        keys = window.page.keyboard
        for _ in range(6):
            keys.press("Tab")
            if window.page.evaluate("document.activeElement.name") == "person":
                break
        keys.press("ArrowDown")
        assert window.page.get_by_role("radio", name=re.compile("Tom Brennan")).is_checked()
        keys.press("Enter")
        with window.page.expect_navigation():
            keys.type(SECOND_PIN)

        window.page.get_by_role("heading", name="Board", exact=True).wait_for(state="attached")
        assert "Tom Brennan" in window.page.locator("header").inner_text()

    def test_says_what_a_wrong_pin_costs_and_keeps_the_face(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(at=room)
        window.go("/terminal/")
        tap_face(window, "Grace Okafor")

        tap_pin(window, "111222")

        assert "That PIN was not right: 1 try used." in window.text
        assert window.page.get_by_role("heading", name="PIN for Grace Okafor").is_visible()
        assert window.page.evaluate("document.activeElement.name") == "pin"

    def test_works_without_scripts(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(at=room, javascript=False)
        window.go("/terminal/")
        window.page.get_by_role("radio", name=re.compile("Grace Okafor")).check()
        window.page.locator("#id_pin").fill(NURSE_PIN)
        window.press("Sign in")
        assert window.path.endswith("/board/")

        window.press("Lock")
        assert window.heading == "Locked. Nothing you did is lost."
        window.page.locator("#id_pin").fill(NURSE_PIN)
        window.press("Unlock")

        assert window.path.endswith("/board/")

    def test_is_opened_by_the_link_in_a_new_browser(self, room: TreatmentRoom, open_window: Open) -> None:
        token = add_terminal(clinic=room.clinic, premises_id=None, name="Room 2", by=room.doctor, at=now())
        window = open_window()

        window.go(reverse("enrol_terminal", kwargs={"token": token}))
        window.press("Make this browser the terminal")
        assert window.heading == "Open this terminal"
        window.follow(window.page.get_by_role("link", name="Sign in and open it"))
        window.sign_in_by_hand(with_sign_in(room.nurse))

        assert Terminal.objects.get(clinic=room.clinic, name="Room 2").opened_by == room.nurse
        assert "Room 2" in window.page.locator("header").inner_text()


class TestTheLock:
    def test_keeps_what_was_typed_and_leads_back_to_the_very_question(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(at=room)
        enter(window, "Grace Okafor", NURSE_PIN)
        at_the_check(window, room)
        key(window, "oxygen", "96").check()
        key(window, "breaths", "13").check()
        path = window.path

        lock(window)
        assert room.patient.full_name not in window.page.content()
        tap_pin(window, NURSE_PIN)

        window.page.get_by_text(re.compile(r"What you typed at \d\d:\d\d is here again")).wait_for()
        assert window.path == path
        assert key(window, "oxygen", "96").is_checked()
        assert key(window, "breaths", "13").is_checked()
        assert window.page.evaluate("document.activeElement.name") == "breaths"

        window.page.get_by_role("button", name="Start afresh").click()

        assert not key(window, "oxygen", "96").is_checked()
        assert window.page.get_by_text("is here again").count() == 0

    def test_falls_by_itself_after_two_minutes_without_a_touch(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(at=room)
        enter(window, "Grace Okafor", NURSE_PIN)
        at_the_check(window, room)

        window.page.evaluate(TWO_MINUTES_LATER)

        window.page.get_by_role("heading", name="Locked. Nothing you did is lost.").wait_for()
        assert room.patient.full_name not in window.page.content()

    def test_leaves_no_name_for_the_next_nurse_who_presses_back(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(at=room)
        enter(window, "Grace Okafor", NURSE_PIN)
        at_the_check(window, room)
        lock(window)
        window.follow(window.page.get_by_role("link", name="I am somebody else"))
        tap_face(window, "Tom Brennan")
        tap_pin(window, SECOND_PIN)
        window.page.get_by_role("heading", name="Board", exact=True).wait_for(state="attached")

        for _ in range(4):
            window.go_back()
            window.page.wait_for_load_state()
            assert room.patient.full_name not in window.page.content()
            assert window.heading in {"Locked. Nothing you did is lost.", "Who are you?"}

    def test_keeps_a_draft_from_the_next_nurse(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(at=room)
        enter(window, "Grace Okafor", NURSE_PIN)
        at_the_check(window, room)
        key(window, "oxygen", "96").check()
        window.page.get_by_role("button", name="Switch").click()
        window.page.get_by_role("heading", name="Who are you?").wait_for()
        tap_face(window, "Tom Brennan")
        tap_pin(window, SECOND_PIN)

        with window.page.expect_response(re.compile("/drafts/load/")):
            at_the_check(window, room)

        assert not key(window, "oxygen", "96").is_checked()
        assert window.page.get_by_text("is here again").count() == 0


class TestEveryTerminalPage:
    @pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}")
    def size(self, request: pytest.FixtureRequest) -> dict[str, int]:
        return {"width": request.param[0], "height": request.param[1]}

    def test_has_no_fault_of_access_and_fits(
        self, room: TreatmentRoom, open_window: Open, size: dict[str, int]
    ) -> None:
        a_member_of_staff(room.clinic, Role.NURSE, name="Rowan Ashdown-Featherstone", pin="735028")
        window = open_window(at=room, **size)
        window.go("/terminal/")
        self.look(window)
        tap_face(window, "Grace Okafor")
        tap_pin(window, "111222")
        self.look(window)
        enter(window, "Grace Okafor", NURSE_PIN)
        self.look(window)
        lock(window)
        self.look(window)

        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")
        office = open_window(manager, **size)
        for name in ("list_terminals", "add_terminal"):
            office.go(reverse(name, args=[room.clinic.code]))
            self.look(office)
        office.page.get_by_label("Name of the terminal").fill("Room 2")
        office.press("Make a one-time link")
        self.look(office)
        link = office.page.locator("code").inner_text()
        office.go(reverse("list_terminals", args=[room.clinic.code]))
        office.press("Retire Treatment room 1")
        assert "Retired: Treatment room 1 is a terminal no more." in office.text
        self.look(office)

        new = open_window(**size)
        new.go(link)
        self.look(new)
        new.press("Make this browser the terminal")
        self.look(new)
        new.go(link)
        self.look(new)
        nobody = open_window(**size)
        nobody.go("/terminal/")
        self.look(nobody)

    @staticmethod
    def look(window: Window) -> None:
        assert window.accessibility_faults() == []
        assert window.overflow == []
