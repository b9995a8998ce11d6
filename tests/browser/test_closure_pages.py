"""Closed sessions, a late arrival and the handover by the real buttons, and every state of their pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dosing.actions.visits import record_not_given
from dosing.models import Closure, Handover, HandoverAcknowledgement
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.core.clock import now
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.closures import a_clinical_lead, close, reopen
from tests.factories.handovers import hand_over
from tests.factories.oral import an_oral_order
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


def a_room() -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


def choose(window: Window, first: int, last: int, words: str = "Heating failed") -> None:
    window.page.locator("#id_first").select_option(index=first)
    window.page.locator("#id_last").select_option(index=last)
    window.page.get_by_label("The premises: heating, water, power, damage").check()
    window.page.get_by_label("In a few words").fill(words)
    window.press("See who is affected")


def the_lead_closes(open_window: Open, room: TreatmentRoom) -> Window:
    window = open_window(with_sign_in(a_clinical_lead(room)))
    window.go(f"/clinics/{room.clinic.code}/closures/close/")
    return window


# --- every state of every page -------------------------------------------------------------------------------
def sessions_to_choose(open_window: Open) -> Window:
    return the_lead_closes(open_window, a_room())


def sessions_with_nothing_chosen(open_window: Open) -> Window:
    window = sessions_to_choose(open_window)
    window.press("See who is affected")
    assert window.summary_heading == "Nothing was closed"
    return window


def who_is_affected(open_window: Open) -> Window:
    room = a_room()
    an_oral_order(room)
    window = the_lead_closes(open_window, room)
    choose(window, 2, 6)
    assert "Close 5 sessions?" in window.text
    return window


def who_is_affected_and_not_ticked(open_window: Open) -> Window:
    window = the_lead_closes(open_window, a_room())
    choose(window, 2, 3)
    window.press("Close these sessions")
    window.page.get_by_label("Password", exact=True).fill(PASSWORD)
    window.press("Go on")
    assert window.summary_heading == "Nothing was closed"
    return window


def sessions_with_people_in_them(open_window: Open) -> Window:
    room = a_room()
    room.checked()
    window = the_lead_closes(open_window, room)
    choose(window, 1, 2)
    assert "These sessions cannot be closed" in window.text
    return window


def closures_and_none(open_window: Open) -> Window:
    room = a_room()
    window = open_window(a_clinical_lead(room))
    window.go(f"/clinics/{room.clinic.code}/closures/")
    assert "No session was closed yet." in window.text
    return window


def closures_with_one_reopened(open_window: Open) -> Window:
    room = a_room()
    lead = a_clinical_lead(room)
    reopen(room, close(room, 1, 4, by=lead), 2, by=lead)
    window = open_window(lead)
    window.go(f"/clinics/{room.clinic.code}/closures/")
    assert "Reopened with" in window.text
    return window


def one_closure(open_window: Open) -> Window:
    room = a_room()
    closure = close(room, 1, 4, by=a_clinical_lead(room))
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/closures/{closure.id}/")
    assert "1 still to be told" in window.text
    return window


def reopening(open_window: Open) -> Window:
    room = a_room()
    lead = a_clinical_lead(room)
    closure = close(room, 0, 4, by=lead)
    window = open_window(with_sign_in(lead))
    window.go(f"/clinics/{room.clinic.code}/closures/{closure.id}/reopen/")
    return window


def board_of_a_closed_session(open_window: Open) -> Window:
    room = a_room()
    close(room, 0, 1, by=a_clinical_lead(room))
    window = open_window(room.nurse)
    window.go_to_board(room)
    assert "Closed: heating failed." in window.text
    return window


def hatch_of_a_closed_session(open_window: Open) -> Window:
    room = a_room()
    close(room, 0, 1, by=a_clinical_lead(room))
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/identify/")
    assert "Nothing is drawn up in a closed session." in window.text
    return window


def a_missed_session(room: TreatmentRoom) -> None:
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=Outcome.MISSED,
        reason=Reason.UNKNOWN,
        by=room.nurse,
        at=now(),
    )


def hatch_after_a_missed_session(open_window: Open) -> Window:
    room = a_room()
    a_missed_session(room)
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/identify/")
    assert "They came after all: the session goes on" in window.text
    return window


def handover_to_sign(open_window: Open) -> Window:
    room = a_room()
    room.check(room.identify(), oxygen=91)
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/handovers/sign/")
    assert "On hold" in window.text
    return window


def handover_to_read(open_window: Open) -> Window:
    room = a_room()
    handover = hand_over(room, words="Quiet.", notes={room.patient.id: "Wants to be called."})
    window = open_window(room.second_nurse)
    window.go(f"/clinics/{room.clinic.code}/handovers/{handover.id}/acknowledge/")
    assert "Wants to be called." in window.text
    return window


def handovers_by_date(open_window: Open) -> Window:
    room = a_room()
    hand_over(room)
    window = open_window(room.doctor)
    window.go(f"/clinics/{room.clinic.code}/handovers/")
    assert "Nobody yet" in window.text
    return window


STATES = (
    sessions_to_choose,
    sessions_with_nothing_chosen,
    who_is_affected,
    who_is_affected_and_not_ticked,
    sessions_with_people_in_them,
    closures_and_none,
    closures_with_one_reopened,
    one_closure,
    reopening,
    board_of_a_closed_session,
    hatch_of_a_closed_session,
    hatch_after_a_missed_session,
    handover_to_sign,
    handover_to_read,
    handovers_by_date,
)


class TestEveryPageOfIt:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, open_window: Open, state: Callable[[Open], Window]
    ) -> None:
        window = state(open_window)
        assert faults_at_every_size(window) == []


class TestClosing:
    @pytest.mark.parametrize("javascript", [True, False], ids=["with", "without"])
    def test_is_read_ticked_and_signed_with_the_password(self, open_window: Open, javascript: bool) -> None:
        room = a_room()
        window = open_window(with_sign_in(a_clinical_lead(room)), javascript=javascript)
        window.go(f"/clinics/{room.clinic.code}/closures/close/")
        choose(window, 2, 3)
        window.page.locator("input[name=acknowledged]").check()
        window.press("Close these sessions")
        window.page.get_by_label("Password", exact=True).fill(PASSWORD)
        window.press("Go on")

        assert "1 still to be told" in window.text
        assert Closure.objects.get(clinic=room.clinic).sessions == 2


class TestALateArrival:
    def test_is_one_press(self, open_window: Open) -> None:
        room = a_room()
        a_missed_session(room)
        window = open_window(room.nurse)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/identify/")
        window.press("They came after all: the session goes on")
        assert "noted: they came after all." in window.text


class TestAHandover:
    def test_is_signed_by_one_and_read_by_another(self, open_window: Open) -> None:
        room = a_room()
        window = open_window(room.nurse)
        window.go(f"/clinics/{room.clinic.code}/handovers/sign/")
        window.page.get_by_label("Your signing PIN").fill(NURSE_PIN)
        window.press("Hand over: sign this")
        handover = Handover.objects.get(clinic=room.clinic)
        other = open_window(room.second_nurse)
        other.go(f"/clinics/{room.clinic.code}/handovers/{handover.id}/acknowledge/")
        other.page.get_by_label("Your signing PIN").fill(SECOND_PIN)
        other.press("I have read it: sign this")
        assert HandoverAcknowledgement.objects.get(handover=handover).acknowledged_by == room.second_nurse
