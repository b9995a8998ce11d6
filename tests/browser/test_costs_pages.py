"""What a manager does about costs: look at the months, enter one, correct a line, bring in a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import ProgrammeCost
from tests.browser.sizes import NARROW, WIDE
from tests.browser.windows import Window
from tests.factories import ProgrammeCostFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def manager(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.MANAGER, name="Priya Nair")


@pytest.fixture
def window(room: TreatmentRoom, manager: User, open_window: Open) -> Window:
    window = open_window(manager)
    window.go(f"/clinics/{room.clinic.code}/costs/")
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(WIDE)


class TestCosts:
    def test_are_entered_by_keyboard_alone_and_corrected(self, room: TreatmentRoom, window: Window) -> None:
        assert "not entered" in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("rowheader").get_by_role("link").first)
        assert "Nobody has entered a cost of this month." in window.text
        keyboard = window.page.keyboard
        window.page.get_by_label("Who paid?").focus()
        for words in ("Council", "0", "1200.50"):
            keyboard.type(words)
            keyboard.press("Tab")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Council, staff: £1,200.50" in window.text
        assert ProgrammeCost.objects.filter(clinic=room.clinic).count() == 2
        assert_fit(window)
        for pounds in ("1300", "1400"):
            window.follow(window.page.get_by_role("link", name="Correct Council, staff"))
            assert_fit(window)
            window.page.get_by_label("Learned more later").check()
            window.page.get_by_label("How much, in pounds").fill(pounds)
            window.press("Save the correction")
        assert "Council, staff: £1,400" in window.text
        assert "Before: Council, staff: £1,200.50" in window.text
        assert_fit(window)

    def test_say_what_is_missing_and_keep_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("rowheader").get_by_role("link").first)
        window.page.get_by_label("Staff, in pounds").fill("12")

        window.press("Save these costs")

        assert window.summary_heading == "Nothing was saved"
        assert window.reasons == ["Write who paid."]
        assert window.page.get_by_label("Staff, in pounds").input_value() == "12"
        assert_fit(window)

    def test_of_a_file_are_refused_with_every_problem(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Bring in a file"))
        data = b"month,payer,category,amount_gbp\n2025-13,Council,staff,ten\n"
        window.page.get_by_label("The file of costs").set_input_files(
            {"name": "costs.csv", "mimeType": "text/csv", "buffer": data}
        )

        window.press("Check and bring in all")

        assert "Nothing was brought in: 2 things to put right" in window.text
        assert_fit(window)

    def test_that_differ_from_what_stands_are_shown_and_stored_with_the_reason(
        self, room: TreatmentRoom, manager: User, window: Window
    ) -> None:
        stands = ProgrammeCostFactory(clinic=room.clinic, payer="Council", category="staff", amount_pence=5)
        window.follow(window.page.get_by_role("link", name="Bring in a file"))
        data = f"month,payer,category,amount_gbp\n{stands.month:%Y-%m},Council,staff,10.50\n".encode()
        window.page.get_by_label("The file of costs").set_input_files(
            {"name": "costs.csv", "mimeType": "text/csv", "buffer": data}
        )

        window.press("Check and bring in all")

        assert "Nothing is stored yet: 1 line of the file says something else" in window.text
        assert_fit(window)
        window.press("Store what the file says")
        assert window.reasons == ["Tap why the file says something else."]
        assert_fit(window)
        window.page.get_by_label("Learned more later").check()
        window.press("Store what the file says")
        assert "1 line was corrected." in window.text
        assert ProgrammeCost.objects.get(amends=stands).amount_pence == 1050
