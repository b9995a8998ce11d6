"""Every write about the phases of the programme."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.programme_lines import keep_programme_line
from outcomes.models import PhaseLine
from outcomes.queries.phases import said_of, standing_phases
from outcomes.rules.phases import PhaseSaid, may_record_phase
from outcomes.rules.support import Correction


class PhaseRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


def record_phase(*, clinic: Clinic, said: PhaseSaid, key: uuid.UUID, by: User, at: datetime) -> PhaseLine:
    """Store one phase, once: the same key with the same content from the same person stores nothing new.

    Raises PhaseRefused with every reason (the refusal is in the trail), and ProgrammeKeyReused.
    """

    def work() -> PhaseLine | Decision:
        return keep_programme_line(
            event="outcomes.phase_recorded",
            row=_row(clinic, said, key=key, phase_id=key),
            decide=lambda: may_record_phase(said, today=london_date(at), standing=_others(clinic)),
            by=by,
            at=at,
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise PhaseRefused(answer)
    return answer


def amend_phase(
    *,
    clinic: Clinic,
    line: uuid.UUID,
    said: PhaseSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> PhaseLine:
    """Store a correction of one phase as a new line that names the old one, once; the old one stays as it is.

    A correction that strikes it out keeps what the old line said. Raises what record_phase raises, and
    ProgrammeAmended when somebody else corrected it before.
    """

    def work() -> PhaseLine | Decision:
        first = PhaseLine.objects.get(id=line, clinic=clinic)
        now_said = said_of(first) if correction.strikes else said

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            return may_record_phase(now_said, today=london_date(at), standing=_others(clinic, but=first))

        return keep_programme_line(
            event="outcomes.phase_amended",
            row=_row(
                clinic,
                now_said,
                key=key,
                phase_id=first.phase_id,
                amends=first,
                correction=correction.value,
            ),
            decide=decide,
            by=by,
            at=at,
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise PhaseRefused(answer)
    return answer


def _others(clinic: Clinic, *, but: PhaseLine | None = None) -> list[PhaseSaid]:
    rows = standing_phases(clinic)
    if but is not None:
        rows = rows.exclude(id=but.id)
    return [said_of(row) for row in rows.order_by("from_on", "id")]


def _row(clinic: Clinic, said: PhaseSaid, *, key: uuid.UUID, **more: Any) -> PhaseLine:
    return PhaseLine(
        clinic=clinic,
        name=said.name,
        from_on=said.first_on,
        to_on=said.to_on,
        places=said.places,
        sessions_per_day=said.sessions_per_day,
        funded_by=said.funded_by,
        funded_until=said.funded_until,
        key=key,
        **more,
    )
