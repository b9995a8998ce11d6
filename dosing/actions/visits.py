"""From the hatch to the check: arrival, identity, the check, and a session that ends without a dose."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from dosing.actions.opened_holds import hold_for_check
from dosing.models import (
    DosingState,
    IdentityCheck,
    PlannedSession,
    PreInjectionCheck,
    SessionOutcome,
    Visit,
)
from dosing.queries.orders import lock_dosing_state
from dosing.queries.oxygen import get_oxygen_target
from dosing.queries.protocol import get_protocol_in_force
from dosing.queries.sessions import SessionKey, get_session_facts
from dosing.queries.visits import get_live_outcome, lock_visit
from dosing.rules.checks import CheckAnswers, gaps_in, judge_check
from dosing.rules.sessions import Outcome, Reason, may_start
from dosing.rules.visits import ENDED, IdentityItem, VisitState, is_identified_by, may_identify, may_move
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused


class VisitRefused(Refused):
    """The step was not taken; `decision` holds every reason."""


def note_arrival(
    *, clinic: Clinic, patient_id: uuid.UUID, session: SessionKey, by: User, at: datetime
) -> Visit:
    """Note that somebody has come and waits. Noted twice, they have come once.

    Timed once the person's lock is held, as a closing of the session is: which of the two came first is the same in
    both rows.
    Raises VisitRefused when no dose can be begun for a reason of the day: no order, or the session is over.
    """
    with transaction.atomic(durable=True):
        _lock(patient_id)
        at = max(at, now())  # the lock may have been long in coming
        visit = _open_visit(clinic=clinic, patient_id=patient_id, session=session, by=by, at=at)
        record("dosing.arrival_noted", by=by, at=at, clinic=clinic.id, person=patient_id, thing=visit.session)
    return visit


def identify_person(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    session: SessionKey,
    items: frozenset[IdentityItem],
    is_right: bool,
    by: User,
    at: datetime,
) -> Visit | None:
    """Store who somebody turned out to be: right by two items opens the way to the check, wrong opens nothing.

    A wrong answer is stored too, and None is returned. Raises VisitRefused with every reason when the person
    cannot have a dose begun, or is further on already. Source: clinical rule 16.
    """
    refusal: Decision | None = None
    visit: Visit | None = None
    with transaction.atomic(durable=True):
        _lock(patient_id)
        at = max(at, now())  # the lock may have been long in coming
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": patient_id}
        if not is_right:
            IdentityCheck.objects.create(
                clinic=clinic,
                patient_id=patient_id,
                items=sorted(items),
                is_right=False,
                made_at=at,
                made_by=by,
            )
            record("dosing.person_identified", refused=True, codes=["not_the_person"], **trail)
        else:
            try:
                with transaction.atomic():
                    visit = _open_visit(clinic=clinic, patient_id=patient_id, session=session, by=by, at=at)
                    decision = is_identified_by(items) | may_identify(VisitState(visit.state))
                    if visit.state in ENDED:
                        known = get_session_facts(
                            patient_id=patient_id, clinic=clinic, session=session, at=at
                        )
                        decision |= may_start(known.facts)
                    if not decision.is_allowed:
                        raise VisitRefused(decision)
            except VisitRefused as refused:
                refusal = refused.decision
                record(
                    "dosing.person_identified",
                    refused=True,
                    codes=refusal.refusal_codes,
                    **trail,
                )
            else:
                IdentityCheck.objects.create(
                    clinic=clinic,
                    patient_id=patient_id,
                    session=visit.session,
                    items=sorted(items),
                    is_right=True,
                    made_at=at,
                    made_by=by,
                )
                visit.state = VisitState.IDENTIFIED
                visit.with_staff = by
                visit.save(update_fields=["state", "with_staff"])
                record("dosing.person_identified", thing=visit.session, **trail)
    if refusal is not None:
        raise VisitRefused(refusal)
    return visit


def record_check(
    *,
    clinic: Clinic,
    session_id: uuid.UUID,
    answers: CheckAnswers,
    unable_reason: str,
    by: User,
    at: datetime,
) -> tuple[PreInjectionCheck, Decision]:
    """Store a check with everything it says against a dose; what outlives the attempt opens a hold.

    The check is a fact and is stored whatever it says; oxygen is held against what a doctor set for this person.
    Returns it with its decision. Raises VisitRefused only when the person is not at that point of the visit, or when
    a value is missing without a reason. Source: clinical rules 17, 19 and 20.
    """
    with transaction.atomic(durable=True):
        visit = _locked_visit(clinic=clinic, session_id=session_id)
        target = get_oxygen_target(patient_id=visit.patient_id, at=at)
        answers = replace(answers, readings=replace(answers.readings, target=target))
        turn = may_move(VisitState(visit.state), VisitState.CHECKED)
        turn |= gaps_in(answers, unable_reason=unable_reason)
        decision = judge_check(answers) if turn.is_allowed else turn
        if turn.is_allowed:
            check = _store_check(visit, answers, unable_reason, decision, by=by, at=at)
            record(
                "dosing.check_recorded",
                by=by,
                at=at,
                clinic=clinic.id,
                person=visit.patient_id,
                thing=check,
                codes=[finding.code for finding in decision],
            )
        else:
            record(
                "dosing.check_recorded",
                by=by,
                at=at,
                clinic=clinic.id,
                person=visit.patient_id,
                refused=True,
                codes=sorted({finding.code for finding in turn.refusals}),
            )
    if not turn.is_allowed:
        raise VisitRefused(turn)
    return check, decision


def record_not_given(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    session: SessionKey,
    outcome: Outcome,
    reason: Reason,
    by: User,
    at: datetime,
) -> SessionOutcome:
    """End one person's session without a dose: withheld, missed or excused, with a reason.

    A nurse withholds without anybody's leave. Raises VisitRefused when the session has an outcome already or a
    dose is drawn up. Source: clinical rules 18, 20 and 34.
    """
    refusal = None
    with transaction.atomic(durable=True):
        _lock(patient_id)
        visit = _open_visit(
            clinic=clinic, patient_id=patient_id, session=session, by=by, at=at, for_a_dose=False
        )
        turn = may_move(VisitState(visit.state), VisitState.NOT_GIVEN)
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "person": patient_id,
            "thing": visit.session,
        }
        if turn.is_allowed:
            ended = SessionOutcome.objects.create(
                session=visit.session,
                outcome=outcome,
                reason=reason,
                # Who had come after all and has no dose either: the first ending stays, amended by this one.
                amends=get_live_outcome(session_id=visit.session_id),
                recorded_by=by,
                recorded_at=at,
            )
            visit.state, visit.outcome, visit.ended_at, visit.ended_by = VisitState.NOT_GIVEN, ended, at, by
            visit.save(update_fields=["state", "outcome", "ended_at", "ended_by"])
            record("dosing.session_not_given", outcome=outcome.value, reason=reason.value, **trail)
        else:
            refusal = turn
            record("dosing.session_not_given", refused=True, codes=["out_of_turn"], **trail)
    if refusal is not None:
        raise VisitRefused(refusal)
    return ended


def _lock(patient_id: uuid.UUID) -> None:
    if not lock_dosing_state(patient_id=patient_id):
        DosingState.objects.get_or_create(patient_id=patient_id)
        lock_dosing_state(patient_id=patient_id)


def _locked_visit(*, clinic: Clinic, session_id: uuid.UUID) -> Visit:
    patient_id = Visit.objects.values_list("patient_id", flat=True).get(session_id=session_id, clinic=clinic)
    lock_dosing_state(patient_id=patient_id)
    visit = lock_visit(session_id=session_id)
    assert visit is not None  # noqa: S101 - visits are never deleted, and this one was found above
    return visit


def _open_visit(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    session: SessionKey,
    by: User,
    at: datetime,
    for_a_dose: bool = True,
) -> Visit:
    """Return this session's visit, opened if it is not there; with `for_a_dose` only where one can be begun."""
    visit = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("session")
        .filter(patient_id=patient_id, session__service_date=session.service_date, session__slot=session.slot)
        .first()
    )
    if visit is not None:
        return visit
    known = get_session_facts(patient_id=patient_id, clinic=clinic, session=session, at=at)
    decision = may_start(known.facts)
    # An interval that has not passed bars the dose, not the door: the person waits inside.
    in_the_way = tuple(finding for finding in decision.refusals if finding.code != "interval")
    if known.order is None or (for_a_dose and in_the_way):
        raise VisitRefused(Decision(in_the_way) if in_the_way else decision)
    planned, _ = PlannedSession.objects.get_or_create(
        patient_id=patient_id,
        service_date=session.service_date,
        slot=session.slot,
        defaults={"clinic": clinic, "episode": known.order.episode, "order": known.order},
    )
    return Visit.objects.create(
        session=planned,
        clinic=clinic,
        patient_id=patient_id,
        state=VisitState.ARRIVED,
        arrived_at=at,
        arrived_by=by,
        with_staff=by,
    )


def _store_check(
    visit: Visit,
    answers: CheckAnswers,
    unable_reason: str,
    decision: Decision,
    *,
    by: User,
    at: datetime,
) -> PreInjectionCheck:
    readings = answers.readings
    check = PreInjectionCheck.objects.create(
        session_id=visit.session_id,
        patient_id=visit.patient_id,
        protocol=get_protocol_in_force(clinic_id=visit.clinic_id, at=at),
        sedation=readings.sedation,
        breaths=readings.breaths,
        oxygen=readings.oxygen,
        oxygen_target=readings.target.percent,
        oxygen_scale=readings.target.scale,
        pulse=readings.pulse,
        alcohol_ug=answers.alcohol_ug,
        unable_reason=unable_reason,
        took_other_drugs=answers.took_other_drugs,
        oral_as_ordered=answers.oral_as_ordered,
        is_intoxicated=answers.is_intoxicated,
        sites_are_well=answers.sites_are_well,
        findings=[finding.code for finding in decision],
        lets_a_dose_go_ahead=decision.is_allowed,
        made_at=at,
        made_by=by,
    )
    holding = [finding.code for finding in decision if finding.opens_hold]
    hold_for_check(check=check, clinic_id=visit.clinic_id, codes=holding, by=by, at=at)
    visit.state = VisitState.CHECKED if decision.is_allowed else VisitState.IDENTIFIED
    visit.check_made = check
    visit.with_staff = by
    visit.save(update_fields=["state", "check_made", "with_staff"])
    return check
