"""A doctor's decisions about a check by the real buttons: at the hatch, at a desk, and the target for oxygen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dosing.models import Authorisation, OxygenBaseline, Visit
from tests.browser.windows import Window
from tests.factories.checks import DOCTOR_PIN, authorise, set_target, with_pin
from tests.factories.treatment import TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
State = Callable[[TreatmentRoom, Open], Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}
PICTURES = os.environ.get("HAT_PICTURES", "")


@pytest.fixture
def room() -> TreatmentRoom:
    room = a_treatment_room()
    with_pin(room.doctor)
    room.open_day()
    return room


def stopped(room: TreatmentRoom) -> Visit:
    visit = room.identify()
    room.check(visit, alcohol_ug=25)
    return visit


def see(room: TreatmentRoom, open_window: Open, page: str, *, doctor: bool = False) -> Window:
    window = open_window(room.doctor if doctor else room.nurse)
    window.go(f"/clinics/{room.clinic.code}/{page}")
    return window


def check_that_was_stopped(room: TreatmentRoom, open_window: Open) -> Window:
    window = see(room, open_window, f"sessions/{stopped(room).session_id}/check/")
    assert "A doctor licensed here can let this one dose go ahead" in window.text
    return window


def check_that_a_doctor_decided_on(room: TreatmentRoom, open_window: Open) -> Window:
    visit = stopped(room)
    authorise(room)
    window = see(room, open_window, f"sessions/{visit.session_id}/check/")
    assert "A doctor has decided." in window.text
    return window


def check_with_a_target_of_ones_own(room: TreatmentRoom, open_window: Open) -> Window:
    set_target(room, 90)
    window = see(room, open_window, f"sessions/{room.identify().session_id}/check/")
    assert "their own target, 90 % on scale 1" in window.text
    return window


def deciding_at_the_hatch(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, f"sessions/{stopped(room).session_id}/authorise-at-hatch/")


def deciding_at_the_hatch_with_nothing_chosen(room: TreatmentRoom, open_window: Open) -> Window:
    window = deciding_at_the_hatch(room, open_window)
    window.press("Let this one dose go ahead")
    assert "Choose why it can go ahead." in window.text
    return window


def deciding_over_a_hold(room: TreatmentRoom, open_window: Open) -> Window:
    visit = room.identify()
    room.check(visit, alcohol_ug=25, breaths=11)
    return see(room, open_window, f"sessions/{visit.session_id}/authorise-at-hatch/")


def deciding_on_nothing(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, f"sessions/{room.checked().session_id}/authorise-at-hatch/")


def worklist_with_somebody_at_the_hatch(room: TreatmentRoom, open_window: Open) -> Window:
    stopped(room)
    window = see(room, open_window, "worklist/", doctor=True)
    assert "May this one dose go ahead?" in window.text
    return window


def deciding_at_a_desk(room: TreatmentRoom, open_window: Open) -> Window:
    page = f"sessions/{stopped(room).session_id}/authorise-finding/"
    return see(room, open_window, page, doctor=True)


def no_target_yet(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, f"people/{room.patient.id}/set-oxygen-target/", doctor=True)


def target_with_nothing_written(room: TreatmentRoom, open_window: Open) -> Window:
    window = no_target_yet(room, open_window)
    window.press("Sign this target")
    assert "Write what the target rests on." in window.text
    return window


def target_that_holds(room: TreatmentRoom, open_window: Open) -> Window:
    set_target(room, 90)
    return no_target_yet(room, open_window)


STATES: tuple[State, ...] = (
    check_that_was_stopped,
    check_that_a_doctor_decided_on,
    check_with_a_target_of_ones_own,
    deciding_at_the_hatch,
    deciding_at_the_hatch_with_nothing_chosen,
    deciding_over_a_hold,
    deciding_on_nothing,
    worklist_with_somebody_at_the_hatch,
    deciding_at_a_desk,
    no_target_yet,
    target_with_nothing_written,
    target_that_holds,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
    room: TreatmentRoom, open_window: Open, state: State
) -> None:
    window = state(room, open_window)
    if PICTURES:
        window.page.screenshot(path=Path(PICTURES) / f"{state.__name__}.png", full_page=True)
    assert window.accessibility_faults() == []
    assert window.overflow == []

    window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

    assert window.overflow == []
    assert window.accessibility_faults() == []


def test_one_dose_goes_ahead_by_keyboard_alone(room: TreatmentRoom, open_window: Open) -> None:
    window = deciding_at_the_hatch(room, open_window)
    page, keys = window.page, window.page.keyboard
    window.tab_to(page.get_by_label("I have seen the person myself"))
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert page.get_by_label("Known to me at such a reading, and alert").is_checked()
    window.tab_to(page.get_by_label("In words"))
    keys.type("Known to me, and alert.")
    window.tab_to(page.get_by_label("The doctor's PIN"))
    keys.type(DOCTOR_PIN)  # the sixth digit signs, as everywhere in the room
    page.get_by_text("A doctor has decided.").wait_for()
    assert Authorisation.objects.get(patient=room.patient).words == "Known to me, and alert."


def test_a_target_asks_for_the_password_without_scripts_too(room: TreatmentRoom, open_window: Open) -> None:
    window = open_window(room.doctor, javascript=False)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/set-oxygen-target/")
    page = window.page
    page.get_by_label("Hold under").fill("90")
    page.get_by_label("Scale 1").check()
    page.get_by_label("What it rests on").fill("Letter of the chest clinic.")
    page.get_by_label("To be reviewed by").fill("31/12/2027")
    page.get_by_role("button", name="Sign this target").click()
    page.wait_for_url("**/confirm-password/**")
    assert not OxygenBaseline.objects.filter(patient=room.patient).exists()
