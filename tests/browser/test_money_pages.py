"""What a case worker does about money and work: look, record, correct."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import MoneyLine
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.money import a_debt, a_money_line
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
    window.follow(window.page.get_by_role("link", name="Money and work"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestMoneyAndWork:
    def test_is_recorded_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name=re.compile("Record a line.*Bank account")))
        keyboard = window.page.keyboard
        window.page.locator("#id_state_0").focus()
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.type("02/03/2025")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Has none, since 2 March 2025" in window.text
        assert MoneyLine.objects.get(clinic=room.clinic).state == "missing"
        assert_fit(window)

    def test_says_what_is_missing_and_keeps_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name=re.compile("Record a line.*Debts")))
        window.page.get_by_label("How much is owed, in pounds?").fill("a lot")

        window.press("Save this line")

        assert window.summary_heading == "Nothing was saved"
        assert window.page.get_by_label("How much is owed, in pounds?").input_value() == "a lot"
        assert_fit(window)

    def test_is_corrected_with_both_lines_to_be_read(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        a_debt(room.clinic, room.patient.id, by=worker, pounds=1240, on=date(2025, 3, 2))
        a_money_line(room.clinic, room.patient.id, "benefit", "claimed", by=worker, kind="pip")
        window.page.reload()
        assert "Known to be owed: £1240." in window.text
        window.page.get_by_text("Every line: Debts").click()
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Correct Rent"))
        assert_fit(window)
        window.page.get_by_label("Wrong key").check()
        window.page.get_by_label("Court fine").check()

        window.press("Save the correction")

        assert "Court fine: owed, no plan, £1240, since 2 March 2025" in window.text
        window.page.get_by_text("Every line: Debts").click()
        assert "Before: Rent: owed, no plan" in window.text
        assert_fit(window)
