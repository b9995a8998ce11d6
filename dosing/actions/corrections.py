"""Putting right what was written in the treatment room: a later row, signed, with the first beside it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from dosing.actions.events import follow_amended_reading
from dosing.actions.observation import NoSuchVisit
from dosing.models import Correction, Reading, SessionOutcome, Signature, Visit
from dosing.queries.observation import get_watched
from dosing.queries.orders import lock_dosing_state
from dosing.queries.visits import as_readings, lock_visit
from dosing.rules.checks import Readings
from dosing.rules.corrections import Corrected, CorrectedFor, may_correct
from dosing.rules.observation import Escalation, escalation_of, next_due, watch_until
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, block
from hat_clinic.core.transactions import one_act

Row = TypeVar("Row", Reading, SessionOutcome)
Event = Literal["dosing.reading_amended", "dosing.outcome_amended"]


class CorrectionRefused(Exception):
    """Nothing was put right; `decision` holds every reason."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(" ".join(finding.message for finding in decision.refusals))
        self.decision = decision

    @property
    def is_stale(self) -> bool:
        """Whether somebody was faster: the page showed a line that does not stand any more."""
        return any(finding.code == "amended_meanwhile" for finding in self.decision.refusals)


@dataclass(frozen=True, slots=True)
class SignedWhy:
    """Why a line is put right, the PIN of who does it, the terminal they stand at, and the key of the page."""

    reason: CorrectedFor
    words: str
    pin: str
    terminal_id: uuid.UUID | None
    key: uuid.UUID


def amend_reading(
    *,
    clinic: Clinic,
    reading_id: uuid.UUID,
    readings: Readings,
    unable_reason: str,
    why: SignedWhy,
    by: User,
    at: datetime,
) -> Reading:
    """Store what a reading after the injection should have said, beside what it said, and what that asks for.

    The new values keep the moment of the first and are held against the oxygen target of the first. What they ask for
    is done now; a hold or an emergency that the wrong ones opened stays until the rules end it. The clock of the
    observation is counted afresh. Raises PinRefused, CorrectionRefused with every reason, NoSuchVisit.
    Source: clinical rules 28 and 7.11.
    """
    first = _find(Reading, reading_id, clinic)
    readings = replace(readings, target=as_readings(first).target)
    content = content_sha256(
        {
            "amends": first.id,
            "sedation": readings.sedation.value,
            "breaths": readings.breaths,
            "oxygen": readings.oxygen,
            "pulse": readings.pulse,
            "unable": unable_reason,
            "reason": why.reason.value,
            "words": why.words,
        },
        by.id,
    )

    def work(visit: Visit, at: datetime) -> Reading | Decision:
        is_same = as_readings(first) == readings
        stands = not Reading.objects.filter(amends=first).exists()
        decision = _may(visit, why, stands=stands, is_same=is_same, at=at)
        if not decision.is_allowed:
            return decision
        return _store_reading(visit, first, readings, unable_reason, by=by, at=at)

    prove_pin(user=by, pin=why.pin, terminal_id=why.terminal_id, at=at)
    event: Event = "dosing.reading_amended"
    return _stored(one_act(lambda: _amend_once(event, Reading, first, content, work, why, clinic, by)))


def amend_outcome(
    *,
    clinic: Clinic,
    outcome_id: uuid.UUID,
    outcome: Outcome,
    reason: Reason,
    why: SignedWhy,
    by: User,
    at: datetime,
) -> SessionOutcome:
    """Store how a session without a dose really ended, beside what was written: withheld, declined, missed or excused.

    It gives no dose and opens no visit. Raises PinRefused, CorrectionRefused with every reason, NoSuchVisit.
    Source: clinical rules 18, 34 and 7.11.
    """
    first = _find(SessionOutcome, outcome_id, clinic)
    content = content_sha256(
        {
            "amends": first.id,
            "outcome": outcome.value,
            "because": reason.value,
            "reason": why.reason.value,
            "words": why.words,
        },
        by.id,
    )

    def work(visit: Visit, at: datetime) -> SessionOutcome | Decision:
        is_same = (first.outcome, first.reason) == (outcome.value, reason.value)
        stands = not SessionOutcome.objects.filter(amends=first).exists()
        decision = _may(visit, why, stands=stands, is_same=is_same, at=at)
        if stands and visit.state != VisitState.NOT_GIVEN:
            message = "A dose of this session is on its way or was given. Nothing was saved."
            decision |= Decision((block("out_of_turn", message, "trust design 5"),))
        if not decision.is_allowed:
            return decision
        amending = SessionOutcome.objects.create(
            session_id=visit.session_id,
            outcome=outcome,
            reason=reason,
            amends=first,
            recorded_by=by,
            recorded_at=at,
        )
        visit.outcome = amending
        visit.save(update_fields=["outcome"])
        return amending

    prove_pin(user=by, pin=why.pin, terminal_id=why.terminal_id, at=at)
    event: Event = "dosing.outcome_amended"
    return _stored(one_act(lambda: _amend_once(event, SessionOutcome, first, content, work, why, clinic, by)))


def _find(model: type[Row], row_id: uuid.UUID, clinic: Clinic) -> Row:
    row: Row | None = model._default_manager.filter(id=row_id, session__visit__clinic=clinic).first()
    if row is None:
        raise NoSuchVisit("There is no such line in a visit of this clinic.")
    return row


def _may(visit: Visit, why: SignedWhy, *, stands: bool, is_same: bool, at: datetime) -> Decision:
    facts = Corrected(
        stands=stands,
        is_same=is_same,
        service_date=visit.session.service_date,
        today=london_date(at),
    )
    return may_correct(facts, reason=why.reason, words=why.words)


def _amend_once(
    event: Event,
    model: type[Row],
    first: Row,
    content: str,
    work: Callable[[Visit, datetime], Row | Decision],
    why: SignedWhy,
    clinic: Clinic,
    by: User,
) -> Row | Decision:
    """Ask and store inside the person's lock; the same page sent again is the same correction."""
    patient_id = Visit.objects.values_list("patient_id", flat=True).get(session_id=first.session_id)
    lock_dosing_state(patient_id=patient_id)
    visit = lock_visit(session_id=first.session_id)
    assert visit is not None  # noqa: S101 - visits are never deleted, and this one was found above
    stored = Correction.objects.select_related("signature").filter(key=why.key).first()
    trail: dict[str, Any] = {"by": by, "clinic": clinic.id, "person": patient_id}
    if stored is not None and stored.signature.content_sha256 == content:
        return model._default_manager.get(correction=stored)
    at = now()
    answer: Row | Decision
    if stored is not None:
        message = "This page was already used for something else. Open it again."
        answer = Decision((block("key_reused", message, "trust design 5"),))
    else:
        answer = work(visit, at)
    if isinstance(answer, Decision):
        codes = [finding.code for finding in answer.refusals]
        record(event, at=at, refused=True, codes=codes, amends=str(first.id), **trail)
        return answer
    Correction.objects.create(
        key=why.key,
        **{"reading" if isinstance(answer, Reading) else "outcome": answer},
        reason=why.reason,
        words=why.words,
        signature=Signature.objects.create(
            signed_by=by, signed_at=at, part=Signature.Part.AMENDER, content_sha256=content
        ),
        corrected_at=at,
        corrected_by=by,
    )
    record(event, at=at, thing=answer, amends=str(first.id), correction=why.reason.value, **trail)
    return answer


def _stored(answer: Row | Decision) -> Row:
    if isinstance(answer, Decision):
        raise CorrectionRefused(answer)
    return answer


def _store_reading(
    visit: Visit, first: Reading, readings: Readings, unable_reason: str, *, by: User, at: datetime
) -> Reading:
    amending = Reading.objects.create(
        session_id=first.session_id,
        injection_id=first.injection_id,
        minute=first.minute,
        sedation=readings.sedation,
        breaths=readings.breaths,
        oxygen=readings.oxygen,
        oxygen_target=first.oxygen_target,
        oxygen_scale=first.oxygen_scale,
        pulse=readings.pulse,
        unable_reason=unable_reason,
        escalation=escalation_of(readings),
        taken_at=first.taken_at,
        taken_by=by,
        amends=first,
    )
    if visit.ended_at is None:
        after = get_watched(visit=visit)
        due = next_due(after)
        visit.observe_until = watch_until(after)
        visit.next_due_minute = due
        visit.next_due_at = after.ended_at + timedelta(minutes=due) if due is not None else None
        visit.escalation = _highest(visit)
        visit.save(update_fields=["observe_until", "next_due_minute", "next_due_at", "escalation"])
    follow_amended_reading(
        visit=visit, reading=amending, readings=readings, was=Escalation(first.escalation), by=by, at=at
    )
    return amending


def _highest(visit: Visit) -> Escalation:
    """Return what the readings that stand ask for; an emergency that was begun stays one."""
    if visit.session.emergencies.exists():
        return Escalation.B
    standing = Reading.objects.filter(session_id=visit.session_id, amended_by__isnull=True)
    found = [Escalation(value) for value in standing.values_list("escalation", flat=True)]
    return max(found, key=list(Escalation).index, default=Escalation.NONE)
