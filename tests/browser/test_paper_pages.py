"""The pages of a used paper pack in every state, at any size, and one line entered and settled by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from dosing.actions.paper import begin_entry
from dosing.models import OralDose, OralOrder, PaperLine, PaperSettlement
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import LONDON, now
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window
from tests.factories.oral import OralOrderFactory
from tests.factories.paper import LEAD_PIN, WHY, PaperRoom, a_paper_room
from tests.factories.treatment import NURSE_PIN, SECOND_PIN

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("HAT_PICTURES", "")


@dataclass(frozen=True)
class Stage:
    """A room after an outage, and a way to open a window as one of its people."""

    paper: PaperRoom
    open_window: Callable[..., Window]

    def see(self, path: str, user: User | None = None) -> Window:
        window = self.open_window(user or self.paper.room.nurse)
        window.go(f"/clinics/{self.paper.room.clinic.code}/{path}")
        return window

    def begun(self) -> None:
        begin_entry(clinic=self.paper.room.clinic, pack=self.paper.pack, by=self.paper.room.nurse, at=now())

    def contested(self) -> PaperLine:
        self.begun()
        return self.paper.enter(self.paper.entry(check=None, ampoules=51, wasted_mg=495))


@pytest.fixture
def stage(open_window: Callable[..., Window]) -> Stage:
    made = a_paper_room()
    return Stage(replace(made, given_at=made.given_at.replace(second=0, microsecond=0)), open_window)


def a_pack_nobody_used(stage: Stage) -> Window:
    window = stage.see(f"paper-pack/{stage.paper.pack.id}/lines/")
    assert "This pack was used" in window.text
    return window


def lines_to_enter(stage: Stage) -> Window:
    stage.begun()
    window = stage.see(f"paper-pack/{stage.paper.pack.id}/lines/")
    assert "not entered yet" in window.text
    return window


def a_line_to_enter(stage: Stage) -> Window:
    return stage.see(f"paper-pack/{stage.paper.pack.id}/lines/1/")


def a_blank_line_to_enter(stage: Stage) -> Window:
    return stage.see(f"paper-pack/{stage.paper.pack.id}/lines/2/")


def a_line_with_nothing_filled_in(stage: Stage) -> Window:
    window = a_line_to_enter(stage)
    window.press("Next: what the rules say")
    assert window.reasons
    return window


def filled_in(stage: Stage) -> Window:
    """Fill in everything but the check, and look at what the rules say."""
    window, room = a_line_to_enter(stage), stage.paper.room
    page, clock = window.page, f"{stage.paper.given_at.astimezone(LONDON):%H:%M}"
    page.get_by_label("A dose was injected").check()
    for name, value in (
        ("given_mg", "15"),
        ("wasted", "5"),
        ("ampoules", "2"),
        ("started", clock),
        ("finished", clock),
    ):
        page.locator(f"[name={name}]").fill(value)
    for name, value in (
        ("batch", str(room.batch.id)),
        ("route", "iv"),
        ("site", "left_arm"),
        ("giver", str(room.nurse.id)),
        ("witness", str(room.second_nurse.id)),
        ("signer", str(room.nurse.id)),
        ("second", str(room.second_nurse.id)),
        ("how_left", "still_here"),
    ):
        page.locator(f"select[name={name}]").select_option(value)
    window.press("Next: what the rules say")
    assert "It will be contested" in window.text
    return window


def a_contested_line(stage: Stage) -> Window:
    line = stage.contested()
    window = stage.see(f"paper-lines/{line.id}/", stage.paper.lead)
    assert "Its register line waits." in window.text
    return window


def a_line_to_settle(stage: Stage) -> Window:
    line = stage.contested()
    return stage.see(f"paper-lines/{line.id}/settle/", stage.paper.lead)


def contested_lines(stage: Stage) -> Window:
    stage.contested()
    return stage.see("paper-lines/", stage.paper.lead)


def no_contested_lines(stage: Stage) -> Window:
    return stage.see("paper-lines/", stage.paper.lead)


def a_board_that_asks_for_lines(stage: Stage) -> Window:
    stage.begun()
    window = stage.see("board/")
    assert "1 line not entered yet" in window.text
    return window


def the_packs_that_were_used(stage: Stage) -> Window:
    stage.contested()
    window = stage.see("paper-pack/")
    assert "1 contested" in window.text
    return window


def an_oral_order(stage: Stage) -> OralOrder:
    room, starts_at = stage.paper.room, stage.paper.pack.made_at - timedelta(hours=1)
    return OralOrderFactory(
        episode=room.episode,
        premises=room.premises,
        protocol=room.order.protocol,
        signed_by=room.doctor,
        signed_at=starts_at,
        starts_at=starts_at,
        ends_at=now() + timedelta(days=9),
    )


def an_oral_dose_without_an_order(stage: Stage) -> Window:
    stage.begun()
    stage.paper.enter(stage.paper.ending())
    return stage.see(f"paper-pack/{stage.paper.pack.id}/lines/1/oral/")


def an_oral_dose_with_nothing_filled_in(stage: Stage) -> Window:
    an_oral_order(stage)
    window = an_oral_dose_without_an_order(stage)
    window.press("Next: what the rules say")
    assert window.reasons
    return window


def an_oral_dose_filled_in(stage: Stage) -> Window:
    order, nurse = an_oral_order(stage), stage.paper.room.nurse
    window = an_oral_dose_without_an_order(stage)
    page = window.page
    page.locator("[name=mg]").fill("45")
    page.locator("[name=given]").fill(f"{stage.paper.given_at.astimezone(LONDON):%H:%M}")
    for name, value in (
        ("order", str(order.id)),
        ("sedation", "none"),
        ("giver", str(nurse.id)),
        ("signer", str(nurse.id)),
    ):
        page.locator(f"select[name={name}]").select_option(value)
    window.press("Next: what the rules say")
    assert "It will be contested" in window.text
    return window


def an_oral_dose_that_is_contested(stage: Stage) -> Window:
    window = an_oral_dose_filled_in(stage)
    window.page.locator("input[name=pin]").fill(NURSE_PIN)
    window.page.get_by_text("is contested. The clinical lead settles it.").wait_for()
    return window


def an_oral_dose_to_settle(stage: Stage) -> Window:
    an_oral_dose_that_is_contested(stage)
    dose = OralDose.written.get(pack=stage.paper.pack)
    return stage.see(f"paper-lines/oral/{dose.id}/settle/", stage.paper.lead)


STATES = (
    an_oral_dose_without_an_order,
    an_oral_dose_with_nothing_filled_in,
    an_oral_dose_filled_in,
    an_oral_dose_that_is_contested,
    an_oral_dose_to_settle,
    a_pack_nobody_used,
    lines_to_enter,
    a_line_to_enter,
    a_blank_line_to_enter,
    a_line_with_nothing_filled_in,
    filled_in,
    a_contested_line,
    a_line_to_settle,
    contested_lines,
    no_contested_lines,
    a_board_that_asks_for_lines,
    the_packs_that_were_used,
)


class TestAUsedPack:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, stage: Stage, state: Callable[[Stage], Window]
    ) -> None:
        assert faults_at_every_size(state(stage), pictures=PICTURES, name=state.__name__) == []

    def test_is_entered_and_settled_by_hand(self, stage: Stage) -> None:
        window = filled_in(stage)
        window.page.locator("input[name=pin]").fill(NURSE_PIN)
        window.page.locator("input[name=second_pin]").fill(SECOND_PIN)
        window.page.get_by_text("Saved: line P12-01 is contested").wait_for()
        line = PaperLine.objects.get(pack=stage.paper.pack)
        assert "no_check" in line.conflicts

        window = stage.see(f"paper-lines/{line.id}/settle/", stage.paper.lead)
        window.page.get_by_label("The paper is right").check()
        window.page.get_by_label("How do you know?").fill(WHY)
        window.page.locator("input[name=pin]").fill(LEAD_PIN)
        window.page.get_by_text("Settled: line P12-01").wait_for()
        assert PaperSettlement.objects.get(case=line.id).reason == WHY

    def test_has_its_oral_dose_settled_by_hand(self, stage: Stage) -> None:
        window = an_oral_dose_to_settle(stage)
        window.page.get_by_label("It does not count").check()
        window.page.get_by_label("How do you know?").fill(WHY)
        window.page.locator("input[name=pin]").fill(LEAD_PIN)
        window.page.get_by_text("Settled: the oral dose of").wait_for()
        assert not OralDose.objects.filter(pack=stage.paper.pack).exists()
