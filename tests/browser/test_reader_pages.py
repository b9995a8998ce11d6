"""Who reads which report: decided by one, approved by another, by keyboard and on a narrow window."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


class TestWhoReadsWhichReport:
    def test_is_decided_by_keyboard_and_approved_by_a_colleague(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis"))
        window.go(f"/clinics/{room.clinic.code}/readers/")
        assert "Nothing was decided at this clinic." in window.text
        assert faults_at_every_size(window) == []
        window.follow(window.page.get_by_role("link", name="Decide for a class of readers"))
        window.press("Send to a colleague to approve")
        assert "Choose who reads it." in window.reasons
        assert faults_at_every_size(window) == []

        keyboard = window.page.keyboard
        window.tab_to(window.page.get_by_label("Public-health commissioner"))
        for _ in range(4):
            keyboard.press("ArrowDown")
        window.tab_to(window.page.get_by_label("The justice edition"))
        keyboard.press("Space")
        window.tab_to(window.page.get_by_label("From which day on?"))
        keyboard.type(f"{london_date(now()):%d/%m/%Y}")
        window.tab_to(window.page.get_by_label("By which agreement or decision?"))
        keyboard.type("Invented agreement of 1 March 2026")
        with window.page.expect_navigation():
            keyboard.press("Enter")
        assert "Waits for a colleague" in window.text
        assert faults_at_every_size(window) == []

        lead = open_window(a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Lena Hart"))
        lead.go(f"/clinics/{room.clinic.code}/readers/")
        lead.follow(lead.page.get_by_role("link", name="Approve"))
        lead.press("Approve")
        assert "Tick that you read the agreement." in lead.reasons
        assert faults_at_every_size(lead) == []
        lead.page.get_by_label("I read the agreement").check()
        lead.press("Approve")
        row = lead.page.get_by_role("row", name="Prison group").first
        assert "public, justice" in row.inner_text()
        assert "Not decided" not in row.inner_text()
        assert faults_at_every_size(lead) == []
