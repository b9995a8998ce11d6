"""What is true of every request: it has an id, its session has an end, and its answer is not kept."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from structlog.contextvars import bound_contextvars

from hat_clinic.accounts.receivers import LAST_INPUT_AT, SIGNED_IN_AT
from hat_clinic.accounts.rules import session_end_sentence
from hat_clinic.audit.request import request_id
from hat_clinic.core.http import is_poll, send_to

Next = Callable[[HttpRequest], HttpResponseBase]


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
    """End a session after 15 minutes without human input, and 12 hours after the sign-in.

    What a page asks for by itself (header `X-Poll: 1`) is no input. The clock is the server's own, since a
    demo or test may set the database's.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return get_response(request)
        clock = time.time()
        sentence = session_end_sentence(
            since_sign_in=timedelta(seconds=clock - request.session.get(SIGNED_IN_AT, 0)),
            since_input=timedelta(seconds=clock - request.session.get(LAST_INPUT_AT, 0)),
        )
        if sentence is not None:
            request.signed_out_because = "time"  # type: ignore[attr-defined]  # read by the sign-out's audit
            logout(request)
            messages.info(request, sentence)
            return send_to(request, reverse("account_login"), come_back=True)
        if not is_poll(request):
            request.session[LAST_INPUT_AT] = clock
        return get_response(request)

    return middleware
