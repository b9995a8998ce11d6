"""A doctor's setting of one person's own target for oxygen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from dosing.models import DosingState, OxygenBaseline, RecordedRequest
from dosing.queries.orders import lock_dosing_state
from dosing.queries.oxygen import get_licence_here, get_newest_id, get_target_facts
from dosing.rules.oxygen import PersonalTarget, may_set_target
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode

SET = "dosing.oxygen_target_set"


class TargetNotSet(Refused):
    """Nothing was set; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class SentTarget:
    """What the page brings along: `newest` is the last target that it showed, by its id, or nothing."""

    key: uuid.UUID
    newest: str


def set_oxygen_target(
    *,
    clinic: Clinic,
    episode: Episode,
    target: PersonalTarget,
    evidence: str,
    page: SentTarget,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Store what one person's oxygen is held against from now on, and return the row's id.

    Judged by the database's clock once the person's lock is held. When another was set meanwhile, nothing is. The
    same key with the same content is one setting. Raises TargetNotSet with every reason; the refusal is in the
    trail. Source: clinical rule 19.
    """
    answer = one_act(lambda: _set_once(clinic, episode, target, evidence, page, by))
    if isinstance(answer, Decision):
        raise TargetNotSet(answer)
    return answer


def _set_once(
    clinic: Clinic, episode: Episode, target: PersonalTarget, evidence: str, page: SentTarget, by: User
) -> uuid.UUID | Decision:
    # Nobody has been at the hatch yet whose target is set in their first days: then there is no row to lock.
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    lock_dosing_state(patient_id=episode.person_id)
    written = {
        "episode": episode.id,
        "percent": target.percent,
        "scale": target.scale.value,
        "review_on": target.review_on,
        "evidence": evidence,
    }
    content = content_sha256(written, by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None and first.content_sha256 == content:
        return uuid.UUID(first.answer["baseline_id"])
    at = now()
    facts = get_target_facts(clinic=clinic, episode=episode, by=by, at=at)
    licence = get_licence_here(clinic=clinic, doctor_id=by.id, at=at)
    decision = may_set_target(facts, target, evidence=evidence)
    if first is not None or get_newest_id(patient_id=episode.person_id) != page.newest:
        message = "Another target was set since this page was opened. Look again."
        decision |= Decision((block("set_meanwhile", message, "clinical rule 19"),))
    if not decision.is_allowed or licence is None:
        codes = decision.refusal_codes
        record(SET, by=by, at=at, clinic=clinic.id, person=episode.person_id, refused=True, codes=codes)
        return decision
    stored = OxygenBaseline.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        percent=target.percent,
        scale=target.scale,
        evidence=evidence,
        review_on=target.review_on,
        licence=licence,
        set_at=at,
        set_by=by,
    )
    RecordedRequest.objects.create(
        key=page.key,
        act=SET,
        content_sha256=content,
        answer={"baseline_id": str(stored.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(SET, by=by, at=at, clinic=clinic.id, person=episode.person_id, thing=stored)
    return stored.id
