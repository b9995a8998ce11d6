"""Closing the day, cases, checks, inspections and legal holds: by the real buttons, on every width, without faults."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dosing.models import CaseEvent, DayClosing, Discrepancy
from dosing.rules.cases import Classification
from dosing.rules.days import CheckKind
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from tests.browser.windows import Window
from tests.factories.cases import LegalHoldFactory, a_case, both_count_at_closing, classified
from tests.factories.days import a_count
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
WIDTHS = ((1280, 800), (1024, 768), (341, 700))
BALANCE = 50


@pytest.fixture
def home(room: TreatmentRoom) -> str:
    """The address of the room's clinic, whose day is open."""
    room.open_day()
    return f"/clinics/{room.clinic.code}"


def member(room: TreatmentRoom, role: Role) -> User:
    return a_member_of_staff(room.clinic, role, name="Rowan Ashdown-Featherstone")


class TestTheDay:
    def test_is_closed_by_touch(self, room: TreatmentRoom, home: str, open_window: Open) -> None:
        window = open_window(room.nurse)
        window.go(f"{home}/day/")
        window.follow(window.page.get_by_role("link", name="Close the day"))
        assert "The closing count is not finished" in window.text
        both_count_at_closing(room, BALANCE, BALANCE)
        window.go(f"{home}/day/close/")
        window.press("Close the day")
        assert window.reasons
        for box in window.page.get_by_role("checkbox").all():
            box.check()
        window.press("Close the day")

        window.page.get_by_text("Saved: the day is closed.").wait_for()
        assert DayClosing.objects.filter(day__premises=room.premises).exists()


class TestACase:
    def test_is_classified_and_told_without_javascript(
        self, room: TreatmentRoom, home: str, open_window: Open
    ) -> None:
        case = a_case(room)
        window = open_window(room.cd_lead, javascript=False)
        window.go(f"{home}/cases/")
        window.follow(window.page.get_by_role("link", name="Diamorphine 10 mg ampoules"))
        window.follow(window.page.get_by_role("link", name="Classify the difference"))
        window.page.get_by_label("Suspected theft or diversion").check()
        window.page.get_by_label("What was found, and how").fill("The seal of a box is cut.")
        window.press("Classify the difference")

        assert "Overdue" in window.text
        assert "Police controlled-drug liaison officer" in window.text
        assert CaseEvent.objects.get(discrepancy=case).classification == Classification.THEFT


class TestEveryPage:
    @pytest.mark.parametrize(("width", "height"), WIDTHS)
    def test_fits_and_has_nothing_that_axe_finds(
        self, room: TreatmentRoom, home: str, open_window: Open, width: int, height: int
    ) -> None:
        people = {
            "nurse": room.nurse,
            "lead": room.cd_lead,
            **{
                role.value: member(room, role)
                for role in (Role.INSPECTOR, Role.MANAGER, Role.PRIVACY_OFFICER)
            },
        }
        windows = {name: open_window(user, width=width, height=height) for name, user in people.items()}
        faults: list[str] = []

        def look(who: str, path: str, name: str) -> None:
            window = windows[who]
            window.go(path)
            judge(window, name)

        def judge(window: Window, name: str) -> None:
            faults.extend(f"{name}: {fault}" for fault in [*window.overflow, *window.accessibility_faults()])
            if folder := os.environ.get("HAT_LOOK"):
                window.page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)

        look("nurse", f"{home}/day/close/", "close-day-to-count")
        look("nurse", f"{home}/day/close/count/", "count-closing")
        look("lead", f"{home}/cases/", "cases-none")
        look("manager", f"{home}/inspections/", "inspections")
        look("privacy_officer", f"{home}/legal-holds/", "legal-holds-none")
        a_count(room, BALANCE, kind=CheckKind.CLOSING)
        look("lead", f"{home}/register/print/", "print-during-a-count")
        a_count(room, BALANCE - 1, counter=room.second_nurse, kind=CheckKind.CLOSING)
        both_count_at_closing(room, BALANCE - 1, BALANCE - 1)
        case = Discrepancy.objects.get(balance_result__balance_check__line=room.line)
        look("nurse", f"{home}/day/close/", "close-day-barred")
        look("lead", f"{home}/cases/", "cases")
        look("lead", f"{home}/cases/{case.id}/", "case-open")
        for act in ("note", "classify", "tell", "close"):
            look("lead", f"{home}/cases/{case.id}/{act}/", f"case-{act}")
        windows["lead"].press("Close this case")
        judge(windows["lead"], "case-close-refused")
        classified(room, case, classification=Classification.THEFT, seen_with_id=room.nurse.id)
        look("lead", f"{home}/cases/{case.id}/", "case-theft")
        look("inspector", f"{home}/cases/{case.id}/", "case-inspector")
        look("inspector", f"{home}/checks/", "checks")
        look("inspector", f"{home}/checks/?since=x", "checks-no-period")
        look("inspector", f"{home}/register/", "register")
        look("inspector", f"{home}/register/print/?since=x", "print-no-period")
        look("nurse", f"{home}/day/close/", "close-day-with-notes")
        look("lead", f"{home}/inspections/", "inspections-opened")
        look("lead", f"{home}/staff/invite-inspector/", "invite-inspector")
        windows["lead"].press("Make the invitation")
        judge(windows["lead"], "invite-inspector-refused")
        hold = LegalHoldFactory(clinic=room.clinic, set_by=room.cd_lead)
        look("privacy_officer", f"{home}/legal-holds/", "legal-holds")
        look("privacy_officer", f"{home}/legal-holds/set/", "set-legal-hold")
        look("privacy_officer", f"{home}/legal-holds/{hold.id}/lift/", "lift-legal-hold")

        assert faults == []

    def test_without_premises_says_so(self, open_window: Open) -> None:
        clinic = a_clinic()
        window = open_window(a_member_of_staff(clinic, Role.MANAGER, name="Morag Bain"))
        window.go(f"/clinics/{clinic.code}/day/close/")

        assert "This clinic has no premises." in window.text
        assert window.accessibility_faults() == []
