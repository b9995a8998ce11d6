"""What a nurse does with a urine sample, at the terminal and at the desk, and what a case worker is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import UrineDraw, UrineStep
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_member_of_staff
from tests.factories.urine import a_urine_day, in_treatment_for, steps_of

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
A_WEEK = timedelta(days=7)


@pytest.fixture
def today() -> date:
    return london_date(now())


@pytest.fixture
def drawn(room: TreatmentRoom, today: date) -> UrineDraw:
    in_treatment_for(100, room.patient)
    return a_urine_day(room.clinic, room.patient, today)


@pytest.fixture
def window(room: TreatmentRoom, open_window: Open) -> Window:
    return open_window(room.nurse)


def address(room: TreatmentRoom, rest: str = "") -> str:
    return f"/clinics/{room.clinic.code}/urine/{rest}"


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    wide = window.page.viewport_size
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(wide)  # type: ignore[arg-type]  # as it was


class TestAtTheTerminal:
    def test_a_sample_is_taken_by_keyboard_alone(
        self, room: TreatmentRoom, drawn: UrineDraw, window: Window
    ) -> None:
        window.go(address(room))
        assert_fit(window)
        link = window.page.locator("a[href*=take-urine]")
        window.tab_to(link)
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")
        keyboard = window.page.keyboard
        window.tab_to(window.page.get_by_label("Number of the label"))
        keyboard.type("b-204")
        window.tab_to(window.page.locator("#id_was_seen_0"))
        keyboard.press("Space")
        window.tab_to(window.page.locator("#id_is_sealed_0"))
        keyboard.press("Space")
        window.tab_to(window.page.get_by_label("Your signing PIN"))
        keyboard.type(NURSE_PIN)
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "was taken" in window.text
        assert UrineStep.objects.get(draw=drawn).reference == "B-204"
        assert_fit(window)

    def test_what_is_missing_is_said_and_what_was_typed_is_kept(
        self, room: TreatmentRoom, drawn: UrineDraw, window: Window
    ) -> None:
        window.go(address(room, f"{drawn.id}/take-urine/"))
        assert_fit(window)
        window.page.get_by_label("Number of the label").fill("C 3")

        window.press("Sign: the sample was taken")

        assert window.summary_heading == "Nothing was saved"
        assert len(window.reasons) == 3
        assert window.page.get_by_label("Number of the label").input_value() == "C 3"
        assert_fit(window)

    def test_no_sample_and_a_void_one_say_why(
        self, room: TreatmentRoom, drawn: UrineDraw, window: Window, today: date
    ) -> None:
        other = a_urine_day(room.clinic, room.patient, today - A_WEEK)
        steps_of(other, "taken")
        window.go(address(room, f"{drawn.id}/note-urine-not-taken/"))
        assert_fit(window)
        window.page.get_by_label("Could not give one").check()
        window.page.get_by_label("Your signing PIN").fill(NURSE_PIN)
        window.press("Sign: it was not taken")
        assert "no sample of" in window.text

        window.go(address(room, f"{other.id}/void-urine/"))
        assert_fit(window)
        window.page.get_by_label("Spilt or leaked").check()
        window.page.get_by_label("Your signing PIN").fill(NURSE_PIN)
        window.press("Sign: it is void")
        assert "is void" in window.text
        assert_fit(window)

    def test_a_sample_with_a_result_is_void_after_all(
        self, room: TreatmentRoom, drawn: UrineDraw, window: Window
    ) -> None:
        steps_of(drawn, "taken", "sent", "result", found="positive")
        window.go(address(room))
        window.follow(window.page.get_by_role("link", name="Void"))
        assert "There is a result of this sample: Street-heroin marker positive." in window.text
        assert_fit(window)
        window.page.get_by_label("Spoiled or mixed up in the laboratory").check()
        window.page.get_by_label("Your signing PIN").fill(NURSE_PIN)
        window.press("Sign: it is void")
        assert window.summary_heading == "Nothing was saved"
        assert_fit(window)

        window.page.get_by_label("In a few words").fill("They called: two bottles were mixed up.")
        window.page.get_by_label("Your signing PIN").fill(NURSE_PIN)
        window.press("Sign: it is void")

        assert "counts for nothing" in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name=room.patient.full_name))
        assert "the sample is void" in window.text
        assert_fit(window)

    def test_samples_are_sent_together(
        self, room: TreatmentRoom, drawn: UrineDraw, window: Window, today: date
    ) -> None:
        for one in (drawn, a_urine_day(room.clinic, room.patient, today - A_WEEK)):
            steps_of(one, "taken")
        window.go(address(room))
        window.follow(window.page.get_by_role("link", name="Send samples"))
        assert_fit(window)
        window.page.get_by_label("Your signing PIN").fill(NURSE_PIN)

        window.press("Sign: these were sent")

        assert "2 samples were sent" in window.text
        window.go(address(room, "send-urine/"))
        assert "No sample waits to be sent." in window.text
        assert_fit(window)

    def test_a_sample_that_is_past_a_step_says_so(
        self, room: TreatmentRoom, drawn: UrineDraw, window: Window
    ) -> None:
        steps_of(drawn, "taken", "sent")
        window.go(address(room, f"{drawn.id}/take-urine/"))

        assert "This sample is sent" in window.text
        assert not window.page.get_by_label("Your signing PIN").is_visible()
        assert_fit(window)


class TestAtTheDesk:
    def test_a_result_is_entered_and_put_right(
        self, room: TreatmentRoom, drawn: UrineDraw, open_window: Open, today: date
    ) -> None:
        steps_of(drawn, "taken", "sent")
        window = open_window(room.nurse)
        window.go(address(room))
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Enter a result"))
        assert_fit(window)
        window.page.get_by_label("Positive").check()
        window.page.get_by_label("Day of the report").fill(f"{today:%d/%m/%Y}")
        window.press("Save the result")
        assert "Saved: the result of sample" in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        window.page.get_by_label("Negative").check()
        window.page.get_by_label("Why is it written again?").fill("The laboratory read the wrong line.")
        window.press("Save the correction")

        assert "put right below" in window.text
        assert_fit(window)

    def test_the_days_are_drawn_when_the_night_did_not(self, room: TreatmentRoom, open_window: Open) -> None:
        in_treatment_for(100, room.patient)
        window = open_window(room.nurse)
        window.go(address(room))
        assert "has no day in this week of their treatment" in window.text
        assert_fit(window)

        window.press("Draw the days")

        assert "It is told when it comes." in window.text
        assert UrineDraw.objects.filter(clinic=room.clinic).count() == 1
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/urine/")
        assert_fit(window)


class TestTheLaboratorysFile:
    def test_is_brought_in_or_says_what_to_put_right(
        self, room: TreatmentRoom, drawn: UrineDraw, open_window: Open, today: date
    ) -> None:
        label = steps_of(drawn, "taken", "sent")[0].reference
        window = open_window(room.nurse)
        window.go(address(room))
        window.follow(window.page.get_by_role("link", name="Bring in results"))
        window.page.get_by_text("What the file looks like").click()
        assert_fit(window)

        self.send(window, f"{label},street_heroin_marker,maybe,{today}\nX,cocaine,negative,{today}")
        assert "Nothing was brought in: 2 things to put right" in window.text
        assert_fit(window)

        self.send(window, f"{label},street_heroin_marker,negative,{today}")
        assert "Saved: 1 result was brought in." in window.text
        assert_fit(window)

    def send(self, window: Window, rows: str) -> None:
        content = f"reference,assay,result,reported_on\n{rows}\n".encode()
        file = {"name": "results.csv", "mimeType": "text/csv", "buffer": content}
        window.page.get_by_label("The laboratory’s file").set_input_files(file)  # type: ignore[arg-type]
        window.press("Check and bring in all")


class TestACaseWorker:
    @pytest.fixture
    def worker(self, room: TreatmentRoom) -> User:
        return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")

    def test_is_told_whose_day_it_is(
        self, room: TreatmentRoom, drawn: UrineDraw, worker: User, open_window: Open, today: date
    ) -> None:
        window = open_window(worker)
        window.go(f"/clinics/{room.clinic.code}/samples/")
        assert room.patient.full_name in window.text
        assert_fit(window)

    def test_of_nobody_is_fit_to_read(self, room: TreatmentRoom, worker: User, open_window: Open) -> None:
        window = open_window(worker)
        window.go(f"/clinics/{room.clinic.code}/samples/")

        assert "Nobody is asked for a sample today" in window.text
        assert_fit(window)
