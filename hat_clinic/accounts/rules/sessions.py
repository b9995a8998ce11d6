"""How long a session lasts."""

from __future__ import annotations

from datetime import timedelta

IDLE_LIMIT = timedelta(minutes=15)
SESSION_LIMIT = timedelta(hours=12)


def session_end_sentence(*, since_sign_in: timedelta, since_input: timedelta) -> str | None:
    """Return why a session is over, in words, or None while it goes on.

    Over after 15 minutes without anybody touching anything, and 12 hours after the sign-in whatever was done.
    Source: trust design 2 and 10 (idle timers count human input only).
    """
    if since_sign_in >= SESSION_LIMIT:
        return "You were signed out: a sign-in lasts 12 hours. Sign in again to go on."
    if since_input >= IDLE_LIMIT:
        return "You were signed out because nothing was touched for 15 minutes. Sign in again to go on."
    return None
