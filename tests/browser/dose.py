"""A nurse's hands in the treatment room: what is tapped, one tap after the other, and counted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator

from tests.browser.windows import Window
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom

CHECKED = {"sedation": "1", "breaths": "14", "oxygen": "97", "pulse": "70", "alcohol": "0"}
READ = {"sedation": "1", "breaths": "14", "oxygen": "97", "pulse": "70"}


@dataclass
class Hands:
    """One nurse in one window. `taps` counts what is tapped, `digits` what is tapped on the number keys."""

    window: Window
    touch: bool = False
    taps: int = 0
    digits: int = 0

    # --- one tap ---------------------------------------------------------------------------------------
    def tap(self, target: Locator) -> None:
        self.taps += 1
        self._tap(target)

    def tap_on(self, target: Locator) -> None:
        """Tap what leads to another page, and wait until that is there."""
        with self.window.page.expect_navigation():
            self.tap(target)

    def _tap(self, target: Locator) -> None:
        if self.touch:
            target.tap()
        else:
            target.click()

    def key(self, name: str, value: str) -> Locator:
        """Return one key of a row: its radio button lies over all that is drawn of it."""
        return self.window.page.locator(f"input[name={name}][value='{value}']")

    def button(self, words: str) -> Locator:
        return self.window.page.get_by_role("button", name=re.compile(re.escape(words)))

    # --- a dose, step by step --------------------------------------------------------------------------
    def open_person(self, room: TreatmentRoom) -> None:
        name = re.compile(re.escape(room.patient.full_name))
        self.tap_on(self.window.page.locator("a.hat-tile").filter(has_text=name))

    def identify(self, room: TreatmentRoom) -> None:
        """Tap the date of birth that the person says."""
        born = room.patient.born_on
        self.tap_on(self.button(f"{born.day} {born:%B %Y}"))

    def answer(self, **changes: str) -> None:
        """Tap the five readings of the check, and that all four answers are so."""
        for name, value in (CHECKED | changes).items():
            self.tap(self.key(name, value))
        self.tap(self.button("All four so"))

    def decide(self, words: str = "Full dose: 15 mg") -> None:
        """Press the button that the findings lead to, once they say so."""
        button = self.button(words)
        button.wait_for()
        self.tap_on(button)

    def sign(self, *pins: str) -> None:
        """Tap PINs on the number keys; the last digit signs."""
        keys = self.window.page.locator("[data-hat-pins]")
        digits = "".join(pins or (NURSE_PIN, SECOND_PIN))
        for digit in digits[:-1]:
            self._tap(keys.get_by_role("button", name=digit, exact=True))
        with self.window.page.expect_navigation():
            self._tap(keys.get_by_role("button", name=digits[-1], exact=True))
        self.digits += len(digits)

    def inject(self, site: str = "left_arm") -> None:
        self.tap(self.window.page.locator(f"#site-{site}"))
        self.tap_on(self.button("All 15 mg in, syringe back"))

    def read(self, **changes: str) -> None:
        """Tap the four rows of a reading; the fourth saves it."""
        rows = list((READ | changes).items())
        for name, value in rows[:-1]:
            self.tap(self.key(name, value))
        self.tap_on(self.key(*rows[-1]))

    def let_go(self) -> None:
        self.tap_on(self.button("leaves now"))

    # --- further on at once ----------------------------------------------------------------------------
    def go_to_check(self, room: TreatmentRoom) -> None:
        self.window.go_to_board(room)
        self.open_person(room)
        self.identify(room)

    def go_to_preparation(self, room: TreatmentRoom) -> None:
        self.go_to_check(room)
        self.answer()
        self.decide()
