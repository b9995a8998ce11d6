"""Putting right what was written in the treatment room: a later row, signed, with the first beside it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from dosing.actions.events import follow_amended_reading
from dosing.actions.observation import NoSuchVisit
from dosing.actions.putting_right import CorrectionRefused, Event, SignedWhy, put_right_once
from dosing.models import Reading, SessionOutcome, Visit
from dosing.queries.corrections import find_line
from dosing.queries.observation import get_watched
from dosing.queries.visits import as_readings
from dosing.rules.checks import Readings
from dosing.rules.observation import Escalation, escalation_of, next_due, watch_until
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.decisions import Decision, block
from hat_clinic.core.transactions import one_act


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
    first = find_line(Reading, reading_id, clinic=clinic)
    if first is None:
        raise NoSuchVisit("There is no such line in a visit of this clinic.")
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
        decision = why.may_put_right(visit, stands=stands, is_same=is_same, at=at)
        if not decision.is_allowed:
            return decision
        return _store_reading(visit, first, readings, unable_reason, by=by, at=at)

    why.prove(by=by, at=at)
    event: Event = "dosing.reading_amended"
    return CorrectionRefused.unless_stored(
        one_act(
            lambda: put_right_once(
                event=event,
                model=Reading,
                first=first,
                content=content,
                work=work,
                why=why,
                clinic=clinic,
                by=by,
                at=at,
            )
        )
    )


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
    first = find_line(SessionOutcome, outcome_id, clinic=clinic)
    if first is None:
        raise NoSuchVisit("There is no such line in a visit of this clinic.")
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
        decision = why.may_put_right(visit, stands=stands, is_same=is_same, at=at)
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

    why.prove(by=by, at=at)
    event: Event = "dosing.outcome_amended"
    return CorrectionRefused.unless_stored(
        one_act(
            lambda: put_right_once(
                event=event,
                model=SessionOutcome,
                first=first,
                content=content,
                work=work,
                why=why,
                clinic=clinic,
                by=by,
                at=at,
            )
        )
    )


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
