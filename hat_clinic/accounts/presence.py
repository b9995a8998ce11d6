"""What a session and its browser prove: both factors, or a PIN at an open terminal; and whether it is locked."""

from __future__ import annotations

import time
import uuid
from enum import IntEnum
from typing import TypeGuard

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse

from hat_clinic.accounts.actions import note_locked
from hat_clinic.accounts.models import Terminal, User
from hat_clinic.accounts.queries import TerminalFacts, get_terminal_facts, has_second_factor
from hat_clinic.core.clock import now

# The session remembers whose second factor it saw: a session of one person proves nothing for another.
SECOND_FACTOR_KEY = "second_factor_of"
# Whose PIN was typed, and the terminal the session belongs to. Both count only in that terminal's own browser.
PIN_KEY = "pin_of"
TERMINAL_KEY = "terminal"
LOCKED_KEY = "locked_at"
SIGNED_IN_AT = "signed_in_at"
LAST_INPUT_AT = "last_input_at"
# The addresses that a browser still opens once staff handed it to a person to answer questions on.
HANDED_KEY = "handed_over"

TERMINAL_COOKIE = "hat_terminal"
COOKIE_LASTS_SECONDS = 400 * 24 * 3600  # browsers keep no cookie for longer
BACKEND = "hat_clinic.accounts.backends.SignIn"


class Proof(IntEnum):
    """How much somebody has proved."""

    NONE = 0
    PIN = 1  # their own PIN, at an open terminal, in its own browser
    FULL = 2  # password and second factor


def secret_of(request: HttpRequest) -> str:
    """Return the terminal's secret that this browser holds, or nothing."""
    return request.COOKIES.get(TERMINAL_COOKIE, "")[:100]


def give_cookie(response: HttpResponse, secret: str) -> None:
    """Make the browser that gets this answer a terminal."""
    response.set_cookie(
        TERMINAL_COOKIE,
        secret,
        max_age=COOKIE_LASTS_SECONDS,
        secure=settings.SERVES_HTTPS,
        httponly=True,
        samesite="Strict",
    )


def take_cookie(response: HttpResponse) -> None:
    """Make the browser that gets this answer a terminal no more."""
    response.delete_cookie(TERMINAL_COOKIE, samesite="Strict")


def note_second_factor(request: HttpRequest, user: User) -> None:
    """Remember in the session that this person proved a second factor in it."""
    request.session[SECOND_FACTOR_KEY] = str(user.pk)


def is_second_factor_proved(request: HttpRequest, user: User) -> bool:
    """Return whether this person proved a second factor in this session, and still has one."""
    return request.session.get(SECOND_FACTOR_KEY) == str(user.pk) and has_second_factor(user=user)


def is_pin_session(request: HttpRequest) -> bool:
    """Return whether the session was begun with a PIN; whether that still counts is another question."""
    return PIN_KEY in request.session


def proof_of(request: HttpRequest, user: User, *, has_factor: bool, terminal: TerminalFacts | None) -> Proof:
    """Return how much this session proves for a person in this browser, which is `terminal` or none.

    A PIN counts only in the browser of the terminal it was typed at, while that is open and stands.
    """
    if has_factor and request.session.get(SECOND_FACTOR_KEY) == str(user.pk):
        return Proof.FULL
    if request.session.get(PIN_KEY) == str(user.pk) and is_here(terminal, request) and terminal.is_open:
        return Proof.PIN
    return Proof.NONE


def proof_in(request: HttpRequest, user: User) -> Proof:
    """Return how much this session proves, looking up what must be known for it."""
    if is_pin_session(request):
        terminal = get_terminal_facts(secret=secret_of(request))
        return proof_of(request, user, has_factor=False, terminal=terminal)
    return Proof.FULL if is_second_factor_proved(request, user) else Proof.NONE


def is_here(terminal: TerminalFacts | None, request: HttpRequest) -> TypeGuard[TerminalFacts]:
    """Return whether the session belongs to the terminal that this browser is."""
    return terminal is not None and request.session.get(TERMINAL_KEY) == str(terminal.id)


def settle_at(request: HttpRequest, terminal: Terminal) -> None:
    """Tie the session to the terminal that this browser is: from now on it locks, and does not time out."""
    request.session[TERMINAL_KEY] = str(terminal.pk)


def switch_to(request: HttpRequest, user: User, terminal: Terminal) -> None:
    """End whoever's session this is on the server, and begin one of a person who typed their PIN here.

    Session key and form token are new: nothing that the last person opened can be sent by the next.
    Source: trust design 2.
    """
    request.signed_out_because = "switch"  # type: ignore[attr-defined]  # read by the sign-out's audit
    logout(request)
    request.signed_in_with = "pin"  # type: ignore[attr-defined]  # read by the sign-in's audit
    login(request, user, backend=BACKEND)
    request.session[PIN_KEY] = str(user.pk)
    settle_at(request, terminal)


def lock_session(request: HttpRequest, user: User, *, why: str) -> None:
    """Lock the session; nothing but the PIN of the same person opens it. `why` is "asked" or "time"."""
    request.session[LOCKED_KEY] = time.time()
    note_locked(terminal_id=uuid.UUID(request.session[TERMINAL_KEY]), why=why, by=user, at=now())


def unlock(request: HttpRequest, user: User, *, keeps_full_sign_in: bool) -> None:
    """Go on where the person was; a full sign-in that lay long is worth a PIN only.

    The key of the session is new, so that a copy made while the screen was locked opens nothing.
    """
    del request.session[LOCKED_KEY]
    request.session[LAST_INPUT_AT] = time.time()
    if not keeps_full_sign_in and request.session.pop(SECOND_FACTOR_KEY, None):
        request.session[PIN_KEY] = str(user.pk)
    request.session.cycle_key()


def is_locked(request: HttpRequest) -> bool:
    """Return whether the session is locked."""
    return LOCKED_KEY in request.session


def hand_over(request: HttpRequest, *addresses: str) -> None:
    """Let this session open these addresses only, the first one in place of every other, until it is signed out.

    Whoever holds the browser then is not the person who signed in. The key of the session is new: what another page
    asked for meanwhile would else write the session back as it was, and a page kept by the browser is not shown again.
    """
    request.session[HANDED_KEY] = list(addresses)
    request.session.cycle_key()


def handed_over(request: HttpRequest) -> list[str]:
    """Return the addresses that a browser in somebody else's hands may open; none where staff hold it."""
    return request.session.get(HANDED_KEY, [])
