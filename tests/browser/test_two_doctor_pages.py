"""An order that one doctor writes and another signs, by the real buttons; and the page of whoever is no doctor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.actions.licences import record_licence
from dosing.models import Order, OrderRequest
from dosing.rules.orders import Product
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.browser.test_order_pages import address, fill_in
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def room() -> TreatmentRoom:
    """A clinic whose orders were signed an hour ago: the clock of these tests stands still."""
    return a_treatment_room(dose_mg=180, at=now() - timedelta(hours=1))


def author_of(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ana Brandt")


def form_of_a_request(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(author_of(room))
    window.go(address(room, "sign-order"))
    assert window.path.endswith("/request-order/")
    return window


def request_that_is_impossible(room: TreatmentRoom, open_window: Open) -> Window:
    window = form_of_a_request(room, open_window)
    fill_in(window, dose="420")
    window.press("Read it before asking")
    assert "You cannot ask yet: 3 reasons" in window.text
    return window


def request_to_read(room: TreatmentRoom, open_window: Open) -> Window:
    window = form_of_a_request(room, open_window)
    fill_in(window)
    window.press("Read it before asking")
    assert window.heading.startswith("Read before you ask")
    return window


def asked(room: TreatmentRoom, open_window: Open) -> Window:
    """Ask as the author, and stay on the person's orders."""
    window = request_to_read(room, open_window)
    window.page.get_by_role("checkbox").check()
    window.press("Ask a licensed doctor to sign: 200 mg, twice a day")
    assert "Waits for a licensed doctor" in window.text
    return window


def second_request(room: TreatmentRoom, open_window: Open) -> Window:
    window = asked(room, open_window)
    window.go(address(room, "request-order"))
    assert "It is answered or withdrawn before another is written." in window.text
    return window


def worklist_of_a_licensed_doctor(room: TreatmentRoom, open_window: Open) -> Window:
    asked(room, open_window)
    window = open_window(room.doctor)
    window.go(f"/clinics/{room.clinic.code}/worklist/")
    return window


def order_to_authorise(room: TreatmentRoom, open_window: Open) -> Window:
    window = worklist_of_a_licensed_doctor(room, open_window)
    window.follow(window.page.get_by_role("link", name="Read it"))
    assert window.heading.startswith("Order to authorise")
    return window


def order_to_authorise_after_changes(room: TreatmentRoom, open_window: Open) -> Window:
    asked(room, open_window)
    an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=190)
    window = open_window(room.doctor)
    window.go(request_address(room, "authorise"))
    assert "New since Dr Ana Brandt wrote it." in window.text
    return window


def order_that_cannot_be_authorised(room: TreatmentRoom, open_window: Open) -> Window:
    asked(room, open_window)
    withdraw_consent(
        person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
    )
    window = open_window(room.doctor)
    window.go(request_address(room, "authorise"))
    assert "You cannot sign it: 1 reason" in window.text
    return window


def request_address(room: TreatmentRoom, act: str) -> str:
    request = OrderRequest.objects.get(patient=room.patient)
    return f"/clinics/{room.clinic.code}/order-requests/{request.pk}/{act}/"


def own_order_to_authorise(room: TreatmentRoom, open_window: Open) -> Window:
    window = asked(room, open_window)
    window.follow(window.page.get_by_role("link", name="Read what was asked for"))
    return window


def sending_back(room: TreatmentRoom, open_window: Open) -> Window:
    window = order_to_authorise(room, open_window)
    window.follow(window.page.get_by_role("link", name="Send it back unsigned"))
    window.press("Send it back unsigned")
    assert window.reasons == ["Write why, in a sentence."]
    return window


def withdrawing(room: TreatmentRoom, open_window: Open) -> Window:
    window = own_order_to_authorise(room, open_window)
    window.follow(window.page.get_by_role("link", name="Withdraw it"))
    return window


def withdrawn(room: TreatmentRoom, open_window: Open) -> Window:
    window = withdrawing(room, open_window)
    window.page.get_by_label("Why").fill("Written for the wrong day.")
    window.press("Withdraw it")
    window.go(request_address(room, "authorise"))
    assert "This waits for nobody any more." in window.text
    return window


def barred_prescriber(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))
    window.go(address(room, "sign-order"))
    assert window.heading == "Only a licensed doctor orders diamorphine"
    return window


def licences_to_renew(room: TreatmentRoom, open_window: Open) -> Window:
    record_licence(
        doctor=author_of(room),
        premises=room.premises,
        product=Product.DIAMORPHINE,
        starts_at=now(),
        ends_at=now() + timedelta(days=7),
        by=room.doctor,
        at=now(),
    )
    window = open_window(a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Bell"))
    window.go(f"/clinics/{room.clinic.code}/licences/")
    assert "To renew: 1" in window.text
    return window


STATES = (
    form_of_a_request,
    request_that_is_impossible,
    request_to_read,
    asked,
    second_request,
    worklist_of_a_licensed_doctor,
    order_to_authorise,
    order_to_authorise_after_changes,
    order_that_cannot_be_authorised,
    own_order_to_authorise,
    sending_back,
    withdrawing,
    withdrawn,
    barred_prescriber,
    licences_to_renew,
)


class TestEveryPageOfTwoDoctors:
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


class TestAnOrderByTwo:
    def test_is_signed_with_the_password_and_names_both(self, room: TreatmentRoom, open_window: Open) -> None:
        with_sign_in(room.doctor)
        window = order_to_authorise(room, open_window)
        window.page.get_by_role("checkbox").check()
        window.press("Sign: 200 mg, twice a day")
        window.page.get_by_label("Password", exact=True).fill(PASSWORD)
        window.press("Go on")

        assert "Saved: order 2 is signed, 200 mg twice a day" in window.text
        assert "Dr Ana Brandt" in window.text
        order = Order.objects.get(patient=room.patient, version=2)
        assert (order.signed_by, order.written_by.full_name) == (room.doctor, "Dr Ana Brandt")

    def test_works_without_javascript(self, room: TreatmentRoom, open_window: Open) -> None:
        window = asked(room, lambda *people: open_window(*people, javascript=False))

        assert "It is no order until then" in window.text
