"""Holds placed by hand and doctors' licences by the real buttons, in every state, at any size."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dosing.actions.holds import place_hold
from dosing.models import Hold, LicenceRevocation
from dosing.rules.holds import HoldReason, HoldSeverity
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


def placing(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(room.nurse)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/place-hold/")
    return window


def placing_with_nothing_chosen(room: TreatmentRoom, open_window: Open) -> Window:
    window = placing(room, open_window)
    window.press("Hold doses")
    assert window.reasons == [
        "Choose a hold or a suspension.",
        "Choose what it is for.",
        "Write what was seen or told.",
    ]
    return window


def suspended(room: TreatmentRoom) -> Hold:
    return place_hold(
        episode=room.episode,
        severity=HoldSeverity.SUSPENSION,
        reason=HoldReason.OVERDOSE_AWAY,
        words="The hospital called: found blue at the bus station, two naloxone.",
        happened_at=now(),
        by=room.nurse,
        at=now(),
    )


def orders_of_somebody_suspended(room: TreatmentRoom, open_window: Open) -> Window:
    suspended(room)
    window = open_window(room.doctor)
    window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/orders/")
    assert "Suspended since" in window.text
    return window


def lifting_that_is_barred(room: TreatmentRoom, open_window: Open) -> Window:
    window = orders_of_somebody_suspended(room, open_window)
    window.follow(window.page.get_by_role("link", name="Decide on this hold"))
    assert "A suspension ends with a new order." in window.text
    return window


def licences(room: TreatmentRoom, open_window: Open) -> Window:
    window = open_window(a_member_of_staff(room.clinic, Role.MANAGER, name="Lou Park"))
    window.go(f"/clinics/{room.clinic.code}/licences/")
    return window


def recording_a_licence_with_nothing_written(room: TreatmentRoom, open_window: Open) -> Window:
    window = licences(room, open_window)
    window.go(f"/clinics/{room.clinic.code}/licences/record/")
    window.page.locator("main button[type=submit]").first.click()
    assert window.reasons
    return window


def revoking_a_licence(room: TreatmentRoom, open_window: Open) -> Window:
    window = licences(room, open_window)
    window.go(f"/clinics/{room.clinic.code}/licences/{room.order.licence_id}/revoke/")
    return window


STATES = (
    placing,
    placing_with_nothing_chosen,
    orders_of_somebody_suspended,
    lifting_that_is_barred,
    licences,
    recording_a_licence_with_nothing_written,
    revoking_a_licence,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
    room: TreatmentRoom, open_window: Open, state: Callable[[TreatmentRoom, Open], Window]
) -> None:
    window = state(room, open_window)
    assert window.accessibility_faults() == []
    assert window.overflow == []

    window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

    assert window.overflow == []
    assert window.accessibility_faults() == []


def test_a_hold_is_placed_by_keyboard_alone(room: TreatmentRoom, open_window: Open) -> None:
    window = placing(room, open_window)
    page, keys = window.page, window.page.keyboard
    window.tab_to(page.locator("#id_severity_0"))
    keys.press("Space")
    window.tab_to(page.locator("#id_reason_0"))
    keys.press("Space")
    window.tab_to(page.get_by_label("What was seen or told"))
    keys.type("Fell on the stairs.")
    window.tab_to(page.get_by_role("button", name="Hold doses"))
    keys.press("Enter")
    page.get_by_text("has no dose until a doctor lifts this").wait_for()
    assert Hold.objects.get(patient=room.patient).reason == "Fell on the stairs."


def test_a_licence_is_revoked_by_its_button(room: TreatmentRoom, open_window: Open) -> None:
    window = revoking_a_licence(room, open_window)
    window.page.get_by_label("Why").fill("Withdrawn by its issuer.")
    window.page.locator("main button[type=submit]").first.click()
    window.page.get_by_text("Withdrawn by its issuer.").first.wait_for()
    assert LicenceRevocation.objects.filter(licence=room.order.licence_id).count() == 1
