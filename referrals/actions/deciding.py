"""What the clinic makes of a referral, and how its agency takes it back. Each referral ends once."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from patients.actions import admit_person, open_episode
from patients.models import Episode, Person
from patients.queries.closings import may_be_accepted
from referrals.models import CriteriaSet, EligibilityJudgement, Referral, ReferralDecision
from referrals.queries.eligibility import stand_against
from referrals.queries.matching import list_known_people
from referrals.queries.places import get_acceptance_facts
from referrals.queries.talking import tells_no_more
from referrals.rules.asking import which_are_same
from referrals.rules.deciding import DeclineReason, Outcome, WithdrawReason, may_accept, may_close
from referrals.rules.eligibility import CriterionStanding, unmet_of
from referrals.rules.talking import may_act_for_agency


class AcceptanceRefused(Refused):
    """The person was not accepted; `decision` holds every reason."""


class ClosingRefused(Exception):
    """The referral was not closed; the message says why."""


@transaction.atomic(durable=True)
def note_first_look(*, referral_id: uuid.UUID, by: User, at: datetime) -> None:
    """Mark that a clinician opened a referral for the first time; later looks change nothing."""
    changed = Referral.objects.filter(id=referral_id, first_seen_at__isnull=True).update(
        first_seen_at=at, first_seen_by=by
    )
    if changed:
        referral = Referral.objects.get(id=referral_id)
        record(
            "referrals.referral_first_seen",
            by=by,
            at=at,
            clinic=referral.clinic_id,
            person=referral.subject_id,
            thing=referral,
        )


@transaction.atomic(durable=True)
def plan_assessment(*, referral_id: uuid.UUID, due_on: date, by: User, at: datetime) -> None:
    """Set the day on which a person is to be assessed; a later day replaces it.

    Raises ClosingRefused where the referral is decided already.
    """
    referral = _lock(referral_id)
    _refuse_if_decided(referral)
    referral.assessment_due_on = due_on
    referral.save(update_fields=["assessment_due_on"])
    record(
        "referrals.assessment_planned",
        by=by,
        at=at,
        clinic=referral.clinic_id,
        person=referral.subject_id,
        thing=referral,
        due_on=due_on.isoformat(),
    )


@transaction.atomic(durable=True)
def accept_referral(
    *,
    referral: Referral,
    assessed_on: date,
    by: User,
    at: datetime,
    known_person_id: uuid.UUID | None = None,
    is_somebody_new: bool = False,
    override_reason: str = "",
) -> Episode:
    """Accept a referred person into the clinic's places, once; a second press returns the same episode.

    The places are counted under a lock on the clinic's row, so that two clinicians at once cannot exceed them.
    Where somebody known here may be the same person, the clinician says who it is: `known_person_id`, or
    `is_somebody_new`. The treatment opens, and the person is made where there was none. Against a criterion of the
    clinic only with `override_reason`, which stays with what stood at that moment.
    Raises AcceptanceRefused with every reason, EpisodeRefused when the person is in treatment already.
    Source: product R 2, 3 and 4.
    """
    clinic = Clinic.objects.select_for_update(no_key=True).get(id=referral.clinic_id)
    standing = _lock(referral.id)
    if standing.episode is not None:
        return standing.episode
    known = {person.id: person for person in list_known_people(standing)}
    chosen = standing.person or (known.get(known_person_id) if known_person_id else None)
    if chosen is not None:
        Person.objects.select_for_update().get(id=chosen.id)  # another clinic may be accepting them too
    criteria, _, standings = stand_against(standing, today=london_date(at))
    facts = get_acceptance_facts(
        referral=standing,
        clinic=clinic,
        person_id=chosen.id if chosen else None,
        has_known_match=bool(known) or known_person_id is not None,
        is_chosen=chosen is not None or (is_somebody_new and known_person_id is None),
        on=london_date(at),
        standings=standings,
    )
    decision = may_accept(facts, assessed_on=assessed_on, override_reason=override_reason) | may_be_accepted(
        clinic_id=clinic.id
    )
    if not decision.is_allowed:
        raise AcceptanceRefused(decision)
    person = chosen or _make_person(standing, clinic, by=by, at=at)
    episode = open_episode(person=person, clinic=clinic, accepted_on=assessed_on, by=by, at=at)
    standing.person = person
    standing.assessed_on = assessed_on
    standing.is_eligible = True
    standing.episode = episode
    standing.save(update_fields=["person", "assessed_on", "is_eligible", "episode"])
    _join_the_others(standing, person)
    decided = ReferralDecision.objects.create(
        referral=standing, outcome=Outcome.ACCEPTED, decided_at=at, decided_by=by
    )
    _keep_judgement(
        decision=decided,
        criteria=criteria,
        standings=standings,
        override_reason=override_reason,
        is_acceptance=True,
    )
    record("referrals.referral_accepted", by=by, at=at, clinic=clinic.id, person=person.id, thing=standing)
    return episode


@transaction.atomic(durable=True)
def decline_referral(
    *, referral_id: uuid.UUID, reason: DeclineReason, by: User, at: datetime
) -> ReferralDecision:
    """Close a referral without taking the person in; the agency is told so, and never why.

    Declining again returns the first decision. Raises ClosingRefused where it was accepted or taken back.
    """
    referral = _lock(referral_id)
    decision = _decision_of(referral)
    if decision is not None and decision.outcome == Outcome.DECLINED:
        return decision
    _refuse_if_decided(referral)
    if reason.is_about_eligibility:
        referral.is_eligible = False
    criteria, _, standings = stand_against(referral, today=london_date(at))
    decision = _close(referral, Outcome.DECLINED, reason, Episode.ExitReason.DECLINED, by=by, at=at)
    _keep_judgement(
        decision=decision, criteria=criteria, standings=standings, override_reason="", is_acceptance=False
    )
    record("referrals.referral_declined", reason=reason.value, **_trail_of(referral, by=by, at=at))
    return decision


@transaction.atomic(durable=True)
def withdraw_referral(
    *, referral_id: uuid.UUID, agency_id: uuid.UUID, reason: WithdrawReason, by: User, at: datetime
) -> ReferralDecision:
    """Take an agency's own referral back while nothing is decided; a second press returns the first answer.

    Raises ClosingRefused where it was decided, and Referral.DoesNotExist for another agency's.
    """
    referral = _lock(referral_id, agency_id=agency_id)
    decision = _decision_of(referral)
    if decision is not None and decision.outcome == Outcome.WITHDRAWN:
        return decision
    may_act = may_act_for_agency(tells_no_more=tells_no_more(referral, at=at))
    if not may_act.is_allowed:
        raise ClosingRefused(may_act.refusals[0].message)
    _refuse_if_decided(referral)
    decision = _close(referral, Outcome.WITHDRAWN, reason, _LEFT_BY.get(reason, "other"), by=by, at=at)
    record("referrals.referral_withdrawn", reason=reason.value, **_trail_of(referral, by=by, at=at))
    return decision


# How the reports count somebody whose agency took the referral back.
_LEFT_BY: dict[WithdrawReason, str] = {
    WithdrawReason.CHANGED_MIND: Episode.ExitReason.WITHDRAWN,
    WithdrawReason.OTHER_HELP: Episode.ExitReason.TRANSFERRED,
    WithdrawReason.PRISON: Episode.ExitReason.PRISON,
    WithdrawReason.DIED: Episode.ExitReason.DIED,
}


def _lock(referral_id: uuid.UUID, **narrowed: uuid.UUID) -> Referral:
    referrals = Referral.objects.select_for_update(of=("self",)).select_related(
        "episode", "person", "same_as"
    )
    return referrals.get(id=referral_id, **narrowed)


def _decision_of(referral: Referral) -> ReferralDecision | None:
    return ReferralDecision.objects.filter(referral=referral).first()


def _refuse_if_decided(referral: Referral) -> None:
    is_decided = (
        referral.closed_on is not None
        or referral.episode_id is not None
        or _decision_of(referral) is not None
    )
    decision = may_close(is_decided=is_decided)
    if not decision.is_allowed:
        raise ClosingRefused(decision.refusals[0].message)


def _close(
    referral: Referral,
    outcome: Outcome,
    reason: DeclineReason | WithdrawReason,
    closed_reason: str,
    *,
    by: User,
    at: datetime,
) -> ReferralDecision:
    referral.closed_on = max(london_date(at), referral.referred_on)
    referral.closed_reason = closed_reason
    referral.save(update_fields=["closed_on", "closed_reason", "is_eligible"])
    return ReferralDecision.objects.create(
        referral=referral, outcome=outcome, reason=reason, decided_at=at, decided_by=by
    )


def _trail_of(referral: Referral, *, by: User, at: datetime) -> dict[str, Any]:
    """Return who did it, when, where and about whom, for the audit trail."""
    return {
        "by": by,
        "at": at,
        "clinic": referral.clinic_id,
        "person": referral.subject_id,
        "thing": referral,
    }


def _make_person(referral: Referral, clinic: Clinic, *, by: User, at: datetime) -> Person:
    """Make the person of an agency's referral, or return the one who holds the NHS number already.

    The number may be known from another clinic, or come in there at this moment: the unique column tells.
    """
    assert referral.born_on is not None  # noqa: S101 - the table demands it where there is no person
    holder = _holder_of(referral)
    if holder is not None:
        return holder
    is_taken = Person.objects.filter(id=referral.subject_id).exists()
    try:
        with transaction.atomic():
            return admit_person(
                person_id=uuid.uuid4() if is_taken else referral.subject_id,
                given_names=referral.given_names,
                family_name=referral.family_name,
                born_on=referral.born_on,
                sex=referral.sex,
                address=referral.address,
                nhs_number=referral.nhs_number or None,
                is_invented=clinic.has_invented_people,
                by=by,
                at=at,
            )
    except IntegrityError:
        holder = _holder_of(referral)
        if holder is None:
            raise
        return holder


def _holder_of(referral: Referral) -> Person | None:
    """Return who has the referral's NHS number, wherever they are treated.

    Raises AcceptanceRefused where the number belongs to somebody with another date of birth.
    """
    if not referral.nhs_number:
        return None
    holder = Person.objects.select_for_update().filter(nhs_number=referral.nhs_number).first()
    if holder is not None and holder.born_on != referral.born_on:
        message = "NHS number and date of birth do not belong together. Check both with the person."
        raise AcceptanceRefused(Decision((block("number_and_birth_differ", message, "product R 4"),)))
    return holder


def _join_the_others(accepted: Referral, person: Person) -> None:
    """Let the open referrals linked with an accepted one point at the same person, so that it counts once."""
    first = accepted.same_as or accepted
    linked = Referral.objects.filter(
        clinic_id=accepted.clinic_id, person__isnull=True, closed_on__isnull=True
    )
    others = [*linked.filter(id=first.id), *linked.filter(same_as=first)]
    same = which_are_same(accepted.identity, [other.identity for other in others])
    for other, is_same in zip(others, same, strict=True):
        if is_same:
            Referral.objects.filter(id=other.id).update(person=person)


def _keep_judgement(
    *,
    decision: ReferralDecision,
    criteria: CriteriaSet | None,
    standings: tuple[CriterionStanding, ...],
    override_reason: str,
    is_acceptance: bool,
) -> None:
    """Keep where somebody stood when it was decided, in the caller's transaction; nothing without criteria."""
    if criteria is None:
        return
    unmet = unmet_of(standings)
    is_override = is_acceptance and bool(unmet)
    EligibilityJudgement.objects.create(
        decision=decision,
        criteria=criteria,
        standings={
            standing.criterion.value: {
                "state": standing.state.value,
                "evidence": standing.evidence,
                "source": standing.source,
            }
            for standing in standings
        },
        unmet=[criterion.value for criterion in unmet],
        is_override=is_override,
        override_reason=override_reason.strip() if is_override else "",
    )
