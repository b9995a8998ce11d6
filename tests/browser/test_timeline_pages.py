"""One person on one line of time, in a real browser: drawn, as a table, on paper, and by whoever may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.windows import Window
from tests.factories.timeline import Life, a_fortnight
from tests.factories.treatment import a_member_of_staff, a_patient_in_treatment
from tests.owner import as_owner

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
WIDTHS = ((1366, 768), (1024, 768), (341, 700))


@pytest.fixture
def life(website) -> Life:
    """Two weeks that end at ten this morning, where the clock of these tests stands."""
    return lived(website.database)


@cache
def lived(database: str) -> Life:
    """Live the two weeks once: every test here only reads them."""
    end = now()

    def set_clock(at: datetime) -> None:
        with as_owner(database) as cursor:
            cursor.execute("UPDATE clock_override SET at = %s", [at])

    try:
        return a_fortnight(set_clock, end=end)
    finally:
        set_clock(end)


def address(life: Life, asked: str = "") -> str:
    return f"/clinics/{life.room.clinic.code}/people/{life.room.patient.id}/line-of-time/{asked}"


def drawn(life: Life, open_window: Open) -> Window:
    window = open_window(life.room.doctor)
    window.go(address(life))
    assert "Decide on the hold" in window.text
    return window


def drawn_for_84_days(life: Life, open_window: Open) -> Window:
    window = open_window(life.room.nurse)
    window.go(address(life, "?days=84"))
    return window


def as_a_table(life: Life, open_window: Open) -> Window:
    window = drawn(life, open_window)
    window.follow(window.page.get_by_role("link", name="Same as a table"))
    assert "Withheld: intoxicated" in window.text
    return window


def of_somebody_without_anything(life: Life, open_window: Open) -> Window:
    episode = a_patient_in_treatment(life.room.clinic, by=life.room.doctor)
    window = open_window(a_member_of_staff(life.room.clinic, Role.PRESCRIBER, name="Sol Oduya"))
    window.go(f"/clinics/{life.room.clinic.code}/people/{episode.person_id}/line-of-time/")
    assert "Nothing is known of these days." in window.text
    return window


STATES = (drawn, drawn_for_84_days, as_a_table, of_somebody_without_anything)


class TestTheLineOfTime:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, life: Life, open_window: Open, state: Callable[[Life, Open], Window]
    ) -> None:
        window = state(life, open_window)

        for width, height in WIDTHS:
            window.page.set_viewport_size({"width": width, "height": height})

            assert window.accessibility_faults() == [], width
            assert window.overflow == [], width

    def test_becomes_its_table_where_there_is_no_room_to_draw(self, life: Life, open_window: Open) -> None:
        window = drawn(life, open_window)
        drawing, table = window.page.locator(".hat-timeline"), window.page.locator(".hat-timeline__table")
        assert drawing.is_visible()
        # Readers of screens get the table while the drawing is seen.
        assert window.page.get_by_role("table").count() == 1
        assert table.bounding_box()["width"] <= 1

        window.page.set_viewport_size({"width": 341, "height": 700})

        assert not drawing.is_visible()
        assert table.bounding_box()["width"] > 250

    def test_is_reached_and_changed_by_keyboard_and_without_scripts(
        self, life: Life, open_window: Open
    ) -> None:
        window = open_window(life.room.nurse, javascript=False)
        window.go(f"/clinics/{life.room.clinic.code}/people/{life.room.patient.id}/orders/")
        window.follow(window.page.get_by_role("link", name="Line of time"))
        page = window.page

        window.tab_to(page.get_by_role("link", name="28 days"))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        window.tab_to(page.get_by_role("link", name="Same as a table"))
        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert page.url.endswith("?days=28&as=table")
        assert "Missed: reason unknown" in window.text

    def test_is_printed_on_one_sheet_with_who_printed_it(self, life: Life, open_window: Open) -> None:
        window = drawn(life, open_window)

        (sheet,) = PdfReader(BytesIO(window.page.pdf(prefer_css_page_size=True))).pages

        assert sheet.mediabox.width > sheet.mediabox.height
        text = sheet.extract_text()
        for said in (
            "Order 4: 18 mg",
            "Hold since 09:30",
            "Withheld: intoxicated",
            "Printed by Dr Priya Nair",
        ):
            assert said in text, said
        assert "Same as a table" not in text
