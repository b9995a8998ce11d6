"""Signing a report off, what changed, and who took what home: by keyboard, and in every window."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.rules import Role
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories import ReportFileFactory, ReportReleaseFactory, ReportRequestFactory, ReportRunFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
REFERRED = {
    "id": "flow.referred",
    "source": "clinic_record",
    "label": "People referred",
    "unit": "people",
    "denominator": None,
    "interval": None,
    "missing": 0,
    "suppressed": False,
    "note": None,
}


def a_run(room: TreatmentRoom, number: int, **more):
    figures = {"indicators": [REFERRED | {"numerator": number, "value": number}]}
    run = ReportRunFactory(clinic=room.clinic, figures=figures, **more)
    ReportFileFactory(run=run, kind="pdf")
    return run


class TestAReportThatWaits:
    def test_is_read_signed_off_by_keyboard_and_told_to_its_readers(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        reader = a_member_of_staff(room.clinic, Role.COMMISSIONER, name="Rhona Keir")
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")
        first = a_run(room, 7)
        ReportReleaseFactory(run=first)
        a_run(room, 9, issue=2, replaces=first, reason="A referral came in late.")
        ReportRequestFactory(clinic=room.clinic, requested_by=manager, edition="justice")
        window = open_window(manager)
        window.go(f"/clinics/{room.clinic.code}/reports/")
        assert "waits for the worker" in window.text
        assert faults_at_every_size(window) == []
        window.follow(window.page.get_by_role("link", name="Sign off"))
        assert "A referral came in late." in window.text
        window.press("Sign off and release")
        assert window.reasons == ["Read the PDF, then tick that you have read it."]
        assert faults_at_every_size(window) == []

        window.tab_to(window.page.get_by_label("I have read this report whole"))
        window.page.keyboard.press("Space")
        window.tab_to(window.page.get_by_role("button", name="Sign off and release"))
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")
        assert "Its recipients read it now." in window.text
        window.go(f"/clinics/{room.clinic.code}/reports/{first.replaced_by.pk}/release-report/")
        assert "Who is told" in window.text and reader.full_name in window.text
        assert faults_at_every_size(window) == []

        reading = open_window(reader)
        reading.go(f"/clinics/{room.clinic.code}/reports/")
        assert "New for you" in reading.text
        assert faults_at_every_size(reading) == []
        reading.follow(reading.page.get_by_role("link", name="What changed"))
        assert "Changes since issue 1" in reading.text
        assert faults_at_every_size(reading) == []
        reading.go(f"/clinics/{room.clinic.code}/reports/")
        with reading.page.expect_download():
            reading.page.get_by_role("link", name="PDF").first.click()

        window.go(f"/clinics/{room.clinic.code}/reports/downloads/")
        assert reader.full_name in window.text
        assert faults_at_every_size(window) == []
