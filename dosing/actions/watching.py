"""Who watches those who are being observed, while others see to an emergency."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from dosing.actions.emergencies import EmergencyRefused, NoSuchEmergency
from dosing.models import Emergency, EmergencyLine
from dosing.queries.emergencies import facts_of, initials_alone
from dosing.queries.orders import lock_dosing_state
from dosing.queries.watching import list_to_hand_over
from dosing.rules.emergencies import WORDS_LENGTH, LineKind, may_hand_over_watching
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision
from hat_clinic.core.transactions import one_act


def hand_over_watching(
    *,
    clinic: Clinic,
    emergency_id: uuid.UUID,
    to_id: uuid.UUID,
    terminal_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User | None,
    at: datetime,
) -> EmergencyLine:
    """Hand everybody else who is being observed to one colleague while an emergency runs: one tap, no PIN.

    It is a line of the emergency, with initials, and an act on each person. The same key is one handing over. Raises
    EmergencyRefused with every reason, NoSuchEmergency. Source: clinical rules 26 and 28.
    """

    def work() -> EmergencyLine | Decision:
        emergency = Emergency.objects.filter(id=emergency_id, clinic=clinic).first()
        if emergency is None:
            raise NoSuchEmergency("There is no such emergency.")
        lock_dosing_state(patient_id=emergency.patient_id)
        first = EmergencyLine.objects.filter(key=key, emergency=emergency).first()
        if first is not None:
            return first
        moment = now()
        able = list_people_who_may(Permission.RECORD_READING, clinic=clinic, at=moment)
        colleague = next((user for user in able if user.id == to_id), None)
        visits = list_to_hand_over(clinic=clinic, besides=emergency.patient_id, lock=True)
        decision = may_hand_over_watching(
            facts_of(emergency), colleague_may_watch=colleague is not None, observed=len(visits)
        )
        trail: dict[str, Any] = {"by": by, "at": moment, "clinic": clinic.id}
        if not decision.is_allowed or colleague is None:
            codes = decision.refusal_codes
            record(
                "dosing.watching_handed_over",
                refused=True,
                thing=emergency,
                codes=codes,
                person=emergency.patient_id,
                **trail,
            )
            return decision
        for visit in visits:
            visit.with_staff = colleague
            visit.save(update_fields=["with_staff"])
            record(
                "dosing.watching_handed_over",
                thing=visit.session,
                person=visit.patient_id,
                to=str(colleague.id),
                is_unsigned=by is None,
                **trail,
            )
        whom = ", ".join(initials_alone(visit.patient) for visit in visits)
        return EmergencyLine.objects.create(
            emergency=emergency,
            kind=LineKind.NOTE,
            words=f"Watching of {whom} handed to {colleague.full_name}."[:WORDS_LENGTH],
            terminal_id=terminal_id,
            key=key,
            happened_at=moment,
            written_at=moment,
            written_by=by,
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise EmergencyRefused(answer)
    return answer
