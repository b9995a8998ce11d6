"""The signing PIN: which digits may be one, and when it may be tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hat_clinic.core.decisions import Decision, Finding, Level

FREE_WRONG_PINS = 4  # a slip of a gloved finger costs nothing
LAST_WRONG_PIN = 10  # at this one the PIN is off until a full sign-in
WAIT_AFTER_WRONG_PIN = timedelta(seconds=30)
PIN_DIGITS = 6


def may_try_pin(*, failures: int, last_failed_at: datetime | None, at: datetime) -> Decision:
    """Decide whether a person may type their PIN now.

    `failures` counts the wrong tries since the last right one. From the fifth on, each is followed by 30
    seconds of waiting; after the tenth the PIN is off until a sign-in with password and second factor. It
    binds one person: nobody else in the clinic is held up. Source: trust design 2 (the shared terminal).
    """
    return Decision.of([_pin_is_off(failures), _pin_must_wait(failures, last_failed_at, at)])


def _pin_is_off(failures: int) -> Finding | None:
    if failures < LAST_WRONG_PIN:
        return None
    return Finding(
        code="pin_is_off",
        level=Level.BLOCK,
        message="Your PIN is off after 10 wrong tries. Sign in with your password and second factor. "
        "Nobody else is locked out.",
        source="trust design 2",
    )


def _pin_must_wait(failures: int, last_failed_at: datetime | None, at: datetime) -> Finding | None:
    if not FREE_WRONG_PINS < failures < LAST_WRONG_PIN or last_failed_at is None:
        return None
    left = last_failed_at + WAIT_AFTER_WRONG_PIN - at
    if left <= timedelta(0):
        return None
    seconds = -(-left // timedelta(seconds=1))
    return Finding(
        code="pin_must_wait",
        level=Level.BLOCK,
        message=f"That was {failures} wrong tries. Wait {seconds} {'second' if seconds == 1 else 'seconds'}, "
        "then type your PIN again.",
        source="trust design 2",
    )


def wrong_pin_sentence(failures: int) -> str:
    """Return what a person reads after a wrong PIN; `failures` includes this one."""
    if failures >= LAST_WRONG_PIN:
        return (
            "That PIN was not right, and it was the tenth wrong try: your PIN is now off. "
            "Sign in with your password and second factor. Nobody else is locked out."
        )
    used = f"That PIN was not right: {failures} {'try' if failures == 1 else 'tries'} used."
    if failures > FREE_WRONG_PINS:
        return (
            f"{used} Wait 30 seconds before the next. After 10, sign in with your password and second "
            "factor. Nobody else is locked out."
        )
    return (
        f"{used} After 5 wrong tries you wait 30 seconds. After 10, sign in with your password and second "
        "factor. Nobody else is locked out."
    )


def may_choose_pin(pin: str) -> Decision:
    """Decide whether six digits may become somebody's PIN: six ASCII digits, and none of the first guesses.

    Refused are one digit six times, digits in a row up or down (also over 9 to 0), and a pair or three
    digits repeated. Source: trust design 2.
    """
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        return Decision(
            (
                Finding(
                    code="pin_is_not_six_digits",
                    level=Level.BLOCK,
                    message="A PIN has exactly 6 digits, 0 to 9.",
                    source="trust design 2",
                ),
            )
        )
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {9}) or pin == pin[:2] * 3 or pin == pin[:3] * 2:
        return Decision(
            (
                Finding(
                    code="pin_is_easy_to_guess",
                    level=Level.BLOCK,
                    message="That PIN is one of the first that somebody would guess. "
                    "Choose digits that do not repeat or run in a row.",
                    source="trust design 2",
                ),
            )
        )
    return Decision()
