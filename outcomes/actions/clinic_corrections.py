"""Correcting what a clinic is known by, and approving what another wrote."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import ClinicCorrection, ClinicCorrectionApproval
from outcomes.queries.clinic_corrections import get_what_clinic_has, said_of, said_of_clinic, was_of
from outcomes.rules.clinic_corrections import ClinicSaid, may_approve_correction, may_write_correction


class CorrectionRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class CorrectionKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


def correct_clinic(
    *, clinic: Clinic, said: ClinicSaid, why: str, key: uuid.UUID, by: User, at: datetime
) -> ClinicCorrection:
    """Write a correction of what a clinic is known by, once; it changes nothing until somebody else approves it.

    Raises CorrectionRefused with every reason (the refusal is in the trail), and CorrectionKeyReused.
    """

    def work() -> ClinicCorrection | Decision:
        locked = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        if stored := ClinicCorrection.objects.filter(key=key).first():
            sent = (locked.pk, by.pk, said, why)
            if sent != (stored.clinic_id, stored.written_by_id, said_of(stored), stored.why):
                raise CorrectionKeyReused(
                    "This form was sent before with other answers. Open a new one and write it there."
                )
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": locked.id}
        stands = said_of_clinic(locked)
        decision = may_write_correction(
            said, why=why, stands=stands, has=get_what_clinic_has(locked), today=london_date(at)
        )
        if not decision.is_allowed:
            record("outcomes.clinic_corrected", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = ClinicCorrection.objects.create(
            clinic=locked,
            name=said.name,
            opened_on=said.opened_on,
            places=said.places,
            sessions_per_day=said.sessions_per_day,
            was_name=stands.name,
            was_opened=stands.opened_on,
            was_places=stands.places,
            was_sessions_per_day=stands.sessions_per_day,
            why=why,
            key=key,
            written_at=at,
            written_by=by,
        )
        record("outcomes.clinic_corrected", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise CorrectionRefused(answer)
    return answer


def approve_clinic_correction(
    *, clinic: Clinic, correction: uuid.UUID, is_confirmed: bool, by: User, at: datetime
) -> ClinicCorrectionApproval:
    """Approve a correction that somebody else wrote: it stands from now on. Sent again by the same, it changes nothing.

    Raises CorrectionRefused (in the trail), and ClinicCorrection.DoesNotExist for one of another clinic.
    """

    def work() -> ClinicCorrectionApproval | Decision:
        locked = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        row = ClinicCorrection.objects.get(pk=correction, clinic=locked)
        stored = ClinicCorrectionApproval.objects.filter(correction=row).first()
        if stored is not None and stored.approved_by_id == by.pk:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": locked.id}
        stands = said_of_clinic(locked)
        decision = may_approve_correction(
            is_own=row.written_by_id == by.pk,
            is_approved=stored is not None,
            is_outdated=was_of(row) != stands,
            is_confirmed=is_confirmed,
            still=may_write_correction(
                said_of(row),
                why=row.why,
                stands=stands,
                has=get_what_clinic_has(locked),
                today=london_date(at),
            ),
        )
        if not decision.is_allowed:
            record("outcomes.clinic_correction_approved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        approval = ClinicCorrectionApproval.objects.create(correction=row, approved_at=at, approved_by=by)
        record("outcomes.clinic_correction_approved", thing=row, **trail)
        return approval

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise CorrectionRefused(answer)
    return answer
