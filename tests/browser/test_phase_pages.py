"""The phases of the programme: entered, corrected, read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.rules import Role
from tests.browser.test_support_pages import assert_fit, tap
from tests.browser.windows import Window
from tests.factories.treatment import a_clinic, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def window(open_window: Open) -> Window:
    clinic = a_clinic()
    window = open_window(a_member_of_staff(clinic, Role.MANAGER, name="Ida Lund"))
    window.go(f"/clinics/{clinic.code}/phases/")
    return window


class TestThePhases:
    def test_are_entered_corrected_and_read(self, window: Window) -> None:
        assert "Nobody has entered a phase." in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name="Enter a phase"))
        window.page.get_by_label("What is it called?").fill("Pilot in the old post office on the harbour")
        window.page.get_by_label("First day").fill("05/03/2025")
        window.press("Save this phase")
        assert window.summary_heading == "Nothing was saved"
        assert window.reasons == ["Write how many places there are.", "Tap how many sessions a day has."]
        assert_fit(window)
        window.page.get_by_label("How many places?").fill("12")
        tap(window, "Two")
        window.page.get_by_label("Who pays?").fill("Invented Council and the Invented Fund for Public Health")
        window.page.get_by_label("Paid until").fill("31/03/2030")
        window.press("Save this phase")
        assert "12 places, 2 sessions a day." in window.text

        window.follow(window.page.get_by_role("link", name="Correct"))
        tap(window, "Learned more later")
        window.page.get_by_label("Last day").fill("31/12/2025")
        window.press("Save the correction")
        assert "5 March 2025 to 31 December 2025" in window.text
        assert "Before: Pilot" in window.text
        assert_fit(window)


class TestTheClinic:
    def test_is_corrected_by_two(self, open_window: Open) -> None:
        clinic = a_clinic()
        window = open_window(a_member_of_staff(clinic, Role.MANAGER, name="Ida Lund"))
        window.go(f"/clinics/{clinic.code}/clinic/")
        assert "Nobody has corrected anything." in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name="Correct this"))
        window.page.get_by_label("How many places?").fill("33")
        window.press("Send to a colleague to approve")
        assert window.reasons == ["Write why it is corrected."]
        assert_fit(window)
        window.page.get_by_label("Why is it corrected?").fill("The contract names thirty-three places")
        window.press("Send to a colleague to approve")
        assert "Waits for a colleague to approve it." in window.text
        assert_fit(window)

        other = open_window(a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Per Holm"))
        other.go(f"/clinics/{clinic.code}/clinic/")
        other.follow(other.page.get_by_role("link", name="Approve the correction"))
        assert "becomes 33" in other.text
        assert_fit(other)
        other.page.get_by_label("I checked this").check()
        other.press("Approve this correction")
        assert "Approved by Per Holm" in other.text
        assert_fit(other)


class TestTheFiles:
    def test_are_brought_in_whole_or_not_at_all(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Bring in a file"))
        assert "No file was brought in." in window.text
        assert_fit(window)

        window.press("Check and bring in all")
        assert window.reasons == ["Choose at least one file."]
        assert_fit(window)
        header = "as_of,area,people,method,source\n"
        self.choose(
            window, "Estimates of need", header + "2025-01-01,Invented Town,many,counted,Invented Council\n"
        )
        window.press("Check and bring in all")
        assert "1 thing to put right" in window.text
        assert_fit(window)

        self.choose(
            window, "Estimates of need", header + "2025-01-01,Invented Town,60,counted,Invented Council\n"
        )
        window.press("Check and bring in all")
        assert "Lines brought in: need.csv 1." in window.text
        assert_fit(window)

    def choose(self, window: Window, label: str, text: str) -> None:
        window.page.get_by_label(label).set_input_files(
            {"name": "need.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
