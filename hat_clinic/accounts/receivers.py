"""What the sign-in library tells us: every sign-in, sign-out and second factor becomes an audit event.

The only signal receivers of the project. E-mail addresses are never stored in the trail: an address that
nobody has may be a password typed in the wrong box.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.signals import user_logged_in as signed_in_fully
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from hat_clinic.accounts.actions import forgive_wrong_pins, open_terminal
from hat_clinic.accounts.models import User
from hat_clinic.accounts.presence import (
    LAST_INPUT_AT,
    SIGNED_IN_AT,
    is_second_factor_proved,
    note_second_factor,
    secret_of,
    settle_at,
)
from hat_clinic.accounts.queries import get_terminal, get_user_by_email, roles_of
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now


@receiver(user_logged_in)
def start_session(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Start both clocks of the session, and write the sign-in down."""
    request.session[SIGNED_IN_AT] = request.session[LAST_INPUT_AT] = time.time()
    with transaction.atomic():
        record(
            "accounts.signed_in",
            by=user,
            at=now(),
            thing=user,
            second_factor=is_second_factor_proved(request, user),
            pin=getattr(request, "signed_in_with", "") == "pin",
        )


@receiver(signed_in_fully)
def turn_pin_on(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """After password and second factor, wrong PINs are forgiven, and the terminal this browser is opens."""
    if is_second_factor_proved(request, user):
        forgive_wrong_pins(user=user, by=user, at=now())
        open_terminal_of_browser(request, user)


def open_terminal_of_browser(request: HttpRequest, user: User) -> None:
    """Open the terminal that this browser is, if it is one of a clinic the person belongs to."""
    terminal = get_terminal(secret=secret_of(request))
    at = now()
    if terminal is not None and roles_of(user=user, clinic=terminal.clinic, at=at):
        open_terminal(terminal_id=terminal.pk, by=user, at=at)
        settle_at(request, terminal)


@receiver(user_login_failed)
def note_failed_sign_in(credentials: dict[str, Any], **kwargs: Any) -> None:
    record_failed_sign_in(credentials.get("email"), why="wrong")


def record_failed_sign_in(email: str | None, *, why: str) -> None:
    """Write a refused sign-in down, with the id of the person whose address it was, if there is one."""
    with transaction.atomic():
        record(
            "accounts.sign_in_failed",
            by=None,
            at=now(),
            thing=get_user_by_email(email) if email else None,
            refused=True,
            why=why,
        )


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        with transaction.atomic():
            why = getattr(request, "signed_out_because", "asked")
            record("accounts.signed_out", by=user, at=now(), thing=user, why=why)


@receiver(authentication_failed)
def note_failed_second_factor(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    with transaction.atomic():
        record(
            "accounts.second_factor_failed",
            by=None,
            at=now(),
            thing=user,
            refused=True,
            kind=authenticator.type,
        )


@receiver(authenticator_used)
def note_second_factor_used(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note_second_factor(request, user)


@receiver(authenticator_added)
def note_second_factor_added(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Whoever sets a factor up has just proved to hold it."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        note_second_factor(request, user)
    with transaction.atomic():
        record("accounts.second_factor_set", by=user, at=now(), thing=user, kind=authenticator.type)


@receiver(authenticator_removed)
def note_second_factor_removed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    with transaction.atomic():
        record("accounts.second_factor_removed", by=user, at=now(), thing=user, kind=authenticator.type)


@receiver(authenticator_reset)
def note_recovery_codes_renewed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    with transaction.atomic():
        record("accounts.recovery_codes_renewed", by=user, at=now(), thing=user, kind=authenticator.type)
