"""Parts of a page that ask for themselves: a mark of what was shown, so that nothing new is answered with nothing.

The mark is the ETag of an answer. It is signed and holds for one session and one person, so that nobody can
claim to have been shown people already whom no look was recorded for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "hat_clinic.core.live"


def mark_of(request: HttpRequest, *, people: Iterable[uuid.UUID], state: str) -> str:
    """Return the mark of an answer: who stands on it, and all that it shows."""
    return f'"{_signed(request, "people", *sorted(map(str, people)))}.{_signed(request, "state", state)}"'


def shows_the_same(request: HttpRequest, mark: str) -> bool:
    """Return whether the page that asks was given this very answer before."""
    return constant_time_compare(_asked(request), mark)


def shows_the_same_people(request: HttpRequest, mark: str) -> bool:
    """Return whether the page that asks shows the same people already, to the same person."""
    return constant_time_compare(_asked(request).partition(".")[0], mark.partition(".")[0])


def _asked(request: HttpRequest) -> str:
    # A proxy that compresses answers makes a strong mark a weak one.
    return request.headers.get("If-None-Match", "").removeprefix("W/")


def _signed(request: HttpRequest, *words: str) -> str:
    who = (str(request.session.session_key), str(request.user.pk))
    return salted_hmac(_SALT, "\0".join((*who, *words)), algorithm="sha256").hexdigest()[:32]
