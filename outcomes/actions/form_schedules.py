"""Writing how often a clinic asks the outcome form, and approving what another wrote."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import FormSchedule, FormScheduleApproval
from outcomes.rules.form_schedules import ScheduleSaid, may_approve_schedule, may_write_schedule


class ScheduleRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class ScheduleKeyReused(Exception):
    """The same key came with other numbers: nothing was stored."""


def write_form_schedule(
    *, clinic: Clinic, said: ScheduleSaid, key: uuid.UUID, by: User, at: datetime
) -> FormSchedule:
    """Write numbers for a clinic from a day on, once; they bind nobody until somebody else approves them.

    Raises ScheduleRefused with every reason (the refusal is in the trail), and ScheduleKeyReused.
    """

    def work() -> FormSchedule | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        fields = {
            "clinic_id": clinic.pk,
            "from_day": said.from_day,
            "every_days": said.every_days,
            "window_days": said.window_days,
            "source": said.source.strip(),
            "written_by_id": by.pk,
        }
        if stored := FormSchedule.objects.filter(key=key).first():
            if any(getattr(stored, name) != value for name, value in fields.items()):
                raise ScheduleKeyReused(
                    "This form was sent before with other answers. Open a new one and write it there."
                )
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        decision = may_write_schedule(said, today=london_date(at))
        if not decision.is_allowed:
            record("outcomes.form_schedule_written", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        schedule = FormSchedule.objects.create(key=key, written_at=at, **fields)
        record("outcomes.form_schedule_written", thing=schedule, **trail)
        return schedule

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ScheduleRefused(answer)
    return answer


def approve_form_schedule(
    *, clinic: Clinic, schedule: uuid.UUID, is_confirmed: bool, by: User, at: datetime
) -> FormScheduleApproval:
    """Approve numbers that somebody else wrote, before their first day; sent again by the same, it changes nothing.

    Raises ScheduleRefused (in the trail), and FormSchedule.DoesNotExist for numbers of another clinic.
    """

    def work() -> FormScheduleApproval | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        written = FormSchedule.objects.get(pk=schedule, clinic=clinic)
        stored = FormScheduleApproval.objects.filter(schedule=written).first()
        if stored is not None and stored.approved_by_id == by.pk:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        decision = may_approve_schedule(
            from_day=written.from_day,
            today=london_date(at),
            is_own=written.written_by_id == by.pk,
            is_approved=stored is not None,
            is_confirmed=is_confirmed,
        )
        if not decision.is_allowed:
            record("outcomes.form_schedule_approved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        approval = FormScheduleApproval.objects.create(schedule=written, approved_at=at, approved_by=by)
        record("outcomes.form_schedule_approved", thing=written, **trail)
        return approval

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ScheduleRefused(answer)
    return answer
