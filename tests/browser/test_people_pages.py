"""The staff's pages, an invitation from the manager's hand to the newcomer's PIN, and every state for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.actions import close_account, end_role, grant_role, invite_person, set_pin
from hat_clinic.accounts.models import SigningPin, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.test_every_page import ENLARGED_FOUR_TIMES, Stage
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff
from tests.second_factor import code_of_secret

pytestmark = pytest.mark.browser
PIN = "592837"


def manager_of(stage: Stage) -> User:
    return stage.member(Role.MANAGER)


def address_of_somebody(stage: Stage) -> str:
    return f"somebody@{stage.room.clinic.code}.example".lower()


def an_invitation(stage: Stage, manager: User, email: str = "", **changes: object) -> str:
    """Return the token of an invitation to the room's clinic."""
    content: dict[str, object] = {
        "clinic": stage.room.clinic,
        "email": email or address_of_somebody(stage),
        "full_name": "Noor Malik-Featherstonehaugh",
        "roles": [Role.NURSE, Role.CD_LEAD],
        "agency": None,
        "roles_end_at": None,
        "by": manager,
        "at": now(),
    }
    return invite_person(**(content | changes)).token  # type: ignore[arg-type]  # a test's own changes


# --- the manager -----------------------------------------------------------------------------------------
def staff_of_a_new_clinic(stage: Stage) -> Window:
    clinic = a_clinic()
    window = stage.see(
        f"/clinics/{clinic.code}/staff/", a_member_of_staff(clinic, Role.MANAGER, name="Morag Ellis")
    )
    assert "No invitation waits for an answer." in window.text
    return window


def staff_with_everything(stage: Stage) -> Window:
    manager, clinic = manager_of(stage), stage.room.clinic
    stage.member(Role.INSPECTOR)
    stage.member(Role.REFERRER)
    SigningPin.objects.filter(user=stage.room.second_nurse).update(failures=10)
    end_role(user=stage.room.cd_lead, clinic=clinic, role=Role.CD_LEAD, by=manager, at=now())
    close_account(user=stage.room.doctor, clinic=clinic, by=manager, at=now())
    an_invitation(stage, manager)
    an_invitation(stage, manager, f"late@{clinic.code}.example".lower(), at=now() - timedelta(days=8))
    window = stage.see(f"{stage.clinic}/staff/", manager)
    window.page.get_by_text("People who have left: 2").click()
    assert "Expired" in window.text
    return window


def somebody_of_the_staff(stage: Stage) -> Window:
    manager = manager_of(stage)
    grant_role(user=stage.room.nurse, clinic=a_clinic(), role=Role.NURSE, by=manager, at=now())
    return stage.see(f"{stage.clinic}/staff/{stage.room.nurse.pk}/", manager)


def the_last_manager(stage: Stage) -> Window:
    manager = manager_of(stage)
    window = stage.see(f"{stage.clinic}/staff/{manager.pk}/", manager)
    assert "Nobody else is manager here" in window.text
    return window


def role_that_is_refused(stage: Stage) -> Window:
    window = stage.see(f"{stage.clinic}/staff/{stage.room.nurse.pk}/grant-role/", manager_of(stage))
    window.page.get_by_label("Role", exact=True).select_option("inspector")
    window.press("Give this role")
    assert window.reasons == ["An inspector's role needs a last day, at most 31 days from when it begins."]
    return window


def account_before_it_is_closed(stage: Stage) -> Window:
    return stage.see(f"{stage.clinic}/staff/{stage.room.nurse.pk}/close-account/", manager_of(stage))


def account_that_stays_open(stage: Stage) -> Window:
    manager = manager_of(stage)
    window = stage.see(f"{stage.clinic}/staff/{manager.pk}/close-account/", manager)
    assert "The account stays open" in window.text
    return window


def invitation_form_with_errors(stage: Stage) -> Window:
    window = stage.see(f"{stage.clinic}/staff/invite-person/", manager_of(stage))
    window.press("Make the invitation")
    assert len(window.reasons) == 3
    return window


def link_of_an_invitation(stage: Stage) -> Window:
    window = stage.see(f"{stage.clinic}/staff/invite-person/", manager_of(stage))
    invite_by_hand(window, address_of_somebody(stage))
    return window


def agency_with_errors(stage: Stage) -> Window:
    window = stage.see(f"{stage.clinic}/staff/add-agency/", manager_of(stage))
    window.press("Add this agency")
    assert len(window.reasons) == 2
    return window


# --- the invited -----------------------------------------------------------------------------------------
def code_form(stage: Stage) -> Window:
    return stage.see("/accept-invitation/")


def link_that_does_not_work(stage: Stage) -> Window:
    window = stage.open_window()
    with window.page.expect_navigation(url="**/accept-invitation/"):
        window.go("/accept-invitation/#guessed")
    window.page.locator(".nhsuk-error-summary").wait_for()
    assert window.reasons == ["This link does not work (any more). Ask the manager for a new one."]
    return window


def opened_invitation(stage: Stage) -> Window:
    window = stage.open_window()
    open_link(window, an_invitation(stage, manager_of(stage)))
    return window


def opened_invitation_with_errors(stage: Stage) -> Window:
    window = opened_invitation(stage)
    window.press("Accept the invitation")
    assert window.reasons == ["Choose a password.", "Write the password once more."]
    return window


def invitation_of_an_account(stage: Stage) -> Window:
    known = a_member_of_staff(a_clinic(), Role.NURSE, name="Grace Okafor")
    window = stage.open_window()
    open_link(window, an_invitation(stage, manager_of(stage), known.email))
    assert "You have an account here already." in window.text
    return window


def invitation_of_oneself(stage: Stage) -> Window:
    known = a_member_of_staff(a_clinic(), Role.NURSE, name="Grace Okafor")
    window = stage.open_window(known)
    open_link(window, an_invitation(stage, manager_of(stage), known.email))
    return window


def invitation_of_somebody_else(stage: Stage) -> Window:
    window = stage.open_window(stage.room.nurse)
    open_link(window, an_invitation(stage, manager_of(stage)))
    assert window.heading == "This invitation is for somebody else"
    return window


# --- one's own -------------------------------------------------------------------------------------------
def my_pin(stage: Stage, user: User | None = None) -> Window:
    window = stage.open_window()
    window.sign_in_by_hand(with_sign_in(user or stage.room.nurse))
    window.go("/my-pin/")
    return window


def my_pin_with_errors(stage: Stage) -> Window:
    window = my_pin(stage)
    for field in ("#id_pin", "#id_pin_again"):
        window.page.locator(field).fill("123456")
    window.press("Set my PIN")
    assert len(window.reasons) == 1
    return window


def my_pin_that_is_off(stage: Stage) -> Window:
    window = my_pin(stage)
    SigningPin.objects.filter(user=stage.room.nurse).update(failures=10)
    window.go("/my-pin/")
    assert "Your PIN is off after 10 wrong tries." in window.text
    return window


def no_pin_for_the_role(stage: Stage) -> Window:
    window = my_pin(stage, stage.member(Role.CASE_WORKER))
    assert "you need no PIN" in window.text
    return window


STATES = (
    staff_of_a_new_clinic,
    staff_with_everything,
    somebody_of_the_staff,
    the_last_manager,
    role_that_is_refused,
    account_before_it_is_closed,
    account_that_stays_open,
    invitation_form_with_errors,
    link_of_an_invitation,
    agency_with_errors,
    code_form,
    link_that_does_not_work,
    opened_invitation,
    opened_invitation_with_errors,
    invitation_of_an_account,
    invitation_of_oneself,
    invitation_of_somebody_else,
    my_pin,
    my_pin_with_errors,
    my_pin_that_is_off,
    no_pin_for_the_role,
)


def open_link(window: Window, token: str) -> None:
    """Open an invitation's link, as a browser with scripts does: it sends the code by itself."""
    window.go(f"/accept-invitation/#{token}")
    window.page.locator("h1", has_not_text="Open your invitation").wait_for()


def invite_by_hand(window: Window, email: str) -> str:
    """Fill the manager's form in and return the link that is shown."""
    window.page.get_by_label("Full name").fill("Noor Malik")
    window.page.get_by_label("E-mail address").fill(email)
    window.page.get_by_label("Nurse", exact=True).check()
    window.press("Make the invitation")
    assert window.heading == "The link for Noor Malik"
    return window.page.locator(".hat-secret-link").inner_text().strip()


@pytest.fixture
def stage(room: TreatmentRoom, open_window: Callable[..., Window]) -> Stage:
    return Stage(room, open_window)


class TestEveryPageOfPeople:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, stage: Stage, state: Callable[[Stage], Window]
    ) -> None:
        window = state(stage)
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []


class TestAnInvitation:
    def test_leads_from_the_managers_hand_to_the_newcomers_own_pin(self, stage: Stage) -> None:
        office = stage.see(f"{stage.clinic}/staff/", manager_of(stage))
        office.follow(office.page.get_by_role("link", name="Invite somebody"))
        link = invite_by_hand(office, address_of_somebody(stage))

        theirs = stage.open_window()
        open_link(theirs, link.partition("#")[2])
        assert theirs.heading == "Welcome, Noor Malik"
        assert "#" not in theirs.page.url
        theirs.page.get_by_label("Choose a password", exact=True).fill(PASSWORD)
        theirs.page.get_by_label("The same password again", exact=True).fill(PASSWORD)
        theirs.press("Accept the invitation")
        assert theirs.heading == "Set up your authenticator app"
        secret = theirs.page.locator("code").inner_text()
        theirs.page.get_by_label("Code", exact=True).fill(code_of_secret(secret))
        theirs.press("Set up")
        theirs.follow(theirs.page.get_by_role("link", name="Go on: choose your signing PIN"))
        for field in ("#id_pin", "#id_pin_again"):
            theirs.page.locator(field).fill(PIN)
        theirs.press("Set my PIN")

        assert theirs.path == f"{stage.clinic}/board/"
        assert "Saved: your PIN signs from now on." in theirs.text
        office.go(f"{stage.clinic}/staff/")
        assert "Noor Malik" in office.text

    def test_works_without_scripts_by_writing_the_code(self, stage: Stage) -> None:
        token = an_invitation(stage, manager_of(stage))
        window = stage.open_window(javascript=False)
        window.go("/accept-invitation/")
        window.page.get_by_label("Code of the invitation").fill(token)

        window.press("Go on")

        assert window.heading.startswith("Welcome, Noor Malik")


class TestAMemberOfStaff:
    def test_who_leaves_is_at_the_sign_in_page_at_the_next_click(self, stage: Stage) -> None:
        theirs = stage.see(f"{stage.clinic}/board/", stage.room.nurse)
        office = stage.see(f"{stage.clinic}/staff/{stage.room.nurse.pk}/", manager_of(stage))

        office.follow(office.page.get_by_role("link", name="They are leaving"))
        office.press(f"Close the account of {stage.room.nurse.full_name}")
        theirs.page.reload()

        assert "is closed." in office.text
        assert theirs.heading == "Who are you?"

    def test_gets_and_loses_a_role_by_two_presses(self, stage: Stage) -> None:
        nurse = stage.room.nurse
        office = stage.see(f"{stage.clinic}/staff/{nurse.pk}/", manager_of(stage))
        office.follow(office.page.get_by_role("link", name="Give another role"))
        office.page.get_by_label("Role", exact=True).select_option("manager")
        office.press("Give this role")
        assert Role.MANAGER in roles_of(user=nurse, clinic=stage.room.clinic, at=now())

        office.follow(office.page.get_by_role("button", name=re.compile("End now.*manager")))

        assert f"{nurse.full_name} is no longer manager here." in office.text
        assert roles_of(user=nurse, clinic=stage.room.clinic, at=now()) == {Role.NURSE}


class TestMyPin:
    def test_is_found_from_the_head_of_the_page(self, stage: Stage) -> None:
        set_pin(user=stage.room.nurse, pin=PIN, by=stage.room.nurse, at=now())
        window = stage.open_window()
        window.sign_in_by_hand(with_sign_in(stage.room.nurse))
        window.go(f"{stage.clinic}/register/")

        window.follow(window.page.get_by_role("link", name="My account"))
        window.follow(window.page.get_by_role("link", name="set or change your PIN"))

        assert window.heading == "Your signing PIN"
