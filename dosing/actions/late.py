"""Somebody comes after their session had ended without a dose: both facts stay, and the session goes on."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from dosing.actions.visits import VisitRefused
from dosing.models import LateArrival, Release, Visit
from dosing.queries.orders import lock_dosing_state
from dosing.queries.sessions import SessionKey, get_session_facts
from dosing.queries.visits import get_live_outcome
from dosing.rules.sessions import Outcome, Reason, rests_on
from dosing.rules.visits import VisitState, late_reason, may_come_late
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision

NOTED = "dosing.late_arrival_noted"


def note_late_arrival(
    *, clinic: Clinic, patient_id: uuid.UUID, session: SessionKey, by: User, at: datetime
) -> Visit:
    """Let a session go on that was recorded as missed, excused or declined, while it is open; return its visit.

    The first outcome stays with its reason and its author; a row of its own says that it ended, why and by whom. Until
    a dose is given the session counts as missed, once. Noted twice, they have come once. Raises VisitRefused with
    every reason; the refusal is in the trail. Source: clinical rules 24 and 7.11; trust design 5.
    """
    with transaction.atomic(durable=True):
        lock_dosing_state(patient_id=patient_id)
        visit = (
            Visit.objects.select_for_update(of=("self",))
            .select_related("session")
            .filter(
                clinic=clinic,
                patient_id=patient_id,
                session__service_date=session.service_date,
                session__slot=session.slot,
            )
            .first()
        )
        live = get_live_outcome(session_id=visit.session_id) if visit is not None else None
        if visit is not None and live is not None and hasattr(live, "late_arrival"):
            return visit
        outcome = (Outcome(live.outcome), Reason(live.reason)) if live is not None and live.reason else None
        was_let_go = visit is not None and Release.objects.filter(session=visit.session_id).exists()
        decision = may_come_late(
            VisitState(visit.state) if visit is not None else None, outcome, was_let_go=was_let_go
        )
        if decision.is_allowed:
            known = get_session_facts(patient_id=patient_id, clinic=clinic, session=session, at=at)
            against = rests_on(known.facts).refusals
            # An interval that has not passed bars the dose, not the door: the person waits inside.
            decision = Decision(tuple(finding for finding in against if finding.code != "interval"))
        if visit is None or live is None or outcome is None or not decision.is_allowed:
            codes = decision.refusal_codes
            record(NOTED, by=by, at=at, clinic=clinic.id, person=patient_id, refused=True, codes=codes)
        else:
            reason = late_reason(*outcome)
            assert reason is not None  # noqa: S101 - asked of the rule
            LateArrival.objects.create(
                session_id=visit.session_id, ends=live, reason=reason, noted_at=at, noted_by=by
            )
            visit.state, visit.outcome, visit.ended_at, visit.ended_by = VisitState.ARRIVED, None, None, None
            visit.arrived_at, visit.arrived_by, visit.with_staff = at, by, by
            visit.check_made = None  # nobody saw them since: they are checked anew
            visit.save()
            record(
                NOTED,
                by=by,
                at=at,
                clinic=clinic.id,
                person=patient_id,
                thing=visit.session,
                reason=reason.value,
                ends=str(live.id),
            )
    if visit is None or not decision.is_allowed:
        raise VisitRefused(decision)
    return visit
