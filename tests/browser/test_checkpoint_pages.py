"""The page of checkpoints and the code on a register page, in every state, large and enlarged four times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dosing import tasks
from dosing.actions.checkpoints import make_checkpoints
from dosing.queries.checkpoints import list_paper_codes
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.windows import Website, Window
from tests.factories.treatment import TreatmentRoom, a_member_of_staff
from tests.owner import as_owner

pytestmark = pytest.mark.browser
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@dataclass(frozen=True)
class Stage:
    """A clinic whose register has lines and a checkpoint, and a way to open a window."""

    room: TreatmentRoom
    database: str
    open_window: Callable[..., Window]

    def see(self, page: str) -> Window:
        window = self.open_window(self.lead)
        window.go(f"/clinics/{self.room.clinic.code}/{page}/")
        return window

    @property
    def lead(self) -> User:
        return a_member_of_staff(self.room.clinic, Role.CD_LEAD, name="Rowan Ashdown-Featherstone")

    @property
    def code(self) -> str:
        (one,) = list_paper_codes(clinic=self.room.clinic, at=now())
        return one.code


@pytest.fixture
def stage(room: TreatmentRoom, website: Website, open_window: Callable[..., Window], settings) -> Stage:
    settings.CHECKPOINT_FOLDER = ""
    room.give()
    make_checkpoints(by=room.nurse, at=now())
    return Stage(room, website.database, open_window)


def registers_that_are_whole(stage: Stage) -> Window:
    tasks.verify_register()
    window = stage.see("checkpoints")
    assert "whole, agrees with 1 checkpoint" in window.text
    return window


def a_night_without_verification(stage: Stage) -> Window:
    window = stage.see("checkpoints")
    assert "Never" in window.page.locator("tbody").inner_text()
    return window


def a_code_that_is_unchanged(stage: Stage) -> Window:
    window = stage.see("checkpoints")
    window.page.get_by_label("Code on the paper").fill(stage.code.lower())
    window.press("Check")
    assert "Unchanged: line 2" in window.text
    return window


def a_code_that_is_misread(stage: Stage) -> Window:
    window = stage.see("checkpoints")
    window.page.get_by_label("Code on the paper").fill("2-0000-0000-0000-0001")
    window.press("Check")
    assert "A character is misread" in window.text
    return window


def no_code(stage: Stage) -> Window:
    window = stage.see("checkpoints")
    window.press("Check")
    assert window.reasons == ["Type the code that stands on the paper."]
    return window


def a_register_that_was_rewritten(stage: Stage) -> Window:
    code = stage.code
    with as_owner(stage.database) as owner:
        owner.execute("ALTER TABLE dosing_registerentry DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE dosing_registerentry SET hash = reverse(hash) WHERE seq = 2 AND line_id = %s",
            [str(stage.room.batch.line_id)],
        )
        owner.execute("ALTER TABLE dosing_registerentry ENABLE TRIGGER USER")
    tasks.verify_register()
    window = stage.see("checkpoints")
    window.page.get_by_label("Code on the paper").fill(code)
    window.press("Check")
    assert "The register is NOT WHOLE:" in window.text
    assert "NOT FOUND: no register here has line 2 as it was printed" in window.text
    return window


def a_register_page_with_its_code(stage: Stage) -> Window:
    window = stage.see("register")
    assert stage.code in window.text
    return window


STATES = (
    registers_that_are_whole,
    a_night_without_verification,
    a_code_that_is_unchanged,
    a_code_that_is_misread,
    no_code,
    a_register_that_was_rewritten,
    a_register_page_with_its_code,
)


class TestTheCheckpoints:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_have_no_fault_that_axe_finds_and_fit_the_window_at_any_size(
        self, stage: Stage, state: Callable[[Stage], Window]
    ) -> None:
        window = state(stage)
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []

    def test_are_asked_by_keyboard_alone(self, stage: Stage) -> None:
        window = stage.see("checkpoints")

        window.page.get_by_label("Code on the paper").focus()
        window.page.keyboard.type(stage.code)
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")

        assert "Unchanged: line 2" in window.text
