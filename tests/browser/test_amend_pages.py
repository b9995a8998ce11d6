"""Putting a line right: each page in each state, at any size, and once from the saved bar to the second line."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from dosing.actions.check_corrections import amend_check
from dosing.actions.putting_right import SignedWhy
from dosing.actions.visits import record_not_given
from dosing.models import PreInjectionCheck, Reading
from dosing.queries.visits import as_answers
from dosing.rules.corrections import CorrectedFor
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.core.clock import now
from tests.browser.dose import Hands
from tests.browser.room_stage import Stage
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.treatment import NURSE_PIN, TreatmentRoom

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HAT_PICTURES", "")


def read(stage: Stage) -> Window:
    """Return a window in which a reading has just been saved."""
    hands = Hands(stage.see_visit(stage.observed(minutes=2), "observe"))
    hands.read()
    assert "Saved:" in hands.window.text
    return hands.window


def a_reading_to_amend(stage: Stage) -> Window:
    window = read(stage)
    window.follow(window.page.get_by_role("link", name="Amend").first)
    assert window.heading == "Amend a reading"
    return window


def an_amendment_without_anything(stage: Stage) -> Window:
    window = a_reading_to_amend(stage)
    window.press("Put the reading right")
    assert window.reasons
    return window


def a_reading_put_right(stage: Stage) -> Window:
    hands = Hands(a_reading_to_amend(stage))
    for name, value in (("sedation", "2"), ("breaths", "12"), ("oxygen", "95"), ("pulse", "65")):
        hands.tap(hands.key(name, value))
    hands.window.page.get_by_label("Wrong key").check()
    hands.window.page.locator("input[name=pin]").fill(NURSE_PIN)
    hands.window.page.get_by_text("The first line stays beside it").wait_for()
    readings = Reading.objects.filter(session__patient=stage.room.patient)
    assert [(one.breaths, one.amends is not None) for one in readings.order_by("breaths")] == [
        (12, True),
        (14, False),
    ]
    return hands.window


def an_ending_to_amend(stage: Stage) -> Window:
    outcome = record_not_given(
        clinic=stage.room.clinic,
        patient_id=stage.room.patient.id,
        session=stage.room.session(),
        outcome=Outcome.MISSED,
        reason=Reason.UNKNOWN,
        by=stage.room.nurse,
        at=now(),
    )
    return stage.see(f"endings/{outcome.id}/amend/")


def what_was_written(stage: Stage) -> Window:
    visit = stage.observed(minutes=2)
    first = PreInjectionCheck.objects.get(session_id=visit.session_id)
    amend_check(
        clinic=stage.room.clinic,
        check_id=first.id,
        answers=replace(as_answers(first), took_other_drugs=True),
        unable_reason="",
        why=SignedWhy(
            reason=CorrectedFor.TOLD_WRONG,
            words="",
            pin=NURSE_PIN,
            terminal_id=stage.room.terminal.id,
            key=uuid.uuid4(),
        ),
        by=stage.room.nurse,
        at=now(),
    )
    return stage.see_visit(visit, "written")


def a_check_to_amend(stage: Stage) -> Window:
    window = what_was_written(stage)
    window.follow(window.page.get_by_role("link", name="Amend").first)
    assert window.heading == "Amend a check"
    return window


def an_injection_to_amend(stage: Stage) -> Window:
    window = what_was_written(stage)
    window.follow(window.page.get_by_role("link", name="Amend").last)
    assert window.heading == "Amend an injection"
    return window


def an_injection_amended_without_anything(stage: Stage) -> Window:
    window = an_injection_to_amend(stage)
    window.press("Put the injection right")
    assert window.reasons
    return window


STATES = (
    what_was_written,
    a_check_to_amend,
    an_injection_to_amend,
    an_injection_amended_without_anything,
    read,
    a_reading_to_amend,
    an_amendment_without_anything,
    a_reading_put_right,
    an_ending_to_amend,
)


class TestPuttingALineRight:
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
