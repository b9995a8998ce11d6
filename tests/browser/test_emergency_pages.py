"""The red button, the emergency screen and what is signed afterwards: every state, at any size, by the real pages."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from dosing.models import EmergencyLine
from dosing.rules.checks import Sedation
from dosing.rules.emergencies import LineKind
from hat_clinic.accounts.rules import Role
from tests.browser.room_stage import Stage, somebody_else
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.emergencies import a_card, an_emergency, tapped
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HAT_PICTURES", "")


def at_the_terminal(stage: Stage) -> Window:
    """Return a window of the terminal at which nobody has signed in."""
    window = stage.open_window(at=stage.room)
    window.go("/emergency/")
    return window


def whose_emergency_it_is(stage: Stage) -> Window:
    stage.observed(minutes=12)
    window = at_the_terminal(stage)
    assert "Emergency: who is it?" in window.text
    return window


def nobody_here(stage: Stage) -> Window:
    window = at_the_terminal(stage)
    assert "Nobody has come in today" in window.text
    return window


def emergency_just_begun(stage: Stage) -> Window:
    window = whose_emergency_it_is(stage)
    window.follow(window.page.get_by_role("button", name=stage.room.patient.full_name))
    assert f"EMERGENCY · {stage.room.patient.full_name}" in window.text
    assert "No emergency card is approved" in window.text
    return window


def emergency_that_goes_on(stage: Stage) -> Window:
    a_card(stage.room, by=a_member_of_staff(stage.room.clinic, Role.CLINICAL_LEAD, name="Irina Wells"))
    somebody_else(stage.room).give()
    visit = stage.observed(minutes=12)
    stage.room.read(visit.session_id, None, sedation=Sedation.HARD_TO_ROUSE, breaths=6, oxygen=84)
    window = at_the_terminal(stage)
    window.go(f"/emergency/{stage.room.patient.emergencies.get().id}/")
    for name in ("Help called", "Airway open", "Oxygen on", "Naloxone 400", "999 called"):
        stage.let_pass(minutes=0.3)
        window.follow(window.page.get_by_role("button", name=name))
    assert EmergencyLine.objects.filter(emergency__patient=stage.room.patient).count() == 5
    assert "since naloxone" in window.text
    return window


def naloxone_in_another_dose(stage: Stage) -> Window:
    window = emergency_just_begun(stage)
    window.follow(window.page.get_by_role("link", name="Other dose or route"))
    return window


def a_time_put_right(stage: Stage) -> Window:
    window = emergency_that_goes_on(stage)
    window.follow(window.page.get_by_role("link", name="Put a time right"))
    return window


def signature_of_those_present(stage: Stage) -> Window:
    stage.observed(minutes=12)
    emergency = an_emergency(stage.room, is_unsigned=True)
    tapped(stage.room, emergency, LineKind.HANDED_OVER, is_unsigned=True)
    return stage.see(f"emergencies/{emergency.id}/sign/")


def dose_that_was_drawn_up_before(stage: Stage) -> Window:
    stage.room.prepare()
    stage.let_pass(minutes=1)
    emergency = an_emergency(stage.room)
    window = at_the_terminal(stage)
    window.go(f"/emergency/{emergency.id}/")
    assert "may have gone in" in window.text
    return window


def its_injection(stage: Stage) -> Window:
    stage.room.prepare()
    stage.let_pass(minutes=1)
    an_emergency(stage.room)
    window = stage.see_visit(stage.room.patient.visits.latest("arrived_at"), "inject")
    assert "Did it go in before that?" in window.text
    return window


def incidents_of_the_clinic(stage: Stage) -> Window:
    stage.observed(minutes=12)
    tapped(stage.room, an_emergency(stage.room), LineKind.NALOXONE)
    lead = a_member_of_staff(stage.room.clinic, Role.CLINICAL_LEAD, name="Irina Wells")
    window = stage.see("incidents/", lead)
    assert "Naloxone given" in window.text
    return window


def card_that_is_not_written(stage: Stage) -> Window:
    lead = a_member_of_staff(stage.room.clinic, Role.CLINICAL_LEAD, name="Irina Wells")
    return stage.see("emergency-card/", lead)


STATES = (
    whose_emergency_it_is,
    nobody_here,
    emergency_just_begun,
    emergency_that_goes_on,
    naloxone_in_another_dose,
    a_time_put_right,
    signature_of_those_present,
    dose_that_was_drawn_up_before,
    its_injection,
    incidents_of_the_clinic,
    card_that_is_not_written,
)


class TestEveryPageOfAnEmergency:
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
