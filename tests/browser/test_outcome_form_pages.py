"""What a case worker does about the outcome form: ask, be told what is missing, correct."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import OutcomeForm
from outcomes.queries.outcome_forms import form_said
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from outcomes.rules.outcome_form import questions
from patients.models import Episode
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.outcome_forms import YES_NO, an_outcome_form, form_of
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    window = open_window(worker)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/support/")
    window.follow(window.page.get_by_role("link", name="Outcome forms"))
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


def answer(window: Window, item: str) -> None:
    """Come to one question by Tab alone and answer it with a key: one day of heroin, else no, none or nothing said."""
    keyboard, first = window.page.keyboard, window.page.locator(f"#id_{item}_0")
    window.tab_to(first)
    if item == "opiates_days":
        keyboard.press("ArrowDown")  # On some days
        for box in ("1", "0", "0", "0"):
            keyboard.press("Tab")
            keyboard.type(box)
    elif item in DAY_ITEMS:
        keyboard.press("Space")  # On no day
    elif item in YES_NO:
        keyboard.press("ArrowDown")  # No
    else:
        keyboard.press("ArrowUp")  # from the first key to the last: Not answered


class TestTheOutcomeForm:
    def test_is_asked_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        assert "No outcome form is filled in yet." in window.text
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Ask at the start"))
        assert_fit(window)
        for section in questions(in_parts=True):
            for asked in section.questions:
                answer(window, asked.item)
        window.tab_to(window.page.get_by_role("button", name="Save the outcome form"))
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")

        assert form_said(OutcomeForm.objects.get(clinic=room.clinic)) == form_of(
            london_date(now()),
            stage="start",
            weeks={"opiates_days": (1, 0, 0, 0)},
            scores=dict.fromkeys(SCORE_ITEMS),
        )
        assert_fit(window)

    def test_says_what_is_missing_and_keeps_what_was_tapped(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Ask for a review"))
        crack = window.page.locator("#div_id_crack_days")
        weeks = window.page.get_by_role("group", name="Crack: on how many days?")
        assert not weeks.is_visible()
        crack.get_by_label("On some days").check()
        weeks.get_by_label("In the last 7 days").fill("9")

        window.press("Save the outcome form")

        assert window.summary_heading == "Nothing was saved"
        assert (
            "Crack, in the last 7 days: write the days with the digits 0 to 9, at most 7." in window.reasons
        )
        assert weeks.get_by_label("In the last 7 days").input_value() == "9"
        assert_fit(window)

    def test_that_was_left_is_there_again(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Ask for a review"))
        assault = window.page.locator("#div_id_assault")
        with window.page.expect_response(lambda response: response.url.endswith("/drafts/save/")):
            assault.get_by_label("Not answered").check()

        window.page.reload()

        window.page.get_by_text("is here again").wait_for()
        assert assault.get_by_label("Not answered").is_checked()

    def test_stands_beside_the_earlier_one_only_after_it_is_given_and_is_corrected(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        today = london_date(now())
        an_outcome_form(
            room.clinic,
            room.patient.id,
            by=worker,
            on=today - timedelta(days=14),
            weeks={"opiates_days": (7, 7, 7, 7)},
        )
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        window.page.reload()
        assert window.page.get_by_role("row", name="Heroin and other opioids 0 days 28 days").is_visible()
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Correct the form").first)
        assert_fit(window)
        window.page.get_by_label("Wrong key").check()
        window.page.locator("#div_id_assault").get_by_label("Yes").check()

        window.press("Save the correction")

        assert "Before: Review" in window.text
        assert OutcomeForm.objects.get(clinic=room.clinic, amends__isnull=False).assault is True
        assert_fit(window)


class TestTheFormsThatAreDue:
    def test_lead_from_the_caseload_to_the_form(self, room: TreatmentRoom, window: Window) -> None:
        on = london_date(now()) - timedelta(days=15)
        Episode.objects.filter(person=room.patient).update(accepted_on=on, started_on=on)
        window.go(f"/clinics/{room.clinic.code}/caseload/")
        assert "Outcome forms and questions to ask" in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name="Everything that is due in the clinic"))
        assert "nobody has verified them" in window.text
        assert_fit(window)

        window.follow(window.page.get_by_role("link", name=f"{room.patient.full_name}: outcome form, start"))
        assert window.heading == f"Start: outcome form for {room.patient.full_name}"
