"""One dose without a mouse or a finger, from the terminal's door to the person's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dosing.models import Injection, Reading, Visit
from tests.browser.dose import Hands
from tests.browser.windows import Window
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
LetPass = Callable[..., None]


def choose(window: Window, name: str, value: str) -> None:
    """Tab into a row of keys and go along it with the arrow keys; no key is jumped to."""
    keys, row = window.page.keyboard, window.page.locator(f"input[name={name}]")
    window.tab_to(row.first)
    keys.press("Space")
    for _ in range(row.count()):
        if window.page.evaluate("document.activeElement.value") == value:
            return
        keys.press("ArrowRight")
    raise AssertionError(f"The arrow keys do not lead to {value} in {name}")


def press_enter(window: Window) -> None:
    with window.page.expect_navigation():
        window.page.keyboard.press("Enter")


def focus_shows(window: Window) -> bool:
    """Return whether the thing in focus looks different from the same thing without focus."""
    page = window.page
    page.evaluate("document.activeElement.scrollIntoView({block: 'center'})")
    with_focus = page.screenshot()
    page.evaluate("window.wasFocused = document.activeElement; document.activeElement.blur()")
    without = page.screenshot()
    page.evaluate("window.wasFocused.focus()")
    return with_focus != without


@pytest.fixture
def window(room: TreatmentRoom, open_window: Open) -> Window:
    """Return a window of the first nurse on a day that two people opened."""
    room.open_day()
    return open_window(room.nurse)


class TestADoseByKeyboardAlone:
    def test_goes_from_the_board_to_the_door(
        self, room: TreatmentRoom, window: Window, let_pass: LetPass
    ) -> None:
        page, keys = window.page, window.page.keyboard
        window.go_to_board(room)
        window.tab_to(page.locator("a.hat-tile"))
        press_enter(window)
        born = room.patient.born_on
        window.tab_to(page.get_by_role("button", name=f"{born.day} {born:%B %Y}"))
        press_enter(window)
        for name, value in (("sedation", "1"), ("breaths", "14"), ("oxygen", "97"), ("pulse", "70")):
            choose(window, name, value)
        choose(window, "alcohol", "0")
        window.tab_to(page.get_by_role("button", name="All four so"))
        keys.press("Enter")
        page.get_by_role("heading", name="Nothing stands in the way").wait_for()
        window.tab_to(page.get_by_role("button", name="Full dose: 15 mg"))
        press_enter(window)
        window.tab_to(page.locator("#id_preparer_pin"))
        keys.type(NURSE_PIN)
        with page.expect_navigation():
            keys.type(SECOND_PIN)
        choose(window, "site", "right_arm")
        window.tab_to(page.get_by_role("button", name="All 15 mg in, syringe back"))
        press_enter(window)
        for minutes in (2, 3, 5, 10, 10):
            let_pass(minutes=minutes)
            page.reload()
            for name, value in (("sedation", "1"), ("breaths", "14"), ("oxygen", "97"), ("pulse", "70")):
                choose(window, name, value)
            press_enter(window)
        window.tab_to(page.get_by_role("button", name="leaves now"))
        press_enter(window)

        assert Visit.objects.get(patient=room.patient).state == "released"
        assert Injection.objects.get(patient=room.patient).site == "right_arm"
        readings = Reading.objects.filter(session__patient=room.patient)
        assert set(readings.values_list("breaths", "oxygen", "pulse")) == {(14, 97, 70)}
        assert readings.count() == 5

    def test_saves_no_reading_on_the_way_along_its_last_row(
        self, room: TreatmentRoom, window: Window, let_pass: LetPass
    ) -> None:
        room.give()
        let_pass(minutes=2)
        window.open_person(room)
        for name, value in (("sedation", "1"), ("breaths", "14"), ("oxygen", "97")):
            choose(window, name, value)

        choose(window, "pulse", "90")

        assert window.page.locator("input[name=pulse][value='90']").is_checked()
        assert not Reading.objects.filter(session__patient=room.patient).exists()

    def test_lets_nobody_go_by_enter_in_the_reason(
        self, room: TreatmentRoom, window: Window, let_pass: LetPass
    ) -> None:
        visit = room.give()
        let_pass(minutes=30)
        room.read(visit.session_id, 30)
        window.open_person(room)
        reason = window.page.get_by_label("minute readings are missing. Why?")
        reason.fill("Another person was unwell.")

        reason.press("Enter")

        assert reason.input_value() == "Another person was unwell."
        assert Visit.objects.get(patient=room.patient).state == "observed"
        window.follow(window.page.get_by_role("button", name="leaves now"))
        assert Visit.objects.get(patient=room.patient).state == "released"

    @pytest.mark.parametrize("step", ["check", "prepare", "inject"])
    def test_shows_where_the_focus_is_at_every_stop(
        self, room: TreatmentRoom, window: Window, step: str
    ) -> None:
        if step == "inject":
            room.prepare()
        else:
            visit = room.identify()
            if step == "prepare":
                room.check(visit)
        visit = Visit.objects.get(patient=room.patient)
        window.go(f"/clinics/{room.clinic.code}/sessions/{visit.session_id}/{step}/")

        hidden, stops = [], 0
        for _ in range(60):
            window.page.keyboard.press("Tab")
            if window.page.evaluate("document.activeElement === document.body"):
                break
            stops += 1
            if not focus_shows(window):
                hidden.append(window.page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))

        assert stops > 8
        assert hidden == []


class TestADoseEnlargedFourTimes:
    def test_needs_no_sideways_scrolling_from_board_to_observation(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        room.open_day()
        hands = Hands(open_window(room.nurse, width=341, height=192))
        hands.go_to_check(room)
        assert hands.window.overflow == []
        hands.answer()
        hands.decide()
        assert hands.window.overflow == []
        hands.sign()
        assert hands.window.overflow == []

        hands.inject()

        assert hands.window.overflow == []
        assert Injection.objects.filter(patient=room.patient).count() == 1
