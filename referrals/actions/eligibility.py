"""Writing and approving a clinic's criteria, noting facts, and keeping what a decision rested on."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Refused
from referrals.actions.talking import MessageRefused
from referrals.models import (
    CriteriaApproval,
    CriteriaSet,
    EligibilityFact,
    Referral,
)
from referrals.queries.eligibility import get_newest_set
from referrals.queries.talking import is_undecided
from referrals.rules.asking import Answer
from referrals.rules.criteria import (
    Criteria,
    CriteriaApprovalFacts,
    Criterion,
    may_approve_criteria,
    may_write_criteria,
    read_criteria,
    unverified_of,
)
from referrals.rules.eligibility import FactSource, may_note


class CriteriaRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class FactRefused(MessageRefused):
    """The fact was not noted; `decision` holds every reason."""


@transaction.atomic(durable=True)
def write_criteria(
    *, clinic: Clinic, criteria: Criteria, basis: str, reason: str, by: User, at: datetime
) -> CriteriaSet:
    """Write the next set of criteria of a clinic. It binds nobody until a clinical lead approves it.

    The same content written again while it waits returns the set that stands. Raises CriteriaRefused.
    Source: product R 2.
    """
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.pk)
    decision = may_write_criteria(criteria, reason=reason)
    if not decision.is_allowed:
        raise CriteriaRefused(decision)
    last = get_newest_set(clinic_id=clinic.pk)
    if last is not None and (last.sha256, last.reason, last.written_by_id) == (
        criteria.sha256,
        reason,
        by.pk,
    ):
        return last
    written = CriteriaSet.objects.create(
        clinic=clinic,
        number=last.number + 1 if last else 1,
        basis=basis,
        data=criteria.data,
        sha256=criteria.sha256,
        reason=reason,
        written_at=at,
        written_by=by,
    )
    record("referrals.criteria_written", by=by, at=at, clinic=clinic.pk, thing=written, number=written.number)
    return written


@transaction.atomic(durable=True)
def approve_criteria(
    *, clinic: Clinic, criteria_id: uuid.UUID, confirmed: frozenset[str], by: User, at: datetime
) -> CriteriaApproval:
    """Make the set that waits the clinic's own, from now on. Raises CriteriaRefused with every reason.

    Source: product R 2.
    """
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.pk)
    written = CriteriaSet.objects.get(id=criteria_id, clinic=clinic)
    newest = get_newest_set(clinic_id=clinic.pk)
    unverified = unverified_of(written.basis, read_criteria(written.data))
    decision = may_approve_criteria(
        CriteriaApprovalFacts(
            is_clinical_lead=Role.CLINICAL_LEAD in roles_of(user=by, clinic=clinic, at=at),
            is_own=written.written_by_id == by.pk,
            is_newest=newest is not None and newest.id == written.id,
            is_approved=CriteriaApproval.objects.filter(criteria=written).exists(),
            unverified=unverified,
            confirmed=confirmed,
        )
    )
    if not decision.is_allowed:
        raise CriteriaRefused(decision)
    approval = CriteriaApproval.objects.create(
        criteria=written,
        sha256=written.sha256,
        confirmed=sorted(confirmed & set(unverified)),
        approved_at=at,
        approved_by=by,
    )
    record(
        "referrals.criteria_approved",
        by=by,
        at=at,
        clinic=clinic.pk,
        thing=approval,
        number=written.number,
        sha256=written.sha256,
    )
    return approval


@transaction.atomic(durable=True)
def note_fact(
    *,
    referral_id: uuid.UUID,
    criterion: Criterion,
    number: int | None,
    answer: Answer | None,
    evidence: str,
    source: FactSource,
    by: User,
    at: datetime,
) -> EligibilityFact:
    """Note what was found out for one criterion; a later note replaces it and both stay.

    Raises FactRefused with every reason. Source: product R 2.
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(id=referral_id)
    decision = may_note(
        criterion, number=number, answer=answer, evidence=evidence, is_open=is_undecided(referral)
    )
    if not decision.is_allowed:
        raise FactRefused(decision)
    fact = EligibilityFact.objects.create(
        referral=referral,
        criterion=criterion,
        number=number,
        answer=answer or "",
        evidence=evidence.strip(),
        source=source,
        noted_at=at,
        noted_by=by,
    )
    record(
        "referrals.eligibility_noted",
        by=by,
        at=at,
        clinic=referral.clinic_id,
        person=referral.subject_id,
        thing=referral,
        criterion=criterion.value,
    )
    return fact
