"""Every write about offences that a person tells of. What police recorded comes in by a file, elsewhere."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.lines import keep_line, lock_person_here
from outcomes.models import Offence, OffenceType
from outcomes.rules.support import Correction
from outcomes.rules.told_offences import OffenceTold, may_record_told_offence

TOLD = Offence.Source.SELF_REPORTED


class ToldOffenceRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


def record_told_offence(
    *, clinic: Clinic, person: uuid.UUID, said: OffenceTold, key: uuid.UUID, by: User, at: datetime
) -> Offence:
    """Store one offence that a person told of, once.

    The same key with the same content from the same person returns the first row and stores nothing. The trail keeps
    that something was told, never what. Raises ToldOffenceRefused with every reason (the refusal is in the trail),
    LineKeyReused and NeverTreatedHere.
    """

    def work() -> Offence | Decision:
        born_on = lock_person_here(clinic, person)
        return keep_line(
            event="outcomes.told_offence_recorded",
            row=_row(clinic, person, said, key=key),
            person=person,
            decide=lambda: _decide(said, born_on=born_on, at=at),
            by=by,
            at=at,
        )

    return _row_or_refusal(one_act(work))


def amend_told_offence(
    *,
    clinic: Clinic,
    offence: uuid.UUID,
    said: OffenceTold,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Offence:
    """Store a correction of one offence as a new row that names it, once; the first row stays as it is.

    A correction that strikes the offence out keeps what the first row said. Raises what record_told_offence raises,
    and LineAmended when somebody else corrected it before.
    """

    def work() -> Offence | Decision:
        first = Offence.objects.get(id=offence, clinic_id=clinic.id, source=TOLD)
        person = first.person_id
        born_on = lock_person_here(clinic, person)
        now_said = OffenceTold(on=first.occurred_on, kind=first.type_id) if correction.strikes else said
        return keep_line(
            event="outcomes.told_offence_amended",
            row=_row(clinic, person, now_said, key=key, amends=first, correction=correction.value),
            person=person,
            decide=lambda: Decision() if correction.strikes else _decide(said, born_on=born_on, at=at),
            by=by,
            at=at,
        )

    return _row_or_refusal(one_act(work))


def _decide(said: OffenceTold, *, born_on: date | None, at: datetime) -> Decision:
    return may_record_told_offence(
        said,
        today=london_date(at),
        born_on=born_on,
        kind_is_known=OffenceType.objects.filter(code=said.kind).exists(),
    )


def _row(
    clinic: Clinic,
    person: uuid.UUID,
    said: OffenceTold,
    *,
    key: uuid.UUID,
    amends: Offence | None = None,
    correction: str = "",
) -> Offence:
    """Make the row that would be stored."""
    return Offence(
        clinic_id=clinic.id,
        person_id=person,
        occurred_on=said.on,
        type_id=said.kind,
        source=TOLD,
        key=key,
        amends=amends,
        correction=correction,
    )


def _row_or_refusal(answer: Offence | Decision) -> Offence:
    if isinstance(answer, Decision):
        raise ToldOffenceRefused(answer)
    return answer
