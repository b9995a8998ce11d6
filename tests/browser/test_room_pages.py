"""Every page of the treatment room in every state: axe finds nothing, and nothing runs over the edge.

One test for each state; a state is a function that brings a window there. Each is looked at on the terminal's
screen, on a tablet, and enlarged four times.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta

import pytest

from dosing.actions.orders import sign_order
from dosing.actions.register import receive_stock
from dosing.actions.visits import note_arrival, record_not_given
from dosing.models import Hold, Visit
from dosing.rules.checks import Sedation
from dosing.rules.orders import OrderDraft, Product
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import end_role
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import LONDON, london_date, now
from patients.actions.consents import withdraw_consent
from patients.actions.photos import add_photo
from patients.rules.consents import Purpose
from tests.browser.dose import Hands
from tests.browser.windows import Window
from tests.factories.pictures import a_picture
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_clinic,
    a_member_of_staff,
    a_patient_in_treatment,
    an_order,
)

pytestmark = pytest.mark.browser
# The terminal, a tablet, and the terminal enlarged four times.
SIZES = ({"width": 1366, "height": 768}, {"width": 1024, "height": 768}, {"width": 341, "height": 700})


@dataclass(frozen=True)
class Stage:
    """What a state is made of: a clinic at work, a way to open a window, and a clock that can be moved."""

    room: TreatmentRoom
    open_window: Callable[..., Window]
    let_pass: Callable[..., None]

    @property
    def clinic(self) -> str:
        return f"/clinics/{self.room.clinic.code}"

    def see(self, path: str, user: User | None = None) -> Window:
        window = self.open_window(user or self.room.nurse)
        window.go(f"{self.clinic}/{path}")
        return window

    def see_board(self, user: User | None = None) -> Window:
        return self.see("board/", user)

    def see_person(self, page: str, user: User | None = None) -> Window:
        return self.see(f"people/{self.room.patient.id}/{page}/", user)

    def see_visit(self, visit: Visit, page: str, user: User | None = None) -> Window:
        return self.see(f"sessions/{visit.session_id}/{page}/", user)

    def check(self, **changes: str) -> Hands:
        """Return hands at a check in which every key is tapped, all in order unless told otherwise."""
        hands = Hands(self.see_visit(self.room.identify(), "check"))
        hands.answer(**changes)
        return hands

    def observed(self, *, minutes: float) -> Visit:
        """Return the visit of the person, who injected some minutes ago."""
        self.room.give()
        self.let_pass(minutes=minutes)
        return Visit.objects.get(patient=self.room.patient)

    def read_so_far(self, visit: Visit, *minutes: int, **changes: object) -> None:
        """Take the readings of these minutes when they are due, the first now."""
        for minute, following in zip(minutes, (*minutes[1:], None), strict=True):
            self.room.read(visit.session_id, minute, **changes)
            if following is not None:
                self.let_pass(minutes=following - minute)


def somebody_else(room: TreatmentRoom, *, dose_mg: int = 180) -> TreatmentRoom:
    """Return the same room, about one person more."""
    episode = a_patient_in_treatment(room.clinic, by=room.doctor)
    order = an_order(episode, room.premises, doctor=room.doctor, dose_mg=dose_mg)
    return replace(room, patient=episode.person, episode=episode, order=order)


def keep_photo(room: TreatmentRoom) -> None:
    add_photo(person=room.patient, clinic=room.clinic, content=a_picture(), by=room.nurse, at=now())


def end_without_a_dose(room: TreatmentRoom, outcome: Outcome, reason: Reason) -> None:
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=outcome,
        reason=reason,
        by=room.nurse,
        at=now(),
    )


# --- the board -------------------------------------------------------------------------------------------
def board_of_nobody(stage: Stage) -> Window:
    clinic = a_clinic()
    nurse = a_member_of_staff(clinic, Role.NURSE, name="Grace Okafor")
    window = stage.open_window(nurse)
    window.go(f"/clinics/{clinic.code}/board/")
    assert "Nobody is booked into this session." in window.text
    return window


def board_between_sessions(stage: Stage) -> Window:
    far_off = (now().astimezone(LONDON).hour + 12) % 24
    stage.room.clinic.slots.update(opens_at=time(far_off), closes_at=time(far_off, 1))
    window = stage.see_board()
    assert "No session is open now." in window.text
    return window


def board_of_a_day_that_is_not_open(stage: Stage) -> Window:
    window = stage.see_board()
    assert "Start balance check" in window.text
    return window


def board_in_the_office(stage: Stage) -> Window:
    return stage.see_board(stage.room.doctor)


def board_with_people_in_every_column(stage: Stage) -> Window:
    room = stage.room
    keep_photo(room)
    arrived, in_the_room, checked, observed, withheld, missed = (somebody_else(room) for _ in range(6))
    note_arrival(
        clinic=room.clinic, patient_id=arrived.patient.id, session=room.session(), by=room.nurse, at=now()
    )
    in_the_room.identify()
    checked.checked()
    observed.give()
    end_without_a_dose(withheld, Outcome.WITHHELD, Reason.ILL)
    end_without_a_dose(missed, Outcome.MISSED, Reason.UNKNOWN)
    window = stage.see_board()
    for column in ("Due", "Arrived", "In the room", "Being observed", "Left", "Missed"):
        assert column in window.text
    return window


def board_with_an_overdue_reading(stage: Stage) -> Window:
    stage.observed(minutes=4)
    window = stage.see_board()
    assert "2 min reading OVERDUE" in window.text
    return window


def board_with_a_hold_and_a_new_dose(stage: Stage) -> Window:
    room = stage.room
    room.check(room.identify(), oxygen=93)
    new = somebody_else(room)
    an_order(new.episode, room.premises, doctor=room.doctor, dose_mg=200)
    window = stage.see_board()
    assert "HOLD" in window.text
    assert "New dose" in window.text
    return window


def board_with_a_drawn_dose_without_an_ending(stage: Stage) -> Window:
    stage.room.prepare()
    stage.let_pass(minutes=40)
    window = stage.see_board()
    assert "is drawn up and has no ending" in window.text
    return window


# --- who is this -----------------------------------------------------------------------------------------
def identity_with_a_photo(stage: Stage) -> Window:
    keep_photo(stage.room)
    return stage.see_person("identify")


def identity_without_a_photo(stage: Stage) -> Window:
    window = stage.see_person("identify")
    assert "There is no photo to compare with." in window.text
    return window


def identity_in_another_way(stage: Stage) -> Window:
    window = identity_without_a_photo(stage)
    window.page.get_by_text("They cannot or will not say").click()
    return window


def identity_by_a_wrong_date(stage: Stage) -> Window:
    window = identity_with_a_photo(stage)
    born = stage.room.patient.born_on
    dates = window.page.locator("button[name=born]").all_inner_texts()
    window.press(next(text for text in dates if text != f"{born.day} {born:%B %Y}"))
    assert "date of birth. Ask again." in window.text
    return window


def identity_that_is_barred(stage: Stage) -> Window:
    room = stage.room
    withdraw_consent(
        person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.nurse, at=now()
    )
    window = stage.see_person("identify")
    assert "No consent to treatment stands." in window.text
    return window


# --- the check -------------------------------------------------------------------------------------------
def check_untouched(stage: Stage) -> Window:
    return stage.see_visit(stage.room.identify(), "check")


def check_partly_done(stage: Stage) -> Window:
    hands = Hands(check_untouched(stage))
    hands.tap(hands.key("sedation", "1"))
    hands.tap(hands.key("breaths", "14"))
    hands.window.page.get_by_role("heading", name="Still needed: oxygen").wait_for()
    return hands.window


def check_that_is_clear(stage: Stage) -> Window:
    window = stage.check().window
    window.page.get_by_role("heading", name="Nothing stands in the way").wait_for()
    return window


def check_with_a_note(stage: Stage) -> Window:
    hands = stage.check()
    hands.tap(hands.key("oral_as_ordered", "not"))
    hands.window.page.get_by_text("NOTE", exact=True).wait_for()
    return hands.window


def check_with_a_stop(stage: Stage) -> Window:
    hands = stage.check(alcohol="stop")
    hands.window.page.locator("#id_alcohol_exact").fill("25")
    hands.window.page.locator("#id_alcohol_exact").press("Tab")
    hands.window.page.get_by_role("heading", name="against a dose").wait_for()
    return hands.window


def check_with_holds(stage: Stage) -> Window:
    hands = stage.check(sedation="3", breaths="10", oxygen="93")
    hands.window.page.get_by_role("heading", name="3 reasons against a dose").wait_for()
    return hands.window


def check_that_was_held(stage: Stage) -> Window:
    hands = stage.check(oxygen="93")
    hands.decide("Save the check: no dose")
    assert "no dose" in hands.window.text
    return hands.window


def check_without_an_exact_number_and_a_reason(stage: Stage) -> Window:
    hands = stage.check(breaths="high", pulse="unable")
    hands.tap_on(hands.window.page.locator(".hat-decide button"))
    assert "Write the exact number, 21 to 60, with the digits 0 to 9." in hands.window.reasons
    assert "Say in a few words why a value could not be had." in hands.window.reasons
    return hands.window


# --- preparing -------------------------------------------------------------------------------------------
def preparation(stage: Stage) -> Window:
    stage.room.open_day()
    return stage.see_visit(stage.room.checked(), "prepare")


def preparation_on_a_day_that_is_not_open(stage: Stage) -> Window:
    window = stage.see_visit(stage.room.checked(), "prepare")
    assert "Nothing is prepared now" in window.text
    return window


def preparation_after_a_hold(stage: Stage) -> Window:
    stage.room.open_day()
    visit = stage.room.identify()
    stage.room.check(visit, oxygen=93)
    return stage.see_visit(visit, "prepare")


def preparation_with_notes_and_another_batch(stage: Stage) -> Window:
    room = stage.room
    receive_stock(
        line=room.line,
        batch_number="DM25002",
        expires_on=london_date(now()) + timedelta(days=500),
        ampoules=20,
        supplier_name="Northern Wholesale (invented)",
        supplier_address="2 Park Way",
        requisition="0089",
        key=uuid.uuid4(),
        by=room.cd_lead,
        witness=room.nurse,
        at=now(),
    )
    an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=320, daily_max_mg=640)
    room.open_day()
    window = stage.see_visit(room.checked(), "prepare")
    assert "I have read:" in window.text
    window.page.get_by_text("Different batch").click()
    return window


def preparation_with_a_wrong_pin(stage: Stage) -> Window:
    hands = Hands(preparation(stage))
    hands.sign(NURSE_PIN, "111222")
    assert "That PIN was not right" in hands.window.reasons[0]
    return hands.window


def preparation_without_pins(stage: Stage) -> Window:
    window = preparation(stage)
    window.press("Both saw it: 180 mg is drawn up")
    assert len(window.reasons) == 2
    return window


def preparation_without_a_second_person(stage: Stage) -> Window:
    room = stage.room
    room.open_day()
    visit = room.checked()
    manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")
    end_role(user=room.second_nurse, clinic=room.clinic, role=Role.NURSE, by=manager, at=now())
    window = stage.see_visit(visit, "prepare")
    assert "Nobody else here may witness." in window.text
    return window


# --- injecting -------------------------------------------------------------------------------------------
def drawn(stage: Stage) -> Visit:
    stage.room.prepare()
    return Visit.objects.get(patient=stage.room.patient)


def injection(stage: Stage) -> Window:
    return stage.see_visit(drawn(stage), "inject")


def injection_without_a_site(stage: Stage) -> Window:
    hands = Hands(injection(stage))
    hands.tap_on(hands.button("All 180 mg in, syringe back"))
    assert hands.window.reasons == ["Tap the body or the list: where?"]
    return hands.window


def injection_of_a_part(stage: Stage) -> Window:
    window = injection(stage)
    window.page.locator("#site-left_arm").click()
    window.page.get_by_text("Only part went in…").click()
    window.page.get_by_label("Milligrams that went in").fill("200")
    window.press("Only part: record it")
    assert window.reasons == ["Write the whole milligrams that went in, 1 to 179, with the digits 0 to 9."]
    return window


def injection_by_several_routes(stage: Stage) -> Window:
    room = stage.room
    at = now()
    order = sign_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=180,
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
    an_order(stage.room.episode, stage.room.premises, doctor=stage.room.doctor, dose_mg=160)
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
        faults = []

        for size in SIZES:
            window.page.set_viewport_size(size)
            faults += [
                f"{size['width']}: {fault}" for fault in window.overflow + window.accessibility_faults()
            ]

        assert faults == []
