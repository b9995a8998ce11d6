"""The aims of the programme: every state of the three pages, at every size, by keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import AimsVersion
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window, with_sign_in
from tests.factories.aims import AimsApprovalFactory, AimsVersionFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


def manager(room: TreatmentRoom) -> User:
    return with_sign_in(a_member_of_staff(room.clinic, Role.MANAGER, name="Rowan Ashdown-Featherstone"))


def at(open_window: Open, room: TreatmentRoom, page: str = "", user: User | None = None) -> Window:
    window = open_window(user or manager(room))
    window.go(f"/clinics/{room.clinic.code}/aims/{page}")
    return window


def no_aims(open_window: Open, room: TreatmentRoom) -> Window:
    window = at(open_window, room)
    assert "No aims are in force." in window.text
    return window


def aims_in_force_and_waiting(open_window: Open, room: TreatmentRoom) -> Window:
    AimsApprovalFactory(version=AimsVersionFactory(clinic=room.clinic, from_day=room.clinic.opened_on))
    AimsVersionFactory(clinic=room.clinic)
    window = at(open_window, room)
    assert "Read and approve" in window.text and "What cannot be known: Chance" in window.text
    return window


def a_new_version(open_window: Open, room: TreatmentRoom) -> Window:
    return at(open_window, room, "write-aims/")


def a_new_version_with_errors(open_window: Open, room: TreatmentRoom) -> Window:
    window = at(open_window, room, "write-aims/")
    window.page.get_by_label("What the programme wants").first.fill("Fewer deaths")
    window.page.get_by_label("From which day on?").fill(f"{london_date(now()) + timedelta(days=1):%d/%m/%Y}")
    window.press("Send to a colleague to approve")
    assert window.summary_heading == "Nothing was saved"
    assert window.page.get_by_label("What the programme wants").first.input_value() == "Fewer deaths"
    return window


def an_approval_with_errors(open_window: Open, room: TreatmentRoom) -> Window:
    version = AimsVersionFactory(clinic=room.clinic)
    window = at(open_window, room, f"{version.pk}/approve-aims/")
    window.press("Approve these aims")
    assert window.summary_heading == "Nothing was saved"
    return window


STATES = [
    no_aims,
    aims_in_force_and_waiting,
    a_new_version,
    a_new_version_with_errors,
    an_approval_with_errors,
]


class TestThePagesOfAims:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_are_fit_to_read_at_every_size(
        self, state: Callable[..., Window], open_window: Open, room: TreatmentRoom
    ) -> None:
        window = state(open_window, room)

        assert (
            faults_at_every_size(window, pictures=os.environ.get("HAT_SHOTS", ""), name=state.__name__) == []
        )

    def test_take_an_aim_by_keyboard_alone(self, open_window: Open, room: TreatmentRoom) -> None:
        window = at(open_window, room, "write-aims/")
        keyboard = window.page.keyboard
        window.page.get_by_label("From which day on?").focus()
        keyboard.type(f"{london_date(now()) + timedelta(days=1):%d/%m/%Y}")
        keyboard.press("Tab")
        keyboard.type("Fewer deaths")
        keyboard.press("Tab")
        keyboard.type("Deaths in treatment")
        for _ in range(5):
            keyboard.press("Tab")
        keyboard.type("Chance")
        window.page.get_by_label("Where do the aims come from?").focus()
        keyboard.type("An agreement")
        keyboard.press("Enter")
        window.page.get_by_text("Waits for a colleague").wait_for()

        (aim,) = AimsVersion.objects.get(clinic=room.clinic).aims
        assert (aim["words"], aim["figures"]) == ("Fewer deaths", ["safety.deaths.in_treatment"])
        assert aim["unknown"] == "Chance"
