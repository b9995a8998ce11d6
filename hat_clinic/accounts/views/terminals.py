"""The treatment-room terminal: its door, its lock, and the manager's list of terminals."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hat_clinic.accounts.access import (
    SignedInRequest,
    StaffRequest,
    TerminalRequest,
    at_terminal,
    present,
    public,
    requires,
)
from hat_clinic.accounts.actions import PinRefused, TerminalRefused, prove_pin
from hat_clinic.accounts.actions import add_terminal as make_link
from hat_clinic.accounts.actions import enrol_terminal as make_terminal
from hat_clinic.accounts.actions import retire_terminal as end_terminal
from hat_clinic.accounts.forms.terminals import AddTerminal, ChoosePerson, UnlockTerminal
from hat_clinic.accounts.presence import (
    LAST_INPUT_AT,
    TERMINAL_COOKIE,
    TERMINAL_KEY,
    Proof,
    give_cookie,
    is_locked,
    lock_session,
    proof_in,
    switch_to,
    unlock,
)
from hat_clinic.accounts.queries import (
    face_of,
    get_enrolment,
    get_person_with_face,
    get_terminals_page,
    has_pin,
    list_faces,
    list_premises_choices,
    roles_of,
)
from hat_clinic.accounts.receivers import open_terminal_of_browser
from hat_clinic.accounts.rules import IDLE_LIMIT, Permission
from hat_clinic.core.clock import now
from hat_clinic.core.http import page_of

HOME = "/"


@at_terminal
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def choose_person(request: TerminalRequest) -> HttpResponse:
    """Who acts now: a face and its PIN. Whoever was there before is locked, and signed out by the next PIN."""
    at = now()
    terminal = request.terminal
    if request.user.is_authenticated and TERMINAL_KEY in request.session and not is_locked(request):
        lock_session(request, request.user, why="asked")
    is_open = terminal.open_until is not None and terminal.open_until > at
    faces = list_faces(clinic=terminal.clinic, at=at) if is_open else []
    form = ChoosePerson(request.POST if request.method == "POST" else None, faces=faces)
    if is_open and request.method == "POST" and form.is_valid():
        person = get_person_with_face(clinic=terminal.clinic, user_id=form.cleaned_data["person"], at=at)
        try:
            if person is not None:
                prove_pin(user=person, pin=form.cleaned_data["pin"], terminal_id=terminal.pk, at=at)
                switch_to(request, person, terminal)
                return redirect(HOME)
        except PinRefused as refusal:
            form.add_error("pin", str(refusal))
    page = {"terminal": terminal, "is_open": is_open, "form": form, "at": at}
    return render(request, "accounts/choose_person.html", page)


@at_terminal
@require_POST
def lock_terminal(request: TerminalRequest) -> HttpResponse:
    """Lock at once, by the button, by the page itself after two minutes, or to let somebody else in."""
    if request.user.is_authenticated and TERMINAL_KEY in request.session and not is_locked(request):
        why = "time" if request.POST.get("why") == "time" else "asked"
        lock_session(request, request.user, why=why)
    if "switch" in request.POST or not request.user.is_authenticated:
        return redirect("choose_person")
    page = _next_of(request, otherwise=page_of(request))
    return redirect(f"{reverse('unlock_terminal')}?{urlencode({'next': page})}")


@at_terminal
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def unlock_terminal(request: TerminalRequest) -> HttpResponse:
    """The lock: whose work waits here, and their PIN, which leads back to the very page."""
    at = now()
    terminal = request.terminal
    user = request.user
    if not user.is_authenticated or not is_locked(request):
        return redirect(HOME if user.is_authenticated else "choose_person")
    if request.session.get(TERMINAL_KEY) != str(terminal.pk):
        logout(request)
        return redirect("choose_person")
    form = UnlockTerminal(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            prove_pin(user=user, pin=form.cleaned_data["pin"], terminal_id=terminal.pk, at=at)
            idle = timedelta(seconds=time.time() - request.session[LAST_INPUT_AT])
            unlock(request, user, keeps_full_sign_in=idle < IDLE_LIMIT)
            return redirect(_next_of(request))
        except PinRefused as refusal:
            form.add_error("pin", str(refusal))
    page = {
        "terminal": terminal,
        "form": form,
        "face": face_of(user, roles_of(user=user, clinic=terminal.clinic, at=at)),
        "has_pin": has_pin(user=user),
        "next": _next_of(request),
        "at": at,
    }
    return render(request, "accounts/unlock_terminal.html", page)


def _next_of(request: HttpRequest, *, otherwise: str = "") -> str:
    """Return the page to go back to, of this host only."""
    page = request.POST.get("next") or request.GET.get("next") or otherwise or HOME
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else HOME


@present
@require_POST
def note_input(request: SignedInRequest) -> HttpResponse:
    """Somebody touched the page without sending anything: the terminal stays open."""
    request.session[LAST_INPUT_AT] = time.time()
    return HttpResponse(status=204)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def enrol_terminal(request: HttpRequest, token: str) -> HttpResponse:
    """Make this browser a terminal, once, by pressing the button: a link that is only looked at is not used."""
    at = now()
    by = request.user if request.user.is_authenticated else None
    if request.method == "POST":
        try:
            _, secret = make_terminal(token=token, by=by, at=at)
        except TerminalRefused as refusal:
            return render(request, "accounts/enrol_terminal_over.html", {"why": str(refusal)}, status=410)
        request.COOKIES[TERMINAL_COOKIE] = secret
        response = redirect("choose_person")
        if by is not None and proof_in(request, by) is Proof.FULL:
            open_terminal_of_browser(request, by)
            response = redirect(HOME)
        give_cookie(response, secret)
        return response
    enrolment = get_enrolment(token=token, at=at)
    if enrolment is None:
        return render(request, "accounts/enrol_terminal_over.html", status=410)
    return render(request, "accounts/enrol_terminal.html", {"enrolment": enrolment})


@requires(Permission.LIST_TERMINALS)
@require_safe
def list_terminals(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The clinic's terminals: which stand, who opened them, and which were retired."""
    page = get_terminals_page(clinic=request.staff.clinic, at=request.at)
    return render(request, "accounts/list_terminals.html", {"page": page})


@requires(Permission.LIST_TERMINALS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_terminal(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Make a one-time link for a new terminal; it is shown once, on the page that answers."""
    clinic = request.staff.clinic
    choices = list_premises_choices(clinic=clinic)
    form = AddTerminal(request.POST if request.method == "POST" else None, premises=choices)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            token = make_link(
                clinic=clinic, premises_id=form.premises_id(), name=name, by=request.user, at=request.at
            )
            link = request.build_absolute_uri(reverse("enrol_terminal", kwargs={"token": token}))
            return render(request, "accounts/add_terminal_link.html", {"link": link, "name": name})
        except TerminalRefused as refusal:
            form.add_error("name", str(refusal))
    return render(request, "accounts/add_terminal.html", {"form": form})


@requires(Permission.LIST_TERMINALS)
@require_POST
def retire_terminal(request: StaffRequest, clinic_code: str, terminal_id: uuid.UUID) -> HttpResponse:
    """End a terminal: whoever is at it is out at the next click."""
    terminal = end_terminal(
        clinic=request.staff.clinic, terminal_id=terminal_id, by=request.user, at=request.at
    )
    if terminal is None:
        raise Http404
    messages.success(request, f"Retired: {terminal.name} is a terminal no more.")
    return redirect("list_terminals", clinic_code=clinic_code)
