"""Every page in every state: axe finds nothing, nothing is refused by the policy, nothing runs over the edge.

One test for each state; a state is a function that brings a window there. That no script fails, no style or
script is refused and no file is missing is checked by the fixture `open_window` when the window closes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hat_clinic.accounts.actions import create_user, grant_role
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import build_report
from outcomes.actions.reports import finish_request, request_report
from outcomes.models import ReportRequest
from outcomes.rules.evaluation.editions import Edition
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.outcomes import ReportFileFactory, ReportReleaseFactory
from tests.factories.treatment import (
    TreatmentRoom,
    a_clinic,
    a_member_of_staff,
    a_treatment_room,
)

pytestmark = pytest.mark.browser
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@dataclass(frozen=True)
class Stage:
    """What a state is made of: a clinic at work, and a way to open a window."""

    room: TreatmentRoom
    open_window: Callable[..., Window]

    @property
    def clinic(self) -> str:
        return f"/clinics/{self.room.clinic.code}"

    def member(self, role: Role) -> User:
        return a_member_of_staff(self.room.clinic, role, name="Rowan Ashdown-Featherstone")

    def see(self, path: str, user: User | None = None) -> Window:
        window = self.open_window(user)
        window.go(path)
        return window

    def past_the_password(self, user: User) -> Window:
        window = self.see("/sign-in/")
        window.type_password(user)
        return window


# --- the entrance ----------------------------------------------------------------------------------------
def sign_in(stage: Stage) -> Window:
    return stage.see("/sign-in/")


def sign_in_refused(stage: Stage) -> Window:
    window = stage.see("/sign-in/")
    window.press("Go on")
    assert "Write your password." in window.reasons
    return window


def second_factor(stage: Stage) -> Window:
    return stage.past_the_password(with_sign_in(stage.room.nurse))


def second_factor_refused(stage: Stage) -> Window:
    window = second_factor(stage)
    window.press("Sign in")
    assert window.reasons == ["Write the code."]
    return window


def set_up_app(stage: Stage) -> Window:
    return stage.past_the_password(with_sign_in(stage.room.nurse, second_factor=False))


def set_up_app_refused(stage: Stage) -> Window:
    window = set_up_app(stage)
    window.press("Set up")
    assert window.reasons == ["Write the code."]
    return window


def set_up_key(stage: Stage) -> Window:
    window = set_up_app(stage)
    window.follow(window.page.get_by_role("link", name="Use a security key instead"))
    assert "key" in window.heading
    return window


def your_second_factor(stage: Stage) -> Window:
    return stage.see("/second-factor/", stage.room.nurse)


def your_keys(stage: Stage) -> Window:
    return stage.see("/second-factor/keys/", stage.room.nurse)


def confirm_before_a_change(stage: Stage) -> Window:
    return stage.see("/second-factor/renew-recovery-codes/", stage.room.nurse)


def recovery_codes(stage: Stage) -> Window:
    window = stage.open_window()
    window.sign_in_by_hand(with_sign_in(stage.room.nurse))
    window.go("/second-factor/renew-recovery-codes/")
    return window


def recovery_codes_made(stage: Stage) -> Window:
    window = recovery_codes(stage)
    window.press("Make codes")
    return window


def sign_out(stage: Stage) -> Window:
    return stage.see("/sign-out/", stage.room.nurse)


def signed_out(stage: Stage) -> Window:
    window = stage.see("/second-factor/", stage.room.nurse)
    window.press("Sign out")
    return window


def no_role_anywhere(stage: Stage) -> Window:
    stranger = create_user(
        email=f"nobody-of-{stage.room.clinic.code.lower()}@staff.example",
        full_name="Rowan Ashdown-Featherstone",
        password=PASSWORD,
        by=None,
        at=now(),
    )
    window = stage.see("/", stranger)
    assert "you have no role in any clinic" in window.text
    return window


def choice_of_clinics(stage: Stage) -> Window:
    nurse = stage.room.nurse
    grant_role(user=nurse, clinic=a_clinic(), role=Role.CD_LEAD, by=None, at=now())
    window = stage.see("/", nurse)
    assert window.heading == "Choose a clinic"
    return window


# --- the register ----------------------------------------------------------------------------------------
def register_of_no_ledger(stage: Stage) -> Window:
    clinic = a_clinic()
    inspector = a_member_of_staff(clinic, Role.INSPECTOR, name="Owen Pryce")
    window = stage.see(f"/clinics/{clinic.code}/register/", inspector)
    assert "No register is open in this clinic." in window.text
    return window


def register_of_an_empty_period(stage: Stage) -> Window:
    window = stage.see(
        f"{stage.clinic}/register/?since=01/01/2020&until=02/01/2020", stage.member(Role.INSPECTOR)
    )
    assert "No line was written in this period." in window.text
    return window


def register_with_lines(stage: Stage) -> Window:
    stage.room.give()
    return stage.see(f"{stage.clinic}/register/", stage.member(Role.INSPECTOR))


def register_of_a_period_that_cannot_be_read(stage: Stage) -> Window:
    window = stage.see(f"{stage.clinic}/register/?since=yesterday&until=32/01/2020", stage.room.nurse)
    assert "That is not a period" in window.text
    return window


# --- the reports -----------------------------------------------------------------------------------------
def ask_for_this_month(stage: Stage) -> ReportRequest:
    at = now()
    month = london_date(at).replace(day=1)
    return request_report(
        clinic=stage.room.clinic, month=month, edition=Edition.RESTRICTED, by=stage.room.doctor, at=at
    )


def reports_of_a_new_clinic(stage: Stage) -> Window:
    return stage.see(f"{stage.clinic}/reports/", stage.member(Role.COMMISSIONER))


def reports_with_one_waiting(stage: Stage) -> Window:
    ask_for_this_month(stage)
    window = stage.see(f"{stage.clinic}/reports/", stage.member(Role.MANAGER))
    assert "waits for the worker" in window.text
    return window


def reports_with_one_failed(stage: Stage) -> Window:
    request = ask_for_this_month(stage)
    finish_request(request=request, run=None, failure="The disc is full.", by=stage.room.doctor, at=now())
    window = stage.see(f"{stage.clinic}/reports/", stage.member(Role.MANAGER))
    assert "was not built: The disc is full." in window.text
    return window


def reports_with_one_built(stage: Stage) -> Window:
    at = now()
    month = london_date(at).replace(day=1)
    run = build_report(
        clinic=stage.room.clinic.id, month=month, edition=Edition.RESTRICTED, by=stage.room.doctor, at=at
    )
    for kind in ("pdf", "csv"):
        ReportFileFactory(run=run, kind=kind)
    ReportReleaseFactory(run=run)
    window = stage.see(f"{stage.clinic}/reports/", stage.member(Role.COMMISSIONER))
    assert window.page.get_by_role("link", name="PDF").count() == 1
    return window


def request_of_a_report(stage: Stage) -> Window:
    return stage.see(f"{stage.clinic}/reports/request-report/", stage.member(Role.MANAGER))


# --- refused ---------------------------------------------------------------------------------------------
def page_of_another_role(stage: Stage) -> Window:
    window = stage.see(f"{stage.clinic}/board/", stage.member(Role.COMMISSIONER))
    assert window.heading == "Your role cannot open this page"
    return window


def page_that_is_not_there(stage: Stage) -> Window:
    window = stage.see("/nowhere/", stage.room.nurse)
    assert window.heading == "There is no such page"
    return window


def page_of_another_clinic(stage: Stage) -> Window:
    other = a_treatment_room()
    window = stage.see(f"/clinics/{other.clinic.code}/board/", stage.room.nurse)
    assert window.heading == "There is no such page"
    return window


def page_that_is_too_old(stage: Stage) -> Window:
    window = stage.see("/sign-in/")
    window.context.clear_cookies()
    window.press("Go on")
    assert window.heading == "Nothing was saved: the page was too old"
    return window


STATES = (
    sign_in,
    sign_in_refused,
    second_factor,
    second_factor_refused,
    set_up_app,
    set_up_app_refused,
    set_up_key,
    your_second_factor,
    your_keys,
    confirm_before_a_change,
    recovery_codes,
    recovery_codes_made,
    sign_out,
    signed_out,
    no_role_anywhere,
    choice_of_clinics,
    register_of_no_ledger,
    register_of_an_empty_period,
    register_with_lines,
    register_of_a_period_that_cannot_be_read,
    reports_of_a_new_clinic,
    reports_with_one_waiting,
    reports_with_one_failed,
    reports_with_one_built,
    request_of_a_report,
    page_of_another_role,
    page_that_is_not_there,
    page_of_another_clinic,
    page_that_is_too_old,
)


@pytest.fixture
def stage(room: TreatmentRoom, open_window: Callable[..., Window]) -> Stage:
    return Stage(room, open_window)


class TestEveryPage:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, stage: Stage, state: Callable[[Stage], Window]
    ) -> None:
        window = state(stage)
        assert window.page.title().endswith(" – HAT Clinic")
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []


class TestTheTestsThemselves:
    """What is said to be absent on every page is found when it is planted."""

    def test_find_a_fault_of_accessibility(self, stage: Stage) -> None:
        window = sign_in(stage)
        window.page.evaluate("document.querySelector('main').append(document.createElement('img'))")

        faults = window.accessibility_faults()

        assert [fault for fault in faults if fault.startswith("image-alt:")]
        window.troubles.clear()

    def test_find_a_page_that_is_too_wide(self, stage: Stage) -> None:
        window = sign_in(stage)
        window.page.evaluate("document.querySelector('h1').style.width = '2000px'")

        assert [part for part in window.overflow if part.startswith("H1")]

    @pytest.mark.parametrize(
        ("planted", "directive"),
        [
            ("const part = document.createElement('script'); part.textContent = 'let a = 1';", "script-src"),
            (
                "const part = document.createElement('p'); part.setAttribute('style', 'color: red');",
                "style-src",
            ),
        ],
    )
    def test_find_an_inline_script_or_style_that_the_policy_refuses(
        self, stage: Stage, planted: str, directive: str
    ) -> None:
        window = sign_in(stage)

        window.page.evaluate(f"(() => {{ {planted} document.body.append(part); }})()")
        window.page.wait_for_timeout(100)

        assert [trouble for trouble in window.troubles if directive in trouble]
        window.troubles.clear()

    def test_find_a_script_that_fails_and_a_file_that_is_missing(self, stage: Stage) -> None:
        window = sign_in(stage)

        window.page.evaluate("setTimeout(() => { throw new Error('planted'); }); fetch('/nowhere/')")
        window.page.wait_for_timeout(300)

        assert [trouble for trouble in window.troubles if "planted" in trouble]
        assert [trouble for trouble in window.troubles if trouble.startswith("404:")]
        window.troubles.clear()
