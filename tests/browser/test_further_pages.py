"""A dose that is chosen, and one injection more of a session: every state, at any size, by the real pages."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from dosing.models import Visit
from tests.browser.dose import Hands
from tests.browser.room_stage import Stage
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom, an_order

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HAT_PICTURES", "")


def on_an_order(stage: Stage, **terms: int) -> Stage:
    """Return the stage with an order of 15 mg of these terms, on an open day."""
    room = stage.room
    room.open_day()
    order = an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=15, **terms)
    return replace(stage, room=replace(room, order=order))


def choice_of_a_range(stage: Stage) -> Window:
    stage = on_an_order(stage, least_mg=5)
    window = stage.see_visit(stage.room.checked(), "prepare")
    assert "5 to 15 mg" in window.text
    return window


def choice_that_cannot_be_given(stage: Stage) -> Window:
    window = choice_of_a_range(stage)
    window.page.get_by_label("Milligrams to give").fill("16")
    window.follow(window.page.get_by_role("button", name="Show what is drawn up"))
    assert any("16 mg was written" in reason for reason in window.reasons)
    assert window.page.get_by_label("Milligrams to give").input_value() == "16"
    return window


def dose_as_it_was_chosen(stage: Stage) -> Window:
    window = choice_of_a_range(stage)
    window.page.get_by_label("Milligrams to give").fill("12")
    window.page.get_by_label("They asked for less").check()
    window.follow(window.page.get_by_role("button", name="Show what is drawn up"))
    assert "twelve milligrams" in window.text
    assert "They asked for less" in window.text
    return window


def after_a_first_part(stage: Stage, *, minutes: float) -> tuple[Stage, Visit]:
    stage = on_an_order(stage, injections_per_session=2)
    room = stage.room
    visit = room.checked()
    room.inject(room.prepare(visit, dose_mg=10, reduction="first_part"), given_mg=10)
    stage.let_pass(minutes=minutes)
    return stage, visit


def second_injection_that_is_barred(stage: Stage) -> Window:
    stage, visit = after_a_first_part(stage, minutes=3)
    window = stage.see_visit(visit, "observe")
    assert "Possible from" in window.text
    return window


def second_injection_that_is_offered(stage: Stage) -> Window:
    stage, visit = after_a_first_part(stage, minutes=20.1)
    stage.room.read(visit.session_id, 20)
    window = stage.see_visit(visit, "observe")
    assert "Prepare the second injection" in window.text
    return window


def second_dose_before_it_is_drawn_up(stage: Stage) -> Window:
    window = second_injection_that_is_offered(stage)
    window.follow(window.page.get_by_role("link", name="Prepare the second injection"))
    assert "Second injection of this session." in window.text
    return window


def second_dose_that_is_drawn_up(stage: Stage) -> Window:
    window = second_dose_before_it_is_drawn_up(stage)
    Hands(window).sign()
    assert "at most 5 minutes old" in window.text
    return window


def readings_beside_a_dose_that_is_drawn_up(stage: Stage) -> Window:
    window = second_dose_that_is_drawn_up(stage)
    window.follow(window.page.get_by_role("link", name="Readings"))
    assert "The next dose is drawn up" in window.text
    return window


def board_with_a_second_dose_drawn_up(stage: Stage) -> Window:
    window = second_dose_that_is_drawn_up(stage)
    window.go(f"{stage.clinic}/board/")
    observed = window.page.locator("section[aria-labelledby=column-observed]")
    assert "Next dose drawn up" in observed.inner_text()
    return window


STATES = (
    choice_of_a_range,
    choice_that_cannot_be_given,
    dose_as_it_was_chosen,
    second_injection_that_is_barred,
    second_injection_that_is_offered,
    second_dose_before_it_is_drawn_up,
    second_dose_that_is_drawn_up,
    readings_beside_a_dose_that_is_drawn_up,
    board_with_a_second_dose_drawn_up,
)


class TestEveryPageOfAFurtherDose:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self,
        room: TreatmentRoom,
        open_window: Callable[..., Window],
        let_pass: Callable[..., None],
        state: Callable[[Stage], Window],
    ) -> None:
        window = state(Stage(room, open_window, let_pass))

        assert faults_at_every_size(window, pictures=PICTURES, name=state.__name__) == []
