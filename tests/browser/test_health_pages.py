"""What a nurse does about health checks, and what a case worker is told of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from outcomes.models import HealthLine
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.health import a_health_step, a_kit, a_wound
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def doctor(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.DOCTOR, name="Dara Okafor")


@pytest.fixture
def window(room: TreatmentRoom, doctor: User, open_window: Open) -> Window:
    window = open_window(doctor)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/health/")
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestAStep:
    def test_is_recorded_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Hepatitis C"))
        keyboard = window.page.keyboard
        window.page.locator("#id_step_0").focus()
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.type("02/03/2025")
        keyboard.press("Tab")
        keyboard.press("Space")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Now: Test offered, 2 March 2025." in window.text
        assert HealthLine.objects.get(clinic=room.clinic).source == "here"
        assert_fit(window)

    def test_of_a_wound_says_what_is_missing_and_keeps_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name=re.compile("Record a step.*wounds")))
        window.page.get_by_label("New wound", exact=True).check()
        window.page.get_by_label("On which day?").fill("02/03/2025")
        window.page.get_by_label("We did it here").check()
        window.page.get_by_label("A new wound: where on the body?").fill("left shin")

        window.press("Save this step")

        assert window.summary_heading == "Nothing was saved"
        assert window.page.get_by_label("A new wound: where on the body?").input_value() == "left shin"
        assert_fit(window)

    def test_is_corrected_with_both_lines_to_be_read(
        self, room: TreatmentRoom, doctor: User, window: Window
    ) -> None:
        a_wound(room.clinic, room.patient.id, by=doctor)
        a_kit(room.clinic, room.patient.id, by=doctor, days=20)
        a_health_step(room.clinic, room.patient.id, "hcv", "rna_found", by=doctor)
        window.page.reload()
        assert_fit(window)
        window.page.get_by_text("Every step: Hepatitis C").click()
        window.follow(window.page.get_by_role("link", name="Correct RNA test"))
        assert_fit(window)
        window.page.get_by_label("Wrong key").check()
        window.page.get_by_label("RNA test: no virus found").check()

        window.press("Save the correction")

        assert "Now: RNA test: no virus found" in window.text
        window.page.get_by_text("Every step: Hepatitis C").click()
        assert "Before: RNA test: virus found" in window.text
        assert_fit(window)


class TestTheLists:
    def test_fit_for_whoever_treats(self, room: TreatmentRoom, doctor: User, window: Window) -> None:
        window.go(f"/clinics/{room.clinic.code}/health/")
        assert "Naloxone kits to hand out: 1" in window.text
        a_wound(room.clinic, room.patient.id, by=doctor, days_ago=3)
        window.page.reload()

        assert "Wounds to look at: 1" in window.text
        assert_fit(window)

    def test_tell_a_case_worker_due_offered_or_done(
        self, room: TreatmentRoom, doctor: User, open_window: Open
    ) -> None:
        a_health_step(room.clinic, room.patient.id, "hiv", "positive", by=doctor)
        window = open_window(a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis"))
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/support/")
        window.follow(window.page.locator("main").get_by_role("link", name="Health checks"))

        assert "done" in window.text
        assert "ositive" not in window.text
        assert_fit(window)
