"""Every write about health-service use."""

from __future__ import annotations

import uuid
from datetime import datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.lines import keep_line, lock_person_here
from outcomes.models import ServiceUse
from outcomes.queries.service_use import said_of, standing_use
from outcomes.rules.service_use import UseSaid, may_record_use
from outcomes.rules.support import Correction


class UseRefused(Refused):
    """No period was stored; `decision` holds every reason."""


def record_service_use(
    *, clinic: Clinic, person: uuid.UUID, said: UseSaid, key: uuid.UUID, by: User, at: datetime
) -> ServiceUse:
    """Store how often a person used health services in one period, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    UseRefused with every reason (the refusal is in the trail), LineKeyReused and NeverTreatedHere.
    """

    def work() -> ServiceUse | Decision:
        born_on = lock_person_here(clinic, person)
        row = _row(clinic, person, said, key=key)

        def decide() -> Decision:
            taken = _taken(clinic, person, said)
            return may_record_use(said, today=london_date(at), born_on=born_on, taken=taken)

        return keep_line(
            event="outcomes.service_use_recorded", row=row, person=row.patient_id, decide=decide, by=by, at=at
        )

    return _stored_or_refused(one_act(work))


def amend_service_use(
    *,
    clinic: Clinic,
    use: uuid.UUID,
    said: UseSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> ServiceUse:
    """Store a correction of one period as a new row that names it, once; the first row stays as it is.

    A correction that strikes the period out keeps what the first row said. Raises what record_service_use raises, and
    LineAmended when somebody else corrected the period before.
    """

    def work() -> ServiceUse | Decision:
        first = ServiceUse.objects.get(id=use, clinic=clinic)
        person = first.patient_id
        born_on = lock_person_here(clinic, person)
        now_said = said_of(first) if correction.strikes else said
        row = _row(clinic, person, now_said, key=key, amends=first, correction=correction.value)

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            taken = _taken(clinic, person, said, but=first)
            return may_record_use(said, today=london_date(at), born_on=born_on, taken=taken)

        return keep_line(
            event="outcomes.service_use_amended", row=row, person=row.patient_id, decide=decide, by=by, at=at
        )

    return _stored_or_refused(one_act(work))


def _taken(
    clinic: Clinic, person: uuid.UUID, said: UseSaid, *, but: ServiceUse | None = None
) -> UseSaid | None:
    """Return another stay that counts, of the same source, that shares a day; days out of order share none."""
    if said.last_on < said.first_on:
        return None
    others = standing_use(clinic, person).filter(
        source=said.source, from_on__lt=said.to_on, to_on__gt=said.first_on
    )
    if but is not None:
        others = others.exclude(id=but.id)
    found = others.order_by("from_on").first()
    return said_of(found) if found else None


def _row(
    clinic: Clinic,
    person: uuid.UUID,
    said: UseSaid,
    *,
    key: uuid.UUID,
    amends: ServiceUse | None = None,
    correction: str = "",
) -> ServiceUse:
    """Make the row that would be stored."""
    return ServiceUse(
        clinic=clinic,
        patient_id=person,
        from_on=said.first_on,
        to_on=said.to_on,
        source=said.source,
        **said.counts,
        key=key,
        amends=amends,
        correction=correction,
    )


def _stored_or_refused(answer: ServiceUse | Decision) -> ServiceUse:
    if isinstance(answer, Decision):
        raise UseRefused(answer)
    return answer
