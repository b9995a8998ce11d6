"""Ending somebody's treatment here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from patients.models import ConsentWithdrawal, Episode, Relationship
from patients.queries.consents import standing_consents
from patients.queries.leaving import get_plan
from patients.queries.people import lock_person
from patients.rules.consents import Purpose, WithdrawalReason
from patients.rules.endings import EndingFacts, may_end_treatment
from patients.rules.relationships import Part, lasts_after_exit


class TreatmentNotEnded(Refused):
    """The treatment goes on; `decision` holds every reason."""


def end_treatment(
    *, episode: Episode, reason: str, by: User, at: datetime, without_plan: bool = False
) -> Episode:
    """End a treatment today: from now on nothing is signed, drawn up or given in it.

    `without_plan` says that the person goes although the plan for leaving is not whole; the trail tells it.
    Who worked with the person does so no more; whom somebody else named for aftercare still does. The consent to this
    treatment ends with it: a later one needs a consent, an assessment and an order of its own before its first dose.
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
            codes = decision.refusal_codes
            record("patients.treatment_ended", refused=True, codes=codes, **trail)
            return decision
        fresh.exited_on, fresh.exit_reason = london_date(at), reason
        fresh.save(update_fields=["exited_on", "exit_reason"])
        record("patients.treatment_ended", thing=fresh, reason=reason, with_plan=is_whole, **trail)
        _end_relationships(fresh, trail, by=by, at=at)
        _end_consents(fresh, trail, by=by, at=at)
        return fresh

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise TreatmentNotEnded(answer)
    return answer


def _end_relationships(episode: Episode, trail: dict[str, Any], *, by: User, at: datetime) -> None:
    standing = Relationship.objects.filter(
        person_id=episode.person_id, clinic_id=episode.clinic_id, ended_at__isnull=True
    )
    for one in standing.order_by("added_at", "id"):
        is_own = one.added_by_id == one.colleague_id
        if not lasts_after_exit(Part(one.part), is_own=is_own):
            one.ended_at, one.ended_by = at, by
            one.save(update_fields=["ended_at", "ended_by"])
            record("patients.relationship_ended", thing=one, **trail)


def _end_consents(episode: Episode, trail: dict[str, Any], *, by: User, at: datetime) -> None:
    own = [purpose.value for purpose in Purpose if purpose.ends_with_treatment]
    for consent in standing_consents(at=at).filter(person_id=episode.person_id, purpose__in=own):
        ended = ConsentWithdrawal.objects.create(
            consent=consent,
            withdrawn_at=at,
            recorded_by=by,
            reason=WithdrawalReason.TREATMENT_ENDED.value,
        )
        record("patients.consent_ended", thing=ended, purpose=consent.purpose, **trail)
