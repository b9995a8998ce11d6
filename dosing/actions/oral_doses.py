"""Giving an oral opioid at the terminal, and a prescriber's decision that lets one go ahead."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from dosing.actions.oral import OralRefused
from dosing.actions.orders import USED_ALREADY
from dosing.models import DosingState, OralDecision, OralDose, OralOrder, RecordedRequest, Signature
from dosing.queries.oral import (
    get_last_oral_orders,
    list_oral_orders_in_force,
    may_prescribe,
    what_stands_oral,
)
from dosing.queries.oral_doses import KnownBeforeOral, get_oral_facts, get_withheld
from dosing.queries.orders import lock_dosing_state
from dosing.rules.checks import Sedation
from dosing.rules.oral_doses import OralAttempt, may_allow_oral, may_give_oral
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, block
from hat_clinic.core.transactions import one_act
from patients.models import Person
from patients.queries import lock_person_for_dosing

GIVEN = "dosing.oral_given"
ALLOWED = "dosing.oral_allowed"


@dataclass(frozen=True, slots=True)
class OralToGive:
    """What a nurse puts their PIN to. The order is the one that the page showed.

    `born` is the date of birth that the person said; `is_known` says that two of the staff know them instead.
    """

    order_id: uuid.UUID
    mg: int
    sedation: Sedation
    breaths: int | None
    born: date | None
    is_known: bool = False

    def sha256(self, patient_id: uuid.UUID, nurse_id: uuid.UUID) -> str:
        """Return the hash of all of it with its person and its nurse, in one canonical form."""
        content = {name: getattr(self, name) for name in self.__slots__}
        return content_sha256(content | {"patient": patient_id}, nurse_id)


def give_oral(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    dose: OralToGive,
    pin: str,
    key: uuid.UUID,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> OralDose:
    """Store one oral dose, signed by the nurse who saw it taken or handed it over.

    The PIN is proved first. The dose is judged and timed by the database's clock once the person's lock is held.
    The same key with the same content returns the first answer and stores nothing. Raises PinRefused, or
    OralRefused with every reason; the refusal is in the trail. The register has no line of it.
    Source: clinical rules 16, 31 and 7.11.
    """
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _give_once(clinic, patient_id, dose, key, by))
    if isinstance(answer, Decision):
        raise OralRefused(answer)
    return answer


def _give_once(
    clinic: Clinic, patient_id: uuid.UUID, dose: OralToGive, key: uuid.UUID, by: User
) -> OralDose | Decision:
    lock_for_oral(patient_id)
    sha256 = dose.sha256(patient_id, by.id)
    first = RecordedRequest.objects.filter(key=key).first()
    at = now()  # the lock may have been long in coming: the dose is of now
    if first is not None:
        if first.act == GIVEN and first.content_sha256 == sha256:
            return OralDose.objects.get(id=first.answer["oral_dose_id"])
        return _refused(GIVEN, _reused(), clinic=clinic, patient_id=patient_id, by=by, at=at)
    in_force = list_oral_orders_in_force(patient_id=patient_id, clinic_id=clinic.id, at=at)
    order = next((order for order in in_force if order.id == dose.order_id), None)
    known = get_oral_facts(patient_id=patient_id, clinic=clinic, order=order, at=at)
    if order is None and OralOrder.objects.filter(id=dose.order_id, patient_id=patient_id).exists():
        standing = what_stands_oral(get_last_oral_orders(patient_id=patient_id), at=at)
        message = f"That order is not in force any more. {standing} Nothing was saved. Look again before you give it."
        decision = Decision((block("order_changed", message, "clinical rule 5"),))
    else:
        decision = may_give_oral(known.facts, _attempt(dose, patient_id))
    if not decision.is_allowed or order is None:
        return _refused(GIVEN, decision, clinic=clinic, patient_id=patient_id, by=by, at=at)
    given = _store(order, known, dose, sha256, key, by=by, at=at)
    record(GIVEN, by=by, at=at, clinic=clinic.id, person=patient_id, thing=given)
    return given


def _attempt(dose: OralToGive, patient_id: uuid.UUID) -> OralAttempt:
    born_on = Person.objects.values_list("born_on", flat=True).get(id=patient_id)
    return OralAttempt(
        mg=dose.mg,
        sedation=dose.sedation,
        breaths=dose.breaths,
        is_identified=dose.is_known or (dose.born is not None and dose.born == born_on),
    )


def _store(
    order: OralOrder,
    known: KnownBeforeOral,
    dose: OralToGive,
    sha256: str,
    key: uuid.UUID,
    *,
    by: User,
    at: datetime,
) -> OralDose:
    assert known.protocol is not None  # noqa: S101 - the caller has asked the rule
    signature = Signature.objects.create(
        signed_by=by, signed_at=at, part=Signature.Part.GIVER, content_sha256=sha256
    )
    given = OralDose.objects.create(
        order=order,
        patient_id=order.patient_id,
        drug=order.drug,
        protocol=known.protocol,
        session=known.session,
        decision=known.decision,
        mg=dose.mg,
        sedation=dose.sedation,
        breaths=dose.breaths,
        given_at=at,
        given_on=london_date(at),
        supervised_by=by,
        signature=signature,
        key=key,
        recorded_at=at,
    )
    RecordedRequest.objects.create(
        key=key,
        act=GIVEN,
        content_sha256=sha256,
        answer={"oral_dose_id": str(given.id)},
        recorded_by=by,
        recorded_at=at,
    )
    return given


def allow_oral(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    order_id: uuid.UUID,
    reason: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> OralDecision:
    """Store a prescriber's decision that today's dose of an oral order goes ahead although an injection was withheld.

    The nurse still sees the sedation and counts the breathing. The same key with the same content returns the
    first. Raises OralRefused with every reason. Source: clinical rules 2 and 7.11.
    """
    answer = one_act(lambda: _allow_once(clinic, patient_id, order_id, reason, key, by))
    if isinstance(answer, Decision):
        raise OralRefused(answer)
    return answer


def _allow_once(
    clinic: Clinic, patient_id: uuid.UUID, order_id: uuid.UUID, reason: str, key: uuid.UUID, by: User
) -> OralDecision | Decision:
    lock_for_oral(patient_id)
    sha256 = content_sha256({"patient": patient_id, "order": order_id, "reason": reason}, by.id)
    first = RecordedRequest.objects.filter(key=key).first()
    at = now()
    if first is not None:
        if first.act == ALLOWED and first.content_sha256 == sha256:
            return OralDecision.objects.get(id=first.answer["oral_decision_id"])
        return _refused(ALLOWED, _reused(), clinic=clinic, patient_id=patient_id, by=by, at=at)
    in_force = list_oral_orders_in_force(patient_id=patient_id, clinic_id=clinic.id, at=at)
    withheld, _ = get_withheld(patient_id=patient_id, at=at)
    decision = may_allow_oral(
        signer_may_prescribe=may_prescribe(user=by, clinic=clinic, at=at), withheld=withheld, reason=reason
    )
    if order_id not in {order.id for order in in_force}:
        message = "That order is not in force any more. Nothing was saved. Look again before you decide."
        decision |= Decision((block("order_changed", message, "clinical rule 5"),))
    if not decision.is_allowed:
        return _refused(ALLOWED, decision, clinic=clinic, patient_id=patient_id, by=by, at=at)
    decided = OralDecision.objects.create(
        order_id=order_id, patient_id=patient_id, reason=reason, decided_by=by, decided_at=at
    )
    record(ALLOWED, by=by, at=at, clinic=clinic.id, person=patient_id, thing=decided)
    RecordedRequest.objects.create(
        key=key,
        act=ALLOWED,
        content_sha256=sha256,
        answer={"oral_decision_id": str(decided.id)},
        recorded_by=by,
        recorded_at=at,
    )
    return decided


def lock_for_oral(patient_id: uuid.UUID) -> None:
    """Lock one person as every dose does, in the caller's transaction."""
    DosingState.objects.get_or_create(patient_id=patient_id)
    lock_dosing_state(patient_id=patient_id)
    lock_person_for_dosing(person_id=patient_id)


def _reused() -> Decision:
    return Decision((block("key_reused", USED_ALREADY, "clinical rule 5"),))


def _refused(
    event: str, decision: Decision, *, clinic: Clinic, patient_id: uuid.UUID, by: User, at: datetime
) -> Decision:
    record(
        event,
        by=by,
        at=at,
        clinic=clinic.id,
        person=patient_id,
        refused=True,
        codes=decision.refusal_codes,
    )
    return decision
