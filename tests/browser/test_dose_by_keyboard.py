"""One dose without a mouse, and on a page enlarged four times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from dosing.models import Injection
from tests.browser.windows import Window, with_sign_in
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom
from tests.second_factor import code_of

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
# 1366 pixels enlarged four times.
NARROW = {"width": 341, "height": 192}


def tab_to(page: Page, target: Locator, *, at_most: int = 40) -> None:
    """Press Tab until the focus is on the target."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if target.evaluate("(part) => part === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}; it stopped at {focused(page)}")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def focus_shows(page: Page) -> bool:
    """Return whether the thing in focus looks different from the same thing without focus."""
    page.evaluate("document.activeElement.scrollIntoView({block: 'center'})")
    with_focus = page.screenshot()
    page.evaluate("window.wasFocused = document.activeElement; document.activeElement.blur()")
    without = page.screenshot()
    page.evaluate("window.wasFocused.focus()")
    return with_focus != without


class TestADoseByKeyboardAlone:
    def test_is_signed_in_for_filled_and_saved(self, room: TreatmentRoom, open_window: Open) -> None:
        user = with_sign_in(room.nurse)
        window = open_window(at=room)
        page, keys = window.page, window.page.keyboard
        window.go("/sign-in/")
        tab_to(page, page.get_by_label("E-mail address"))
        keys.type(user.email)
        keys.press("Tab")
        keys.type("a long enough secret")
        keys.press("Enter")
        tab_to(page, page.get_by_label("Code", exact=True))
        keys.type(code_of(user))
        keys.press("Enter")
        tab_to(page, page.locator("a.hat-tile"))
        keys.press("Enter")

        tab_to(page, page.get_by_label("Milligrams injected"))
        keys.type("180")
        keys.press("Tab")
        keys.type("2")
        tab_to(page, page.get_by_label("Left arm"))
        keys.press("ArrowDown")
        assert page.get_by_label("Right arm").is_checked()
        tab_to(page, page.get_by_label(room.second_nurse.full_name, exact=True))
        keys.press("Space")
        keys.press("Tab")
        keys.type(NURSE_PIN)
        keys.press("Tab")
        keys.type(SECOND_PIN)
        tab_to(page, page.get_by_role("button", name="Record the injection"))
        keys.press("Enter")

        page.get_by_text("is recorded.").wait_for()
        injection = Injection.objects.get(patient=room.patient)
        assert (injection.given_mg, injection.site) == (180, "right_arm")

    def test_follows_the_order_in_which_the_page_is_read(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.nurse)
        window.open_person(room)

        stops = []
        for _ in range(30):
            window.page.keyboard.press("Tab")
            stops.append(
                window.page.evaluate("document.activeElement.name || document.activeElement.innerText")
            )
            if stops[-1] == "save":
                break

        form = stops[stops.index("given_mg") :]
        assert stops[0] == "Skip to the main part"
        assert form == [
            "given_mg",
            "ampoules",
            "batch",
            "route",
            "site",
            "witness",
            "giver_pin",
            "witness_pin",
            "save",
        ]

    def test_shows_where_the_focus_is_at_every_stop(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.nurse)
        window.open_person(room)

        hidden = []
        for _ in range(30):
            window.page.keyboard.press("Tab")
            if not focus_shows(window.page):
                hidden.append(focused(window.page))
            if window.page.evaluate("document.activeElement.name") == "save":
                break

        assert window.page.evaluate("document.activeElement.name") == "save"
        assert hidden == []


class TestADoseEnlargedFourTimes:
    def test_needs_no_sideways_scrolling_from_board_to_saved(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.nurse, **NARROW)
        window.go_to_board(room)
        assert window.overflow == []
        window.open_person(room)
        assert window.overflow == []
        window.fill_dose(witness=room.second_nurse, mg="500")
        window.record()
        window.page.locator(".nhsuk-error-summary").wait_for()
        assert window.overflow == []

        window.page.get_by_label("Milligrams injected").fill("180")
        window.type_pins(NURSE_PIN, SECOND_PIN)
        window.record()

        window.page.get_by_text("is recorded.").wait_for()
        assert window.overflow == []
        assert Injection.objects.filter(patient=room.patient).count() == 1
