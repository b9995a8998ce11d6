"""The states of the treatment room before the injection: each function brings a window there."""

from __future__ import annotations

import uuid
from datetime import time, timedelta

from dosing.actions.observation import record_early_leaving
from dosing.actions.register import receive_stock
from dosing.actions.visits import note_arrival
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import end_role
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import LONDON, london_date, now
from patients.actions.consents import withdraw_consent
from patients.rules.consents import Purpose
from tests.browser.dose import Hands
from tests.browser.room_stage import Stage, end_without_a_dose, keep_photo, somebody_else
from tests.browser.windows import Window
from tests.factories.treatment import (
    NURSE_PIN,
    a_clinic,
    a_member_of_staff,
    an_order,
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
    an_order(new.episode, room.premises, doctor=room.doctor, dose_mg=14)
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
    earlier = room.give()
    stage.let_pass(minutes=25)
    room.read(earlier.session_id, 20)
    record_early_leaving(
        clinic=room.clinic, session_id=earlier.session_id, reason="against advice", by=room.nurse, at=now()
    )
    stage.let_pass(minutes=190)
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
    window.press("Both saw it: 15 mg is drawn up")
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
