"""Who may open a page. Every address carries exactly one of four marks, and a test refuses an unmarked one.

`@public` is open to all. `@setting_up` is for somebody who gave the password and has no second factor yet.
`@signed_in` needs both factors. `@requires(permission)` needs both factors, a standing membership of the
clinic in the address, and a role with the permission. Memberships are read at every request, so that a leaver
is cut off at the next click.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from hat_clinic.accounts.models import User
from hat_clinic.accounts.queries import Staff, get_staff, has_second_factor
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.http import send_to

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)

# The session remembers whose second factor it saw: a session of one person proves nothing for another.
SECOND_FACTOR_KEY = "second_factor_of"


class Door(StrEnum):
    """How far in an address lies."""

    PUBLIC = "public"
    SETTING_UP = "setting_up"
    SIGNED_IN = "signed_in"
    CLINIC = "clinic"


class SignedInRequest(HttpRequest):
    """A request of somebody who proved both factors."""

    user: User
    htmx: HtmxDetails


class StaffRequest(SignedInRequest):
    """A request of a member of the clinic in the address who may do what the view does."""

    staff: Staff


def note_second_factor(request: HttpRequest, user: User) -> None:
    """Remember in the session that this person proved a second factor in it."""
    request.session[SECOND_FACTOR_KEY] = str(user.pk)


def is_second_factor_proved(request: HttpRequest, user: User) -> bool:
    """Return whether this person proved a second factor in this session, and still has one."""
    return request.session.get(SECOND_FACTOR_KEY) == str(user.pk) and has_second_factor(user=user)


def public(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Mark a view as open to everybody, signed in or not."""

    @functools.wraps(view)
    def opened(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _marked(opened, Door.PUBLIC)


def setting_up(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in who proved both factors, and who gave the password and has no second factor at all.

    Who has a second factor and gave only the password is turned away: otherwise a stolen password could add
    a key of the thief's.
    """

    @functools.wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and not has_second_factor(user=user):
            return view(request, *args, **kwargs)
        return _turned_away(request) or view(request, *args, **kwargs)

    return _marked(guarded, Door.SETTING_UP)


def signed_in(view: Callable[Concatenate[R, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in who proved both factors, whatever their role."""

    @functools.wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return _turned_away(request) or view(request, *args, **kwargs)

    return _marked(guarded, Door.SIGNED_IN)


def requires(
    permission: Permission,
) -> Callable[[Callable[Concatenate[StaffRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in members of the clinic in the address (`<slug:clinic_code>`) whose roles allow the act.

    Not signed in: to the sign-in page. No second factor: to set one up, or to sign in with it. A stranger and
    a clinic that is not there: the same 404. A member without the permission: 403 in words. Else the view is
    called with `request.staff` and with everything of the address, `clinic_code` included.
    """

    def decorate(
        view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            refusal = _turned_away(request)
            if refusal is not None:
                return refusal
            staff = get_staff(user=request.user, clinic_code=str(kwargs["clinic_code"]), at=now())
            if staff is None:
                raise Http404
            if not staff.may(permission):
                _note_refusal(staff, permission)
                raise PermissionDenied(
                    f"Your role here ({staff.role_label}) does not include this. "
                    "If you need it for your work, ask the clinic's manager."
                )
            request.staff = staff
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


def _turned_away(request: HttpRequest) -> HttpResponseBase | None:
    """Return where to send somebody who has not proved both factors, or None."""
    if not request.user.is_authenticated:
        return send_to(request, reverse("account_login"), come_back=True)
    if is_second_factor_proved(request, request.user):
        return None
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
