"""What a case worker does about ambulance, A&E and hospital: look, record a period, correct it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import ServiceUse
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.service_use import a_period
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
    window.follow(window.page.get_by_role("link", name="Ambulance, A&E and hospital"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestServiceUse:
    def test_is_recorded_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        assert "Nobody has asked yet" in window.text
        window.follow(window.page.get_by_role("link", name="Record a period"))
        keyboard = window.page.keyboard
        window.page.locator("#id_source_0").focus()
        keyboard.press("Space")
        for words in ("01/03/2025", "28/03/2025", "1", "0"):
            keyboard.press("Tab")
            keyboard.type(words)
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "1 March 2025 to 28 March 2025" in window.text
        assert "Admitted to hospital: not asked" in window.text
        row = ServiceUse.objects.get(clinic=room.clinic)
        assert (row.source, row.ambulance, row.ae, row.inpatient) == ("self_reported", 1, 0, None)
        assert_fit(window)

    def test_says_what_is_missing_and_keeps_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Record a period"))
        window.page.get_by_label("From which day?").fill("01/03/2025")
        window.page.get_by_label("To which day?").fill("28/03/2025")
        window.page.get_by_label("The person", exact=True).check()

        window.press("Save this period")

        assert window.summary_heading == "Nothing was saved"
        assert window.reasons == [
            "Write at least one number: 0 if there was none. Leave empty only what was not asked."
        ]
        assert window.page.get_by_label("To which day?").input_value() == "28/03/2025"
        assert_fit(window)

    def test_is_corrected_with_every_line_to_be_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        days = {"first_on": date(2025, 3, 1), "last_on": date(2025, 3, 28)}
        a_period(room.clinic, room.patient.id, by=worker, **days)
        window.page.reload()
        for times in ("5", "6"):
            window.page.set_viewport_size({"width": 1280, "height": 800})
            window.follow(window.page.get_by_role("link", name="Correct"))
            assert_fit(window)
            window.page.get_by_label("Learned more later").check()
            window.page.get_by_label("How often did they go to A&E?").fill(times)
            window.press("Save the correction")

        assert "Went to A&E: 6 times" in window.text
        assert "Went to A&E: 5 times" in window.text
        assert "Went to A&E: never" in window.text
        assert_fit(window)
