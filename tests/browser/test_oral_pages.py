"""Oral medicine by the real buttons: ordered, given at the terminal, and every state of its pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import OralDose, OralOrder
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from tests.browser.room_stage import end_without_a_dose
from tests.browser.windows import Window, with_sign_in
from tests.factories.oral import an_oral_order, give
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def room() -> TreatmentRoom:
    """A clinic whose orders were signed an hour ago: the clock of these tests stands still."""
    return a_treatment_room(at=now() - timedelta(hours=1))


def see(room: TreatmentRoom, open_window: Open, page: str, user: User | None = None) -> Window:
    """Open one of the person's pages: as their doctor in the office, or as somebody else."""
    window = open_window(user or room.doctor)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/{page}/")
    return window


def at_the_cup(room: TreatmentRoom, open_window: Open, *, javascript: bool = True) -> Window:
    """Open the page of an oral dose as the nurse at the terminal."""
    window = open_window(room.nurse, javascript=javascript)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/give-oral/")
    return window


def fill_in(window: Window, *, mg: str = "40") -> None:
    """Write an oral order of 14 days that starts when it is signed."""
    page = window.page
    page.get_by_label("Methadone 1 mg/ml oral solution").check()
    page.get_by_label("Dose each day").fill(mg)
    page.get_by_label("Taken here, a nurse watching").check()
    page.get_by_label("The moment I sign").check()
    page.get_by_label("Until and including").fill(f"{london_date(now()) + timedelta(days=13):%d/%m/%Y}")
    page.get_by_label("What the dose rests on").fill("Took 40 mg a day at the last clinic.")


def answer(window: Window, *, mg: str = "40", sedation: str = "1") -> None:
    """Tap who it is and how awake they are, and write how much and the PIN."""
    page = window.page
    page.locator("input[name=born][value='1979-03-14']").check()
    page.locator(f"input[name=sedation][value='{sedation}']").check()
    page.get_by_role("textbox", name="Milligrams given now").fill(mg)
    page.get_by_role("textbox", name="Grace Okafor: your PIN").fill(NURSE_PIN)


# --- every state of every page -------------------------------------------------------------------------------
def orders_with_oral_medicine(room: TreatmentRoom, open_window: Open) -> Window:
    an_oral_order(room, daily_mg=30)
    order = an_oral_order(room)
    an_oral_order(room, drug="morphine", daily_mg=200)
    give(room, order)
    window = see(room, open_window, "orders")
    assert "Earlier oral orders" in window.text
    return window


def new_oral_order(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, "sign-oral-order")


def new_oral_order_with_nothing_written(room: TreatmentRoom, open_window: Open) -> Window:
    window = new_oral_order(room, open_window)
    window.press("Read it before signing")
    assert "Write the milligrams of one day." in window.reasons
    return window


def new_oral_order_over_the_limit(room: TreatmentRoom, open_window: Open) -> Window:
    window = new_oral_order(room, open_window)
    fill_in(window, mg="151")
    window.press("Read it before signing")
    assert "You cannot sign yet: 1 reason" in window.text
    return window


def oral_order_to_read(room: TreatmentRoom, open_window: Open) -> Window:
    an_oral_order(room, drug="morphine", daily_mg=200)
    window = new_oral_order(room, open_window)
    fill_in(window)
    window.press("Read it before signing")
    assert "forty milligrams a day" in window.text
    return window


def end_of_an_oral_order(room: TreatmentRoom, open_window: Open) -> Window:
    an_oral_order(room)
    an_oral_order(room, drug="morphine", daily_mg=200)
    return see(room, open_window, "end-oral-order")


def end_of_nothing(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, "end-oral-order")


def end_with_nothing_chosen(room: TreatmentRoom, open_window: Open) -> Window:
    window = end_of_an_oral_order(room, open_window)
    window.press("End this oral medicine now")
    assert len(window.reasons) == 3
    return window


def naloxone(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, "order-naloxone")


def naloxone_with_nothing_written(room: TreatmentRoom, open_window: Open) -> Window:
    window = naloxone(room, open_window)
    window.press("Sign: order these kits")
    assert len(window.reasons) == 2
    return window


def nothing_to_decide(room: TreatmentRoom, open_window: Open) -> Window:
    return see(room, open_window, "allow-oral")


def decision_to_make(room: TreatmentRoom, open_window: Open) -> Window:
    an_oral_order(room)
    end_without_a_dose(room, Outcome.WITHHELD, Reason.INTOXICATED)
    window = see(room, open_window, "allow-oral")
    assert "was withheld today" in window.text
    return window


def oral_dose(room: TreatmentRoom, open_window: Open) -> Window:
    an_oral_order(room)
    return at_the_cup(room, open_window)


def oral_dose_of_two_orders(room: TreatmentRoom, open_window: Open) -> Window:
    an_oral_order(room, drug="morphine", daily_mg=200)
    return oral_dose(room, open_window)


def oral_dose_without_an_order(room: TreatmentRoom, open_window: Open) -> Window:
    return at_the_cup(room, open_window)


def oral_dose_too_soon(room: TreatmentRoom, open_window: Open) -> Window:
    room.give()
    window = oral_dose(room, open_window)
    assert "Not given now: 1 reason" in window.text
    return window


def oral_dose_with_nothing_answered(room: TreatmentRoom, open_window: Open) -> Window:
    window = oral_dose(room, open_window)
    window.press("Given: save it")
    assert len(window.reasons) == 4
    return window


def oral_dose_refused(room: TreatmentRoom, open_window: Open) -> Window:
    window = oral_dose(room, open_window)
    answer(window, mg="41", sedation="3")
    window.press("Given: save it")
    assert len(window.reasons) == 2
    return window


STATES = (
    orders_with_oral_medicine,
    new_oral_order,
    new_oral_order_with_nothing_written,
    new_oral_order_over_the_limit,
    oral_order_to_read,
    end_of_an_oral_order,
    end_of_nothing,
    end_with_nothing_chosen,
    naloxone,
    naloxone_with_nothing_written,
    nothing_to_decide,
    decision_to_make,
    oral_dose,
    oral_dose_of_two_orders,
    oral_dose_without_an_order,
    oral_dose_too_soon,
    oral_dose_with_nothing_answered,
    oral_dose_refused,
)


class TestEveryPageOfOralMedicine:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, room: TreatmentRoom, open_window: Open, state: Callable[[TreatmentRoom, Open], Window]
    ) -> None:
        window = state(room, open_window)
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []


class TestOralMedicine:
    def test_is_ordered_by_a_nurse_prescriber(self, room: TreatmentRoom, open_window: Open) -> None:
        prescriber = a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya")
        with_sign_in(prescriber)
        window = open_window()
        window.sign_in_by_hand(prescriber)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/orders/")
        window.follow(window.page.get_by_role("link", name="Write an oral order"))
        fill_in(window)
        window.press("Read it before signing")

        window.press("Sign: 40 mg a day")

        assert "Saved: methadone 1 mg/ml oral solution, 40 mg a day, is signed" in window.text
        assert OralOrder.objects.get(patient=room.patient).signed_by == prescriber

    @pytest.mark.parametrize("javascript", [True, False])
    def test_is_given_at_the_terminal(self, room: TreatmentRoom, open_window: Open, javascript: bool) -> None:
        an_oral_order(room)
        window = at_the_cup(room, open_window, javascript=javascript)
        answer(window)

        window.press("Given: save it")

        assert "Saved: Methadone 1 mg/ml oral solution, 40 mg." in window.text
        assert OralDose.objects.get(patient=room.patient).mg == 40
