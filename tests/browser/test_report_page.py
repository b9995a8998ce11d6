"""A report on a page: read by the commissioner, by keyboard, and at four times the size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from hat_clinic.accounts.rules import Role
from outcomes.actions.evaluation.build import build_report, print_report
from outcomes.rules.evaluation.editions import Edition
from tests.browser.windows import Window
from tests.factories.outcomes import ReportReleaseFactory
from tests.factories.records import AT, Records
from tests.factories.treatment import a_member_of_staff

pytestmark = pytest.mark.browser
START = date(2025, 1, 6)


class TestAReport:
    def test_is_read_by_everybody_and_at_four_times_the_size(
        self, room: object, open_window: Callable[..., Window]
    ) -> None:
        records = Records()
        for number in range(12):
            person = records.person(started_on=START, exited_on=date(2025, 2, 20) if number < 4 else None)
            for day in range(3):
                records.session(person, START + timedelta(days=day), "given")
            records.urine(person, date(2025, 2, 10), "negative")
            records.offence(person, START - timedelta(days=30))
        run = build_report(
            clinic=records.clinic.id, month=date(2025, 3, 1), edition=Edition.RESTRICTED, by=records.by, at=AT
        )
        print_report(run=run.id, by=records.by, at=AT)
        ReportReleaseFactory(run=run)
        window = open_window(a_member_of_staff(records.clinic, Role.COMMISSIONER, name="Rhona Keir"))

        window.go(f"/clinics/{records.clinic.code}/reports/")
        window.follow(window.page.get_by_role("link", name="Read March 2025"))

        assert "8 of the 12 people who started were still in treatment" in window.text.replace("\xa0", " ")
        assert window.page.locator("svg[role=img]").count() >= 4
        assert window.accessibility_faults() == []
        window.page.set_viewport_size({"width": 341, "height": 700})
        assert window.overflow == []
        assert window.accessibility_faults() == []
