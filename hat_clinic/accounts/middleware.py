"""What is true of every request: it has an id, its session has an end, and its answer is not kept."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, resolve, reverse
from structlog.contextvars import bound_contextvars

from hat_clinic.accounts.actions import empty_draft, save_draft
from hat_clinic.accounts.models import User
from hat_clinic.accounts.presence import (
    LAST_INPUT_AT,
    SIGNED_IN_AT,
    TERMINAL_KEY,
    handed_over,
    is_locked,
    lock_session,
)
from hat_clinic.accounts.rules import is_touch_written, must_lock, session_end_sentence
from hat_clinic.audit.request import request_id
from hat_clinic.core.clock import now
from hat_clinic.core.http import is_poll, send_to

Next = Callable[[HttpRequest], HttpResponseBase]

# The red button with all that follows it: nobody types a PIN while somebody does not breathe.
OF_AN_EMERGENCY = {
    *("start_emergency", "handle_emergency", "write_emergency", "give_naloxone", "correct_emergency"),
    "hand_over_watching",
}
# What a locked terminal still answers: the lock, the faces, the way out, the last word of a half-filled page, and what
# an emergency needs.
OPEN_WHILE_LOCKED = {
    *("unlock_terminal", "choose_person", "lock_terminal", "account_logout", "save_draft"),
    *OF_AN_EMERGENCY,
}
# A form that carries this field wants what is typed in it kept.
DRAFT_FIELD = "hat-draft"


def request_id_middleware(get_response: Next) -> Next:
    """Give every request an id, which its audit events, its log lines and its answer carry."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        token = request_id.set(uuid.uuid4().hex)
        try:
            with bound_contextvars(request_id=request_id.get()):
                response = get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)

    return middleware


def no_store_middleware(get_response: Next) -> Next:
    """Keep pages out of the browser's memory: the next person's "back" must not show the last patient."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cache-Control"] = "no-store, private"
        return response

    return middleware


def session_limits_middleware(get_response: Next) -> Next:
    """End a session 12 hours after the sign-in, and after 15 minutes without human input.

    At a treatment-room terminal two minutes without input lock it instead, and every page leads to the lock. A
    form that arrives too late, in either case, is kept for whoever typed it. A tap of an emergency is never sent away:
    a session that is over is locked for it, and nobody is named. What a page asks for by itself
    (header `X-Poll: 1`) is no input. The clock is the server's own, since a demo or test may set the database's.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return get_response(request)
        clock = time.time()
        since_input = timedelta(seconds=clock - request.session.get(LAST_INPUT_AT, 0))
        stands_at_terminal = TERMINAL_KEY in request.session
        sentence = session_end_sentence(
            since_sign_in=timedelta(seconds=clock - request.session.get(SIGNED_IN_AT, 0)),
            since_input=timedelta(0) if stands_at_terminal else since_input,
        )
        if sentence is not None and stands_at_terminal and _page_name(request) in OF_AN_EMERGENCY:
            if not is_locked(request):
                lock_session(request, request.user, why="time")
            return get_response(request)
        if sentence is not None:
            _keep_what_was_typed(request)
            request.signed_out_because = "time"  # type: ignore[attr-defined]  # read by the sign-out's audit
            logout(request)
            messages.info(request, sentence)
            if stands_at_terminal:
                return send_to(request, reverse("choose_person"))
            return send_to(request, reverse("account_login"), come_back=True)
        if stands_at_terminal and not is_locked(request) and must_lock(since_input):
            lock_session(request, request.user, why="time")
        if is_locked(request) and _page_name(request) not in OPEN_WHILE_LOCKED:
            _keep_what_was_typed(request)
            return send_to(request, reverse("unlock_terminal"), come_back=True)
        if not is_poll(request) and not is_locked(request) and is_touch_written(since_input):
            request.session[LAST_INPUT_AT] = clock
        return get_response(request)

    return middleware


def handed_over_middleware(get_response: Next) -> Next:
    """Show a person whom staff handed the browser to their questions in place of every other page.

    The way out is signing out; what they tapped is kept meanwhile, for the page of the questions alone.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        addresses = handed_over(request)
        if not addresses or request.path in addresses or _is_open_when_handed(request, addresses):
            return get_response(request)
        return send_to(request, addresses[0])

    return middleware


def _is_open_when_handed(request: HttpRequest, addresses: list[str]) -> bool:
    name = _page_name(request)
    if name == "load_draft":
        return request.GET.get("path") in addresses
    return request.method == "POST" and name in {"save_draft", "account_logout"}


def _page_name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def drafts_middleware(get_response: Next) -> Next:
    """Forget a draft once its page was accepted: a form that keeps drafts was sent, and led elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        was_accepted = response.status_code in (302, 303) and DRAFT_FIELD in _posted(request)
        # Whoever was sent away instead is signed out by now, and nobody's draft is touched.
        if was_accepted and isinstance(request.user, User):
            empty_draft(path=request.path, by=request.user, at=now())
        return response

    return middleware


def _posted(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else QueryDict()


def _keep_what_was_typed(request: HttpRequest) -> None:
    """Keep the form of this request for the person whose session it comes too late for.

    The form's token is checked first: nobody but the page itself puts words into somebody's draft.
    """
    if DRAFT_FIELD not in _posted(request) or not isinstance(request.user, User):
        return
    if CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, _no_view, (), {}) is not None:
        return
    fields = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    save_draft(path=request.path, fields=fields, by=request.user, at=now())


def _no_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
