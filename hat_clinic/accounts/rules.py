"""Roles and what each may do, the signing PIN, and how long a session lasts.

Roles are code, not database rows: a change of who may give diamorphine is reviewed.
Source: trust design 3 (roles, deny by default).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from hat_clinic.core.decisions import Decision, Finding, Level


class Role(StrEnum):
    """What a person is in one clinic. One person may hold several."""

    NURSE = "nurse"
    DOCTOR = "doctor"
    PRESCRIBER = "prescriber"
    CASE_WORKER = "case_worker"
    COMMISSIONER = "commissioner"
    REFERRER = "referrer"
    CD_LEAD = "cd_lead"
    CLINICAL_LEAD = "clinical_lead"
    MANAGER = "manager"
    PRIVACY_OFFICER = "privacy_officer"
    INSPECTOR = "inspector"

    @property
    def label(self) -> str:
        """The role in the clinic's words."""
        return _LABELS[self]


_LABELS = {
    Role.NURSE: "nurse",
    Role.DOCTOR: "doctor",
    Role.PRESCRIBER: "non-medical prescriber",
    Role.CASE_WORKER: "case worker",
    Role.COMMISSIONER: "commissioner",
    Role.REFERRER: "agency referrer",
    Role.CD_LEAD: "controlled-drug lead",
    Role.CLINICAL_LEAD: "clinical lead",
    Role.MANAGER: "manager",
    Role.PRIVACY_OFFICER: "privacy officer",
    Role.INSPECTOR: "inspector",
}


class Permission(StrEnum):
    """One thing people do, by the name it has everywhere."""

    SEE_BOARD = "see_board"
    RECORD_INJECTION = "record_injection"
    WITNESS_INJECTION = "witness_injection"
    SEE_REGISTER = "see_register"
    SIGN_ORDER = "sign_order"
    APPROVE_PROTOCOL = "approve_protocol"
    RECEIVE_STOCK = "receive_stock"
    SEE_REPORTS = "see_reports"
    REQUEST_REPORT = "request_report"


# Roles and permissions: nobody has what is not written here.
ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.NURSE: frozenset(
        {
            Permission.SEE_BOARD,
            Permission.RECORD_INJECTION,
            Permission.WITNESS_INJECTION,
            Permission.SEE_REGISTER,
        }
    ),
    Role.DOCTOR: frozenset({Permission.SEE_BOARD, Permission.SIGN_ORDER, Permission.SEE_REGISTER}),
    Role.PRESCRIBER: frozenset({Permission.SEE_BOARD, Permission.SEE_REGISTER}),
    Role.CASE_WORKER: frozenset(),
    Role.COMMISSIONER: frozenset({Permission.SEE_REPORTS}),
    Role.REFERRER: frozenset(),
    Role.CD_LEAD: frozenset({Permission.SEE_REGISTER, Permission.RECEIVE_STOCK}),
    Role.CLINICAL_LEAD: frozenset(
        {Permission.SEE_BOARD, Permission.SEE_REGISTER, Permission.APPROVE_PROTOCOL, Permission.SEE_REPORTS}
    ),
    Role.MANAGER: frozenset({Permission.SEE_REPORTS, Permission.REQUEST_REPORT}),
    Role.PRIVACY_OFFICER: frozenset(),
    Role.INSPECTOR: frozenset({Permission.SEE_REGISTER}),
}


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Decide whether any of a person's roles in a clinic allows the act."""
    return any(permission in ALLOWED[role] for role in roles)


# --- the signing PIN -------------------------------------------------------------------------------------
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


# --- how long a session lasts ----------------------------------------------------------------------------
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
