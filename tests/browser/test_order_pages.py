"""A doctor's pages by the real buttons: read, signed with the password afresh, ended; with and without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import Order, OrderPeriod
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def room() -> TreatmentRoom:
    """A clinic whose orders were signed an hour ago: the clock of these tests stands still."""
    return a_treatment_room(dose_mg=180, at=now() - timedelta(hours=1))


def address(room: TreatmentRoom, name: str) -> str:
    return f"/clinics/{room.clinic.code}/people/{room.patient.id}/{name}/"


def fill_in(window: Window, *, dose: str = "200") -> None:
    """Write an order of 14 days that starts when it is signed."""
    page = window.page
    page.get_by_label("2", exact=True).check()
    page.get_by_label("One dose each session").check()
    page.locator("#id_dose_mg").fill(dose)
    page.locator("#id_injections_per_session_0").check()
    page.get_by_label("Most in one day").fill("601")
    page.get_by_label("The clinic's ladder").check()
    page.get_by_label("As the clinic's limits say").check()
    page.get_by_label("None", exact=True).check()
    page.get_by_label("Time between sessions, at least").fill("180")
    page.get_by_label("Watch after injecting, at least").fill("20")
    page.get_by_label("Into a vein").check()
    page.get_by_label("Left arm").check()
    page.locator("#id_starts_0").check()
    page.get_by_label("Until and including").fill(f"{london_date(now()) + timedelta(days=13):%d/%m/%Y}")
    page.get_by_label("What the dose rests on").fill("Craving before the evening session.")


# --- every state of every page -------------------------------------------------------------------------------
def worklist_without_a_row(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(room.doctor)
    window.go(f"/clinics/{room.clinic.code}/worklist/")
    assert "No decision waits for you." in window.text
    return window


def worklist_with_rows(room: TreatmentRoom, open_window: Open) -> Window:
    a_patient_in_treatment(room.clinic, by=room.doctor)
    unready = a_patient_in_treatment(room.clinic, by=room.doctor)
    withdraw_consent(
        person_id=unready.person_id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
    )
    window = open_window(room.doctor)
    window.go(address(room, "end-order"))
    window.page.get_by_label("Dosing is not safe now").check()
    window.page.get_by_label("In a sentence").fill("Found asleep at home, and asked for a lower dose.")
    window.press("End dosing now")
    window.go(f"/clinics/{room.clinic.code}/worklist/")
    assert window.heading == "Decisions that wait: 3"
    return window


def orders_with_versions(room: TreatmentRoom, open_window: Open) -> Window:
    an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=160)
    window = open_window(room.doctor)
    window.go(address(room, "orders"))
    assert "NEW: was 180 mg" in window.text
    return window


def orders_of_nobody_ordered_for(room: TreatmentRoom, open_window: Open) -> Window:
    person = a_patient_in_treatment(room.clinic, by=room.doctor).person
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/people/{person.id}/orders/")
    return window


def new_order(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(room.doctor)
    window.go(address(room, "sign-order"))
    return window


def new_order_with_nothing_written(room: TreatmentRoom, open_window: Open) -> Window:
    window = new_order(room, open_window)
    window.press("Read it before signing")
    assert "Choose what is ordered." in window.reasons
    return window


def new_order_over_the_limits(room: TreatmentRoom, open_window: Open) -> Window:
    window = new_order(room, open_window)
    fill_in(window, dose="420")
    window.press("Read it before signing")
    assert "You cannot sign yet: 3 reasons" in window.text
    return window


def new_order_that_is_barred(room: TreatmentRoom, open_window: Open) -> Window:
    withdraw_consent(
        person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
    )
    return new_order(room, open_window)


def order_to_read(room: TreatmentRoom, open_window: Open) -> Window:
    window = new_order(room, open_window)
    fill_in(window)
    window.press("Read it before signing")
    assert "two hundred milligrams, twice a day" in window.text
    return window


def end_of_an_order(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))
    window.go(address(room, "end-order"))
    return window


def end_with_nothing_chosen(room: TreatmentRoom, open_window: Open) -> Window:
    window = end_of_an_order(room, open_window)
    window.press("End dosing now")
    assert window.reasons == ["Choose why the order ends.", "Write a sentence that says why."]
    return window


STATES = (
    worklist_without_a_row,
    worklist_with_rows,
    orders_with_versions,
    orders_of_nobody_ordered_for,
    new_order,
    new_order_with_nothing_written,
    new_order_over_the_limits,
    new_order_that_is_barred,
    order_to_read,
    end_of_an_order,
    end_with_nothing_chosen,
)


class TestEveryPageOfOrders:
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


class TestAnOrder:
    def test_is_read_signed_with_the_password_and_shown(self, room: TreatmentRoom, open_window: Open) -> None:
        with_sign_in(room.doctor)
        window = open_window(room.doctor)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/orders/")
        window.follow(window.page.get_by_role("link", name="Write a new order"))
        fill_in(window)
        window.press("Read it before signing")
        window.page.get_by_role("checkbox").check()
        window.press("Sign: 200 mg, twice a day")
        assert window.heading == "Your password once more"

        window.page.get_by_label("Password", exact=True).fill(PASSWORD)
        window.press("Go on")

        assert "Saved: order 2 is signed, 200 mg twice a day" in window.text
        assert "NEW: was 180 mg" in window.text
        assert Order.objects.filter(patient=room.patient).count() == 2

    def test_is_signed_by_keyboard_alone(self, room: TreatmentRoom, open_window: Open) -> None:
        with_sign_in(room.doctor)
        window = open_window()
        window.sign_in_by_hand(room.doctor)
        window.go(address(room, "sign-order"))
        page, keys = window.page, window.page.keyboard
        window.tab_to(page.locator("#id_sessions_per_day_0"))
        keys.press("ArrowDown")  # from the first to the second of the two
        window.tab_to(page.locator("#id_kind_0"))
        keys.press("Space")
        window.tab_to(page.locator("#id_dose_mg"))
        keys.type("200")
        window.tab_to(page.locator("#id_injections_per_session_0"))
        keys.press("Space")
        window.tab_to(page.get_by_label("Most in one day"))
        keys.type("601")
        window.tab_to(page.get_by_label("Time between sessions, at least"))
        keys.type("180")
        keys.press("Tab")
        keys.type("20")
        window.tab_to(page.get_by_label("Into a vein"))
        keys.press("Space")
        window.tab_to(page.get_by_label("Left arm"))
        keys.press("Space")
        for name in ("gap_plan", "hold", "oral", "starts"):
            window.tab_to(page.locator(f"#id_{name}_0"))
            keys.press("Space")
        window.tab_to(page.get_by_label("Until and including"))
        keys.type(f"{london_date(now()) + timedelta(days=13):%d/%m/%Y}")
        keys.press("Tab")
        keys.type("Craving before the evening session.")
        window.tab_to(page.get_by_role("button", name="Read it before signing"))
        keys.press("Enter")
        window.tab_to(page.get_by_role("checkbox"))
        keys.press("Space")
        window.tab_to(page.get_by_role("button", name="Sign: 200 mg, twice a day"))
        keys.press("Enter")
        page.get_by_text("Saved: order 2 is signed").wait_for()

    def test_keeps_its_unticked_note_and_says_so(self, room: TreatmentRoom, open_window: Open) -> None:
        with_sign_in(room.doctor)
        window = open_window()
        window.sign_in_by_hand(room.doctor)
        window.go(address(room, "sign-order"))
        fill_in(window)
        window.press("Read it before signing")

        window.press("Sign: 200 mg, twice a day")

        assert window.summary_heading == "Nothing was signed"
        assert window.reasons[0].startswith("Tick that you have read: 601 mg a day is over 600 mg.")
        assert Order.objects.filter(patient=room.patient).count() == 1

    def test_works_without_javascript(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.doctor, javascript=False)
        window.go(address(room, "sign-order"))
        fill_in(window)

        window.press("Read it before signing")
        window.press("Change something")

        assert window.page.locator("#id_dose_mg").input_value() == "200"

    def test_is_ended_by_another_prescriber(self, room: TreatmentRoom, open_window: Open) -> None:
        window = end_of_an_order(room, open_window)
        window.page.get_by_label("The person asked for it").check()
        window.page.get_by_label("In a sentence").fill("Wants methadone instead.")

        window.press("End dosing now")

        assert "No order is in force: no dose may be given." in window.text
        assert OrderPeriod.objects.get(order=room.order).end_words == "Wants methadone instead."
