"""What a case worker does about arrests and custody: look, record, write the end, correct."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import CustodyStay
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.custody import a_stay
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    window = open_window(worker)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/support/")
    window.follow(window.page.get_by_role("link", name="Arrests and custody"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestCustody:
    def test_is_recorded_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        assert "Nobody has written down an arrest" in window.text
        window.follow(window.page.get_by_role("link", name="Record an arrest or a stay"))
        keyboard = window.page.keyboard
        window.page.locator("#id_kind_0").focus()
        for key in ("Space", "Tab", "ArrowDown", "Tab"):
            keyboard.press(key)
        keyboard.type("02/03/2025")
        keyboard.press("Tab")
        keyboard.type("03/03/2025")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Police custody (an arrest), from 2 March 2025 to 3 March 2025" in window.text
        assert CustodyStay.objects.get(clinic=room.clinic).source == "record"
        assert_fit(window)

    def test_says_what_is_missing_and_keeps_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Record an arrest or a stay"))
        window.page.get_by_label("First day in").fill("02/03/2025")
        window.page.get_by_label("Last day in").fill("01/03/2025")
        window.page.get_by_label("Prison", exact=True).check()

        window.press("Save this stay")

        assert window.summary_heading == "Nothing was saved"
        assert window.reasons == ["Tap who told you."]
        assert window.page.get_by_label("Last day in").input_value() == "01/03/2025"
        assert_fit(window)

    def test_ends_and_is_corrected_with_every_line_to_be_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        a_stay(room.clinic, room.patient.id, by=worker, first_on=date(2025, 3, 2))
        window.page.reload()
        assert "Still in: Prison, since 2 March 2025." in window.text
        window.follow(window.page.get_by_role("link", name="They came out"))
        assert_fit(window)
        window.page.get_by_label("Last day in").fill("09/03/2025")
        window.press("Save the last day")
        assert "Still in" not in window.text

        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        window.page.get_by_label("Learned more later").check()
        window.page.get_by_label("Last day in").fill("08/03/2025")
        window.press("Save the correction")

        assert "Prison, from 2 March 2025 to 8 March 2025" in window.text
        assert "Before: Prison, from 2 March 2025 to 9 March 2025" in window.text
        assert "Before: Prison, since 2 March 2025, still in" in window.text
        assert_fit(window)
