"""A licensed doctor's decision on a gap."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.models import GapDecision
from dosing.queries.gaps import get_gap_facts
from dosing.queries.orders import lock_dosing_state
from dosing.rules.gaps import may_decide_gap
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode

DECIDED = "dosing.gap_decided"


class GapNotDecided(Exception):
    """Nothing was decided; `decision` holds every reason."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(" ".join(finding.message for finding in decision.refusals))
        self.decision = decision


def decide_gap(
    *,
    clinic: Clinic,
    episode: Episode,
    ceiling_mg: int,
    reason: str,
    seen: str,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Store that the next dose may be given after a gap, up to a ceiling, and return the decision's id.

    Judged by the database's clock once the person's lock is held. `seen` is `GapKnown.seen` of the page: when the
    gap is another by now, or a session was missed since, nothing is stored. The same decision twice is one.
    Raises GapNotDecided with every reason; the refusal is in the trail. Source: clinical rules 32 and 7.11.
    """
    answer = one_act(lambda: _decide_once(clinic, episode, ceiling_mg, reason, seen, by))
    if isinstance(answer, Decision):
        raise GapNotDecided(answer)
    return answer


def _decide_once(
    clinic: Clinic, episode: Episode, ceiling_mg: int, reason: str, seen: str, by: User
) -> uuid.UUID | Decision:
    lock_dosing_state(patient_id=episode.person_id)
    at = now()
    known = get_gap_facts(clinic=clinic, episode=episode, decider=by, at=at)
    decision = may_decide_gap(known.facts, known.protocol, ceiling_mg=ceiling_mg, reason=reason)
    if known.seen != seen:
        message = "The gap is another since you opened this page. Nothing was decided. Look again."
        decision |= Decision((block("gap_changed", message, "clinical rule 32"),))
    if not decision.is_allowed or known.licence is None:
        codes = [finding.code for finding in decision]
        record(DECIDED, by=by, at=at, clinic=clinic.id, person=episode.person_id, refused=True, codes=codes)
        return decision
    newest = GapDecision.objects.filter(episode=episode).order_by("-decided_at").first()
    if newest is not None and (newest.decided_by_id, newest.ceiling_mg, newest.reason, newest.seen) == (
        by.id,
        ceiling_mg,
        reason,
        seen,
    ):
        return newest.id
    stored = GapDecision.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        ceiling_mg=ceiling_mg,
        reason=reason,
        seen=seen,
        licence=known.licence,
        decided_by=by,
        decided_at=at,
    )
    record(DECIDED, by=by, at=at, clinic=clinic.id, person=episode.person_id, thing=stored)
    return stored.id
