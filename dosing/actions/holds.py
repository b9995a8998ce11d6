"""Holding a person's doses by hand, and lifting a hold."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from dosing.models import Hold, Visit
from dosing.queries.holds import get_lifting_facts
from dosing.queries.orders import lock_dosing_state
from dosing.rules.holds import HoldReason, HoldSeverity, PlacingFacts, may_lift_hold, may_place_hold
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from patients.models import Episode

PLACED = "dosing.hold_placed"
LIFTED = "dosing.hold_lifted"


class HoldNotPlaced(Refused):
    """Nothing is held; `decision` holds every reason."""


class HoldNotLifted(Refused):
    """The hold stands; `decision` holds every reason."""


def place_hold(
    *,
    episode: Episode,
    severity: HoldSeverity,
    reason: HoldReason,
    words: str,
    happened_at: datetime | None = None,
    review_on: date | None = None,
    by: User,
    at: datetime,
) -> Hold:
    """Hold every dose of a person until a licensed doctor lifts it. Placed twice in the same words, it is one.

    An overdose away from the clinic, `happened_at`, also takes their standing as tolerated from the doses of the
    24 hours before it. Raises HoldNotPlaced with every reason; the refusal is in the trail.
    Source: clinical rules 7.11.
    """

    def work() -> Hold | Decision:
        lock_dosing_state(patient_id=episode.person_id)
        moment = now()
        fresh = Episode.objects.get(id=episode.id)
        decision = may_place_hold(
            PlacingFacts(
                at=moment,
                today=london_date(moment),
                person_is_in_treatment=fresh.exited_on is None,
                reason=reason,
                words=words,
                happened_at=happened_at,
                review_on=review_on,
            )
        )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": fresh.clinic_id, "person": fresh.person_id}
        if not decision.is_allowed:
            record(PLACED, refused=True, codes=decision.refusal_codes, **trail)
            return decision
        written: dict[str, Any] = {
            "patient_id": fresh.person_id,
            "clinic_id": fresh.clinic_id,
            "severity": severity,
            "codes": [reason.value],
            "reason": words.strip(),
            "happened_at": happened_at,
            "review_on": review_on,
            "opened_by": by,
        }
        same = Hold.objects.filter(lifted_at__isnull=True, check_made__isnull=True, **written).first()
        if same is not None:
            return same
        hold = Hold.objects.create(opened_at=moment, **written)
        record(PLACED, thing=hold, severity=severity.value, codes=[reason.value], **trail)
        return hold

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise HoldNotPlaced(answer)
    return answer


def lift_hold(*, clinic: Clinic, hold_id: uuid.UUID, reason: str, by: User, at: datetime) -> Hold:
    """Lift a hold: a doctor licensed here, with a reason, after a new check that does not say the same.

    Raises HoldNotLifted with every reason; the refusal is in the trail. Source: clinical rules 20 and 7.11.
    """

    def work() -> Hold | Decision:
        lock_dosing_state(patient_id=Hold.objects.values_list("patient_id", flat=True).get(id=hold_id))
        hold = Hold.objects.select_for_update().get(id=hold_id, clinic=clinic)
        facts, latest = get_lifting_facts(hold=hold, by=by, at=at)
        decision = may_lift_hold(facts, reason=reason)
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "person": hold.patient_id,
            "thing": hold,
        }
        if not decision.is_allowed:
            record(LIFTED, refused=True, codes=decision.refusal_codes, **trail)
            return decision
        hold.lifted_at, hold.lifted_by, hold.lift_reason = at, by, reason
        hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        # The check the doctor decided on lets the dose go ahead now; a review decides on an event, not on a check.
        if hold.severity != HoldSeverity.REVIEW:
            Visit.objects.filter(check_made=latest, state=VisitState.IDENTIFIED).update(
                state=VisitState.CHECKED
            )
        record(LIFTED, **trail)
        return hold

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise HoldNotLifted(answer)
    return answer
