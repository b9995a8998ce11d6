"""Ending somebody's treatment here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from hat_clinic.core.transactions import one_act
from patients.models import Episode
from patients.queries.leaving import get_plan
from patients.queries.people import lock_person
from patients.rules.endings import EndingFacts, may_end_treatment


class TreatmentNotEnded(Exception):
    """The treatment goes on; `decision` holds every reason."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(" ".join(finding.message for finding in decision.refusals))
        self.decision = decision


def end_treatment(
    *, episode: Episode, reason: str, by: User, at: datetime, without_plan: bool = False
) -> Episode:
    """End a treatment today: from now on nothing is signed, drawn up or given in it.

    `without_plan` says that the person goes although the plan for leaving is not whole; the trail tells it.
    Raises TreatmentNotEnded with every reason; the refusal is in the trail.
    Source: clinical rules 7.11; product P 5.
    """

    def work() -> Episode | Decision:
        lock_person(person_id=episode.person_id)
        fresh = Episode.objects.select_for_update(of=("self",)).get(id=episode.id)
        plan = get_plan(episode_id=fresh.id)
        is_whole = plan is not None and not plan.missing
        decision = may_end_treatment(
            EndingFacts(
                today=london_date(at),
                accepted_on=fresh.accepted_on,
                started_on=fresh.started_on,
                is_ended=fresh.exited_on is not None,
                reason_is_known=reason in Episode.ExitReason.values,
                plan_is_whole=is_whole,
                goes_without_plan=without_plan,
            )
        )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": fresh.clinic_id, "person": fresh.person_id}
        if not decision.is_allowed:
            codes = [finding.code for finding in decision.refusals]
            record("patients.treatment_ended", refused=True, codes=codes, **trail)
            return decision
        fresh.exited_on, fresh.exit_reason = london_date(at), reason
        fresh.save(update_fields=["exited_on", "exit_reason"])
        record("patients.treatment_ended", thing=fresh, reason=reason, with_plan=is_whole, **trail)
        return fresh

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise TreatmentNotEnded(answer)
    return answer
