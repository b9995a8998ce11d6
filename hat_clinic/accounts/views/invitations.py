"""Inviting people, and accepting an invitation.

There is no mail server: the manager hands the link over. Its token stands behind the # of the link, which no
browser sends to a server, so that it is in no log and no history of a proxy; the page reads it there and
posts it. Afterwards the session remembers which invitation this browser opened, never the token.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from hat_clinic.accounts import actions
from hat_clinic.accounts.access import StaffRequest, is_second_factor_proved, public, requires
from hat_clinic.accounts.forms.inspectors import InviteInspector
from hat_clinic.accounts.forms.own import AcceptInvitation, OpenInvitation
from hat_clinic.accounts.forms.staff import InvitePerson
from hat_clinic.accounts.queries import (
    InvitationPage,
    find_invitation,
    get_agency,
    get_invitation_page,
    has_second_factor,
    last_day_of_inspection,
    list_agencies,
)
from hat_clinic.accounts.rules import Permission, Role, invitation_sentence
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.http import send_to

INVITATION_KEY = "invitation"
CHOOSE_PIN_KEY = "choose_pin_next"


@requires(Permission.INVITE_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Make an invitation and show its link, this one time."""
    at = now()
    form = InvitePerson(
        request.POST or None, agencies=list_agencies(), latest_for_inspector=last_day_of_inspection(at)
    )
    if request.method == "POST" and form.is_valid():
        try:
            invited = actions.invite_person(
                clinic=request.staff.clinic,
                email=form.cleaned_data["email"],
                full_name=form.cleaned_data["full_name"],
                roles=form.cleaned_data["roles"],
                agency=get_agency(form.agency_id),
                roles_end_at=form.ends_at,
                by=request.staff.user,
                at=at,
            )
        except actions.InviteRefused as refusal:
            form.refuse(refusal.decision)
        else:
            link = request.build_absolute_uri(reverse("accounts:accept_invitation")) + f"#{invited.token}"
            back = reverse("accounts:list_staff", kwargs={"clinic_code": clinic_code})
            shown = {"invitation": invited.invitation, "link": link, "back": back, "back_to": "the staff"}
            return render(request, "accounts/invite_person_link.html", shown)
    return render(request, "accounts/invite_person.html", {"form": form})


@requires(Permission.INVITE_INSPECTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_inspector(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Invite an inspector for a first and a last day, and show the link, this one time."""
    at = now()
    form = InviteInspector(request.POST or None, today=london_date(at))
    if request.method == "POST" and form.is_valid():
        try:
            invited = actions.invite_person(
                clinic=request.staff.clinic,
                email=form.cleaned_data["email"],
                full_name=form.cleaned_data["full_name"],
                roles=[Role.INSPECTOR],
                agency=None,
                roles_start_at=form.starts_at,
                roles_end_at=form.ends_at,
                by=request.staff.user,
                at=at,
            )
        except actions.InviteRefused as refusal:
            form.refuse(refusal.decision)
        else:
            link = request.build_absolute_uri(reverse("accounts:accept_invitation")) + f"#{invited.token}"
            back = reverse("pages:see_inspections", kwargs={"clinic_code": clinic_code})
            shown = {
                "invitation": invited.invitation,
                "link": link,
                "back": back,
                "back_to": "the inspections",
            }
            return render(request, "accounts/invite_inspector_link.html", shown)
    return render(request, "accounts/invite_inspector.html", {"form": form})


@requires(Permission.INVITE_PERSON)
@require_POST
def withdraw_invitation(request: StaffRequest, clinic_code: str, invitation_id: uuid.UUID) -> HttpResponse:
    """Take an unanswered invitation back."""
    try:
        actions.withdraw_invitation(
            clinic=request.staff.clinic, invitation_id=invitation_id, by=request.staff.user, at=now()
        )
    except actions.NoSuchInvitation as missing:
        raise Http404 from missing
    except actions.InvitationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Saved: the invitation is withdrawn. Its link no longer works.")
    return redirect("accounts:list_staff", clinic_code=clinic_code)


@public
@sensitive_post_parameters("code", "password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest) -> HttpResponseBase:
    """Open an invitation with its code, read it, and accept it."""
    at = now()
    if "code" in request.POST:
        return _open(request, at)
    page = _opened(request, at)
    if page is None or page.refusal:
        return _ask_for_code(request, refusal=page.refusal if page else "")
    if request.user.is_authenticated and not _is_for(request, page):
        return _show(request, page, is_somebody_else=True)
    if page.has_account:
        return _accept_as_oneself(request, page, at)
    return _accept_as_newcomer(request, page, at)


def _next_page(user: Any, page: InvitationPage) -> str:
    """Return where somebody goes who has just chosen a password: who is back from before has a second factor."""
    if not has_second_factor(user=user):
        return "set_up_app"
    return "accounts:choose_pin" if page.needs_pin else "pages:home"


def _open(request: HttpRequest, at: datetime) -> HttpResponse:
    """Find the invitation that the posted code opens, and remember it in the session.

    A used link is answered like one that never was, in the same place and words.
    """
    form = OpenInvitation(request.POST)
    if not form.is_valid():
        return _show_code_form(request, form)
    found = find_invitation(token=form.cleaned_data["code"])
    page = get_invitation_page(invitation_id=found, at=at) if found else None
    if page is None or page.refusal:
        form.add_error("code", page.refusal if page else invitation_sentence(None))
        return _show_code_form(request, form)
    request.session[INVITATION_KEY] = str(page.id)
    return redirect("accounts:accept_invitation")


def _opened(request: HttpRequest, at: datetime) -> InvitationPage | None:
    """Return the invitation that this browser has opened, if there is one."""
    opened = request.session.get(INVITATION_KEY)
    return get_invitation_page(invitation_id=uuid.UUID(opened), at=at) if opened else None


def _ask_for_code(request: HttpRequest, *, refusal: str) -> HttpResponse:
    """Ask for the code; tell of an invitation that this browser opened and that does not work, once."""
    request.session.pop(INVITATION_KEY, None)
    return _show_code_form(request, OpenInvitation(), refusal=refusal)


def _show_code_form(request: HttpRequest, form: OpenInvitation, refusal: str = "") -> HttpResponse:
    return render(request, "accounts/accept_invitation_code.html", {"form": form, "refusal": refusal})


def _is_for(request: HttpRequest, page: InvitationPage) -> bool:
    return page.has_account and getattr(request.user, "email", None) == page.email


def _show(request: HttpRequest, page: InvitationPage, **more: Any) -> HttpResponse:
    return render(request, "accounts/accept_invitation.html", {"page": page, **more})


def _accept_as_oneself(request: HttpRequest, page: InvitationPage, at: datetime) -> HttpResponseBase:
    """Let somebody with an account take the roles, once they have signed in with both factors."""
    user = request.user
    if not user.is_authenticated:
        return _show(request, page, must_sign_in=True)
    if not is_second_factor_proved(request, user):
        return send_to(request, reverse("set_up_app"))
    if request.method != "POST":
        return _show(request, page, is_oneself=True)
    try:
        actions.accept_invitation(invitation_id=page.id, password=None, by=user, at=at)
    except actions.InvitationRefused as refusal:
        return _ask_for_code(request, refusal=str(refusal))
    del request.session[INVITATION_KEY]
    messages.success(request, f"Saved: you are {page.roles} at {page.clinic}.")
    return redirect("accounts:choose_pin" if page.needs_pin else "pages:home")


def _accept_as_newcomer(request: HttpRequest, page: InvitationPage, at: datetime) -> HttpResponseBase:
    """Let somebody without an open account choose a password, and go on to their second factor."""
    form = AcceptInvitation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        try:
            user = actions.accept_invitation(invitation_id=page.id, password=password, by=None, at=at)
        except actions.UserRefused as refusal:
            form.add_error("password", str(refusal))
        except actions.InvitationRefused as refusal:
            return _ask_for_code(request, refusal=str(refusal))
        else:
            del request.session[INVITATION_KEY]
            request.session[CHOOSE_PIN_KEY] = page.needs_pin
            login = Login(user=user, redirect_url=reverse(_next_page(user, page)))
            return perform_password_login(request, {"email": user.email, "password": password}, login)
    return _show(request, page, form=form)
