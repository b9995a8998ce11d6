"""Every write about stays in custody."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import CustodyStay
from outcomes.queries.custody import said_of, standing_custody
from outcomes.rules.custody import ENDED, CustodySaid, may_end_custody, may_record_custody
from outcomes.rules.support import STRIKING, Correction
from patients.models import Episode, Person


class CustodyRefused(Refused):
    """No stay was stored; `decision` holds every reason."""


class CustodyKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class CustodyAmended(Exception):
    """Somebody else wrote this stay again first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_custody(
    *, clinic: Clinic, person: uuid.UUID, said: CustodySaid, key: uuid.UUID, by: User, at: datetime
) -> CustodyStay:
    """Store one stay in custody, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    CustodyRefused with every reason (the refusal is in the trail), CustodyKeyReused and NeverTreatedHere.
    """

    def work() -> CustodyStay | Decision:
        born_on = _lock(clinic, person)
        row = _row(clinic, person, said, key=key, by=by, at=at)

        def decide() -> Decision:
            taken = _taken(clinic, person, said)
            return may_record_custody(said, today=london_date(at), born_on=born_on, taken=taken)

        return _store("outcomes.custody_recorded", row, decide)

    return _stored_or_refused(one_act(work))


def end_custody(
    *, clinic: Clinic, stay: uuid.UUID, last_on: date, key: uuid.UUID, by: User, at: datetime
) -> CustodyStay:
    """Store the last day of an open stay as a new row that names it, once; the first row stays as it is.

    Raises what record_custody raises, and CustodyAmended when somebody else wrote the stay again before.
    """

    def work() -> CustodyStay | Decision:
        first = CustodyStay.objects.get(id=stay, clinic=clinic)
        _lock(clinic, first.patient_id)
        stands = said_of(first)
        said = replace(stands, last_on=last_on)
        row = _row(clinic, first.patient_id, said, key=key, by=by, at=at, amends=first, correction=ENDED)
        is_struck = first.correction in STRIKING

        def decide() -> Decision:
            return may_end_custody(stands, last_on, is_struck=is_struck, today=london_date(at))

        return _store("outcomes.custody_ended", row, decide)

    return _stored_or_refused(one_act(work))


def amend_custody(
    *,
    clinic: Clinic,
    stay: uuid.UUID,
    said: CustodySaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> CustodyStay:
    """Store a correction of one stay as a new row that names it, once; the first row stays as it is.

    A correction that strikes the stay out keeps what the first row said. Raises what record_custody raises, and
    CustodyAmended when somebody else wrote the stay again before.
    """

    def work() -> CustodyStay | Decision:
        first = CustodyStay.objects.get(id=stay, clinic=clinic)
        person = first.patient_id
        born_on = _lock(clinic, person)
        now_said = said_of(first) if correction.strikes else said
        row = _row(clinic, person, now_said, key=key, by=by, at=at, amends=first, correction=correction.value)

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            taken = _taken(clinic, person, said, but=first)
            return may_record_custody(said, today=london_date(at), born_on=born_on, taken=taken)

        return _store("outcomes.custody_amended", row, decide)

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
    clinic: Clinic, person: uuid.UUID, said: CustodySaid, *, but: CustodyStay | None = None
) -> CustodySaid | None:
    """Return another stay that counts, of the same source, that shares a day; days out of order share none."""
    if said.last_on is not None and said.last_on < said.first_on:
        return None
    others = standing_custody(clinic, person).filter(
        source=said.source, during__overlap=DateRange(said.first_on, said.out_on)
    )
    if but is not None:
        others = others.exclude(id=but.id)
    found = others.order_by("during").first()
    return said_of(found) if found else None


def _row(
    clinic: Clinic,
    person: uuid.UUID,
    said: CustodySaid,
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    amends: CustodyStay | None = None,
    correction: str = "",
) -> CustodyStay:
    """Make the row that would be stored."""
    return CustodyStay(
        clinic=clinic,
        patient_id=person,
        during=DateRange(said.first_on, said.out_on),
        kind=said.kind,
        source=said.source,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
    )


def _store(event: str, row: CustodyStay, decide: Callable[[], Decision]) -> CustodyStay | Decision:
    """Store a row unless it is stored already, somebody was first, or the rule refuses it; the trail is told."""
    stored = CustodyStay.objects.filter(key=row.key).first()
    if stored is not None:
        if _content(stored) != _content(row):
            raise CustodyKeyReused(
                "This form was sent before with other answers. Open a new one and write it there."
            )
        return stored
    if row.amends_id is not None and CustodyStay.objects.filter(amends_id=row.amends_id).exists():
        raise CustodyAmended("This stay was written again meanwhile. Open the newest line and go on there.")
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


def _content(row: CustodyStay) -> tuple[Any, ...]:
    return (
        row.clinic_id,
        row.patient_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        row.during,
        row.kind,
        row.source,
    )


def _stored_or_refused(answer: CustodyStay | Decision) -> CustodyStay:
    if isinstance(answer, Decision):
        raise CustodyRefused(answer)
    return answer
