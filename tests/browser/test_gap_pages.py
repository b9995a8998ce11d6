"""The pages of a gap by the real buttons: what a doctor reads and signs, a contact, and what the hatch is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import Contact, GapDecision
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
# Orders that were signed so many days ago, after a dose on the evening before them: the clock of these tests stands
# still at ten in the morning, so that this many sessions were missed since.
CAPPED, TO_DECIDE, TO_RESTART = 1, 2, 3


def a_room(days: int) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180, at=now() - timedelta(days=days))


def address(room: TreatmentRoom, name: str) -> str:
    return f"/clinics/{room.clinic.code}/people/{room.patient.id}/{name}/"


# --- every state of every page -------------------------------------------------------------------------------
def gap_to_decide(open_window: Open) -> Window:
    room = a_room(TO_DECIDE)
    window = open_window(room.doctor)
    window.go(address(room, "decide-gap"))
    assert "Nothing for 64 hours, and 4 sessions missed in a row." in window.text
    return window


def gap_with_nothing_written(open_window: Open) -> Window:
    window = gap_to_decide(open_window)
    window.press("Sign this decision")
    assert window.summary_heading == "Nothing was decided"
    return window


def gap_that_needs_a_titration(open_window: Open) -> Window:
    room = a_room(TO_RESTART)
    window = open_window(room.doctor)
    window.go(address(room, "decide-gap"))
    assert "Write a titration order" in window.text
    return window


def gap_of_a_doctor_without_a_licence(open_window: Open) -> Window:
    room = a_room(TO_DECIDE)
    window = open_window(a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sam Ito"))
    window.go(address(room, "decide-gap"))
    assert "Only a doctor licensed for these premises decides on a gap." in window.text
    return window


def orders_in_a_gap(open_window: Open) -> Window:
    room = a_room(TO_DECIDE)
    window = open_window(room.doctor)
    window.go(address(room, "orders"))
    return window


def line_of_time_with_a_gap(open_window: Open) -> Window:
    room = a_room(TO_DECIDE)
    window = open_window(room.doctor)
    window.go(address(room, "line-of-time"))
    return window


def worklist_of_missed_sessions(open_window: Open) -> Window:
    room = a_room(TO_RESTART)
    window = open_window(room.doctor)
    window.go(f"/clinics/{room.clinic.code}/worklist/")
    assert "Contact today" in window.text and "tell the dispensing pharmacy" in window.text
    return window


def contact_to_note(open_window: Open) -> Window:
    room = a_room(TO_DECIDE)
    window = open_window(a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Sol Oduya"))
    window.go(address(room, "note-contact"))
    assert "No contact is noted in this treatment yet." in window.text
    return window


def contact_with_nothing_written(open_window: Open) -> Window:
    window = contact_to_note(open_window)
    window.press("Note this contact")
    assert window.summary_heading == "Nothing was noted"
    return window


def board_of_missed_sessions(open_window: Open) -> Window:
    room = a_room(CAPPED)
    window = open_window(room.nurse)
    window.go_to_board(room)
    assert "Dose capped after missed sessions" in window.text
    return window


def check_of_a_capped_dose(open_window: Open) -> Window:
    room = a_room(CAPPED)
    visit = room.identify()
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/sessions/{visit.session_id}/check/")
    assert "135 mg, not the 180 mg of the order" in window.text
    return window


def preparation_of_a_capped_dose(open_window: Open) -> Window:
    room = a_room(CAPPED)
    room.open_day()
    visit = room.checked()
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/sessions/{visit.session_id}/prepare/")
    assert "135 mg, not the 180 mg of the order" in window.text
    return window


STATES = (
    gap_to_decide,
    gap_with_nothing_written,
    gap_that_needs_a_titration,
    gap_of_a_doctor_without_a_licence,
    orders_in_a_gap,
    line_of_time_with_a_gap,
    worklist_of_missed_sessions,
    contact_to_note,
    contact_with_nothing_written,
    board_of_missed_sessions,
    check_of_a_capped_dose,
    preparation_of_a_capped_dose,
)


class TestEveryPageOfAGap:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, open_window: Open, state: Callable[[Open], Window]
    ) -> None:
        window = state(open_window)
        assert faults_at_every_size(window) == []


class TestADecision:
    def test_is_signed_with_the_password_and_stands_beside_the_orders(self, open_window: Open) -> None:
        room = a_room(TO_DECIDE)
        with_sign_in(room.doctor)
        window = open_window(room.doctor)
        window.go(address(room, "decide-gap"))
        assert window.page.locator("#id_ceiling_mg").input_value() == ""
        window.page.locator("#id_ceiling_mg").fill("80")
        window.page.get_by_label("Why it may be given").fill("Seen at home, and well.")
        window.press("Sign this decision")
        window.page.get_by_label("Password", exact=True).fill(PASSWORD)
        window.press("Go on")

        assert "may be given under your ceiling" in window.text
        window.go(address(room, "orders"))
        assert "Decided: the next dose is at most 80 mg." in window.text
        assert GapDecision.objects.get(patient=room.patient).ceiling_mg == 80

    def test_is_written_without_javascript_and_refused_over_the_ceiling(self, open_window: Open) -> None:
        room = a_room(TO_DECIDE)
        with_sign_in(room.doctor)
        window = open_window(room.doctor, javascript=False)
        window.go(address(room, "decide-gap"))
        window.page.locator("#id_ceiling_mg").fill("91")
        window.page.get_by_label("Why it may be given").fill("Seen at home, and well.")
        window.press("Sign this decision")
        window.page.get_by_label("Password", exact=True).fill(PASSWORD)
        window.press("Go on")

        assert window.reasons == [
            "91 mg is over 90 mg, 50 % of what was tolerated before the gap. Nobody can lift this. "
            "Write a lower ceiling."
        ]
        assert not GapDecision.objects.filter(patient=room.patient).exists()


class TestAContact:
    def test_is_noted_by_keyboard_alone(self, open_window: Open) -> None:
        room = a_room(TO_DECIDE)
        window = open_window(room.nurse)
        window.go(address(room, "note-contact"))
        page, keys = window.page, window.page.keyboard
        window.tab_to(page.locator("#id_reached_0"))
        keys.press("Space")
        window.tab_to(page.locator("#id_how_0"))
        keys.press("Space")
        window.tab_to(page.locator("#id_words"))
        keys.type("At a funeral, comes tomorrow.")
        window.tab_to(page.get_by_role("button", name="Note this contact"))
        with page.expect_navigation():
            keys.press("Enter")

        assert "is noted" in window.text
        assert Contact.objects.get(patient=room.patient).words == "At a funeral, comes tomorrow."
