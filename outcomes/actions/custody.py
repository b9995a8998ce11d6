"""Every write about stays in custody."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime

from django.db.backends.postgresql.psycopg_any import DateRange

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.lines import keep_line, lock_person_here
from outcomes.models import CustodyStay
from outcomes.queries.custody import said_of, standing_custody
from outcomes.rules.custody import ENDED, CustodySaid, may_end_custody, may_record_custody
from outcomes.rules.support import STRIKING, Correction


class CustodyRefused(Refused):
    """No stay was stored; `decision` holds every reason."""


def record_custody(
    *, clinic: Clinic, person: uuid.UUID, said: CustodySaid, key: uuid.UUID, by: User, at: datetime
) -> CustodyStay:
    """Store one stay in custody, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    CustodyRefused with every reason (the refusal is in the trail), LineKeyReused and NeverTreatedHere.
    """

    def work() -> CustodyStay | Decision:
        born_on = lock_person_here(clinic, person)
        row = _row(clinic, person, said, key=key)

        def decide() -> Decision:
            taken = _taken(clinic, person, said)
            return may_record_custody(said, today=london_date(at), born_on=born_on, taken=taken)

        return keep_line(
            event="outcomes.custody_recorded", row=row, person=row.patient_id, decide=decide, by=by, at=at
        )

    return _stored_or_refused(one_act(work))


def end_custody(
    *, clinic: Clinic, stay: uuid.UUID, last_on: date, key: uuid.UUID, by: User, at: datetime
) -> CustodyStay:
    """Store the last day of an open stay as a new row that names it, once; the first row stays as it is.

    Raises what record_custody raises, and LineAmended when somebody else wrote the stay again before.
    """

    def work() -> CustodyStay | Decision:
        first = CustodyStay.objects.get(id=stay, clinic=clinic)
        lock_person_here(clinic, first.patient_id)
        stands = said_of(first)
        said = replace(stands, last_on=last_on)
        row = _row(clinic, first.patient_id, said, key=key, amends=first, correction=ENDED)
        is_struck = first.correction in STRIKING

        def decide() -> Decision:
            return may_end_custody(stands, last_on, is_struck=is_struck, today=london_date(at))

        return keep_line(
            event="outcomes.custody_ended", row=row, person=row.patient_id, decide=decide, by=by, at=at
        )

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
    LineAmended when somebody else wrote the stay again before.
    """

    def work() -> CustodyStay | Decision:
        first = CustodyStay.objects.get(id=stay, clinic=clinic)
        person = first.patient_id
        born_on = lock_person_here(clinic, person)
        now_said = said_of(first) if correction.strikes else said
        row = _row(clinic, person, now_said, key=key, amends=first, correction=correction.value)

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            taken = _taken(clinic, person, said, but=first)
            return may_record_custody(said, today=london_date(at), born_on=born_on, taken=taken)

        return keep_line(
            event="outcomes.custody_amended", row=row, person=row.patient_id, decide=decide, by=by, at=at
        )

    return _stored_or_refused(one_act(work))


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
        amends=amends,
        correction=correction,
    )


def _stored_or_refused(answer: CustodyStay | Decision) -> CustodyStay:
    if isinstance(answer, Decision):
        raise CustodyRefused(answer)
    return answer
