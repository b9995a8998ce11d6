"""The pages of the stock, by the real buttons, and on every width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import Quarantine, RegisterEntry, Requisition
from hat_clinic.accounts.actions import set_pin
from hat_clinic.core.clock import london_date, now
from tests.browser.windows import Window
from tests.factories.register import receive
from tests.factories.stock import (
    LEAD_PIN,
    a_note,
    a_requisition,
    a_return,
    a_stock_room,
    adjust,
    an_authority,
    an_own_ledger,
    put_apart,
    send,
)
from tests.factories.treatment import NURSE_PIN, TreatmentRoom

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
WIDTHS = ((1366, 768), (1024, 768), (341, 700))


@pytest.fixture
def stock(room: TreatmentRoom) -> str:
    """The address of the room's stock; the controlled-drug lead has a PIN."""
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    return f"/clinics/{room.clinic.code}/stock/"


class TestTheStock:
    def test_is_ordered_and_taken_in_by_the_buttons(
        self, room: TreatmentRoom, stock: str, open_window: Open
    ) -> None:
        window = open_window(room.cd_lead)
        window.go(stock)
        window.follow(window.page.get_by_role("link", name="Record a requisition"))
        window.page.get_by_label("Requisition number").fill("RQ-118")
        window.page.get_by_label("Supplier", exact=True).fill("Northern Wholesale")
        window.page.get_by_label("Supplier's address").fill("1 Dock Road")
        window.page.get_by_label("Ampoules ordered").fill("50")
        window.press("Record this requisition")
        window.follow(window.page.get_by_role("link", name="Take in a delivery"))
        window.page.get_by_label("Batch number").fill("D9")
        window.page.get_by_label("Last day of use").fill("06/2028")
        window.page.get_by_label("Ampoules that came").fill("20")
        window.page.get_by_label(room.nurse.full_name).check()
        window.page.get_by_label(f"{room.cd_lead.full_name}: your PIN").fill(LEAD_PIN)
        with window.page.expect_navigation():  # the last digit of the second PIN signs
            window.page.get_by_label("Second PIN").fill(NURSE_PIN)

        window.page.get_by_text("the delivery is in stock and in the register").wait_for()
        assert Requisition.objects.get(line=room.line).deliveries.get().entry.ampoules == 20

    def test_is_put_apart_without_javascript(
        self, room: TreatmentRoom, stock: str, open_window: Open
    ) -> None:
        window = open_window(room.nurse, javascript=False)
        window.go(f"{stock}quarantine/")
        window.page.get_by_label("Ampoules", exact=True).fill("1")
        window.page.get_by_label("Broken or damaged").check()
        window.page.get_by_label(room.second_nurse.full_name).check()
        window.page.get_by_label(f"{room.nurse.full_name}: your PIN").fill(NURSE_PIN)
        window.page.get_by_label("Second PIN").fill("463728")
        window.press("Both saw it: put them apart")

        assert Quarantine.objects.get(batch=room.batch).ampoules == 1


class TestEveryState:
    @pytest.mark.parametrize(("width", "height"), WIDTHS)
    def test_fits_and_has_nothing_that_axe_finds(
        self, room: TreatmentRoom, stock: str, open_window: Open, width: int, height: int
    ) -> None:
        lead, nurse = (
            open_window(person, width=width, height=height) for person in (room.cd_lead, room.nurse)
        )
        faults: list[str] = []

        def look(window: Window, path: str) -> None:
            window.go(path)
            faults.extend(f"{path}: {fault}" for fault in [*window.overflow, *window.accessibility_faults()])

        look(lead, stock)
        look(lead, f"{stock}destroy/")
        look(lead, f"{stock}send/")
        look(nurse, f"/clinics/{room.clinic.code}/people/{room.patient.id}/receive-own/")
        there = a_stock_room()
        today = london_date(now())
        receive(room.line, 4, batch_number="OLD", expires_on=today - timedelta(days=1), at=now())
        late = {"batch_number": "DM24117", "expires_on": room.batch.expires_on, "at": now()}
        receive(room.line, 1, **late, occurred_at=now() - timedelta(days=4))
        put_apart(room, 3)
        an_authority(room)
        an_own_ledger(room)
        entry = RegisterEntry.objects.get(line=room.line, seq=3)
        requisition, returned, coming = a_requisition(room), a_return(room), send(there, room.line, 5)
        send(room, there.line, 2)
        look(lead, stock)
        a_note(room, entry)
        adjust(room, entry, -1)
        for page in ("open-register/", "order/", "record-authority/", "quarantine/", "destroy/", "send/"):
            look(lead, f"{stock}{page}")
            lead.follow(lead.page.locator("main form button[type=submit]").first)
            faults += [*lead.overflow, *lead.accessibility_faults()]
        look(nurse, f"{stock}expected/")
        look(lead, f"{stock}requisitions/{requisition.id}/close/")
        look(lead, f"{stock}requisitions/{requisition.id}/receive/")
        look(lead, f"{stock}transfers/{coming.id}/receive/")
        look(lead, f"{stock}returns/{returned.id}/destroy/")
        lines = f"/clinics/{room.clinic.code}/register/lines/{entry.key}"
        look(nurse, f"{lines}/note/")
        look(nurse, f"{lines}/adjust/")
        look(nurse, f"/clinics/{room.clinic.code}/register/")
        look(nurse, f"/clinics/{room.clinic.code}/people/{room.patient.id}/receive-own/")
        look(nurse, f"/clinics/{room.clinic.code}/people/{room.patient.id}/take-return/")

        assert faults == []
