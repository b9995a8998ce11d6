"""Every write about what disturbed the programme."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import Disruption
from outcomes.queries.disruptions import said_of, standing_disruptions
from outcomes.rules.disruptions import DisruptionSaid, may_record_disruption
from outcomes.rules.support import Correction

SENT_BEFORE = "This form was sent before with other answers. Open a new one and write it there."


class DisruptionRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class DisruptionKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class DisruptionAmended(Exception):
    """Somebody else corrected this disruption first: nothing was stored."""


def record_disruption(
    *, clinic: Clinic, said: DisruptionSaid, key: uuid.UUID, by: User, at: datetime
) -> Disruption:
    """Store one disruption, once: the same key with the same content from the same person stores nothing new.

    Raises DisruptionRefused with every reason (the refusal is in the trail), and DisruptionKeyReused.
    """

    def work() -> Disruption | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        row = _row(clinic, said, key=key, by=by, at=at)
        stored = _stored_under(row)
        if stored is not None:
            return stored
        decision = may_record_disruption(said, today=london_date(at), standing=_others(clinic))
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "kind": said.kind}
        if not decision.is_allowed:
            record("outcomes.disruption_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row.save(force_insert=True)
        record("outcomes.disruption_recorded", thing=row, **trail)
        return row

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
    DisruptionAmended when somebody else corrected it before.
    """

    def work() -> Disruption | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        first = Disruption.objects.get(id=disruption, clinic=clinic)
        now_said = said_of(first) if correction.strikes else said
        row = _row(clinic, now_said, key=key, by=by, at=at, amends=first, correction=correction.value)
        stored = _stored_under(row)
        if stored is not None:
            return stored
        if Disruption.objects.filter(amends=first).exists():
            raise DisruptionAmended(
                "This was corrected meanwhile. Open the newest line and correct that one."
            )
        decision = Decision()
        if not correction.strikes:
            decision = may_record_disruption(
                now_said, today=london_date(at), standing=_others(clinic, but=first)
            )
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "amends": str(first.id),
            "correction": correction.value,
        }
        if not decision.is_allowed:
            record("outcomes.disruption_amended", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row.save(force_insert=True)
        record("outcomes.disruption_amended", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise DisruptionRefused(answer)
    return answer


def _others(clinic: Clinic, *, but: Disruption | None = None) -> list[DisruptionSaid]:
    rows = standing_disruptions(clinic)
    if but is not None:
        rows = rows.exclude(id=but.id)
    return [said_of(row) for row in rows.order_by("from_on", "id")]


def _row(
    clinic: Clinic,
    said: DisruptionSaid,
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    amends: Disruption | None = None,
    correction: str = "",
) -> Disruption:
    """Make the row that would be stored."""
    return Disruption(
        clinic=clinic,
        from_on=said.first_on,
        to_on=said.to_on,
        kind=said.kind,
        label=said.label,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
    )


def _stored_under(row: Disruption) -> Disruption | None:
    """Return what was stored under the key of a form, when it says the same."""
    stored = Disruption.objects.filter(key=row.key).first()
    if stored is not None and _content(stored) != _content(row):
        raise DisruptionKeyReused(SENT_BEFORE)
    return stored


def _content(row: Disruption) -> tuple[Any, ...]:
    return (
        row.clinic_id,
        row.from_on,
        row.to_on,
        row.kind,
        row.label,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
    )
