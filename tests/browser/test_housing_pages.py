"""What a case worker does about where somebody lives: look, record, correct."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import HousingRecord
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.housing import a_housing_line
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
    window.follow(window.page.get_by_role("link", name="Where they live"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestWhereTheyLive:
    def test_is_recorded_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        assert "Nobody has written down yet" in window.text
        window.follow(window.page.get_by_role("link", name="Record where they live"))
        keyboard = window.page.keyboard
        window.page.locator("#id_state_0").focus()
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.type("02/03/2025")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Now: Sleeping rough, since 2 March 2025." in window.text
        assert HousingRecord.objects.get(clinic=room.clinic).state == "rough"
        assert_fit(window)

    def test_says_what_is_missing_and_keeps_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Record where they live"))
        window.page.get_by_label("Since which day?").fill("02/03/2025")

        window.press("Save where they live")

        assert window.summary_heading == "Nothing was saved"
        assert window.page.get_by_label("Since which day?").input_value() == "02/03/2025"
        assert_fit(window)

    def test_is_corrected_with_both_lines_to_be_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        a_housing_line(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        window.page.reload()
        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        window.page.get_by_label("Wrong key").check()
        window.page.get_by_label("Own home").check()

        window.press("Save the correction")

        assert "Now: Own home" in window.text
        assert "Before: With friends, no home" in window.text
        assert_fit(window)
