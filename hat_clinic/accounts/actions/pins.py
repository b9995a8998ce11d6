"""The signing PIN: setting it, proving it, turning it on again."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Subquery

from hat_clinic.accounts.models import SigningPin, Terminal, User
from hat_clinic.accounts.rules import may_choose_pin, may_try_pin, may_try_pin_here, wrong_pin_sentence
from hat_clinic.audit.actions import record
from hat_clinic.core.transactions import one_act

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _CountHere(TypedDict):
        failures_here: int | None  # None where no terminal stands
        last_failed_here_at: datetime | None

    _PinHere = WithAnnotations[SigningPin, _CountHere]

# Chosen on purpose, about 30 to 40 ms: the PIN is checked twice for every dose. A million PINs are seconds of
# guessing at any cost a nurse would wait for, so what protects a PIN is the pepper, which is not in the
# database, and the limit of tries, not this hash.
PIN_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

NOT_AT_A_TERMINAL = "A PIN works at an enrolled treatment-room terminal only."


class PinRefused(Exception):
    """The PIN was not accepted; the message is what the person reads, `user_id` whose PIN it was."""

    def __init__(self, message: str, *, user_id: uuid.UUID) -> None:
        super().__init__(message)
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class PinProof:
    """Somebody typed their own PIN at this moment."""

    user_id: uuid.UUID
    proved_at: datetime


def set_pin(*, user: User, pin: str, by: User, at: datetime) -> None:
    """Store a person's signing PIN, in place of the one before, with a clean count of tries.

    Raises PinRefused unless it is six digits that are not among the first guesses.
    """
    decision = may_choose_pin(pin)
    if not decision.is_allowed:
        raise PinRefused(decision.refusals[0].message, user_id=user.pk)
    digest = PIN_HASHER.hash(_peppered(user, pin))
    with transaction.atomic(durable=True):
        SigningPin.objects.update_or_create(
            user=user, defaults={"digest": digest, "set_at": at, "failures": 0, "last_failed_at": None}
        )
        record("accounts.pin_set", by=by, at=at, thing=user)


def prove_pin(*, user: User, pin: str, terminal_id: uuid.UUID | None, at: datetime) -> PinProof:
    """Check that a person typed their own PIN at a treatment-room terminal, and count the try.

    A PIN works at a terminal that stands and nowhere else: `terminal_id` None is refused. Tries are counted per
    person and per terminal. The count is committed here, before and apart from the act it is for, so that a
    refused act still counts it: call it outside any transaction. The row is locked, so that two wrong tries at
    once count two. Raises PinRefused with the sentence to show; a try during the waiting time is not counted.
    Source: trust design 2.
    """
    # Two posts of one page ask for the same row: who has to wait too long for it asks again, and counts once.
    refusal = one_act(lambda: _try_pin(user, pin, terminal_id, at))
    if refusal is not None:
        raise PinRefused(refusal, user_id=user.pk)
    return PinProof(user.pk, at)


def _try_pin(user: User, pin: str, terminal_id: uuid.UUID | None, at: datetime) -> str | None:
    """Count one try in the caller's transaction, and return the sentence of its refusal; None where it is right."""
    kept = _lock_pin(user, terminal_id)
    why, refusal = _may_try(user, kept, terminal_id, at)
    if kept is None or refusal is not None:
        record("accounts.pin_proved", by=user, at=at, refused=True, why=why)
    elif _is_right(kept, user, pin):
        if kept.failures:
            kept.failures, kept.last_failed_at = 0, None
            kept.save(update_fields=["failures", "last_failed_at"])
        if kept.failures_here:
            _standing(terminal_id).update(failures=0, last_failed_at=None)
        record("accounts.pin_proved", by=user, at=at, terminal=str(terminal_id))
    else:
        kept.failures, kept.last_failed_at = kept.failures + 1, at
        kept.save(update_fields=["failures", "last_failed_at"])
        _standing(terminal_id).update(failures=F("failures") + 1, last_failed_at=at)
        refusal = wrong_pin_sentence(kept.failures)
        record(
            "accounts.pin_proved",
            by=user,
            at=at,
            refused=True,
            failures=kept.failures,
            terminal=str(terminal_id),
        )
    return refusal


def _standing(terminal_id: uuid.UUID | None) -> QuerySet[Terminal]:
    """Return the terminal that stands, as a query of one row or none."""
    terminals = Terminal.objects.filter(retired_at=None)
    return terminals.none() if terminal_id is None else terminals.filter(pk=terminal_id)


def _lock_pin(user: User, terminal_id: uuid.UUID | None) -> _PinHere | None:
    """Lock the PIN and read the terminal's count in the same statement: a dose proves two PINs."""
    terminal = _standing(terminal_id)
    pins = SigningPin.objects.select_for_update(of=("self",)).annotate(
        failures_here=Subquery(terminal.values("failures")),
        last_failed_here_at=Subquery(terminal.values("last_failed_at")),
    )
    return pins.filter(user=user).first()


def _may_try(
    user: User, kept: _PinHere | None, terminal_id: uuid.UUID | None, at: datetime
) -> tuple[str, str | None]:
    """Return why a PIN may not be tried now, as a code and in words; None when it may."""
    if terminal_id is None or (kept is not None and kept.failures_here is None):
        return "no_terminal", NOT_AT_A_TERMINAL
    if kept is None or not user.is_active:
        return "no_pin", f"{user.full_name} has no signing PIN yet. Set one before signing for a dose."
    decision = may_try_pin(
        failures=kept.failures, last_failed_at=kept.last_failed_at, at=at
    ) | may_try_pin_here(failures=kept.failures_here or 0, last_failed_at=kept.last_failed_here_at, at=at)
    if decision.is_allowed:
        return "", None
    return decision.refusals[0].code, decision.refusals[0].message


def forgive_wrong_pins(*, user: User, by: User, at: datetime) -> None:
    """Turn a person's PIN on again after a sign-in with password and second factor."""
    with transaction.atomic(durable=True):
        if SigningPin.objects.filter(user=user, failures__gt=0).update(failures=0, last_failed_at=None):
            record("accounts.pin_tries_forgiven", by=by, at=at, thing=user)


def _peppered(user: User, pin: str) -> str:
    """Return the PIN mixed with the pepper and the person, so that equal PINs do not look equal."""
    return hmac.new(settings.PIN_PEPPER, f"{user.pk}:{pin}".encode(), "sha256").hexdigest()


def _is_right(kept: SigningPin, user: User, pin: str) -> bool:
    try:
        return PIN_HASHER.verify(kept.digest, _peppered(user, pin))
    except VerificationError:
        return False
