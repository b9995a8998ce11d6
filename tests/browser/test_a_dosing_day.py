"""A whole dosing day by the real buttons: everybody comes, one after the other, while the others are watched; the
last of them breathes too little oxygen and is held.

HAT_PROVE_N sets how many people come; the tests run with few, the day of a small clinic has 15.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from dosing.models import Hold, Injection, RegisterEntry, SessionOutcome, Visit
from dosing.rules.visits import VisitState
from hat_clinic.core.clock import now
from tests.browser.dose import CHECKED, READ, Hands
from tests.browser.test_dose_by_keyboard import choose, press_enter
from tests.browser.test_terminal_pages import enter
from tests.browser.windows import Window
from tests.factories.treatment import DOSE_MG, NURSE_PIN, SECOND_PIN, TreatmentRoom, another

pytestmark = [pytest.mark.browser, pytest.mark.timeout(3600)]
PEOPLE = int(os.environ.get("HAT_PROVE_N", "3"))
MINUTES_BETWEEN = 4


class Fingers(Hands):
    """Taps alone."""

    def go_back_to_the_board(self) -> None:
        self.tap_on(self.window.page.get_by_role("link", name="Board", exact=True).first)


@dataclass
class Keys:
    """The same nurse with a keyboard alone: Tab, arrows, Enter and digits."""

    window: Window

    def open_person(self, room: TreatmentRoom) -> None:
        tile = self.window.page.locator("a.hat-tile").filter(has_text=room.patient.full_name)
        self.window.tab_to(tile, at_most=200)
        press_enter(self.window)

    def identify(self, room: TreatmentRoom) -> None:
        born = room.patient.born_on
        self.window.tab_to(self.window.page.get_by_role("button", name=f"{born.day} {born:%B %Y}"))
        press_enter(self.window)

    def answer(self, **changes: str) -> None:
        for name, value in (CHECKED | changes).items():
            choose(self.window, name, value)
        self.window.tab_to(self.window.page.get_by_role("button", name="All four so"))
        self.window.page.keyboard.press("Enter")

    def decide(self, words: str = "Full dose: 15 mg") -> None:
        button = self.window.page.get_by_role("button", name=words)
        button.wait_for()
        self.window.tab_to(button)
        press_enter(self.window)

    def sign(self) -> None:
        self.window.tab_to(self.window.page.locator("#id_preparer_pin"))
        self.window.page.keyboard.type(NURSE_PIN)
        with self.window.page.expect_navigation():
            self.window.page.keyboard.type(SECOND_PIN)

    def inject(self) -> None:
        choose(self.window, "site", "right_arm")
        self.window.tab_to(self.window.page.get_by_role("button", name="All 15 mg in, syringe back"))
        press_enter(self.window)

    def read(self) -> None:
        for name, value in READ.items():
            choose(self.window, name, value)
        press_enter(self.window)

    def let_go(self) -> None:
        self.window.tab_to(self.window.page.get_by_role("button", name="leaves now"))
        press_enter(self.window)

    def go_back_to_the_board(self) -> None:
        self.window.tab_to(self.window.page.get_by_role("link", name="Board", exact=True).first, at_most=200)
        press_enter(self.window)


@dataclass
class Day:
    """One day in the room: who comes, what has been looked at by axe, and what it found."""

    hands: Fingers | Keys
    rooms: list[TreatmentRoom]
    let_pass: Callable[..., None]
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)

    def look(self, state: str) -> None:
        """Let axe look at each state once, and at nothing that runs over the edge."""
        if state in self.seen:
            return
        self.seen.add(state)
        self.faults += [f"{state}: {fault}" for fault in self.hands.window.accessibility_faults()]
        self.overflow += [f"{state}: {part}" for part in self.hands.window.overflow]

    def comes(self, room: TreatmentRoom, **changes: str) -> None:
        """Bring somebody from the board to the observation, or to the hold that their readings open."""
        self.look("board")
        self.hands.open_person(room)
        self.look("identity")
        self.hands.identify(room)
        self.look("check")
        self.hands.answer(**changes)
        if changes:
            self.hands.decide("Save the check: no dose")
            self.look("check with a hold")
            self.hands.go_back_to_the_board()
            return
        self.hands.window.page.get_by_role("heading", name="Nothing stands in the way").wait_for()
        self.look("check in order")
        self.hands.decide()
        self.look("preparation")
        self.hands.sign()
        self.look("injection")
        self.hands.inject()
        self.look("observation")
        self.hands.go_back_to_the_board()

    def watch(self) -> None:
        """Take every reading that is due, and let go whoever has had the last one."""
        for room in self.rooms:
            visit = Visit.objects.filter(patient=room.patient, state=VisitState.OBSERVED).first()
            if visit is None or visit.next_due_at is None or visit.next_due_at > now():
                continue
            self.hands.open_person(room)
            self.look("reading due")
            self.hands.read()
            visit.refresh_from_db()
            if visit.next_due_at is None:
                self.look("release")
                self.hands.let_go()
            else:
                self.hands.go_back_to_the_board()

    def pass_by(self, minutes: int) -> None:
        """Let the clock go on minute by minute, and look after everybody in between."""
        for _ in range(minutes):
            self.let_pass(minutes=1)
            self.hands.window.page.reload()
            self.watch()


@pytest.fixture
def rooms(room: TreatmentRoom) -> list[TreatmentRoom]:
    room.clinic.places = PEOPLE + 1
    room.clinic.save(update_fields=["places"])
    room.open_day()
    return [room, *(another(room) for _ in range(PEOPLE - 1))]


def how_it_went(day: Day) -> dict[str, object]:
    """Return what is on record when everybody has left."""
    *people, held = [room.patient for room in day.rooms]
    given = Injection.objects.filter(patient__in=people)
    return {
        "mg": [*given.values_list("given_mg", flat=True)],
        "outcomes": SessionOutcome.objects.filter(session__patient__in=people).count(),
        "lines": RegisterEntry.objects.filter(injection__in=given).count(),
        "ended": [*Visit.objects.filter(patient__in=people).values_list("state", flat=True)],
        "holds": Hold.objects.filter(patient=held, lifted_at__isnull=True).count(),
        "given though held": Injection.objects.filter(patient=held).count(),
    }


class TestADosingDay:
    def test_goes_by_touch_on_a_tablet(self, rooms, open_window, let_pass) -> None:
        window = open_window(at=rooms[0], touch=True, width=1024, height=768)
        enter(window, "Grace Okafor", NURSE_PIN)
        day = Day(Fingers(window, touch=True), rooms, let_pass)

        self.goes(day)

        # Two PINs for each dose, and nothing else is typed.
        assert day.hands.digits == 12 * (PEOPLE - 1)

    def test_goes_by_keyboard_alone(self, rooms, open_window, let_pass) -> None:
        window = open_window(at=rooms[0])
        enter(window, "Grace Okafor", NURSE_PIN)

        self.goes(Day(Keys(window), rooms, let_pass))

    def goes(self, day: Day) -> None:
        *well, last = day.rooms
        for room in well:
            day.comes(room)
            day.pass_by(MINUTES_BETWEEN)
        day.comes(last, oxygen="93")
        day.pass_by(31)

        assert (day.faults, day.overflow) == ([], [])
        doses = PEOPLE - 1
        assert how_it_went(day) == {
            "mg": [DOSE_MG] * doses,
            "outcomes": doses,
            "lines": doses,
            "ended": ["released"] * doses,
            "holds": 1,
            "given though held": 0,
        }
        assert {
            "board",
            "identity",
            "check",
            "preparation",
            "injection",
            "reading due",
            "release",
        } <= day.seen
