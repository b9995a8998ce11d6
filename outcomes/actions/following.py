"""Closing what was to be done because somebody did not come."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.support import lock_treatment
from outcomes.models import FollowUp, FollowUpDone, SupportSession
from outcomes.rules.support import may_close_follow_up


class FollowUpRefused(Refused):
    """The follow-up stays open; `decision` holds every reason."""


def close_follow_up(
    *, clinic: Clinic, follow_up: uuid.UUID, how: str, by: User, at: datetime
) -> FollowUpDone:
    """Say that a follow-up is done and what came of it; one that was done before is returned as it is.

    Raises FollowUp.DoesNotExist for one of another clinic, and FollowUpRefused; the refusal is in the trail.
    """

    def work() -> FollowUpDone | Decision:
        asked = FollowUp.objects.get(id=follow_up, clinic=clinic)
        lock_treatment(clinic, asked.patient_id)  # as a correction of its session does
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": asked.patient_id}
        is_corrected = SupportSession.objects.filter(amends=asked.session_id).exists()
        is_done = FollowUpDone.objects.filter(follow_up=asked).exists()
        decision = may_close_follow_up(how, is_superseded=is_corrected and not is_done)
        if not decision.is_allowed:
            record("outcomes.follow_up_done", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        done, is_new = FollowUpDone.objects.get_or_create(
            follow_up=asked, defaults={"how": how.strip(), "done_by": by, "done_at": at}
        )
        if is_new:
            record("outcomes.follow_up_done", thing=asked, **trail)
        return done

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise FollowUpRefused(answer)
    return answer
