"""Every page of the treatment room in every state: axe finds nothing, and nothing runs over the edge.

One test for each state; a state is a function that brings a window there. Each is looked at on the terminal's
screen, on a tablet, and enlarged four times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.actions.orders import sign_order
from dosing.models import Hold, Visit
from dosing.rules.checks import Sedation
from dosing.rules.orders import OrderDraft, Product
from hat_clinic.core.clock import now
from tests.browser.dose import Hands
from tests.browser.room_stage import Stage, somebody_else
from tests.browser.room_states import (
    board_between_sessions,
    board_in_the_office,
    board_of_a_day_that_is_not_open,
    board_of_nobody,
    board_with_a_drawn_dose_without_an_ending,
    board_with_a_hold_and_a_new_dose,
    board_with_an_overdue_reading,
    board_with_people_in_every_column,
    check_partly_done,
    check_that_is_clear,
    check_that_was_held,
    check_untouched,
    check_with_a_note,
    check_with_a_stop,
    check_with_holds,
    check_without_an_exact_number_and_a_reason,
    identity_by_a_wrong_date,
    identity_in_another_way,
    identity_that_is_barred,
    identity_with_a_photo,
    identity_without_a_photo,
    preparation,
    preparation_after_a_hold,
    preparation_on_a_day_that_is_not_open,
    preparation_with_a_wrong_pin,
    preparation_with_notes_and_another_batch,
    preparation_without_a_second_person,
    preparation_without_pins,
)
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.treatment import (
    DOSE_MG,
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    an_order,
)

pytestmark = pytest.mark.browser


# --- injecting -------------------------------------------------------------------------------------------
def drawn(stage: Stage) -> Visit:
    stage.room.prepare()
    return Visit.objects.get(patient=stage.room.patient)


def injection(stage: Stage) -> Window:
    return stage.see_visit(drawn(stage), "inject")


def injection_without_a_site(stage: Stage) -> Window:
    hands = Hands(injection(stage))
    hands.tap_on(hands.button("All 15 mg in, syringe back"))
    assert hands.window.reasons == ["Tap the body or the list: where?"]
    return hands.window


def injection_of_a_part(stage: Stage) -> Window:
    window = injection(stage)
    window.page.locator("#site-left_arm").click()
    window.page.get_by_text("Only part went in…").click()
    window.page.get_by_label("Milligrams that went in").fill("200")
    window.press("Only part: record it")
    assert window.reasons == ["Write the whole milligrams that went in, 1 to 14, with the digits 0 to 9."]
    return window


def injection_by_several_routes(stage: Stage) -> Window:
    room = stage.room
    at = now()
    order = sign_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=DOSE_MG,
            sessions_per_day=2,
            daily_max_mg=400,
            interval_minutes=180,
            starts_at=at,
            ends_at=at + timedelta(days=14),
        ),
        routes=["iv", "im"],
        sites=["left_arm", "right_arm", "left_thigh"],
        observation_minutes=20,
        basis="Veins of the left arm rest.",
        by=room.doctor,
        at=at,
    )
    replace(room, order=order).prepare()
    return stage.see_visit(Visit.objects.get(patient=room.patient), "inject")


def injection_at_the_hands_of_another_nurse(stage: Stage) -> Window:
    window = stage.see_visit(drawn(stage), "inject", stage.room.second_nurse)
    assert "Grace Okafor" in window.text
    return window


def injection_on_an_order_that_changed(stage: Stage) -> Window:
    visit = drawn(stage)
    an_order(stage.room.episode, stage.room.premises, doctor=stage.room.doctor, dose_mg=14)
    window = stage.see_visit(visit, "inject")
    assert "The order ended or changed after this dose was drawn up." in window.text
    return window


def waste(stage: Stage) -> Window:
    return stage.see_visit(drawn(stage), "waste")


def waste_without_a_reason(stage: Stage) -> Window:
    hands = Hands(waste(stage))
    hands.sign()
    assert hands.window.reasons == ["Choose why it is not injected."]
    return hands.window


def waste_of_an_old_dose(stage: Stage) -> Window:
    visit = drawn(stage)
    stage.let_pass(minutes=90)
    return stage.see_visit(visit, "waste")


def waste_that_is_done(stage: Stage) -> Window:
    hands = Hands(waste(stage))
    hands.window.page.get_by_label("They no longer want it").check()
    hands.sign(NURSE_PIN, SECOND_PIN)
    assert "is wasted and in the register." in hands.window.text
    return hands.window


# --- observing -------------------------------------------------------------------------------------------
def observation_before_a_reading_is_due(stage: Stage) -> Window:
    return stage.see_visit(stage.observed(minutes=0), "observe")


def observation_with_a_reading_due(stage: Stage) -> Window:
    window = stage.see_visit(stage.observed(minutes=2), "observe")
    assert "2 minute reading" in window.text
    return window


def observation_with_a_reading_overdue(stage: Stage) -> Window:
    window = stage.see_visit(stage.observed(minutes=3.5), "observe")
    assert "2 minute reading OVERDUE" in window.text
    return window


def observation_beside_somebody_who_is_overdue(stage: Stage) -> Window:
    somebody_else(stage.room).give()
    stage.let_pass(minutes=5)
    window = stage.see_visit(stage.observed(minutes=0), "observe")
    assert "overdue" in window.page.locator(".hat-room-bar").inner_text().lower()
    return window


def observation_that_says_look_now(stage: Stage) -> Window:
    visit = stage.observed(minutes=2)
    stage.room.read(visit.session_id, 2, breaths=10)
    window = stage.see_visit(visit, "observe")
    assert "Look now." in window.text
    return window


def observation_that_says_emergency(stage: Stage) -> Window:
    visit = stage.observed(minutes=2)
    stage.room.read(visit.session_id, 2, sedation=Sedation.HARD_TO_ROUSE, breaths=6, oxygen=84)
    window = stage.see_visit(visit, "observe")
    assert "Emergency: oxygen" in window.text
    return window


def observation_with_a_reading_that_is_not_whole(stage: Stage) -> Window:
    window = stage.see_visit(stage.observed(minutes=2), "observe")
    window.press("Save the reading")
    assert window.summary_heading == "The reading was not saved"
    return window


def observation_that_may_end(stage: Stage) -> Window:
    visit = stage.observed(minutes=2)
    stage.read_so_far(visit, 2, 5, 10, 20, 30)
    window = stage.see_visit(visit, "observe")
    assert "may leave" in window.text
    return window


def observation_that_may_end_without_a_reading(stage: Stage) -> Window:
    visit = stage.observed(minutes=2)
    stage.read_so_far(visit, 2, 5, 20, 30)
    window = stage.see_visit(visit, "observe")
    assert "1 reading missing" in window.text
    assert "The 10 minute reading is missing. Why?" in window.text
    Hands(window).let_go()
    assert "They have not left" in window.text
    return window


def observation_that_has_ended(stage: Stage) -> Window:
    visit = stage.observed(minutes=2)
    stage.read_so_far(visit, 2, 5, 10, 20, 30)
    hands = Hands(stage.see_visit(visit, "observe"))
    hands.let_go()
    hands.window.go(f"{stage.clinic}/sessions/{visit.session_id}/observe/")
    assert "This visit has ended" in hands.window.text
    return hands.window


def early_leaving(stage: Stage) -> Window:
    return stage.see_visit(stage.observed(minutes=3), "leave-early")


def early_leaving_without_a_reason(stage: Stage) -> Window:
    window = early_leaving(stage)
    window.press("Record that they left early")
    assert window.reasons == ["Choose how they left."]
    return window


# --- no dose, and a hold ---------------------------------------------------------------------------------
def not_given(stage: Stage) -> Window:
    return stage.see_person("not-given")


def not_given_without_a_reason(stage: Stage) -> Window:
    window = not_given(stage)
    window.press("End the session without a dose")
    assert window.reasons == ["Choose why there is no dose."]
    return window


def held(stage: Stage, *, again: bool) -> Window:
    """Return the doctor's page of a hold, with or without a check since."""
    visit = stage.room.identify()
    stage.room.check(visit, is_intoxicated=True)
    if again:
        stage.let_pass(minutes=5)
        stage.room.check(visit)
    hold = Hold.objects.get(patient=stage.room.patient)
    return stage.see(f"holds/{hold.id}/lift/", stage.room.doctor)


def hold_without_a_new_check(stage: Stage) -> Window:
    window = held(stage, again=False)
    assert "The hold stands" in window.text
    return window


def hold_that_can_be_lifted(stage: Stage) -> Window:
    return held(stage, again=True)


def hold_that_is_lifted_without_a_reason(stage: Stage) -> Window:
    window = held(stage, again=True)
    window.press("Lift the hold")
    assert window.reasons == ["Write why the hold can be lifted."]
    return window


STATES = (
    board_of_nobody,
    board_between_sessions,
    board_of_a_day_that_is_not_open,
    board_in_the_office,
    board_with_people_in_every_column,
    board_with_an_overdue_reading,
    board_with_a_hold_and_a_new_dose,
    board_with_a_drawn_dose_without_an_ending,
    identity_with_a_photo,
    identity_without_a_photo,
    identity_in_another_way,
    identity_by_a_wrong_date,
    identity_that_is_barred,
    check_untouched,
    check_partly_done,
    check_that_is_clear,
    check_with_a_note,
    check_with_a_stop,
    check_with_holds,
    check_that_was_held,
    check_without_an_exact_number_and_a_reason,
    preparation,
    preparation_on_a_day_that_is_not_open,
    preparation_after_a_hold,
    preparation_with_notes_and_another_batch,
    preparation_with_a_wrong_pin,
    preparation_without_pins,
    preparation_without_a_second_person,
    injection,
    injection_without_a_site,
    injection_of_a_part,
    injection_by_several_routes,
    injection_at_the_hands_of_another_nurse,
    injection_on_an_order_that_changed,
    waste,
    waste_without_a_reason,
    waste_of_an_old_dose,
    waste_that_is_done,
    observation_before_a_reading_is_due,
    observation_with_a_reading_due,
    observation_with_a_reading_overdue,
    observation_beside_somebody_who_is_overdue,
    observation_that_says_look_now,
    observation_that_says_emergency,
    observation_with_a_reading_that_is_not_whole,
    observation_that_may_end,
    observation_that_may_end_without_a_reading,
    observation_that_has_ended,
    early_leaving,
    early_leaving_without_a_reason,
    not_given,
    not_given_without_a_reason,
    hold_without_a_new_check,
    hold_that_can_be_lifted,
    hold_that_is_lifted_without_a_reason,
)


class TestEveryPageOfTheRoom:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self,
        room: TreatmentRoom,
        open_window: Callable[..., Window],
        let_pass: Callable[..., None],
        state: Callable[[Stage], Window],
    ) -> None:
        window = state(Stage(room, open_window, let_pass))

        assert faults_at_every_size(window) == []
