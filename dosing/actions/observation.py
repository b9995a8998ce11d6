"""After the injection: readings, and how somebody leaves."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from dosing.actions.events import end_standing, follow_reading
from dosing.models import Reading, Release, Visit
from dosing.queries.observation import get_watched
from dosing.queries.orders import lock_dosing_state
from dosing.queries.oxygen import get_oxygen_target
from dosing.queries.visits import lock_visit
from dosing.rules.checks import Readings
from dosing.rules.emergencies import LineKind
from dosing.rules.observation import (
    TAKEN_TO_HOSPITAL,
    Escalation,
    NaloxoneHeld,
    ReadingTaken,
    Watched,
    escalation_of,
    is_tolerated,
    may_record_reading,
    may_release,
    next_due,
    watch_until,
)
from dosing.rules.visits import VisitState, may_move
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block


class NoSuchVisit(Exception):
    """There is no such visit in this clinic: nothing was stored."""


class ReadingRefused(Refused):
    """The reading was not stored; `decision` holds every reason."""


class ReleaseRefused(Refused):
    """Nobody left by this; `decision` holds every reason."""


def record_reading(
    *,
    clinic: Clinic,
    session_id: uuid.UUID,
    minute: int | None,
    readings: Readings,
    unable_reason: str,
    by: User,
    at: datetime,
) -> Reading:
    """Store one set of readings for a due minute, or beside them (`minute` None), and what it asks for.

    Raises ReadingRefused for a minute that is not due or recorded already; the same values of the same minute
    by the same person return the first. Who has to be roused is held for a doctor's review before the next dose; a
    reading of emergency value begins an emergency. Source: clinical rules 27 and 28.
    """
    refusal = None
    with transaction.atomic(durable=True):
        visit = _locked(clinic, session_id)
        at = now()
        readings = replace(readings, target=get_oxygen_target(patient_id=visit.patient_id, at=at))
        watched = get_watched(visit=visit)
        first = _same_reading(visit, minute, readings, by=by)
        if first is not None:
            return first
        decision = _is_observed(visit) | may_record_reading(watched, minute=minute, at=at)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": visit.patient_id}
        if decision.is_allowed:
            reading = _store(visit, watched, minute, readings, unable_reason, by=by, at=at)
            record("dosing.reading_recorded", thing=reading, escalation=reading.escalation, **trail)
            follow_reading(visit=visit, reading=reading, readings=readings, by=by, at=at)
        else:
            refusal = decision
            codes = decision.refusal_codes
            record("dosing.reading_recorded", refused=True, codes=codes, **trail)
    if refusal is not None:
        raise ReadingRefused(refusal)
    return reading


def release_person(
    *,
    clinic: Clinic,
    session_id: uuid.UUID,
    walks_steadily: bool,
    advice_given: bool,
    naloxone: NaloxoneHeld | None,
    missing_reason: str,
    by: User,
    at: datetime,
) -> Release:
    """Let somebody go after the observation, and store whether the dose was tolerated.

    Pressed twice, they left once. Raises ReleaseRefused with every reason. Source: clinical rules 26 to 30.
    """
    refusal = None
    with transaction.atomic(durable=True):
        visit = _locked(clinic, session_id)
        at = now()
        first = Release.objects.filter(session_id=session_id, left_early=False).first()
        if first is not None:
            return first
        watched = get_watched(visit=visit)
        decision = may_move(VisitState(visit.state), VisitState.RELEASED)
        if decision.is_allowed:
            decision = may_release(
                watched,
                walks_steadily=walks_steadily,
                advice_given=advice_given,
                naloxone=naloxone,
                missing_reason=missing_reason,
                at=at,
            )
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "person": visit.patient_id,
            "thing": visit.session,
        }
        if decision.is_allowed and naloxone is not None:
            release = _leave(visit, watched, early_reason="", by=by, at=at)
            release.walks_steadily, release.advice_given = walks_steadily, advice_given
            release.naloxone, release.reason = naloxone, missing_reason
            release.save(force_insert=True)
            record("dosing.person_released", tolerated=release.is_tolerated, **trail)
            end_standing(visit=visit, kind=LineKind.RECOVERED, by=by, at=at)
        else:
            refusal = decision
            codes = decision.refusal_codes
            record("dosing.person_released", refused=True, codes=codes, **trail)
    if refusal is not None:
        raise ReleaseRefused(refusal)
    return release


def record_early_leaving(
    *, clinic: Clinic, session_id: uuid.UUID, reason: str, by: User, at: datetime
) -> Release:
    """Store that somebody left before the observation was over, against advice or taken to hospital.

    It is a fact and is never refused while they are observed; the dose does not count as tolerated. Raises
    ReleaseRefused when they are not being observed. Source: clinical rules 27 and 7.11.
    """
    refusal = None
    with transaction.atomic(durable=True):
        visit = _locked(clinic, session_id)
        at = now()
        decision = may_move(VisitState(visit.state), VisitState.LEFT_EARLY)
        if not reason.strip():
            decision |= Decision((block("no_reason", "Say why they leave early.", "clinical rule 27"),))
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "person": visit.patient_id,
            "thing": visit.session,
        }
        if decision.is_allowed:
            release = end_watch(visit=visit, early_reason=reason, by=by, at=at)
            kind = LineKind.HANDED_OVER if reason == TAKEN_TO_HOSPITAL else LineKind.LEFT
            end_standing(visit=visit, kind=kind, by=by, at=at)
        else:
            refusal = decision
            codes = decision.refusal_codes
            record("dosing.early_leaving_recorded", refused=True, codes=codes, **trail)
    if refusal is not None:
        raise ReleaseRefused(refusal)
    return release


def end_watch(*, visit: Visit, early_reason: str, by: User, at: datetime) -> Release:
    """End a visit before its observation is over, in the caller's transaction: the dose does not count as tolerated."""
    release = _leave(visit, get_watched(visit=visit), early_reason=early_reason, by=by, at=at)
    release.save(force_insert=True)
    record(
        "dosing.early_leaving_recorded",
        by=by,
        at=at,
        clinic=visit.clinic_id,
        person=visit.patient_id,
        thing=visit.session,
    )
    return release


def _locked(clinic: Clinic, session_id: uuid.UUID) -> Visit:
    found = Visit.objects.filter(session_id=session_id, clinic=clinic)
    patient_id = found.values_list("patient_id", flat=True).first()
    if patient_id is None:
        raise NoSuchVisit("There is no such visit.")
    lock_dosing_state(patient_id=patient_id)
    visit = lock_visit(session_id=session_id)
    assert visit is not None  # noqa: S101 - visits are never deleted, and this one was found above
    return visit


def _is_observed(visit: Visit) -> Decision:
    # While a further injection is drawn up they are watched after the one before it.
    if visit.state == VisitState.OBSERVED or (
        visit.state == VisitState.PREPARED and visit.injected_at is not None
    ):
        return Decision()
    message = "Nobody is being observed here: go back to the board and open the person again."
    return Decision((block("out_of_turn", message, "trust design 5"),))


def _same_reading(visit: Visit, minute: int | None, readings: Readings, *, by: User) -> Reading | None:
    if minute is None:
        return None
    assert visit.outcome is not None and visit.outcome.injection_id is not None  # noqa: S101 - they have injected
    return Reading.objects.filter(
        injection=visit.outcome.injection,
        minute=minute,
        sedation=readings.sedation,
        breaths=readings.breaths,
        oxygen=readings.oxygen,
        pulse=readings.pulse,
        taken_by=by,
    ).first()


def _store(
    visit: Visit,
    watched: Watched,
    minute: int | None,
    readings: Readings,
    unable_reason: str,
    *,
    by: User,
    at: datetime,
) -> Reading:
    escalation = escalation_of(readings)
    assert visit.outcome is not None and visit.outcome.injection_id is not None  # noqa: S101 - they are observed
    reading = Reading.objects.create(
        session_id=visit.session_id,
        injection_id=visit.outcome.injection_id,
        minute=minute,
        sedation=readings.sedation,
        breaths=readings.breaths,
        oxygen=readings.oxygen,
        oxygen_target=readings.target.percent,
        oxygen_scale=readings.target.scale,
        pulse=readings.pulse,
        unable_reason=unable_reason,
        escalation=escalation,
        taken_at=at,
        taken_by=by,
    )
    taken = ReadingTaken(readings=readings, taken_at=at, minute=minute)
    after = replace(watched, readings=(*watched.readings, taken))
    due = next_due(after)
    visit.observe_until = watch_until(after)
    visit.next_due_minute = due
    visit.next_due_at = after.ended_at + timedelta(minutes=due) if due is not None else None
    visit.escalation = max(Escalation(visit.escalation), escalation, key=list(Escalation).index)
    visit.save(update_fields=["observe_until", "next_due_minute", "next_due_at", "escalation"])
    return reading


def _leave(visit: Visit, watched: Watched, *, early_reason: str, by: User, at: datetime) -> Release:
    """End the visit and return the release, not stored yet."""
    assert visit.outcome is not None and visit.outcome.injection_id is not None  # noqa: S101 - they are observed
    visit.state = VisitState.LEFT_EARLY if early_reason else VisitState.RELEASED
    visit.ended_at, visit.ended_by = at, by
    visit.save(update_fields=["state", "ended_at", "ended_by"])
    return Release(
        session_id=visit.session_id,
        injection_id=visit.outcome.injection_id,
        left_early=bool(early_reason),
        reason=early_reason,
        is_tolerated=is_tolerated(watched, left_early=bool(early_reason)),
        released_at=at,
        released_by=by,
    )
