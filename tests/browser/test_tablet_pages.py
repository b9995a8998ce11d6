"""The outcome form in the hands of the person: one question at a time, by finger or by keyboard, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.models import Draft, User
from hat_clinic.accounts.queries import get_draft
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import OutcomeForm
from outcomes.queries.outcome_forms import form_said
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from outcomes.rules.outcome_form import questions
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.outcome_forms import form_of
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ITEMS = [asked.item for section in questions(in_parts=True) for asked in section.questions]


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    """The tablet, handed over, at the first question."""
    window = open_window(worker)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/outcome-forms/")
    window.follow(window.page.get_by_role("link", name="hand over this tablet"))
    assert faults_at_every_size(window) == []
    window.press("Start the questions")
    return window


def tap(window: Window, item: str) -> None:
    """Answer one question with a finger: one day of heroin, else no, none or 10."""
    step = window.page.locator(f"#div_id_{item}")
    if item == "opiates_days":
        step.get_by_label("On some days").check()
        for week, days in enumerate("1000", start=1):
            window.page.locator(f"#id_opiates_days_week_{week}").fill(days)
    else:
        words = "On no day" if item in DAY_ITEMS else "10" if item in SCORE_ITEMS else "No"
        step.get_by_label(words, exact=True).check()


def next_question(window: Window) -> None:
    window.page.get_by_role("button", name="Next").click()


class TestTheTablet:
    def test_asks_one_question_at_a_time_and_stores_the_form(
        self, room: TreatmentRoom, window: Window
    ) -> None:
        assert faults_at_every_size(window) == []
        assert room.patient.full_name not in window.text
        for number, item in enumerate(ITEMS, start=1):
            assert f"Question {number} of {len(ITEMS)}" in window.text
            assert window.page.locator(".hat-step:visible").count() == 1
            tap(window, item)
            if item in ("opiates_days", "physical"):
                assert faults_at_every_size(window) == []
            if number < len(ITEMS):
                next_question(window)
        window.press("Send my answers")

        assert window.heading == "Thank you"
        assert faults_at_every_size(window) == []
        assert form_said(OutcomeForm.objects.get(clinic=room.clinic)) == form_of(
            london_date(now()), weeks={"opiates_days": (1, 0, 0, 0)}
        )
        window.go(f"/clinics/{room.clinic.code}/caseload/")
        assert window.heading == "Thank you"
        window.press("Sign in again")
        assert window.path == "/sign-in/"

    def test_shows_no_page_of_before(self, room: TreatmentRoom, worker: User, open_window: Open) -> None:
        window = open_window(worker)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/outcome-forms/")
        other = window.page.context.new_page()
        other.goto(window.page.url)
        window.follow(window.page.get_by_role("link", name="hand over this tablet"))
        window.press("Start the questions")
        assert "Question 1 of" in window.text
        # What stood open in another tab goes at once, without a touch of it.
        other.get_by_text("Question 1 of").wait_for()
        assert room.patient.full_name not in other.locator("body").inner_text()
        for _ in range(2):
            window.go_back()
            window.page.get_by_text("Question 1 of").wait_for()
            assert room.patient.full_name not in window.text
        window.go(f"/clinics/{room.clinic.code}/caseload/")
        assert "Question 1 of" in window.text

    def test_asks_for_an_answer_before_the_next_question(self, window: Window) -> None:
        next_question(window)
        assert window.page.get_by_role("alert").inner_text().startswith("Tap an answer.")
        assert f"Question 1 of {len(ITEMS)}" in window.text
        window.page.locator("#div_id_alcohol_days").get_by_label("On some days").check()
        next_question(window)
        assert window.page.get_by_role("alert").inner_text() == "Write a number from 0 to 7 for each week."
        for week in range(1, 5):
            window.page.locator(f"#id_alcohol_days_week_{week}").fill("0")
        next_question(window)
        assert "Every week is 0" in window.page.get_by_role("alert").inner_text()
        window.page.locator("#id_alcohol_days_week_4").fill("7")
        next_question(window)
        assert f"Question 2 of {len(ITEMS)}" in window.text

    def test_goes_back_and_on_by_keyboard_alone(self, window: Window) -> None:
        keyboard = window.page.keyboard
        window.tab_to(window.page.locator("#id_alcohol_days_0"))
        keyboard.press("Space")
        window.tab_to(window.page.get_by_role("button", name="Next"))
        keyboard.press("Enter")
        assert f"Question 2 of {len(ITEMS)}" in window.text
        # The question is in focus, and read out, before its answers.
        keyboard.press("Tab")
        keyboard.press("Space")
        assert window.page.locator("#id_opiates_days_0").is_checked()
        window.tab_to(window.page.get_by_role("button", name="Back", exact=True))
        keyboard.press("Enter")
        assert window.page.locator("#id_alcohol_days_0").is_checked()

    def test_goes_on_where_it_was_left(self, window: Window) -> None:
        tap(window, "alcohol_days")
        with window.page.expect_response(lambda response: response.url.endswith("/drafts/save/")):
            next_question(window)
        window.page.reload()
        window.page.get_by_text("is here again").wait_for()
        assert f"Question 2 of {len(ITEMS)}" in window.text

    def test_gives_the_tablet_back_at_any_time(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        tap(window, "alcohol_days")
        window.press("Stop and give the tablet back")
        assert window.path == "/sign-in/"
        draft = Draft.objects.get(user=worker)
        kept = get_draft(user=worker, path=draft.path, at=draft.saved_at)
        assert kept is not None
        assert kept.fields["alcohol_days"] == ["none"]
        window.go_back()
        window.page.wait_for_url("**/sign-in/**")
        window.go(f"/clinics/{room.clinic.code}/caseload/")
        assert window.path == "/sign-in/"
