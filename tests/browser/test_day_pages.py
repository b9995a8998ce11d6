"""The blind count and the opening of the day, by the real buttons: by touch, by keyboard, and on every width."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from dosing.actions.days import open_day_unchecked
from dosing.models import ClinicDay, StockCount
from hat_clinic.accounts.actions import set_pin
from hat_clinic.core.clock import now
from tests.browser.windows import Window
from tests.factories.days import a_count, both_count
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
LEAD_PIN = "384756"
WIDTHS = ((1366, 768), (1024, 768), (341, 700))


@pytest.fixture
def day(room: TreatmentRoom) -> str:
    """The address under which the day of the room is opened; the controlled-drug lead has a PIN."""
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    return f"/clinics/{room.clinic.code}/day"


def touch(window: Window, keys: str) -> None:
    """Touch number keys of the pad."""
    for digit in keys:
        window.page.locator("[data-hat-count-pad]").get_by_role("button", name=digit, exact=True).click()


class TestTheDay:
    def test_is_opened_by_two_people_with_the_number_keys(
        self, room: TreatmentRoom, day: str, open_window: Open
    ) -> None:
        window = open_window(room.nurse)
        window.go(f"{day}/")
        window.follow(window.page.get_by_role("link", name="Start balance check"))
        touch(window, "91")
        window.page.get_by_role("button", name="Delete").click()
        window.page.get_by_role("button", name="One box more").click()
        window.page.get_by_role("button", name="Next").click()
        touch(window, "1")
        window.page.get_by_role("button", name="One ampoule fewer").click()
        assert "10 × 5 + 0 = 50" in window.text
        window.page.get_by_role("button", name="Next").click()
        touch(window, NURSE_PIN)
        window.press("This is my count: sign it")

        window.page.get_by_text("The first count is signed and hidden.").wait_for()
        # Neither a part of a random token nor the minute of the clock is a figure.
        assert not re.search(r"(?<![\w:-])50(?![\w-])", window.page.content())
        window.page.get_by_label("Tom Brennan").check()
        touch(window, "10")
        window.page.get_by_role("button", name="Next").click()
        touch(window, "0")
        window.page.get_by_role("button", name="Next").click()
        touch(window, SECOND_PIN)
        window.press("This is my count: sign it")

        window.page.get_by_text("Diamorphine 10 mg ampoules: all three agree").first.wait_for()
        window.press("Open the day")
        window.page.get_by_text("The day is open.").wait_for()
        assert ClinicDay.objects.get(premises=room.premises).how == "checked"

    def test_is_counted_by_keyboard_alone(self, room: TreatmentRoom, day: str, open_window: Open) -> None:
        window = open_window(room.nurse)
        window.go(f"{day}/count/")
        keyboard = window.page.keyboard
        window.page.locator("#id_full_boxes").focus()
        keyboard.type("9")
        for _ in range(3):  # over "one box more" and "one ampoule fewer"
            keyboard.press("Tab")
        keyboard.type("5")
        window.page.locator("#id_pin").focus()
        keyboard.type(NURSE_PIN)
        with window.page.expect_navigation():
            keyboard.press("Enter")

        count = StockCount.objects.get(balance_check__line=room.line)
        assert (count.full_boxes, count.loose, count.ampoules) == (9, 5, 50)

    def test_is_counted_without_javascript(self, room: TreatmentRoom, day: str, open_window: Open) -> None:
        window = open_window(room.nurse, javascript=False)
        window.go(f"{day}/count/")
        window.page.locator("#id_full_boxes").fill("1e3")
        window.page.locator("#id_loose").fill("0")
        window.page.locator("#id_pin").fill(NURSE_PIN)
        window.press("This is my count: sign it")
        assert window.reasons == ["Write a whole number with the digits 0 to 9 only, four at most."]
        window.page.locator("#id_full_boxes").fill("10")
        window.page.locator("#id_pin").fill(NURSE_PIN)
        window.press("This is my count: sign it")

        assert StockCount.objects.get(balance_check__line=room.line).ampoules == 50

    def test_is_opened_with_a_reason_by_the_lead(
        self, room: TreatmentRoom, day: str, open_window: Open
    ) -> None:
        window = open_window(room.cd_lead)
        window.go(f"{day}/")
        window.follow(window.page.get_by_role("link", name="Open the day with a reason"))
        window.page.get_by_label("Why the day is opened").fill("Tom is ill.")
        window.page.get_by_label("Your signing PIN").fill(LEAD_PIN)
        window.press("Open the day with this reason")

        window.page.get_by_text("Ewa Malik opened it at 10:00. Reason: Tom is ill.").wait_for()
        assert ClinicDay.objects.get(premises=room.premises).reason == "Tom is ill."


class TestEveryState:
    @pytest.mark.parametrize(("width", "height"), WIDTHS)
    def test_fits_and_has_nothing_that_axe_finds(
        self, room: TreatmentRoom, day: str, open_window: Open, width: int, height: int
    ) -> None:
        grace, tom, ewa = (
            open_window(person, width=width, height=height)
            for person in (room.nurse, room.second_nurse, room.cd_lead)
        )
        faults: list[str] = []

        def look(window: Window, path: str) -> None:
            window.go(path)
            faults.extend(f"{path}: {fault}" for fault in [*window.overflow, *window.accessibility_faults()])

        look(grace, f"{day}/")
        look(grace, f"{day}/count/")
        a_count(room, 50)
        look(grace, f"{day}/count/")
        look(tom, f"{day}/count/")
        tom.press("This is my count: sign it")
        faults += [*tom.overflow, *tom.accessibility_faults()]
        look(tom, f"/clinics/{room.clinic.code}/register/")
        a_count(room, 51, counter=room.second_nurse)
        look(grace, f"{day}/count/")
        both_count(room, 50, 51)
        look(grace, f"{day}/")
        look(ewa, f"{day}/unchecked/")
        open_day_unchecked(
            clinic=room.clinic,
            premises_id=room.premises.id,
            reason="One ampoule is looked for.",
            pin=LEAD_PIN,
            terminal_id=room.terminal.id,
            by=room.cd_lead,
            at=now(),
        )
        look(grace, f"{day}/")

        assert faults == []
