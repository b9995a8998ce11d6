"""The board in a browser: it changes by itself, and nothing moves under a finger."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dosing.actions.visits import note_arrival
from hat_clinic.core.clock import now
from tests.browser.room_stage import somebody_else
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom

pytestmark = pytest.mark.browser
TOLD = {how: f'[data-hat-told="{how}"]' for how in ("polite", "assertive")}
ASKED = re.compile(r"/board/")


expect.set_options(timeout=25_000)  # it asks every five seconds; two slow cores


@pytest.fixture
def window(room: TreatmentRoom, open_window: Callable[..., Window]) -> Window:
    window = open_window(room.nurse)
    window.go_to_board(room)
    return window


def comes(room: TreatmentRoom) -> None:
    note_arrival(
        clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.nurse, at=now()
    )


def tile(window: Window, room: TreatmentRoom):
    return window.page.locator(f'[id^="person-{room.patient.id}-"]')


class TestTheBoard:
    def test_shows_who_arrived_and_tells_it(self, window: Window, room: TreatmentRoom) -> None:
        comes(room)

        expect(tile(window, room)).to_have_attribute("data-hat-place", "arrived")
        expect(window.page.locator(TOLD["polite"])).to_have_text(f"{room.patient.full_name} has arrived.")

    def test_tells_at_once_what_must_not_wait(self, window: Window, room: TreatmentRoom) -> None:
        room.check(room.identify(), oxygen=93)

        expect(window.page.locator(TOLD["assertive"])).to_have_text(f"{room.patient.full_name}: hold.")

    def test_keeps_the_focus_of_somebody_whose_tile_is_drawn_anew(
        self, window: Window, room: TreatmentRoom
    ) -> None:
        link = tile(window, room).locator("a")
        link.focus()
        comes(somebody_else(room))

        expect(window.page.locator(TOLD["polite"])).to_contain_text("has arrived.")
        expect(link).to_be_focused()

    def test_moves_nobody_before_two_quiet_seconds(self, window: Window, room: TreatmentRoom) -> None:
        comes(room)
        keep_pressing = (
            "window.pressing = setInterval(() => document.dispatchEvent(new Event('keydown')), 200)"
        )
        window.page.evaluate(keep_pressing)
        with window.page.expect_response(ASKED) as answer:
            pass
        assert answer.value.status == 200
        window.page.wait_for_timeout(1500)
        assert tile(window, room).get_attribute("data-hat-place") == "due"

        window.page.evaluate("clearInterval(window.pressing)")
        expect(tile(window, room)).to_have_attribute("data-hat-place", "arrived")

    def test_ignores_a_tap_right_after_a_move(self, window: Window, room: TreatmentRoom) -> None:
        comes(room)
        tap_as_it_moves = """() => new Promise((done) => document.addEventListener("hat:drawn", () => {
            const link = document.querySelector("[data-hat-tile] a");
            const tap = () => link.dispatchEvent(
                new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }));
            const early = tap();
            setTimeout(() => {
                link.addEventListener("click", (event) => event.preventDefault(), { once: true });
                let reached = false;
                link.addEventListener("click", () => (reached = true), { once: true });
                tap();
                done([early, reached]);
            }, 700);
        }, { once: true }))"""

        # The first tap was stopped; the second reached the tile.
        assert window.page.evaluate(tap_as_it_moves) == [False, True]

    def test_says_since_when_the_server_is_silent(self, window: Window, room: TreatmentRoom) -> None:
        room.give()
        expect(tile(window, room)).to_have_attribute("data-hat-place", "observed")
        window.page.route(ASKED, lambda route: route.abort())
        expect(tile(window, room)).to_contain_text("last heard")
        expect(window.page.get_by_text("What stands here may have changed.")).to_be_visible()
        assert window.accessibility_faults() == []

        window.page.unroute(ASKED)
        expect(tile(window, room)).not_to_contain_text("last heard")
        expect(window.page.get_by_text("What stands here may have changed.")).to_be_hidden()
        window.troubles.clear()  # the requests that were cut off on purpose

    def test_draws_nothing_anew_while_nothing_happens(self, window: Window, room: TreatmentRoom) -> None:
        window.page.evaluate("document.querySelector('[data-hat-tile]').wasHere = true")
        for _ in range(2):
            with window.page.expect_response(ASKED) as answer:
                pass
            assert answer.value.status == 304
        assert window.page.evaluate("document.querySelector('[data-hat-tile]').wasHere")
