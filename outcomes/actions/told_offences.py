"""Every write about offences that a person tells of. What police recorded comes in by a file, elsewhere."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import Offence, OffenceType
from outcomes.rules.support import Correction
from outcomes.rules.told_offences import OffenceTold, may_record_told_offence
from patients.models import Episode, Person

TOLD = Offence.Source.SELF_REPORTED


class ToldOffenceRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class ToldOffenceKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class ToldOffenceAmended(Exception):
    """Somebody else corrected this offence first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_told_offence(
    *, clinic: Clinic, person: uuid.UUID, said: OffenceTold, key: uuid.UUID, by: User, at: datetime
) -> Offence:
    """Store one offence that a person told of, once.

    The same key with the same content from the same person returns the first row and stores nothing. The trail keeps
    that something was told, never what. Raises ToldOffenceRefused with every reason (the refusal is in the trail),
    ToldOffenceKeyReused and NeverTreatedHere.
    """

    def work() -> Offence | Decision:
        born_on = _lock(clinic, person)
        stored = _stored_under(
            key, clinic=clinic, person=person, said=said, by=by, amends=None, correction=""
        )
        if stored is not None:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = _decide(said, born_on=born_on, at=at)
        if not decision.is_allowed:
            record("outcomes.told_offence_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = Offence.objects.create(
            clinic_id=clinic.id,
            person_id=person,
            occurred_on=said.on,
            type_id=said.kind,
            source=TOLD,
            key=key,
            recorded_by=by,
            recorded_at=at,
        )
        record("outcomes.told_offence_recorded", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ToldOffenceRefused(answer)
    return answer


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
    and ToldOffenceAmended when somebody else corrected it before.
    """

    def work() -> Offence | Decision:
        first = Offence.objects.get(id=offence, clinic_id=clinic.id, source=TOLD)
        person = first.person_id
        born_on = _lock(clinic, person)
        now_said = OffenceTold(on=first.occurred_on, kind=first.type_id) if correction.strikes else said
        stored = _stored_under(
            key, clinic=clinic, person=person, said=now_said, by=by, amends=first, correction=correction.value
        )
        if stored is not None:
            return stored
        if Offence.objects.filter(amends=first).exists():
            raise ToldOffenceAmended(
                "This offence was corrected meanwhile. Open the newest line and correct that one."
            )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = Decision() if correction.strikes else _decide(said, born_on=born_on, at=at)
        if not decision.is_allowed:
            record(
                "outcomes.told_offence_amended",
                refused=True,
                codes=decision.refusal_codes,
                amends=str(first.id),
                **trail,
            )
            return decision
        row = Offence.objects.create(
            clinic_id=clinic.id,
            person_id=person,
            occurred_on=now_said.on,
            type_id=now_said.kind,
            source=TOLD,
            key=key,
            recorded_by=by,
            recorded_at=at,
            amends=first,
            correction=correction.value,
        )
        record(
            "outcomes.told_offence_amended",
            thing=row,
            amends=str(first.id),
            correction=correction.value,
            **trail,
        )
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ToldOffenceRefused(answer)
    return answer


def _decide(said: OffenceTold, *, born_on: date | None, at: datetime) -> Decision:
    return may_record_told_offence(
        said,
        today=london_date(at),
        born_on=born_on,
        kind_is_known=OffenceType.objects.filter(code=said.kind).exists(),
    )


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


def _stored_under(
    key: uuid.UUID,
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: OffenceTold,
    by: User,
    amends: Offence | None,
    correction: str,
) -> Offence | None:
    row = Offence.objects.filter(key=key).first()
    if row is None:
        return None
    is_same = (
        row.clinic_id,
        row.person_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        row.occurred_on,
        row.type_id,
    ) == (clinic.id, person, by.id, amends.id if amends else None, correction, said.on, said.kind)
    if not is_same:
        raise ToldOffenceKeyReused(
            "This form was sent before with other answers. Open a new one and write it there."
        )
    return row
