"""Writing an incident down, putting it right, and noting who was told: wide, narrow, and with axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import IncidentReport, IncidentTelling
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def today() -> date:
    return london_date(now())


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    wide = window.page.viewport_size
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(wide)  # type: ignore[arg-type]  # as it was


def tap(window: Window, question: str, answer: str) -> None:
    window.page.get_by_role("group", name=question).get_by_label(answer).check()


class TestAnIncident:
    def test_is_written_down_told_and_put_right(
        self, room: TreatmentRoom, open_window: Open, today: date
    ) -> None:
        lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Vera Lindqvist")
        window = open_window(lead)
        window.go(f"/clinics/{room.clinic.code}/incident-reports/")
        assert "No incident was written down." in window.text
        assert_fit(window)

        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/")
        window.follow(window.page.get_by_role("link", name="Record an incident"))
        assert_fit(window)
        window.page.get_by_label("What happened, in a few sentences").fill("Found drowsy in the hall.")
        window.press("Save the incident")
        assert window.summary_heading == "Nothing was saved"
        assert_fit(window)

        tap(window, "What happened?", "Over-sedation")
        window.page.get_by_label("On which day?").fill(f"{today:%d/%m/%Y}")
        tap(window, "Where?", "Here in the clinic")
        tap(window, "What harm came of it?", "Moderate")
        tap(window, "Was naloxone given?", "Yes")
        tap(window, "Had a drug a part in it?", "Yes")
        window.press("Save the incident")
        assert "duty of candour" in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name="Note who was told"))
        assert_fit(window)
        tap(window, "Who was told?", "The national record")
        window.page.get_by_label("On which day?").fill(f"{today:%d/%m/%Y}")
        window.press("Save: they were told")
        assert IncidentTelling.objects.filter(report__clinic=room.clinic).count() == 1

        window.follow(window.page.get_by_role("link", name="Correct that they were told"))
        assert_fit(window)
        tap(window, "What is right?", "They were not told")
        window.press("Save the correction")
        assert window.reasons == ["Write why it is written again."]
        window.page.get_by_label("Why is it written again?").fill("The call did not get through.")
        window.press("Save the correction")
        assert "Not told after all" in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        tap(window, "What harm came of it?", "Low")
        window.page.get_by_label("Why is it written again?").fill("No treatment was needed after all.")
        window.press("Save the correction")
        assert "Corrected: No treatment was needed after all." in window.text
        assert IncidentReport.objects.filter(clinic=room.clinic).count() == 2
        assert_fit(window)

    def test_of_both_kinds_are_reached_by_one_entry(self, room: TreatmentRoom, open_window: Open) -> None:
        lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Vera Lindqvist")
        window = open_window(lead)
        window.go(f"/clinics/{room.clinic.code}/incident-reports/")
        navigation = window.page.get_by_role("navigation", name="Main")
        assert navigation.get_by_role("link", name="Incident").count() == 1

        window.follow(window.page.get_by_role("link", name="Emergencies at the terminal"))

        assert "Incidents of emergencies: 0" in window.text
        assert_fit(window)
        back = window.page.get_by_role("navigation", name="Back")
        window.follow(back.get_by_role("link", name="Incidents"))
        assert "No incident was written down." in window.text
