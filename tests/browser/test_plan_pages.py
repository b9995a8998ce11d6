"""A recovery plan in the browser: set a goal, note how it goes, look at what is due, print it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import Goal
from tests.browser.test_support_pages import assert_fit, tap
from tests.browser.windows import Window
from tests.factories.outcomes import GoalFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    window = open_window(worker)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/plan/")
    return window


class TestThePlan:
    def test_of_nobody_yet_is_fit_to_read_and_takes_its_first_goal(
        self, room: TreatmentRoom, window: Window
    ) -> None:
        assert "No goal stands." in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Set a goal"))
        assert_fit(window)
        tap(window, "Family")
        window.page.get_by_label("What do they want to reach?").fill("See my sister")
        day = london_date(now()) + timedelta(days=14)
        window.page.get_by_label("When do you look at it together again?").fill(f"{day:%d/%m/%Y}")

        window.press("Set the goal")

        assert window.summary_heading == "Nothing was saved"
        assert len(window.reasons) == 2
        assert window.page.get_by_label("What do they want to reach?").input_value() == "See my sister"
        assert_fit(window)
        window.page.locator("[name=wanted][value=yes]").check()
        window.page.locator("[name=safe][value=yes]").check()
        window.press("Set the goal")
        assert "Saved: the goal stands." in window.text
        assert_fit(window)

    def test_goes_from_the_caseload_to_its_end(self, room: TreatmentRoom, window: Window) -> None:
        GoalFactory(
            clinic=room.clinic,
            patient=room.patient,
            words="A flat of my own, near the sea and the bus",
            review_on=london_date(now()) - timedelta(days=1),
        )
        window.go(f"/clinics/{room.clinic.code}/caseload/")
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="A flat of my own"))
        assert_fit(window)
        window.page.get_by_label("How did it go?").fill("Moved in")
        tap(window, "Reached")

        window.press("Save this step")

        assert "Ended" in window.text
        assert_fit(window)
        assert Goal.objects.get(clinic=room.clinic).steps.get().ended == "reached"

    def test_is_printed_in_plain_words(self, room: TreatmentRoom, window: Window) -> None:
        GoalFactory(clinic=room.clinic, patient=room.patient)
        window.page.reload()
        window.follow(window.page.get_by_role("link", name="Plan to take along"))

        assert "You do it yourself. Ask us if you want help." in window.text
        assert_fit(window)

    def test_is_kept_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Set a goal"))
        keyboard = window.page.keyboard
        window.page.locator("#id_domain_0").focus()
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.type("A flat of my own")
        keyboard.press("Tab")
        keyboard.press("Tab")
        keyboard.type(f"{london_date(now()) + timedelta(days=14):%d/%m/%Y}")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Saved: the goal stands." in window.text
