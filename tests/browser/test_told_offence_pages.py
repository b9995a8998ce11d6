"""What a case worker does about offences a person tells of: look, write down, correct."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import Offence
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.told_offences import a_told_offence
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
    window.follow(window.page.get_by_role("link", name="Offences they told of"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestOffencesTheyToldOf:
    def test_are_written_down_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        assert "No offence is written down." in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Write down an offence"))
        keyboard = window.page.keyboard
        window.page.get_by_label("What was it?").focus()
        keyboard.type("Shoplifting")
        keyboard.press("Tab")
        keyboard.type("02/03/2025")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Shoplifting, 2 March 2025" in window.text
        assert Offence.objects.get(clinic_id=room.clinic.id).type_id == "shoplifting"
        assert_fit(window)

    def test_say_what_is_missing_and_keep_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Write down an offence"))
        window.page.get_by_label("On which day?").fill("02/03/2025")

        window.press("Save what they told")

        assert window.summary_heading == "Nothing was saved"
        assert window.page.get_by_label("On which day?").input_value() == "02/03/2025"
        assert_fit(window)

    def test_are_corrected_with_both_lines_to_be_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        a_told_offence(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        window.page.reload()
        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        window.page.get_by_label("Wrong key").check()
        window.page.get_by_label("What was it?").select_option(label="Robbery")

        window.press("Save the correction")

        assert "Robbery, 2 March 2025" in window.text
        assert "Before: Shoplifting, 2 March 2025" in window.text
        assert_fit(window)
