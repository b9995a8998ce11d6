"""Setting and lifting legal holds."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.models import LegalHold, LegalHoldLift, RegisterLine
from dosing.queries.retention import find_standing_hold
from dosing.rules.retention import may_lift_hold, may_set_hold
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Person

SET = "dosing.legal_hold_set"
LIFTED = "dosing.legal_hold_lifted"


class LegalHoldRefused(Refused):
    """The legal hold was not set, or not lifted; `decision` holds every reason."""


class NoSuchLegalHold(Exception):
    """This clinic has no legal hold with that id."""


def set_legal_hold(
    *,
    clinic: Clinic,
    person_id: uuid.UUID | None,
    line_id: uuid.UUID | None,
    reason: str,
    by: User,
    at: datetime,
) -> LegalHold:
    """From now on let nothing be removed of a person, of a ledger, or, with neither, of the whole clinic.

    Raises LegalHoldRefused for something that is held already, for a ledger or a person not of this clinic, and
    without a reason. Source: clinical rule 50.
    """
    answer = one_act(lambda: _set_once(clinic, person_id, line_id, reason, by, at))
    if isinstance(answer, Decision):
        raise LegalHoldRefused(answer)
    return answer


def _set_once(
    clinic: Clinic,
    person_id: uuid.UUID | None,
    line_id: uuid.UUID | None,
    reason: str,
    by: User,
    at: datetime,
) -> LegalHold | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    at = max(at, now())  # the lock may have been long in coming
    held = find_standing_hold(clinic=clinic, person_id=person_id, line_id=line_id)
    decision = may_set_hold(is_held=held is not None, reason=reason) | _known(clinic, person_id, line_id)
    if not decision.is_allowed:
        return _refused(SET, decision, clinic=clinic, by=by, at=at)
    hold = LegalHold.objects.create(
        clinic=clinic, person_id=person_id, line_id=line_id, reason=reason.strip(), set_at=at, set_by=by
    )
    record(SET, by=by, at=at, clinic=clinic.id, person=person_id, thing=hold)
    return hold


def _known(clinic: Clinic, person_id: uuid.UUID | None, line_id: uuid.UUID | None) -> Decision:
    """Refuse what does not belong to this clinic, as what does not exist."""
    is_known = (
        person_id is None
        or Person.objects.filter(id=person_id, episodes__clinic=clinic).exists()
        or Person.objects.filter(id=person_id, referrals__clinic=clinic).exists()
    ) and (line_id is None or RegisterLine.objects.filter(id=line_id, premises__clinic=clinic).exists())
    if is_known and (person_id is None or line_id is None):
        return Decision()
    message = "Choose from the list what the legal hold is to stand on."
    return Decision((block("not_known", message, "clinical rule 50"),))


def lift_legal_hold(
    *, clinic: Clinic, hold_id: uuid.UUID, reason: str, by: User, at: datetime
) -> LegalHoldLift:
    """Lift a legal hold, with a reason. Raises NoSuchLegalHold for another clinic's, LegalHoldRefused.

    Source: clinical rule 50.
    """
    answer = one_act(lambda: _lift_once(clinic, hold_id, reason, by, at))
    if answer is None:
        raise NoSuchLegalHold
    if isinstance(answer, Decision):
        raise LegalHoldRefused(answer)
    return answer


def _lift_once(
    clinic: Clinic, hold_id: uuid.UUID, reason: str, by: User, at: datetime
) -> LegalHoldLift | Decision | None:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    hold = LegalHold.objects.filter(id=hold_id, clinic=clinic).first()
    if hold is None:
        return None
    at = max(at, now())  # the lock may have been long in coming
    decision = may_lift_hold(is_lifted=hasattr(hold, "lift"), reason=reason)
    if not decision.is_allowed:
        return _refused(LIFTED, decision, clinic=clinic, by=by, at=at)
    lift = LegalHoldLift.objects.create(hold=hold, reason=reason.strip(), lifted_at=at, lifted_by=by)
    record(LIFTED, by=by, at=at, clinic=clinic.id, person=hold.person_id, thing=hold)
    return lift


def _refused(event: str, decision: Decision, *, clinic: Clinic, by: User, at: datetime) -> Decision:
    codes = decision.refusal_codes
    record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
    return decision
