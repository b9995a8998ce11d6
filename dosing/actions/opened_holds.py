"""Opening a hold that follows from something written: one row and its event, in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dosing.models import Hold, PreInjectionCheck
from dosing.rules.holds import HoldSeverity
from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record


def open_hold(
    *,
    clinic_id: uuid.UUID,
    patient_id: uuid.UUID,
    codes: Sequence[str],
    by: User | None,
    at: datetime,
    severity: HoldSeverity = HoldSeverity.HOLD,
    **follows_from: Any,
) -> Hold:
    """Store a hold and tell of it, in the caller's transaction, the person locked by now.

    `follows_from` is its reason in words, and the check, reading or emergency that it follows from.
    """
    hold = Hold.objects.create(
        clinic_id=clinic_id,
        patient_id=patient_id,
        severity=severity,
        codes=list(codes),
        opened_at=at,
        opened_by=by,
        **follows_from,
    )
    record(
        "dosing.hold_opened",
        by=by,
        at=at,
        clinic=clinic_id,
        person=patient_id,
        thing=hold,
        severity=severity.value,
        codes=list(codes),
    )
    return hold


def hold_for_check(
    *, check: PreInjectionCheck, clinic_id: uuid.UUID, codes: Sequence[str], by: User, at: datetime
) -> None:
    """Hold a person for what a check found, in the caller's transaction, unless they are held for one already.

    Source: clinical rules 19 and 20.
    """
    standing = Hold.objects.filter(
        patient_id=check.patient_id, lifted_at__isnull=True, check_made__isnull=False
    )
    if codes and not standing.exists():
        open_hold(
            clinic_id=clinic_id, patient_id=check.patient_id, codes=codes, check_made=check, by=by, at=at
        )
