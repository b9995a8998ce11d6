"""Every write about what disturbed the programme."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.programme_lines import keep_programme_line
from outcomes.models import Disruption
from outcomes.queries.disruptions import said_of, standing_disruptions
from outcomes.rules.disruptions import DisruptionSaid, may_record_disruption
from outcomes.rules.support import Correction


class DisruptionRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


def record_disruption(
    *, clinic: Clinic, said: DisruptionSaid, key: uuid.UUID, by: User, at: datetime
) -> Disruption:
    """Store one disruption, once: the same key with the same content from the same person stores nothing new.

    Raises DisruptionRefused with every reason (the refusal is in the trail), and ProgrammeKeyReused.
    """

    def work() -> Disruption | Decision:
        return keep_programme_line(
            event="outcomes.disruption_recorded",
            row=_row(clinic, said, key=key),
            decide=lambda: may_record_disruption(said, today=london_date(at), standing=_others(clinic)),
            by=by,
            at=at,
            kind=said.kind,
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise DisruptionRefused(answer)
    return answer


def amend_disruption(
    *,
    clinic: Clinic,
    disruption: uuid.UUID,
    said: DisruptionSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Disruption:
    """Store a correction of one disruption as a new row that names it, once; the first row stays as it is.

    A correction that strikes it out keeps what the first row said. Raises what record_disruption raises, and
    ProgrammeAmended when somebody else corrected it before.
    """

    def work() -> Disruption | Decision:
        first = Disruption.objects.get(id=disruption, clinic=clinic)
        now_said = said_of(first) if correction.strikes else said

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            return may_record_disruption(now_said, today=london_date(at), standing=_others(clinic, but=first))

        return keep_programme_line(
            event="outcomes.disruption_amended",
            row=_row(clinic, now_said, key=key, amends=first, correction=correction.value),
            decide=decide,
            by=by,
            at=at,
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise DisruptionRefused(answer)
    return answer


def _others(clinic: Clinic, *, but: Disruption | None = None) -> list[DisruptionSaid]:
    rows = standing_disruptions(clinic)
    if but is not None:
        rows = rows.exclude(id=but.id)
    return [said_of(row) for row in rows.order_by("from_on", "id")]


def _row(clinic: Clinic, said: DisruptionSaid, *, key: uuid.UUID, **more: Any) -> Disruption:
    return Disruption(
        clinic=clinic,
        from_on=said.first_on,
        to_on=said.to_on,
        kind=said.kind,
        label=said.label,
        key=key,
        **more,
    )
