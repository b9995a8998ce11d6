"""What a commissioner does: look at the list, and take the report home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import ReportFile, ReportRequest
from outcomes.tasks import build_requested_reports
from tests.browser.windows import Window, with_sign_in
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def commissioner(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.COMMISSIONER, name="Rhona Keir")


@pytest.fixture
def manager(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")


class TestReports:
    def test_say_what_comes_next_while_there_is_none(
        self, room: TreatmentRoom, open_window: Open, commissioner: User
    ) -> None:
        window = open_window(commissioner)

        window.go(f"/clinics/{room.clinic.code}/reports/")

        assert "No report is here yet." in window.text
        assert window.page.get_by_role("link", name="Build a month now").count() == 0

    def test_are_asked_for_by_the_manager_built_by_the_worker_and_taken_home_by_the_commissioner(
        self, room: TreatmentRoom, open_window: Open, commissioner: User, manager: User, tmp_path: Path
    ) -> None:
        room.give()
        asking = open_window(manager)
        asking.go(f"/clinics/{room.clinic.code}/reports/")
        asking.follow(asking.page.get_by_role("link", name="Build a month now"))
        asking.page.get_by_label("Month", exact=True).select_option(
            london_date(now()).replace(day=1).isoformat()
        )
        asking.press("Build this report")
        assert "It appears in this list when it is whole." in asking.text
        assert "waits for the worker" in asking.text

        build_requested_reports()

        lead = open_window(a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Lena Hart"))
        lead.go(f"/clinics/{room.clinic.code}/reports/")
        lead.follow(lead.page.get_by_role("link", name="Sign off"))
        lead.page.get_by_label("I have read this report whole").check()
        lead.press("Sign off and release")
        assert "Its recipients read it now." in lead.text

        window = open_window()
        window.sign_in_by_hand(with_sign_in(commissioner))
        row = window.page.locator("tbody tr")
        assert "Restricted, issue 1" in row.inner_text()
        assert "Provisional" in row.inner_text()
        with window.page.expect_download() as download:
            row.get_by_role("link", name="PDF").click()
        saved = tmp_path / "report.pdf"
        download.value.save_as(saved)
        run = ReportRequest.objects.get(clinic=room.clinic).run
        assert download.value.suggested_filename.endswith("-restricted-issue-1.pdf")
        assert saved.read_bytes() == bytes(ReportFile.objects.get(run=run, kind="pdf").content)
        assert saved.read_bytes().startswith(b"%PDF")
