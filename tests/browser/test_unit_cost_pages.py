"""Unit costs of offences: every state of the three pages, at every size."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window, with_sign_in
from tests.factories.treatment import TreatmentRoom, a_member_of_staff
from tests.factories.unit_costs import UnitCostApprovalFactory, UnitCostTableFactory

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


def manager(room: TreatmentRoom) -> User:
    return with_sign_in(a_member_of_staff(room.clinic, Role.MANAGER, name="Rowan Ashdown-Featherstone"))


def at(open_window: Open, room: TreatmentRoom, page: str = "") -> Window:
    window = open_window(manager(room))
    window.go(f"/clinics/{room.clinic.code}/unit-costs/{page}")
    return window


def no_table(open_window: Open, room: TreatmentRoom) -> Window:
    window = at(open_window, room)
    assert "No table is in force." in window.text
    return window


def a_table_in_force_and_one_waiting(open_window: Open, room: TreatmentRoom) -> Window:
    UnitCostApprovalFactory(table=UnitCostTableFactory(clinic=room.clinic, from_day=room.clinic.opened_on))
    UnitCostTableFactory(clinic=room.clinic)
    window = at(open_window, room)
    assert "Read and approve" in window.text and "not costed" in window.text
    return window


def a_file_with_errors(open_window: Open, room: TreatmentRoom) -> Window:
    window = at(open_window, room, "load-unit-costs/")
    window.press("Check and send to a colleague")
    assert window.summary_heading == "Nothing was loaded"
    return window


def an_approval_with_errors(open_window: Open, room: TreatmentRoom) -> Window:
    table = UnitCostTableFactory(clinic=room.clinic)
    window = at(open_window, room, f"{table.pk}/approve-unit-costs/")
    window.press("Approve this table")
    assert window.summary_heading == "Nothing was saved"
    return window


STATES = [no_table, a_table_in_force_and_one_waiting, a_file_with_errors, an_approval_with_errors]


class TestThePagesOfUnitCosts:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_are_fit_to_read_at_every_size(
        self, state: Callable[..., Window], open_window: Open, room: TreatmentRoom
    ) -> None:
        window = state(open_window, room)
        shots = os.environ.get("HAT_SHOTS", "")

        assert faults_at_every_size(window, pictures=shots, name=state.__name__) == []
