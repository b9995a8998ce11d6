"""Who may open a page. Every address carries exactly one of six marks, and a test refuses an unmarked one.

`@public` is open to all. `@setting_up` is for somebody who gave the password and has no second factor yet.
`@signed_in` needs both factors. `@present` needs both factors, or a PIN at an open treatment-room terminal.
`@at_terminal` is for whoever stands at an enrolled terminal, signed in or not. `@requires(permission)` needs
what `@present` needs, a standing membership of the clinic in the address, and a role with the permission; what
is done in the treatment room needs a terminal, and what a PIN is not enough for needs both factors. Memberships
and terminals are read at every request, so that a leaver and a retired terminal are cut off at the next click.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from hat_clinic.accounts.models import Terminal
from hat_clinic.accounts.models import User as User
from hat_clinic.accounts.presence import (
    SECOND_FACTOR_KEY,
    TERMINAL_KEY,
    Proof,
    is_here,
    is_pin_session,
    is_second_factor_proved,
    note_second_factor,
    proof_in,
    proof_of,
    secret_of,
)
from hat_clinic.accounts.queries import Staff, Visitor, get_terminal, get_visitor, has_second_factor
from hat_clinic.accounts.rules import AT_TERMINAL, FULL_SIGN_IN, Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.http import send_to

__all__ = [
    "SECOND_FACTOR_KEY",
    "Door",
    "SignedInRequest",
    "StaffRequest",
    "TerminalRequest",
    "at_terminal",
    "is_second_factor_proved",
    "note_second_factor",
    "present",
    "public",
    "requires",
    "setting_up",
    "signed_in",
]

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)


class Door(StrEnum):
    """How far in an address lies."""

    PUBLIC = "public"
    SETTING_UP = "setting_up"
    TERMINAL = "terminal"
    PRESENT = "present"
    SIGNED_IN = "signed_in"
    CLINIC = "clinic"


class TerminalRequest(HttpRequest):
    """A request from the browser of an enrolled terminal that stands, whoever is at it."""

    terminal: Terminal


class SignedInRequest(HttpRequest):
    """A request of somebody who proved who they are."""

    user: User
    htmx: HtmxDetails


class StaffRequest(SignedInRequest):
    """A request of a member of the clinic in the address who may do what the view does.

    `at` is the database's time when the door opened.
    """

    staff: Staff
    at: datetime


def public(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a view as open to everybody, signed in or not."""

    @functools.wraps(view)
    def opened(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _marked(opened, Door.PUBLIC)


def setting_up(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in who proved both factors, and who gave the password and has no second factor at all.

    Who has a second factor and gave only the password is turned away: otherwise a stolen password could add
    a key of the thief's. So is who typed only a PIN.
    """

    @functools.wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and not is_pin_session(request) and not has_second_factor(user=user):
            return view(request, *args, **kwargs)
        return _turned_away(request, Proof.FULL) or view(request, *args, **kwargs)

    return _marked(guarded, Door.SETTING_UP)


def signed_in(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in who proved both factors, whatever their role."""

    @functools.wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return _turned_away(request, Proof.FULL) or view(request, *args, **kwargs)

    return _marked(guarded, Door.SIGNED_IN)


def present(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in who proved both factors, or typed their PIN at this open terminal, whatever their role."""

    @functools.wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return _turned_away(request, Proof.PIN) or view(request, *args, **kwargs)

    return _marked(guarded, Door.PRESENT)


def at_terminal(
    view: Callable[Concatenate[TerminalRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let in whoever stands at an enrolled terminal, signed in or not; anywhere else the page says so (403).

    The view is called with `request.terminal`, which stands and may be closed.
    """

    @functools.wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        terminal = get_terminal(secret=secret_of(request))
        if terminal is None:
            if TERMINAL_KEY in request.session:
                logout(request)  # its terminal was retired: nothing here could unlock it
            return render(request, "accounts/no_terminal.html", status=403)
        request.terminal = terminal
        return view(request, *args, **kwargs)

    return _marked(guarded, Door.TERMINAL)


def requires(
    permission: Permission, *, barred: Callable[..., HttpResponseBase] | None = None
) -> Callable[[Callable[Concatenate[StaffRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in members of the clinic in the address (`<slug:clinic_code>`) whose roles allow the act.

    Not signed in: to the sign-in page. No second factor: to set one up, or to sign in with it. A stranger and
    a clinic that is not there: the same 404. A member without the permission: 403 in words; so is a member who
    is not at a terminal for what is done there, and one with a PIN only for what needs both factors. Else the
    view is called with `request.staff`, `request.at` and everything of the address, `clinic_code` included.

    With `barred` a member without the permission gets that view's answer in place of the general one: it says what
    the law asks and what they can do instead, and writes the attempt into the trail by its own name.
    """

    def decorate(
        view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_the_entrance(request)
            visitor = get_visitor(
                user=request.user, clinic_code=str(kwargs["clinic_code"]), secret=secret_of(request)
            )
            refusal = _turned_away(request, Proof.PIN, visitor)
            if refusal is not None:
                return refusal
            if visitor is None:
                raise Http404
            staff = request.staff = _staff_here(request, visitor)
            request.at = visitor.at
            if not staff.may(permission):
                if barred is not None:
                    return barred(request, *args, **kwargs)
                _note_refusal(staff, permission)
                raise PermissionDenied(
                    f"Your role here ({staff.role_label}) does not include this. "
                    "If you need it for your work, ask the clinic's manager."
                )
            if not staff.has_full_sign_in and (permission in FULL_SIGN_IN or staff.terminal_id is None):
                return render(request, "accounts/needs_full_sign_in.html", status=403)
            if permission in AT_TERMINAL and staff.terminal_id is None:
                return render(request, "accounts/off_terminal.html", status=403)
            return view(request, *args, **kwargs)

        return _marked(guarded, Door.CLINIC, permission)

    return decorate


def _note_refusal(staff: Staff, permission: Permission) -> None:
    with transaction.atomic():
        record(
            "accounts.access_refused",
            by=staff.user,
            at=now(),
            clinic=staff.clinic.pk,
            refused=True,
            permission=permission.value,
        )


def _staff_here(request: HttpRequest, visitor: Visitor) -> Staff:
    """Return the member with the terminal of this clinic that they act at, if they do."""
    terminal = visitor.terminal
    is_full = _proof(request, visitor) is Proof.FULL
    if not is_here(terminal, request) or terminal.clinic_id != visitor.staff.clinic.pk:
        return replace(visitor.staff, has_full_sign_in=is_full)
    return replace(
        visitor.staff, terminal_id=terminal.id, terminal_name=terminal.name, has_full_sign_in=is_full
    )


def _proof(request: HttpRequest, visitor: Visitor) -> Proof:
    return proof_of(
        request,
        visitor.staff.user,
        has_factor=visitor.has_second_factor,
        terminal=visitor.terminal,
    )


def _to_the_entrance(request: HttpRequest) -> HttpResponseBase:
    """Send somebody who is not signed in to the faces of the terminal, or to the sign-in page."""
    if secret_of(request):
        return send_to(request, reverse("choose_person"))
    return send_to(request, reverse("account_login"), come_back=True)


def _turned_away(
    request: HttpRequest, needed: Proof, visitor: Visitor | None = None
) -> HttpResponseBase | None:
    """Return where to send somebody who has not proved enough, or None."""
    if not request.user.is_authenticated:
        return _to_the_entrance(request)
    proof = proof_in(request, request.user) if visitor is None else _proof(request, visitor)
    if proof >= needed:
        return None
    if proof is Proof.PIN:
        return render(request, "accounts/needs_full_sign_in.html", status=403)
    if is_pin_session(request):
        logout(request)
        messages.info(request, "Your PIN works at its own terminal only, while that is open. Sign in again.")
        return _to_the_entrance(request)
    if not has_second_factor(user=request.user):
        return send_to(request, reverse("set_up_app"))
    # The factor was set up in another window, after this one signed in with the password alone.
    logout(request)
    messages.info(request, "Sign in again, this time with your second factor.")
    return send_to(request, reverse("account_login"), come_back=True)


def _marked(
    view: Callable[..., HttpResponseBase], door: Door, permission: Permission | None = None
) -> Callable[..., HttpResponseBase]:
    marked: Any = view
    marked.door = door
    marked.permission = permission
    return view
