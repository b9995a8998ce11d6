"""Signing in and out by hand, and what is left on the screen afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hat_clinic.accounts.rules import Role
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.treatment import TreatmentRoom, a_member_of_staff
from tests.second_factor import code_of, code_of_secret

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


class TestSigningIn:
    @pytest.mark.parametrize(
        ("role", "heading"),
        [
            (Role.INSPECTOR, "Controlled-drug register"),
            (Role.COMMISSIONER, "Reports"),
        ],
    )
    def test_leads_to_the_first_page_of_the_role(
        self, room: TreatmentRoom, open_window: Open, role: Role, heading: str
    ) -> None:
        user = with_sign_in(a_member_of_staff(room.clinic, role, name="Owen Pryce"))
        window = open_window()

        window.sign_in_by_hand(user)

        assert window.heading == heading

    def test_says_that_address_and_password_do_not_belong_together_and_keeps_the_address(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        user = with_sign_in(room.nurse)
        window = open_window()
        window.go("/sign-in/")

        window.type_password(user, "some other long secret")

        assert window.reasons == [
            "That e-mail address and password do not belong together. Check both and try again."
        ]
        assert window.page.get_by_label("E-mail address").input_value() == user.email
        assert window.page.get_by_label("Password", exact=True).input_value() == ""
        assert window.page.evaluate("document.activeElement.className") == "nhsuk-error-summary"

    def test_says_that_a_code_is_wrong_and_takes_the_right_one_then(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        user = with_sign_in(room.nurse)
        window = open_window()
        window.go("/sign-in/")
        window.type_password(user)
        window.page.get_by_label("Code", exact=True).fill(code_of(user, steps=20))
        window.press("Sign in")
        assert window.reasons == [
            "That code is not right. Codes change every 30 seconds: wait for the next one and try again."
        ]

        window.page.get_by_label("Code", exact=True).fill(code_of(user))
        window.press("Sign in")

        assert window.path == f"/clinics/{room.clinic.code}/board/"

    def test_goes_on_to_the_page_that_was_asked_for(self, room: TreatmentRoom, open_window: Open) -> None:
        user = with_sign_in(room.nurse)
        window = open_window()
        window.go(f"/clinics/{room.clinic.code}/register/")
        assert window.heading == "Sign in"

        window.type_password(user)
        window.page.get_by_label("Code", exact=True).fill(code_of(user))
        window.press("Sign in")

        assert window.path == f"/clinics/{room.clinic.code}/register/"

    def test_has_a_newcomer_set_up_an_authenticator_app_first(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        user = with_sign_in(
            a_member_of_staff(room.clinic, Role.INSPECTOR, name="Owen Pryce"), second_factor=False
        )
        window = open_window()
        window.go("/sign-in/")
        window.type_password(user)
        assert window.heading == "Set up your authenticator app"
        secret = window.page.locator("code").inner_text()

        window.page.get_by_label("Code", exact=True).fill(code_of_secret(secret))
        window.press("Set up")
        window.go("/")

        assert window.heading == "Controlled-drug register"

    def test_shows_the_password_on_demand_only(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window()
        window.go("/sign-in/")
        field = window.page.get_by_label("Password", exact=True)
        field.fill(PASSWORD)
        assert field.get_attribute("type") == "password"

        window.page.get_by_role("button", name="Show password").click()

        assert field.get_attribute("type") == "text"


class TestSigningOut:
    def test_leaves_nobody_behind_the_back_button(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.doctor)
        window.go_to_board(room)
        assert room.patient.full_name in window.text
        window.press("Sign out")
        assert window.heading == "Sign in"

        window.go_back()

        assert window.heading == "Sign in"
        assert room.patient.full_name not in window.text

    def test_ends_what_the_other_tab_shows_at_its_next_press(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.doctor)
        window.go_to_board(room)
        other_tab = window.context.new_page()
        other_tab.goto(f"/clinics/{room.clinic.code}/board/")
        with other_tab.expect_navigation():
            other_tab.get_by_role("button", name="Sign out").click()

        window.follow(window.page.get_by_role("link", name="Look again"))

        assert window.heading == "Sign in"
        assert room.patient.full_name not in window.text
