"""What a manager and a privacy officer do with the audit trail, in every state, large and enlarged four times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from patients.models import Person
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_patient_in_treatment

pytestmark = pytest.mark.browser
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@dataclass(frozen=True)
class Stage:
    """A clinic where a dose was given and people were looked at, and a way to open a window."""

    room: TreatmentRoom
    other: Person
    open_window: Callable[..., Window]

    def see(self, page: str, user: User) -> Window:
        window = self.open_window(user)
        window.go(f"/clinics/{self.room.clinic.code}/{page}/")
        return window

    @property
    def manager(self) -> User:
        return a_member_of_staff(self.room.clinic, Role.MANAGER, name="Rowan Ashdown-Featherstone")

    @property
    def officer(self) -> User:
        return a_member_of_staff(self.room.clinic, Role.PRIVACY_OFFICER, name="Ines Duarte")


@pytest.fixture
def stage(room: TreatmentRoom, open_window: Callable[..., Window]) -> Stage:
    room.give()
    other = a_patient_in_treatment(room.clinic, by=room.doctor).person
    people = [room.patient.id, other.id]
    for user, event in ((room.nurse, "dosing.board_seen"), (room.doctor, "dosing.register_seen")):
        record_look(event, by=user, at=now(), clinic=room.clinic.id, people=people)
    return Stage(room, other, open_window)


def acts(stage: Stage) -> Window:
    return stage.see("acts", stage.manager)


def acts_that_were_refused(stage: Stage) -> Window:
    window = stage.open_window(stage.room.nurse)
    window.go(f"/clinics/{stage.room.clinic.code}/reports/")
    window = acts(stage)
    window.page.get_by_label("Only what was refused").check()
    window.press("Show")
    assert "tried to open a page that their role does not include" in window.text
    assert "signed an order" not in window.text
    return window


def acts_of_one_colleague(stage: Stage) -> Window:
    window = acts(stage)
    window.page.get_by_label("Colleague").select_option(label="Dr Priya Nair")
    window.press("Show")
    assert "Dr Priya Nair signed an order" in window.text
    assert "Grace Okafor" not in window.page.locator("tbody").inner_text()
    return window


def acts_of_a_day_without_any(stage: Stage) -> Window:
    window = acts(stage)
    window.page.get_by_label("Day").fill("01/01/2001")
    window.press("Show")
    assert "Nothing was done or refused that fits this choice." in window.text
    return window


def acts_of_a_day_that_is_none(stage: Stage) -> Window:
    window = acts(stage)
    window.page.get_by_label("Day").fill("yesterday")
    window.press("Show")
    assert window.reasons == ["Write the day as day/month/year, such as 23/11/2026."]
    assert window.page.get_by_label("Day").input_value() == "yesterday"
    return window


def looks(stage: Stage) -> Window:
    window = stage.see("looks", stage.officer)
    assert "2 looks" in window.text
    assert "Danny" not in window.text
    return window


def looks_of_one_colleague(stage: Stage) -> Window:
    window = looks(stage)
    window.follow(window.page.get_by_role("link", name="Grace Okafor"))
    assert window.page.locator("tbody").first.locator("tr").count() == 2
    assert "Grace Okafor looked at the board" in window.text
    return window


def looks_at_one_person(stage: Stage) -> Window:
    window = looks(stage)
    window.page.get_by_label("Person looked at").select_option(str(stage.other.id))
    window.press("Show")
    assert "Dr Priya Nair looked at the register" in window.text
    return window


def looks_before_there_were_any(stage: Stage) -> Window:
    window = looks(stage)
    window.page.get_by_label("Seven days up to").fill("01/01/2001")
    window.press("Show")
    assert "Nobody looked at anybody in these seven days." in window.text
    return window


STATES = (
    acts,
    acts_that_were_refused,
    acts_of_one_colleague,
    acts_of_a_day_without_any,
    acts_of_a_day_that_is_none,
    looks,
    looks_of_one_colleague,
    looks_at_one_person,
    looks_before_there_were_any,
)


class TestTheTrail:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, stage: Stage, state: Callable[[Stage], Window]
    ) -> None:
        window = state(stage)
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []

    def test_is_read_by_keyboard_alone(self, stage: Stage) -> None:
        window = acts(stage)

        window.page.get_by_label("Day").focus()
        for key in ("Tab", "Tab", "Space", "Tab"):
            window.page.keyboard.press(key)
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")

        assert "refused=on" in window.page.url
        assert "day=" in window.page.url
