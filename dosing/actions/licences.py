"""Recording and revoking doctors' licences."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.models import Licence, LicenceRevocation
from dosing.rules.licences import LicenceFacts, may_record_licence, may_revoke_licence
from dosing.rules.orders import Product
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act

RECORDED = "dosing.licence_recorded"
REVOKED = "dosing.licence_revoked"


class LicenceRefused(Refused):
    """The licence was not recorded, or not revoked; `decision` holds every reason."""


def record_licence(
    *,
    doctor: User,
    premises: Premises,
    product: Product,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    at: datetime,
) -> Licence:
    """Store one doctor's licence for one product at one premises, half-open.

    Raises LicenceRefused for somebody who is no doctor there, and for a licence that is recorded already; the
    refusal is in the audit trail and nothing else is stored. Source: clinical rule 1.
    """
    answer = one_act(lambda: _record_once(doctor, premises, product, starts_at, ends_at, by, at))
    if isinstance(answer, Decision):
        raise LicenceRefused(answer)
    return answer


def _record_once(
    doctor: User,
    premises: Premises,
    product: Product,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    at: datetime,
) -> Licence | Decision:
    Clinic.objects.select_for_update().get(id=premises.clinic_id)
    same = Licence.objects.filter(
        doctor=doctor,
        premises=premises,
        product=product,
        starts_at=starts_at,
        ends_at=ends_at,
        revocation__isnull=True,
    )
    decision = may_record_licence(
        LicenceFacts(
            doctor_is_doctor=Role.DOCTOR in roles_of(user=doctor, clinic=premises.clinic, at=at),
            starts_at=starts_at,
            ends_at=ends_at,
            is_recorded=same.exists(),
        )
    )
    if not decision.is_allowed:
        codes = decision.refusal_codes
        record(RECORDED, by=by, at=at, clinic=premises.clinic_id, refused=True, codes=codes)
        return decision
    licence = Licence.objects.create(
        doctor=doctor,
        premises=premises,
        product=product,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_by=by,
        recorded_at=at,
    )
    record(RECORDED, by=by, at=at, clinic=premises.clinic_id, thing=licence)
    return licence


def revoke_licence(
    *, clinic: Clinic, licence_id: uuid.UUID, reason: str, by: User, at: datetime
) -> LicenceRevocation:
    """Revoke a licence now: it signs nothing more, and every order signed under it is suspended at once.

    It is timed by the database's clock once the clinic's lock is held, never before `at`.
    Raises LicenceRefused when it is revoked already or no reason is given. Source: clinical rules 7.11.
    """
    answer = one_act(lambda: _revoke_once(clinic, licence_id, reason, by, at))
    if isinstance(answer, Decision):
        raise LicenceRefused(answer)
    return answer


def _revoke_once(
    clinic: Clinic, licence_id: uuid.UUID, reason: str, by: User, at: datetime
) -> LicenceRevocation | Decision:
    Clinic.objects.select_for_update().get(id=clinic.id)
    licence = Licence.objects.get(id=licence_id, premises__clinic=clinic)
    at = max(at, now())  # the lock may have been long in coming
    decision = may_revoke_licence(is_revoked=hasattr(licence, "revocation"), reason=reason)
    if not decision.is_allowed:
        codes = decision.refusal_codes
        record(REVOKED, by=by, at=at, clinic=clinic.id, thing=licence, refused=True, codes=codes)
        return decision
    revocation = LicenceRevocation.objects.create(
        licence=licence, reason=reason, revoked_by=by, revoked_at=at
    )
    record(REVOKED, by=by, at=at, clinic=clinic.id, thing=licence)
    return revocation
