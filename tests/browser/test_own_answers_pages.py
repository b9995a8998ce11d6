"""What a case worker does about the clinic's own four questions: ask, be told what is missing, correct."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import OwnAnswers
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.own_answers import own_answers
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
    window.follow(window.page.get_by_role("link", name="Four questions"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestTheFourQuestions:
    def test_are_asked_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        assert "Nobody has asked the four questions yet." in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Ask at the start"))
        keyboard, page = window.page.keyboard, window.page
        window.tab_to(page.locator("#id_on"))
        window.tab_to(page.locator("#id_spent_0"))
        keyboard.press("ArrowDown")  # Some money
        window.tab_to(page.locator("#id_pounds"))
        keyboard.type("40")
        window.tab_to(page.locator("#id_public_injecting_0"))
        keyboard.press("Space")  # Yes
        window.tab_to(page.locator("#id_unsafe_disposal_0"))
        keyboard.press("ArrowUp")  # Not answered
        window.tab_to(page.locator("#id_family_0"))
        keyboard.press("Space")  # Wanted, and safe
        window.tab_to(page.locator("#id_has_contact_0"))
        keyboard.press("ArrowDown")  # No
        window.tab_to(page.get_by_role("button", name="Save the four answers"))
        with page.expect_navigation():
            keyboard.press("Enter")

        row = OwnAnswers.objects.get(clinic=room.clinic)
        assert (row.stage, row.spend_week_pence, row.public_injecting) == ("start", 4_000, True)
        assert (row.unsafe_disposal, row.family_contact) == (None, "wanted_not")
        assert_fit(window)

    def test_say_what_is_missing_and_keep_what_was_tapped(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Ask for a review"))
        window.page.get_by_label("Some money").check()
        assert_fit(window)

        window.press("Save the four answers")

        assert window.summary_heading == "Nothing was saved"
        assert len(window.reasons) == 4
        assert window.page.get_by_label("Some money").is_checked()
        assert_fit(window)

    def test_show_the_second_question_about_the_family_only_where_it_is_wanted_and_safe(
        self, window: Window
    ) -> None:
        window.follow(window.page.get_by_role("link", name="Ask for a review"))
        second = window.page.get_by_text("Do they have contact?")
        assert not second.is_visible()

        window.page.get_by_label("Not safe").check()
        assert not second.is_visible()
        window.page.get_by_label("Wanted, and safe").check()
        assert second.is_visible()

    def test_are_corrected_with_both_answers_to_be_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        own_answers(room.clinic, room.patient.id, by=worker, on=london_date(now()))
        window.page.reload()
        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        window.page.get_by_label("Wrong key").check()
        window.page.get_by_label("Nothing at all").check()

        window.press("Save the correction")

        assert "£0" in window.text
        assert "Before: Review" in window.text
        assert "£40" in window.text
        assert_fit(window)
