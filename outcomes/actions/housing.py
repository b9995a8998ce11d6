"""Every write about where somebody lives."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import HousingRecord
from outcomes.queries.housing import standing_housing
from outcomes.rules.housing import HousingSaid, may_record_housing
from outcomes.rules.support import Correction
from patients.models import Episode, Person


class HousingRefused(Refused):
    """No line was stored; `decision` holds every reason."""


class HousingKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class HousingAmended(Exception):
    """Somebody else corrected this line first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_housing(
    *, clinic: Clinic, person: uuid.UUID, said: HousingSaid, key: uuid.UUID, by: User, at: datetime
) -> HousingRecord:
    """Store since when a person lives where, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    HousingRefused with every reason (the refusal is in the trail), HousingKeyReused and NeverTreatedHere.
    """

    def work() -> HousingRecord | Decision:
        born_on = _lock(clinic, person)
        stored = _stored_under(
            key, clinic=clinic, person=person, said=said, by=by, amends=None, correction=""
        )
        if stored is not None:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = may_record_housing(
            said,
            today=london_date(at),
            born_on=born_on,
            day_is_taken=standing_housing(clinic, person).filter(recorded_on=said.on).exists(),
        )
        if not decision.is_allowed:
            record("outcomes.housing_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = HousingRecord.objects.create(
            clinic=clinic,
            patient_id=person,
            recorded_on=said.on,
            state=said.state,
            key=key,
            recorded_by=by,
            recorded_at=at,
        )
        record("outcomes.housing_recorded", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise HousingRefused(answer)
    return answer


def amend_housing(
    *,
    clinic: Clinic,
    housing: uuid.UUID,
    said: HousingSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> HousingRecord:
    """Store a correction of one line as a new row that names it, once; the first row stays as it is.

    A correction that strikes the line out keeps what the first row said. Raises what record_housing raises, and
    HousingAmended when somebody else corrected the line before.
    """

    def work() -> HousingRecord | Decision:
        first = HousingRecord.objects.get(id=housing, clinic=clinic)
        person = first.patient_id
        born_on = _lock(clinic, person)
        now_said = HousingSaid(on=first.recorded_on, state=first.state) if correction.strikes else said
        stored = _stored_under(
            key, clinic=clinic, person=person, said=now_said, by=by, amends=first, correction=correction.value
        )
        if stored is not None:
            return stored
        if HousingRecord.objects.filter(amends=first).exists():
            raise HousingAmended(
                "This line was corrected meanwhile. Open the newest line and correct that one."
            )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        others = standing_housing(clinic, person).exclude(id=first.id)
        decision = Decision()
        if not correction.strikes:
            decision = may_record_housing(
                said,
                today=london_date(at),
                born_on=born_on,
                day_is_taken=others.filter(recorded_on=said.on).exists(),
            )
        if not decision.is_allowed:
            record(
                "outcomes.housing_amended",
                refused=True,
                codes=decision.refusal_codes,
                amends=str(first.id),
                **trail,
            )
            return decision
        row = HousingRecord.objects.create(
            clinic=clinic,
            patient_id=person,
            recorded_on=now_said.on,
            state=now_said.state,
            key=key,
            recorded_by=by,
            recorded_at=at,
            amends=first,
            correction=correction.value,
        )
        record(
            "outcomes.housing_amended", thing=row, amends=str(first.id), correction=correction.value, **trail
        )
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise HousingRefused(answer)
    return answer


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
    said: HousingSaid,
    by: User,
    amends: HousingRecord | None,
    correction: str,
) -> HousingRecord | None:
    row = HousingRecord.objects.filter(key=key).first()
    if row is None:
        return None
    is_same = (
        row.clinic_id,
        row.patient_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        row.recorded_on,
        row.state,
    ) == (clinic.id, person, by.id, amends.id if amends else None, correction, said.on, said.state)
    if not is_same:
        raise HousingKeyReused(
            "This form was sent before with other answers. Open a new one and write it there."
        )
    return row
