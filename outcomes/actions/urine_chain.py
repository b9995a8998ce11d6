"""The chain of a urine sample as a nurse signs it at the terminal: taken, not taken, sent, void."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from django.db import connection

from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.urine_samples import LockedSample, lock_samples
from outcomes.models import UrineStep
from outcomes.queries.urine_labels import steps_with_label
from outcomes.rules.urine import (
    NotTakenBecause,
    UrineState,
    VoidBecause,
    may_leave_untaken,
    may_send,
    may_take,
    may_void,
)

Event = Literal[
    "outcomes.urine_taken", "outcomes.urine_not_taken", "outcomes.urine_sent", "outcomes.urine_voided"
]
Judge = Callable[[LockedSample, date], Decision]


class UrineRefused(Refused):
    """No step was stored; `decision` holds every reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a nurse says of a sample that was taken."""

    taken_on: date
    was_seen: bool
    is_sealed: bool
    reference: str

    def fields(self) -> dict[str, Any]:
        """Return what is stored of it, by field."""
        return {
            "kind": UrineState.TAKEN.value,
            "taken_on": self.taken_on,
            "was_seen": self.was_seen,
            "is_sealed": self.is_sealed,
            "reference": self.reference,
        }


def take_urine(
    *,
    clinic: Clinic,
    draw_id: uuid.UUID,
    taken: Taken,
    key: uuid.UUID,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> UrineStep:
    """Store that a sample was taken, signed with a PIN, once.

    The same key with the same content from the same person returns the first step. Raises PinRefused, UrineRefused
    with every reason, UrineKeyReused and SampleUnknown. Source: product W 5.
    """

    def judge(one: LockedSample, today: date) -> Decision:
        # Whoever writes the same label for somebody else at this moment waits here, and is then told.
        with connection.cursor() as cursor:
            label = f"urine label {clinic.id} {taken.reference}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [label])
        used = steps_with_label(clinic=clinic, labels=[taken.reference])
        return may_take(
            one.sample,
            taken_on=taken.taken_on,
            reference=taken.reference,
            is_used=used.exists(),
            was_seen=taken.was_seen,
            is_sealed=taken.is_sealed,
            today=today,
        )

    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    return _one(
        one_act(
            lambda: _write_once("outcomes.urine_taken", clinic, {draw_id: key}, taken.fields(), judge, by, at)
        )
    )


def note_urine_not_taken(
    *,
    clinic: Clinic,
    draw_id: uuid.UUID,
    because: NotTakenBecause,
    words: str,
    key: uuid.UUID,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> UrineStep:
    """Store that a sample that was due was not taken and why, signed with a PIN, once. Raises as take_urine."""
    said = {"kind": UrineState.NOT_TAKEN.value, "because": because.value, "words": words}

    def judge(one: LockedSample, today: date) -> Decision:
        return may_leave_untaken(one.sample, because=because, words=words, today=today)

    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    return _one(
        one_act(lambda: _write_once("outcomes.urine_not_taken", clinic, {draw_id: key}, said, judge, by, at))
    )


def send_urine(
    *,
    clinic: Clinic,
    draw_ids: Iterable[uuid.UUID],
    key: uuid.UUID,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> list[UrineStep]:
    """Store that samples went to the laboratory, all of them or none, signed with a PIN, once. Raises as take_urine."""
    keys = {draw_id: uuid.uuid5(key, str(draw_id)) for draw_id in draw_ids}
    said = {"kind": UrineState.SENT.value}

    def judge(one: LockedSample, today: date) -> Decision:
        decision = may_send(one.sample, today=today)
        return Decision(
            tuple(replace(found, message=f"{one.reference}: {found.message}") for found in decision)
        )

    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _write_once("outcomes.urine_sent", clinic, keys, said, judge, by, at))
    if isinstance(answer, Decision):
        raise UrineRefused(answer)
    return answer


def void_urine(
    *,
    clinic: Clinic,
    draw_id: uuid.UUID,
    because: VoidBecause,
    words: str,
    key: uuid.UUID,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> UrineStep:
    """Store that a sample that was taken counts for nothing and why, signed with a PIN, once.

    Its results stay to be read and count no more. Raises as take_urine.
    """
    said = {"kind": UrineState.VOID.value, "because": because.value, "words": words}

    def judge(one: LockedSample, today: date) -> Decision:
        return may_void(one.sample, because=because, words=words, today=today)

    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    return _one(
        one_act(lambda: _write_once("outcomes.urine_voided", clinic, {draw_id: key}, said, judge, by, at))
    )


def _one(answer: list[UrineStep] | Decision) -> UrineStep:
    if isinstance(answer, Decision):
        raise UrineRefused(answer)
    return answer[0]


def _write_once(
    event: Event,
    clinic: Clinic,
    keys: dict[uuid.UUID, uuid.UUID],
    said: dict[str, Any],
    judge: Judge,
    by: User,
    at: datetime,
) -> list[UrineStep] | Decision:
    """Write the same step for every sample, or none; `keys` holds each sample's key, by the sample."""
    today = london_date(at)
    locked = lock_samples(clinic=clinic, draw_ids=keys, today=today)
    stored = [(one, one.stored_under(keys[one.draw.id], by=by, said=said)) for one in locked]
    decision = Decision()
    for one, step in stored:
        decision |= Decision() if step else judge(one, today)
    if not decision.is_allowed:
        person = locked[0].draw.patient_id if len(locked) == 1 else None
        codes = sorted(set(decision.refusal_codes))
        record(event, by=by, at=at, clinic=clinic.id, person=person, refused=True, codes=codes)
        return decision
    written = []
    for one, step in stored:
        if step is None:
            step = one.write(keys[one.draw.id], by=by, at=at, said=said)
            record(event, by=by, at=at, clinic=clinic.id, person=one.draw.patient_id, thing=step)
        written.append(step)
    return written
