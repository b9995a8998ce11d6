"""A window of the browser as a person sees it: what is pressed, what is read, and what went wrong behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import Terminal, User
from hat_clinic.accounts.presence import TERMINAL_COOKIE, TERMINAL_KEY
from hat_clinic.accounts.queries import has_second_factor
from hat_clinic.accounts.rules import Role, acts_at_terminal
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_terminal
from tests.second_factor import code_of

PASSWORD = "a long enough secret"
TELL_WHAT_WAS_REFUSED = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclass(frozen=True, slots=True)
class Website:
    """Where the server of the tests answers, and the name of its database."""

    address: str
    database: str


class Window:
    """One window; `page` is playwright's, `troubles` is what a person would not see and must not happen."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.troubles: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.troubles.append(f"script error: {error.error}"))
        context.on("response", self._weigh)
        context.add_init_script(TELL_WHAT_WAS_REFUSED)
        self.page: Page = context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium also says of every refused page that it "failed to load"; _weigh tells pages from parts.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"{message.type}: {message.text}")

    def _weigh(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.troubles.append(f"{response.status}: {response.url}")

    def close(self) -> None:
        self.context.close()

    # --- going somewhere -------------------------------------------------------------------------------
    def go(self, path: str) -> None:
        self.page.goto(path)

    def sign_in_by_hand(self, user: User, password: str = PASSWORD) -> None:
        """Type address, password and the code of the authenticator app."""
        self.go("/sign-in/")
        self.type_password(user, password)
        self.page.get_by_label("Code", exact=True).fill(code_of(user))
        self.press("Sign in")

    def type_password(self, user: User, password: str = PASSWORD) -> None:
        self.page.get_by_label("E-mail address").fill(user.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Go on")

    def go_back(self) -> None:
        """Press the browser's own back button."""
        self.page.go_back(wait_until="commit")

    def press(self, words: str) -> None:
        """Press a button that sends a form, and wait for the whole page that answers."""
        self.follow(self.page.get_by_role("button", name=words, exact=True))

    def follow(self, target: Locator) -> None:
        """Press what leads to another page, and wait until that is there as a whole."""
        with self.page.expect_navigation():
            target.click()

    # --- the board -------------------------------------------------------------------------------------
    def go_to_board(self, room: TreatmentRoom) -> None:
        self.go(f"/clinics/{room.clinic.code}/board/")

    def open_person(self, room: TreatmentRoom) -> None:
        """Open the person from the board, as a nurse does."""
        self.go_to_board(room)
        self.follow(self.page.get_by_role("link", name=re.compile(re.escape(room.patient.full_name))))

    def tab_to(self, target: Locator, *, at_most: int = 60) -> None:
        """Press Tab until the focus is on the target."""
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            if target.evaluate("(part) => part === document.activeElement"):
                return
        focused = self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        raise AssertionError(f"Tab does not reach {target}; it stopped at {focused}")

    # --- what is read ----------------------------------------------------------------------------------
    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def reasons(self) -> list[str]:
        """The lines of the summary of errors."""
        self.page.wait_for_load_state()
        return self.page.locator(".nhsuk-error-summary li").all_inner_texts()

    @property
    def summary_heading(self) -> str:
        return self.page.locator(".nhsuk-error-summary h2").inner_text()

    @property
    def path(self) -> str:
        return self.page.evaluate("location.pathname")

    @property
    def overflow(self) -> list[str]:
        """What makes the page wider than the window; empty when nobody need scroll sideways."""
        return self.page.evaluate(
            """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
                [...document.querySelectorAll("body *")]
                    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
                    .map((part) => `${part.tagName} ${part.className} ${part.textContent.trim().slice(0, 40)}`)"""
        )

    def accessibility_faults(self) -> list[str]:
        """What axe finds, one line for each element."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{fault['id']}: {fault['help']}: {node['html'][:200]}"
            for fault in found
            for node in fault["nodes"]
        ]


def with_sign_in(user: User, *, second_factor: bool = True) -> User:
    """Give a person an authenticator app, and their password in the form that the server can check.

    Tests hash passwords quickly; the server, which is a process of its own, takes Argon2 alone.
    """
    if second_factor:
        enrol_totp(user=user, secret=None, by=None, at=now())
    hasher = Argon2PasswordHasher()
    User.objects.filter(pk=user.pk).update(password=hasher.encode(PASSWORD, hasher.salt()))
    user.refresh_from_db()
    return user


def session_cookies(website: Website, sign_in: Any, user: User) -> list[Any]:
    """Return the cookies of a whole sign-in, for tests that are about something else.

    Somebody of the treatment room is signed in at a terminal of their own, so that they may act in it.
    """
    if not has_second_factor(user=user):
        enrol_totp(user=user, secret=None, by=None, at=now())
    client = sign_in(Client(), user)
    name = settings.SESSION_COOKIE_NAME
    cookies = [{"name": name, "value": client.cookies[name].value, "url": website.address}]
    membership = user.memberships.select_related("clinic").first()
    if membership is not None and acts_at_terminal(Role(membership.role)):
        number = Terminal.objects.filter(clinic=membership.clinic).count() + 1
        terminal, secret = a_terminal(membership.clinic, by=user, name=f"Treatment room {number}")
        session = client.session
        session[TERMINAL_KEY] = str(terminal.pk)
        session.save()
        cookies.append(terminal_cookie(website, secret))
    return cookies


def terminal_cookie(website: Website, secret: str) -> Any:
    """Return the cookie that makes a browser a terminal."""
    return {"name": TERMINAL_COOKIE, "value": secret, "url": website.address, "sameSite": "Strict"}
