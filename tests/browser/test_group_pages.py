"""A group in the browser, and the fortnight, the alerts and the next appointment on the caseload."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import GroupSession, SupportSession
from tests.browser.test_support_pages import assert_fit, tap
from tests.browser.windows import Window
from tests.factories.appointments import an_appointment
from tests.factories.around import AlertFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, another

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    window = open_window(worker)
    window.go(f"/clinics/{room.clinic.code}/caseload/")
    return window


class TestTheCaseload:
    def test_is_fit_to_read_with_days_alerts_and_an_appointment(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        another(room).give()
        today = london_date(now())
        for severity in ("danger", "warning", "caution", "note"):
            AlertFactory(
                clinic=room.clinic,
                person=room.patient,
                severity=severity,
                starts_on=today - timedelta(days=1),
            )
        an_appointment(room.clinic, room.patient.id, by=worker)
        window.page.reload()

        assert "10:00" in window.text
        assert "Danger" in window.text
        assert_fit(window)


class TestAGroup:
    def test_is_logged_for_everybody_in_it(self, room: TreatmentRoom, window: Window) -> None:
        away = another(room).patient
        window.follow(window.page.get_by_role("link", name="Log a group"))
        assert_fit(window)
        tap(window, "Talking therapy", "60", "Talked", "Group")
        window.page.locator(f"[name=person_{room.patient.id}][value=came]").check()
        window.page.locator(f"[name=person_{away.id}][value=did_not_come]").check()

        window.press("Save the group")

        assert window.summary_heading == "Nothing was saved"
        assert len(window.reasons) == 2
        assert window.page.locator(f"[name=person_{room.patient.id}][value=came]").is_checked()
        assert_fit(window)
        window.page.get_by_label("what happens next?").fill("Ask at the door")
        tap(window, "In a week")
        window.press("Save the group")
        assert "the group is logged for 2 people" in window.text
        row = GroupSession.objects.get(clinic=room.clinic)
        sessions = SupportSession.objects.filter(group=row)
        assert {one.patient_id: one.attended for one in sessions} == {room.patient.id: True, away.id: False}

    def test_is_logged_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        another(room)
        window.follow(window.page.get_by_role("link", name="Log a group"))
        keyboard = window.page.keyboard
        window.page.locator("#id_domain_0").focus()
        keyboard.press("Space")
        for field in ("minutes", "done"):
            window.page.locator(f"[name={field}]").first.focus()
            keyboard.press("Space")
        for came in window.page.locator("[name^=person_][value=came]").all():
            came.focus()
            keyboard.press("Space")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "the group is logged for 2 people" in window.text
        assert GroupSession.objects.get(clinic=room.clinic).minutes == 15
