"""One person on one line of time, in a real browser: drawn, as a table, on paper, and by whoever may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

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
    end = now()

    def set_clock(at: datetime) -> None:
        with as_owner(website.database) as cursor:
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
