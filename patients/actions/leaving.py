"""Writing the plan for somebody's leaving."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode, LeavingPlan
from patients.queries.closings import get_last_day
from patients.queries.leaving import get_plan
from patients.queries.people import lock_person
from patients.rules.leaving import PLAN, LeavingPlanContent, may_write_plan


class PlanRefused(Refused):
    """The plan was not written; `decision` holds every reason."""


def plan_leaving(
    *, episode: Episode, content: LeavingPlanContent, follows: int, by: User, at: datetime
) -> LeavingPlan:
    """Write a version of a plan; what was written before stays. It may be unfinished.

    `follows` is the number of the newest version that whoever writes had before them, 0 for none. The same content
    again is the version that stands. Raises PlanRefused with every reason; the refusal is in the trail.
    Source: product P 5 and 7.
    """

    def work() -> LeavingPlan | Decision:
        lock_person(person_id=episode.person_id)
        last = get_plan(episode_id=episode.id)
        if last is not None and last.content == content:
            return LeavingPlan.objects.get(id=last.id)
        decision = may_write_plan(
            content, today=london_date(at), closes_on=get_last_day(clinic_id=episode.clinic_id)
        )
        if (last.number if last else 0) != follows:
            message = "Somebody wrote the plan meanwhile. Read it, then write yours again."
            decision |= Decision((block("written_meanwhile", message, PLAN),))
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": episode.clinic_id,
            "person": episode.person_id,
        }
        if not decision.is_allowed:
            codes = decision.refusal_codes
            record("patients.leaving_planned", refused=True, codes=codes, **trail)
            return decision
        written = asdict(content) | {"naloxone": content.naloxone.value if content.naloxone else ""}
        plan = LeavingPlan.objects.create(
            episode=episode, number=follows + 1, written_by=by, written_at=at, **written
        )
        record("patients.leaving_planned", thing=plan, number=plan.number, **trail)
        return plan

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise PlanRefused(answer)
    return answer
