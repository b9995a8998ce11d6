"""What patients bring back: written down apart from every ledger, and destroyed by two members of staff."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from dosing.actions.two_people import KEY_REUSED, Signed, TwoPeople, note_refusal, stock_act
from dosing.models import PatientReturn, ReturnDestruction
from dosing.rules.quarantine import may_destroy_return
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision

TAKEN: Final = "dosing.return_taken"
DESTROYED: Final = "dosing.return_destroyed"


def take_return(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    drug: str,
    quantity: int,
    unit: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> PatientReturn:
    """Write down what somebody brought back. It is in no ledger and never becomes stock.

    The same page sent twice returns the first row. Raises StockRefused where it says something else the second
    time. Source: clinical rule 49; trust design 5.
    """
    content = {
        "clinic": clinic,
        "patient_id": patient_id,
        "drug": drug,
        "quantity": quantity,
        "unit": unit,
        "taken_by": by,
    }
    return stock_act(
        event=TAKEN, work=lambda: _take_once(clinic, content, key, by, at), clinic=clinic, by=by, at=at
    )


def _take_once(
    clinic: Clinic, content: dict[str, Any], key: uuid.UUID, by: User, at: datetime
) -> PatientReturn | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    if PatientReturn.objects.filter(key=key).exists():
        first = PatientReturn.objects.filter(key=key, **content).first()
        if first is None:
            note_refusal(event=TAKEN, decision=KEY_REUSED, clinic=clinic, by=by, at=at)
        return first or KEY_REUSED
    row = PatientReturn.objects.create(**content, key=key, taken_at=at)
    record(TAKEN, by=by, at=at, clinic=clinic.id, person=row.patient_id, thing=row)
    return row


def destroy_return(
    *,
    clinic: Clinic,
    return_id: uuid.UUID,
    method: str,
    two: TwoPeople,
    by: User,
    at: datetime,
) -> ReturnDestruction:
    """Destroy a patient's return, two members of staff signing; no authorised witness is needed.

    Raises PinRefused for a PIN, StockRefused for one that is destroyed already.
    Source: clinical rules 22 and 49.
    """
    second = two.prove(DESTROYED, clinic=clinic, by=by, at=at)
    signed = Signed.of(by, second, patient_return=return_id, method=method)
    return stock_act(
        event=DESTROYED,
        work=lambda: _destroy_once(clinic, return_id, method, signed),
        clinic=clinic,
        by=by,
        at=at,
    )


def _destroy_once(
    clinic: Clinic, return_id: uuid.UUID, method: str, signed: Signed
) -> ReturnDestruction | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    returned = PatientReturn.objects.get(id=return_id, clinic=clinic)
    at = now()
    first = ReturnDestruction.objects.select_related("signature").filter(patient_return=returned).first()
    if first is not None and first.signature.content_sha256 == signed.content:
        return first
    decision = may_destroy_return(is_destroyed=first is not None)
    if not decision.is_allowed:
        note_refusal(event=DESTROYED, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    row = ReturnDestruction.objects.create(
        patient_return=returned,
        method=method,
        destroyed_at=at,
        destroyed_by=signed.by,
        witness=signed.second,
        **signed.write(at),
    )
    record(
        DESTROYED,
        by=signed.by,
        at=at,
        clinic=clinic.id,
        person=returned.patient_id,
        thing=row,
        witness=str(signed.second.id),
    )
    return row
