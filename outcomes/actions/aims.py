"""Writing the aims of a programme, and approving what another wrote."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import AimsApproval, AimsVersion
from outcomes.queries.aims import has_aims
from outcomes.rules.evaluation.quotable import is_quotable
from outcomes.rules.evaluation.written_aims import AimsSaid, may_approve_aims, may_write_aims


class AimsRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class AimsKeyReused(Exception):
    """The same key came with other aims: nothing was stored."""


def write_aims(*, clinic: Clinic, said: AimsSaid, key: uuid.UUID, by: User, at: datetime) -> AimsVersion:
    """Write a version of a clinic's aims, once; it stands in no report until somebody else approves it.

    Raises AimsRefused with every reason (the refusal is in the trail), and AimsKeyReused.
    """

    def work() -> AimsVersion | Decision:
        house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        fields: dict[str, Any] = {
            "clinic_id": house.pk,
            "from_day": said.from_day,
            "aims": [aim.to_json() for aim in said.aims],
            "source": said.source,
            "written_by_id": by.pk,
        }
        if stored := AimsVersion.objects.filter(key=key).first():
            if any(getattr(stored, name) != value for name, value in fields.items()):
                raise AimsKeyReused(
                    "This form was sent before with other answers. Open a new one and write it there."
                )
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": house.id}
        decision = may_write_aims(
            said,
            today=london_date(at),
            opened_on=house.opened_on,
            is_first=not has_aims(house),
            knows=is_quotable,
        )
        if not decision.is_allowed:
            record("outcomes.aims_written", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        version = AimsVersion.objects.create(key=key, written_at=at, **fields)
        record("outcomes.aims_written", thing=version, **trail)
        return version

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise AimsRefused(answer)
    return answer


def approve_aims(
    *, clinic: Clinic, version: uuid.UUID, is_confirmed: bool, by: User, at: datetime
) -> AimsApproval:
    """Approve aims that somebody else wrote; sent again by the same, it changes nothing.

    Raises AimsRefused (in the trail), and AimsVersion.DoesNotExist for a version of another clinic.
    """

    def work() -> AimsApproval | Decision:
        house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        written = AimsVersion.objects.get(pk=version, clinic=house)
        stored = AimsApproval.objects.filter(version=written).first()
        if stored is not None and stored.approved_by_id == by.pk:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": house.id}
        decision = may_approve_aims(
            from_day=written.from_day,
            today=london_date(at),
            opened_on=house.opened_on,
            is_first=not has_aims(house),
            is_own=written.written_by_id == by.pk,
            is_approved=stored is not None,
            is_confirmed=is_confirmed,
        )
        if not decision.is_allowed:
            record("outcomes.aims_approved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        approval = AimsApproval.objects.create(version=written, approved_at=at, approved_by=by)
        record("outcomes.aims_approved", thing=written, **trail)
        return approval

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise AimsRefused(answer)
    return answer
