"""Putting an oral dose right: the first row stays, every total reads the later one, and it asks for what it asks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Sum

from dosing.actions.opened_holds import open_hold
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.models import Correction, OralDose, OralSettlement, Signature
from dosing.queries.oral import dose_in_words, oral_in_words, said_of_oral
from dosing.queries.orders import lock_dosing_state
from dosing.queries.protocol import as_rules_read_it
from dosing.queries.visits import get_open_draw
from dosing.rules.corrections import Corrected, may_correct
from dosing.rules.oral import OralDrug, daily_limit_mg
from dosing.rules.oral_corrections import OralSaid, asked_by_amended_oral, may_say_of_oral
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, block
from hat_clinic.core.transactions import one_act


class NoSuchOralDose(Exception):
    """There is no such oral dose on an order of this clinic."""


def amend_oral(
    *, clinic: Clinic, dose_id: uuid.UUID, said: OralSaid, why: SignedWhy, by: User, at: datetime
) -> OralDose:
    """Store what an oral dose should have said, beside what it said, and hold the next dose where that asks for it.

    Raises PinRefused, CorrectionRefused with every reason, NoSuchOralDose. Source: clinical rules 19, 31 and 7.11.
    """
    first = OralDose.written.filter(id=dose_id, order__premises__clinic=clinic).first()
    if first is None:
        raise NoSuchOralDose
    why.prove(by=by, at=at)
    answer = one_act(lambda: _amend_once(clinic, first, said, why, by))
    if isinstance(answer, Decision):
        raise CorrectionRefused(answer)
    return answer


def _amend_once(
    clinic: Clinic, first: OralDose, said: OralSaid, why: SignedWhy, by: User
) -> OralDose | Decision:
    lock_dosing_state(patient_id=first.patient_id)
    content = content_sha256(
        {
            "amends": first.id,
            "mg": said.mg,
            "sedation": said.sedation,
            "breaths": said.breaths,
            "given_at": said.given_at.isoformat(),
            "reason": why.reason.value,
            "words": why.words,
        },
        by.id,
    )
    stored = Correction.objects.select_related("signature").filter(key=why.key).first()
    if stored is not None and stored.signature.content_sha256 == content:
        return OralDose.written.get(correction=stored)
    at = now()
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": first.patient_id}
    facts = Corrected(
        stands=OralDose.objects.filter(id=first.id).exists(),
        is_same=said == said_of_oral(first),
        service_date=first.given_on,
        today=london_date(at),
        has_desk=False,
    )
    decision = may_correct(facts, reason=why.reason, words=why.words)
    decision |= may_say_of_oral(
        said,
        said_of_oral(first),
        given_on=first.given_on,
        is_drawn=get_open_draw(patient_id=first.patient_id) is not None,
        at=at,
    )
    if first.conflicts and not OralSettlement.objects.filter(dose=first).exists():
        message = "This dose stood on paper and is contested. The clinical lead settles it first."
        decision |= Decision((block("contested", message, "clinical rules 7.11"),))
    if stored is not None:
        message = "This page was already used for something else. Open it again."
        decision |= Decision((block("key_reused", message, "trust design 5"),))
    if not decision.is_allowed:
        codes = decision.refusal_codes
        record("dosing.oral_amended", refused=True, codes=codes, amends=str(first.id), **trail)
        return decision
    amending = _store(first, said, content, why, by=by, at=at)
    record("dosing.oral_amended", thing=amending, amends=str(first.id), correction=why.reason.value, **trail)
    _follow(clinic, amending, said, by=by, at=at)
    return amending


def _store(
    first: OralDose, said: OralSaid, content: str, why: SignedWhy, *, by: User, at: datetime
) -> OralDose:
    signature = Signature.objects.create(
        signed_by=by, signed_at=at, part=Signature.Part.AMENDER, content_sha256=content
    )
    amending: OralDose = OralDose.written.create(
        order_id=first.order_id,
        patient_id=first.patient_id,
        drug=first.drug,
        protocol_id=first.protocol_id,
        session_id=first.session_id,
        decision_id=first.decision_id,
        mg=said.mg,
        sedation=said.sedation or "",
        breaths=said.breaths,
        given_at=said.given_at,
        given_on=first.given_on,
        supervised_by=by,
        signature=signature,
        key=why.key,
        recorded_at=at,
        amends=first,
    )
    Correction.objects.create(
        key=why.key,
        oral_dose=amending,
        reason=why.reason,
        words=why.words,
        signature=signature,
        corrected_at=at,
        corrected_by=by,
    )
    return amending


def _follow(clinic: Clinic, amending: OralDose, said: OralSaid, *, by: User, at: datetime) -> None:
    """Hold the next dose where the right values ask for it. What was written first opened nothing: it was allowed."""
    order, protocol = amending.order, as_rules_read_it(amending.protocol)
    assert protocol is not None  # noqa: S101 - a dose names the limits that judged it
    today = OralDose.objects.filter(
        patient_id=amending.patient_id, drug=amending.drug, given_on=amending.given_on
    )
    asks = asked_by_amended_oral(
        said,
        day_mg=today.aggregate(total=Sum("mg"))["total"] or 0,
        most_mg=min(order.daily_mg, daily_limit_mg(protocol, OralDrug(order.drug))),
    )
    if asks is None:
        return
    open_hold(
        clinic_id=clinic.id,
        patient_id=amending.patient_id,
        severity=asks.severity,
        codes=asks.codes,
        reason=f"{oral_in_words(amending.drug, amending.mg)}, put right: {dose_in_words(amending)}.",
        by=by,
        at=at,
    )
