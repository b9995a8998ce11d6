"""A licensed doctor's decision on a gap."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from dosing.models import GapDecision, RecordedRequest
from dosing.queries.gaps import GapKnown, get_gap_facts
from dosing.queries.orders import lock_dosing_state
from dosing.rules.gaps import may_decide_gap
from dosing.rules.history import gap_in_words
from dosing.rules.moments import exact_moment
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode

DECIDED = "dosing.gap_decided"
USED_ALREADY = "This page was already used for something else. Open it again from the worklist."


class GapNotDecided(Refused):
    """Nothing was decided; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class SentGap:
    """What the page brings along: it is decided once, on the gap and the last decision that were seen.

    `seen` and `newest` are `GapKnown.seen` and `GapKnown.newest_id` of the page.
    """

    key: uuid.UUID
    seen: str
    newest: str


def decide_gap(
    *,
    clinic: Clinic,
    episode: Episode,
    ceiling_mg: int,
    reason: str,
    page: SentGap,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Store that the next dose may be given after a gap, up to a ceiling, and return the decision's id.

    Judged by the database's clock once the person's lock is held. When the gap is another than the page showed, a
    session was missed since, or somebody decided meanwhile, nothing is stored. The same key with the same content
    is one decision. Raises GapNotDecided with every reason; the refusal is in the trail.
    Source: clinical rules 32 and 7.11.
    """
    answer = one_act(lambda: _decide_once(clinic, episode, ceiling_mg, reason, page, by))
    if isinstance(answer, Decision):
        raise GapNotDecided(answer)
    return answer


def _decide_once(
    clinic: Clinic, episode: Episode, ceiling_mg: int, reason: str, page: SentGap, by: User
) -> uuid.UUID | Decision:
    lock_dosing_state(patient_id=episode.person_id)
    content = content_sha256({"episode": episode.id, "ceiling_mg": ceiling_mg, "reason": reason}, by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None and first.content_sha256 == content:
        return uuid.UUID(first.answer["decision_id"])
    at = now()
    known = get_gap_facts(clinic=clinic, episode=episode, decider=by, at=at)
    decision = may_decide_gap(known.facts, known.protocol, ceiling_mg=ceiling_mg, reason=reason)
    decision |= _stale(page, known, is_used=first is not None)
    if not decision.is_allowed or known.licence is None:
        codes = decision.refusal_codes
        record(DECIDED, by=by, at=at, clinic=clinic.id, person=episode.person_id, refused=True, codes=codes)
        return decision
    stored = GapDecision.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        ceiling_mg=ceiling_mg,
        reason=reason,
        seen=known.seen,
        licence=known.licence,
        decided_by=by,
        decided_at=at,
    )
    RecordedRequest.objects.create(
        key=page.key,
        act=DECIDED,
        content_sha256=content,
        answer={"decision_id": str(stored.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(DECIDED, by=by, at=at, clinic=clinic.id, person=episode.person_id, thing=stored)
    return stored.id


def _stale(page: SentGap, known: GapKnown, *, is_used: bool) -> Decision:
    """Return what changed since the page was opened."""
    words, newest = gap_in_words(known.facts.standing), known.newest
    meanwhile = (
        f"{newest.decided_by.full_name} decided on {exact_moment(newest.decided_at)}, since you opened this page: at "
        f"most {newest.ceiling_mg} mg. “{newest.reason}” Nothing more was decided. Look again."
        if newest is not None and known.newest_id != page.newest
        else ""
    )
    return Decision.of(
        (
            block("key_reused", USED_ALREADY, "clinical rule 32") if is_used else None,
            block(
                "gap_changed",
                f"The gap is another since you opened this page. {words} Nothing was decided. Look again.",
                "clinical rule 32",
            )
            if known.seen != page.seen
            else None,
            block("decided_meanwhile", meanwhile, "clinical rule 32") if meanwhile else None,
        )
    )
