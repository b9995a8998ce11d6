"""A doctor's way to a prescription by the real buttons: chosen, read, made, opened; barred and refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import PrescriptionPrint
from dosing.rules.limits import OrderKind, Step
from hat_clinic.core.clock import london_date, now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.browser.windows import Window
from tests.factories import PrescriptionPrintFactory
from tests.factories.prescription_pages import sign_any_order
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def room() -> TreatmentRoom:
    """A clinic whose order was signed an hour ago: the clock of these tests stands still."""
    return a_treatment_room(dose_mg=180, at=now() - timedelta(hours=1))


def address(room: TreatmentRoom, name: str, person_id: object = None) -> str:
    return f"/clinics/{room.clinic.code}/people/{person_id or room.patient.id}/{name}/"


def choose(window: Window) -> None:
    """Choose an FP10MDA of 100 mg ampoules from tomorrow, with one wording."""
    page = window.page
    page.get_by_label("FP10MDA, for instalments").check()
    page.get_by_label("Strength of one ampoule").fill("100")
    page.get_by_label("First supply on").fill(f"{london_date(now()) + timedelta(days=1):%d/%m/%Y}")
    page.get_by_label("Supervise consumption on the days of collection.").check()


def prescription(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(room.doctor)
    window.go(address(room, "print-prescription"))
    return window


def prescription_with_nothing_chosen(room: TreatmentRoom, open_window: Open) -> Window:
    window = prescription(room, open_window)
    window.press("Read it before printing")
    assert "Choose the form." in window.reasons
    return window


def prescription_printed_before(room: TreatmentRoom, open_window: Open) -> Window:
    today = london_date(now())
    PrescriptionPrintFactory(
        order=room.order, dated_on=today, first_on=today, reason="Paper torn up.", printed_at=now()
    )
    window = prescription(room, open_window)
    choose(window)
    window.press("Read it before printing")
    assert "You cannot print yet: 1 reason" in window.text
    return window


def prescription_that_is_barred(room: TreatmentRoom, open_window: Open) -> Window:
    withdraw_consent(
        person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
    )
    window = prescription(room, open_window)
    assert "No treatment consent of this person stands." in window.text
    return window


def prescription_to_read(room: TreatmentRoom, open_window: Open) -> Window:
    window = prescription(room, open_window)
    choose(window)
    window.press("Read it before printing")
    assert "5040 mg (five thousand and forty milligrams)" in window.text
    return window


def prescription_of_a_plan_to_read(room: TreatmentRoom, open_window: Open) -> Window:
    plan = (Step(day=1, max_mg=180), Step(day=3, max_mg=200), Step(day=4, max_mg=240))
    sign_any_order(room, kind=OrderKind.TITRATION, dose_mg=240, plan=plan)
    window = prescription(room, open_window)
    choose(window)
    window.press("Read it before printing")
    assert "Instalments, one every day" in window.text
    return window


def prescription_made(room: TreatmentRoom, open_window: Open) -> Window:
    window = prescription_to_read(room, open_window)
    window.page.get_by_role("checkbox").check()
    window.press("Make the prescription")
    assert "Saved: prescription 1-1." in window.text
    return window


def paper_that_is_not_yours(room: TreatmentRoom, open_window: Open) -> Window:
    one = PrescriptionPrintFactory(order=room.order, printed_by=room.nurse)
    window = open_window(room.doctor)
    window.go(f"/clinics/{room.clinic.code}/prescriptions/{one.id}/")
    assert "It may not be put on paper again" in window.text
    return window


def order_that_is_not_there(room: TreatmentRoom, open_window: Open) -> Window:
    person = a_patient_in_treatment(room.clinic, by=room.doctor).person
    window = open_window(room.nurse)
    window.go(address(room, "print-order", person.id))
    assert "There is nothing to print." in window.text
    return window


STATES = (
    prescription,
    prescription_with_nothing_chosen,
    prescription_printed_before,
    prescription_that_is_barred,
    prescription_to_read,
    prescription_of_a_plan_to_read,
    prescription_made,
    paper_that_is_not_yours,
    order_that_is_not_there,
)


class TestEveryPageOfPrescriptions:
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


class TestAPrescription:
    def test_keeps_its_unticked_note_and_says_so(self, room: TreatmentRoom, open_window: Open) -> None:
        window = prescription_to_read(room, open_window)

        window.press("Make the prescription")

        assert window.summary_heading == "Nothing was printed"
        assert window.reasons[0].startswith("Tick that you have read: Wording not verified")
        assert not PrescriptionPrint.objects.filter(order=room.order).exists()

    def test_works_without_javascript(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.doctor, javascript=False)
        window.go(address(room, "print-prescription"))
        choose(window)

        window.press("Read it before printing")
        window.press("Change something")

        assert window.page.get_by_label("Strength of one ampoule").input_value() == "100"

    def test_is_made_by_keyboard_alone(self, room: TreatmentRoom, open_window: Open) -> None:
        window = prescription(room, open_window)
        page, keys = window.page, window.page.keyboard
        window.tab_to(page.get_by_label("FP10MDA, for instalments"))
        keys.press("Space")
        keys.press("Tab")
        keys.type("100")
        keys.press("Tab")
        keys.type(f"{london_date(now()) + timedelta(days=1):%d/%m/%Y}")
        window.tab_to(page.get_by_label("Supervise consumption on the days of collection."))
        keys.press("Space")
        window.tab_to(page.get_by_role("button", name="Read it before printing"))
        keys.press("Enter")
        window.tab_to(page.get_by_role("checkbox"))
        keys.press("Space")
        window.tab_to(page.get_by_role("button", name="Make the prescription"))
        keys.press("Enter")

        page.get_by_text("Saved: prescription 1-1.").wait_for()
