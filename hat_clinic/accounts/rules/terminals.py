"""The treatment-room terminal: how long it is open, when it locks, and how often a wrong PIN may be typed at it."""

from __future__ import annotations

from datetime import datetime, timedelta

from hat_clinic.accounts.rules.credentials import AT_TERMINAL
from hat_clinic.accounts.rules.permissions import Permission
from hat_clinic.accounts.rules.roles import ALLOWED, Role
from hat_clinic.core.decisions import Decision, block

OPEN_FOR = timedelta(hours=12)
LINK_LASTS = timedelta(minutes=30)
DEMO_LINK_LASTS = timedelta(hours=12)  # the newcomer who started the demo may have lunch first
LOCK_AFTER = timedelta(minutes=2)
# A touch is written down at most this often: a session row is not worth a write at every request.
TOUCH_IS_WRITTEN_AFTER = timedelta(seconds=15)
FREE_WRONG_PINS_HERE = 9
WAIT_HERE = timedelta(seconds=30)


def may_try_pin_here(*, failures: int, last_failed_at: datetime | None, at: datetime) -> Decision:
    """Decide whether anybody may type a PIN at one terminal now.

    `failures` counts the wrong tries in a row at this terminal, whoever's PIN it was. From the tenth on, each
    is followed by 30 seconds of waiting: somebody who guesses at one PIN after another is slowed down, and the
    clinic is never locked out. Source: trust design 2.
    """
    if failures <= FREE_WRONG_PINS_HERE or last_failed_at is None:
        return Decision()
    left = last_failed_at + WAIT_HERE - at
    if left <= timedelta(0):
        return Decision()
    seconds = -(-left // timedelta(seconds=1))
    message = (
        f"{failures} wrong PINs in a row were typed at this terminal. "
        f"Wait {seconds} {'second' if seconds == 1 else 'seconds'}, then type your PIN again."
    )
    return Decision((block("terminal_must_wait", message, "trust design 2"),))


def must_lock(since_input: timedelta) -> bool:
    """Decide whether a terminal locks: after two minutes without a touch or a key. Source: trust design 2."""
    return since_input >= LOCK_AFTER


def is_touch_written(since_input: timedelta) -> bool:
    """Decide whether a touch is worth a write, since the last one that was written."""
    return since_input >= TOUCH_IS_WRITTEN_AFTER


def acts_at_terminal(role: Role) -> bool:
    """Decide whether a role has its face at a terminal: it acts there, or witnesses. Source: trust design 2."""
    return bool(ALLOWED[role] & (AT_TERMINAL | {Permission.WITNESS_INJECTION}))
