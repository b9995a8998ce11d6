"""What a case worker does: look at the day, log a session in a few taps, and correct one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import Agency, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import SupportSession
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.support import a_support_session
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def window(room: TreatmentRoom, worker: User, open_window: Open) -> Window:
    window = open_window(worker)
    window.go("/")
    return window


def open_form(window: Window) -> None:
    window.follow(window.page.get_by_role("link", name="Log a session"))


def tap(window: Window, *words: str) -> None:
    """Tap keys by their words, as a finger does."""
    for word in words:
        window.page.get_by_label(word, exact=True).first.check()


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestTheCaseload:
    def test_is_the_first_page_of_a_case_worker(self, room: TreatmentRoom, window: Window) -> None:
        assert window.path == f"/clinics/{room.clinic.code}/caseload/"
        assert room.patient.full_name in window.text
        assert "none logged yet" in window.text

    def test_is_fit_to_read_with_everything_on_it(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        agency = Agency.objects.create(
            name=f"Coast Homes and Neighbourhood Tenancy Support {room.clinic.code}"
        )
        step = {"next_step": "Bring two bank letters", "next_step_on": london_date(now())}
        a_support_session(room.clinic, room.patient.id, by=worker, agency_id=agency.id, **step)
        a_support_session(room.clinic, room.patient.id, by=worker, domain="health", attended=False)
        window.page.reload()

        assert "Coast Homes" in window.text
        assert "for today" in window.text
        assert_fit(window)

    def test_of_nobody_is_fit_to_read(self, open_window: Open) -> None:
        clinic = a_clinic()
        window = open_window(a_member_of_staff(clinic, Role.CASE_WORKER, name="Maya Ellis"))

        window.go(f"/clinics/{clinic.code}/caseload/")

        assert "Nobody is in treatment here yet." in window.text
        assert_fit(window)

    def test_lets_one_make_somebody_ones_own(self, room: TreatmentRoom, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name=room.patient.full_name, exact=True))
        window.press("Make this one of my people")
        window.follow(window.page.get_by_role("navigation", name="Main").get_by_role("link", name="Caseload"))

        assert window.page.locator("caption").inner_text() == "My people"


class TestLoggingASession:
    def test_takes_ten_interactions_at_most(self, room: TreatmentRoom, window: Window) -> None:
        open_form(window)  # 1
        tap(window, "Money", "Came", "45", "Benefit claim sent", "Phone call made")  # 2 to 6
        window.page.get_by_label("Next step").fill("Bring two bank letters")  # 7
        tap(window, "In a week")  # 8
        window.press("Save session")  # 9

        assert f"Saved: the session with {room.patient.full_name} is logged." in window.text
        assert "Bring two bank letters" in window.text
        stored = SupportSession.objects.get(clinic=room.clinic)
        assert (stored.domain, stored.attended, stored.minutes) == ("welfare", True, 45)
        assert stored.done == ["benefit_claim", "phone_call"]
        assert stored.next_step_on == stored.booked_on + timedelta(days=7)

    def test_that_nobody_came_to_takes_ten_at_most_and_stays_until_it_is_followed_up(
        self, room: TreatmentRoom, window: Window
    ) -> None:
        open_form(window)  # 1
        tap(window, "Health", "Did not come", "Left a message")  # 2 to 4
        window.page.get_by_label("Next step").fill("Call again")  # 5
        tap(window, "In a week")  # 6
        assert window.page.get_by_label("Who follows it up?").is_visible()
        window.press("Save session")  # 7

        assert_fit(window)
        window.follow(window.page.get_by_role("link", name=f"{room.patient.full_name}: Call again"))
        window.press("It is done")
        assert window.reasons == ["Write what came of it."]
        assert_fit(window)
        window.page.get_by_label("What came of it?").fill("Spoke, coming on Thursday")
        window.press("It is done")

        assert "is done." in window.text
        assert "Call again" not in window.text

    def test_shows_each_question_with_the_answer_it_belongs_to(self, window: Window) -> None:
        open_form(window)
        minutes, follow_up = (window.page.get_by_text(words) for words in ("How many", "done about it"))
        landlord = window.page.get_by_text("Landlord spoken to")
        assert [part.is_visible() for part in (minutes, follow_up, landlord)] == [False, False, False]

        tap(window, "Housing", "Came")
        assert [part.is_visible() for part in (minutes, follow_up, landlord)] == [True, False, True]

        tap(window, "Did not come")
        assert [part.is_visible() for part in (minutes, follow_up, landlord)] == [False, True, False]

    def test_keeps_what_was_typed_and_says_what_is_missing(self, window: Window) -> None:
        open_form(window)
        tap(window, "Housing", "Came")
        window.page.get_by_label("One line more").fill("Liked the second flat")

        window.press("Save session")

        assert window.summary_heading == "Nothing was saved"
        assert len(window.reasons) == 2
        assert window.page.get_by_label("One line more").input_value() == "Liked the second flat"
        assert_fit(window)

    def test_is_fit_to_read_with_every_question_open(self, window: Window) -> None:
        open_form(window)
        tap(window, "Housing", "Another day", "Came", "Other")
        window.page.locator("[name=next_when][value=other]").check()

        assert window.page.get_by_label("By which day?").is_visible()
        assert_fit(window)

    def test_works_without_scripts(self, room: TreatmentRoom, worker: User, open_window: Open) -> None:
        window = open_window(worker, javascript=False)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/log-support-session/")
        tap(window, "Housing", "Did not come", "Left a message", "In a week")
        window.page.get_by_label("Next step").fill("Call again")

        window.press("Save session")

        assert SupportSession.objects.get(clinic=room.clinic).done == ["follow_up_message"]

    def test_works_by_keyboard_alone(self, room: TreatmentRoom, window: Window) -> None:
        open_form(window)
        keyboard = window.page.keyboard
        window.page.locator("#id_domain_0").focus()
        keyboard.press("Space")
        reached = []
        for _ in range(30):
            keyboard.press("Tab")
            reached.append(window.page.evaluate("document.activeElement.id || document.activeElement.name"))
            if reached[-1] in {"id_attended_0", "id_minutes_0", "id_done_0"}:
                keyboard.press("Space")
            if "save" in reached[-1]:
                break
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "is logged." in window.text
        stored = SupportSession.objects.get(clinic=room.clinic)
        assert (stored.domain, stored.minutes, stored.done) == ("housing", 15, ["talked"])


class TestCorrectingASession:
    def test_leaves_both_lines_to_be_read(self, room: TreatmentRoom, worker: User, window: Window) -> None:
        a_support_session(room.clinic, room.patient.id, by=worker, note="Waited for the landlord")
        window.follow(window.page.get_by_role("link", name=room.patient.full_name, exact=True))
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Correct"))
        assert_fit(window)
        tap(window, "Wrong key", "60")

        window.press("Save the correction")

        assert "60 minutes" in window.text
        assert "45 minutes" in window.text
        assert f"Corrected by {worker.full_name}" in window.text
        assert_fit(window)

    def test_that_strikes_it_out_asks_nothing_more(
        self, room: TreatmentRoom, worker: User, window: Window
    ) -> None:
        a_support_session(room.clinic, room.patient.id, by=worker)
        window.follow(window.page.get_by_role("link", name=room.patient.full_name, exact=True))
        window.follow(window.page.get_by_role("link", name="Correct"))
        tap(window, "Logged for the wrong person")
        assert not window.page.get_by_text("What about?").is_visible()

        window.press("Save the correction")

        assert "counts for nothing" in window.text
        assert_fit(window)
