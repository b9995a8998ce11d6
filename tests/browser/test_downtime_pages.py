"""The page of the paper pack and its banner on the board, in every state, large and enlarged four times."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from dosing.actions.downtime import make_downtime_pack
from hat_clinic.core.clock import now
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom

pytestmark = pytest.mark.browser
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@dataclass(frozen=True)
class Stage:
    """A treatment room, and a way to open a window as its nurse."""

    room: TreatmentRoom
    open_window: Callable[..., Window]

    def see(self, page: str) -> Window:
        window = self.open_window(self.room.nurse)
        window.go(f"/clinics/{self.room.clinic.code}/{page}/")
        return window


@pytest.fixture
def stage(room: TreatmentRoom, open_window: Callable[..., Window]) -> Stage:
    return Stage(room, open_window)


def no_pack(stage: Stage) -> Window:
    window = stage.see("paper-pack")
    assert "No pack is stored." in window.text
    return window


def a_fresh_pack(stage: Stage) -> Window:
    make_downtime_pack(clinic=stage.room.clinic, by=stage.room.nurse, at=now())
    window = stage.see("paper-pack")
    assert "P1-01" in window.text
    return window


def an_old_pack(stage: Stage) -> Window:
    make_downtime_pack(clinic=stage.room.clinic, by=stage.room.nurse, at=now() - timedelta(minutes=26))
    window = stage.see("paper-pack")
    assert "26 minutes" in window.text
    return window


def a_board_without_a_pack(stage: Stage) -> Window:
    window = stage.see("board")
    assert "There is no paper pack of this session." in window.text
    return window


STATES = (no_pack, a_fresh_pack, an_old_pack, a_board_without_a_pack)


class TestThePaperPack:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, stage: Stage, state: Callable[[Stage], Window]
    ) -> None:
        window = state(stage)
        shots = os.environ.get("HAT_SHOTS")
        if shots:
            window.page.screenshot(path=str(Path(shots) / f"{state.__name__}.png"))
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []
