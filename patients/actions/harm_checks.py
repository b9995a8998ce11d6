"""Signing that a record does nobody serious harm when it is handed over."""

from __future__ import annotations

import uuid
from datetime import datetime

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from patients.models import HarmCheck
from patients.rules.harm_checks import may_sign_harm_check


class HarmCheckRefused(Refused):
    """Nothing was signed; `decision` holds every reason."""


def sign_harm_check(
    *, person_id: uuid.UUID, read: str, held: str, kept_back: str, password: str, by: User, at: datetime
) -> HarmCheck:
    """Store a clinician's signature for the record that they read.

    `read` and `held` are fingerprints: of what was read, and of what is held at this moment. Raises HarmCheckRefused
    with every reason; the refusal is in the trail. Source: trust design 7.
    """

    def work() -> HarmCheck | Decision:
        decision = may_sign_harm_check(
            is_right_password=by.check_password(password), is_what_was_read=read == held
        )
        if not decision.is_allowed:
            codes = decision.refusal_codes
            record("patients.harm_checked", by=by, at=at, person=person_id, refused=True, codes=codes)
            return decision
        check = HarmCheck.objects.create(
            person_id=person_id, record_sha256=held, kept_back=kept_back, signed_by=by, signed_at=at
        )
        record("patients.harm_checked", by=by, at=at, person=person_id, thing=check)
        return check

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise HarmCheckRefused(answer)
    return answer
