"""What a commissioner does with the figures: from the list to one of them, and two months beside each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.rules import Role
from tests.browser.windows import Window
from tests.factories.outcomes import ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.programme import DisruptionFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
NAME = "support.did_not_attend.month"


@pytest.fixture
def window(room: TreatmentRoom, open_window: Open) -> Window:
    for number, value in enumerate((58, 61, 55, 60, 57, 63, 59, 62, 56, 60, 61, 58, 90)):
        told = {
            "id": NAME,
            "label": "Sessions nobody came to",
            "domain": "support",
            "source": "clinic_record",
            "numerator": value,
            "denominator": None,
            "value": value,
            "unit": "sessions",
            "missing": 0,
            "note": None,
        }
        run = ReportRunFactory(
            clinic=room.clinic,
            month=date(2024 + number // 12, number % 12 + 1, 1),
            figures={"indicators": [told]},
        )
        ReportFileFactory(run=run, kind="pdf")
        ReportReleaseFactory(run=run)
    DisruptionFactory(
        clinic=room.clinic, from_on=date(2024, 4, 3), to_on=date(2024, 6, 1), label="Flood in the cellar"
    )
    return open_window(a_member_of_staff(room.clinic, Role.COMMISSIONER, name="Rhona Keir"))


class TestFigures:
    def test_are_held_against_another_month_and_one_is_followed_through_all_of_them(
        self, room: TreatmentRoom, window: Window
    ) -> None:
        window.go(f"/clinics/{room.clinic.code}/reports/")
        window.go(f"/clinics/{room.clinic.code}/figures/")
        assert "Figures of January 2025" in window.text

        window.page.get_by_label("Beside it").select_option("2024-03-01")
        window.press("Show")

        row = window.page.locator("tbody tr")
        assert "90" in row.inner_text() and "55" in row.inner_text()

        window.follow(row.get_by_role("link", name="Sessions nobody came to"))
        striped = "Striped months were not as usual: 1 Flood in the cellar"
        assert striped in window.text.replace("\N{NO-BREAK SPACE}", " ")
        assert window.page.locator("svg.hat-figures__chart rect").count() == 1
        assert striped in (window.page.locator("svg title").text_content() or "")

        assert "1 month stands out" in window.text
        chart = window.page.get_by_role("img", name="1 month stands out")
        assert chart.count() == 1
        first = window.page.locator("tbody tr").first
        assert "January 2025" in first.inner_text() and "Outside the limits" in first.inner_text()

    @pytest.mark.parametrize(
        "path", ["figures/", f"figures/see-figure/?name={NAME}", "figures/see-figure/?name=flow.exited.died"]
    )
    def test_can_be_read_by_everybody_and_at_four_times_the_size(
        self, room: TreatmentRoom, window: Window, path: str
    ) -> None:
        window.go(f"/clinics/{room.clinic.code}/{path}")
        assert window.accessibility_faults() == []

        window.page.set_viewport_size({"width": 341, "height": 700})

        assert window.overflow == []
        assert window.accessibility_faults() == []
