"""Every write about health-service use."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import ServiceUse
from outcomes.queries.service_use import said_of, standing_use
from outcomes.rules.service_use import UseSaid, may_record_use
from outcomes.rules.support import Correction
from patients.models import Episode, Person


class UseRefused(Refused):
    """No period was stored; `decision` holds every reason."""


class UseKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class UseAmended(Exception):
    """Somebody else corrected this period first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_service_use(
    *, clinic: Clinic, person: uuid.UUID, said: UseSaid, key: uuid.UUID, by: User, at: datetime
) -> ServiceUse:
    """Store how often a person used health services in one period, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    UseRefused with every reason (the refusal is in the trail), UseKeyReused and NeverTreatedHere.
    """

    def work() -> ServiceUse | Decision:
        born_on = _lock(clinic, person)
        row = _row(clinic, person, said, key=key, by=by, at=at)

        def decide() -> Decision:
            taken = _taken(clinic, person, said)
            return may_record_use(said, today=london_date(at), born_on=born_on, taken=taken)

        return _store("outcomes.service_use_recorded", row, decide)

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
    UseAmended when somebody else corrected the period before.
    """

    def work() -> ServiceUse | Decision:
        first = ServiceUse.objects.get(id=use, clinic=clinic)
        person = first.patient_id
        born_on = _lock(clinic, person)
        now_said = said_of(first) if correction.strikes else said
        row = _row(clinic, person, now_said, key=key, by=by, at=at, amends=first, correction=correction.value)

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            taken = _taken(clinic, person, said, but=first)
            return may_record_use(said, today=london_date(at), born_on=born_on, taken=taken)

        return _store("outcomes.service_use_amended", row, decide)

    return _stored_or_refused(one_act(work))


def _lock(clinic: Clinic, person: uuid.UUID) -> date | None:
    """Lock the person's treatments here, so that two presses follow each other; return the date of birth."""
    treatments = list(
        Episode.objects.select_for_update(no_key=True)
        .filter(clinic=clinic, person_id=person)
        .order_by("accepted_on", "id")
    )
    if not treatments:
        raise NeverTreatedHere("This person was not accepted in this clinic.")
    return Person.objects.values_list("born_on", flat=True).get(id=person)


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
    by: User,
    at: datetime,
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
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
    )


def _store(event: str, row: ServiceUse, decide: Callable[[], Decision]) -> ServiceUse | Decision:
    """Store a row unless it is stored already, somebody was first, or the rule refuses it; the trail is told."""
    stored = ServiceUse.objects.filter(key=row.key).first()
    if stored is not None:
        if _content(stored) != _content(row):
            raise UseKeyReused(
                "This form was sent before with other answers. Open a new one and write it there."
            )
        return stored
    if row.amends_id is not None and ServiceUse.objects.filter(amends_id=row.amends_id).exists():
        raise UseAmended("This period was corrected meanwhile. Open the newest line and correct that one.")
    trail: dict[str, Any] = {
        "by": row.recorded_by,
        "at": row.recorded_at,
        "clinic": row.clinic_id,
        "person": row.patient_id,
    }
    if row.amends_id is not None:
        trail |= {"amends": str(row.amends_id), "correction": row.correction}
    decision = decide()
    if not decision.is_allowed:
        record(event, refused=True, codes=decision.refusal_codes, **trail)
        return decision
    row.save(force_insert=True)
    record(event, thing=row, **trail)
    return row


def _content(row: ServiceUse) -> tuple[Any, ...]:
    return (
        row.clinic_id,
        row.patient_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        row.from_on,
        row.to_on,
        row.source,
        row.ambulance,
        row.ae,
        row.inpatient,
    )


def _stored_or_refused(answer: ServiceUse | Decision) -> ServiceUse:
    if isinstance(answer, Decision):
        raise UseRefused(answer)
    return answer
