"""Every write about where somebody lives."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.lines import keep_line, lock_person_here
from outcomes.models import HousingRecord
from outcomes.queries.housing import standing_housing
from outcomes.rules.housing import HousingSaid, may_record_housing
from outcomes.rules.support import Correction


class HousingRefused(Refused):
    """No line was stored; `decision` holds every reason."""


def record_housing(
    *, clinic: Clinic, person: uuid.UUID, said: HousingSaid, key: uuid.UUID, by: User, at: datetime
) -> HousingRecord:
    """Store since when a person lives where, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    HousingRefused with every reason (the refusal is in the trail), LineKeyReused and NeverTreatedHere.
    """

    def work() -> HousingRecord | Decision:
        born_on = lock_person_here(clinic, person)
        return keep_line(
            event="outcomes.housing_recorded",
            row=_row(clinic, person, said, key=key),
            person=person,
            decide=lambda: _judge(clinic, person, said, born_on=born_on, at=at, without=None),
            by=by,
            at=at,
        )

    return _row_or_refusal(one_act(work))


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
    LineAmended when somebody else corrected the line before.
    """

    def work() -> HousingRecord | Decision:
        first = HousingRecord.objects.get(id=housing, clinic=clinic)
        person = first.patient_id
        born_on = lock_person_here(clinic, person)
        now_said = HousingSaid(on=first.recorded_on, state=first.state) if correction.strikes else said

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            return _judge(clinic, person, said, born_on=born_on, at=at, without=first.id)

        return keep_line(
            event="outcomes.housing_amended",
            row=_row(clinic, person, now_said, key=key, amends=first, correction=correction.value),
            person=person,
            decide=decide,
            by=by,
            at=at,
        )

    return _row_or_refusal(one_act(work))


def _judge(
    clinic: Clinic,
    person: uuid.UUID,
    said: HousingSaid,
    *,
    born_on: date | None,
    at: datetime,
    without: uuid.UUID | None,
) -> Decision:
    """Ask the rule about a line, as if the line that it amends were not there."""
    others = standing_housing(clinic, person)
    if without is not None:
        others = others.exclude(id=without)
    return may_record_housing(
        said,
        today=london_date(at),
        born_on=born_on,
        day_is_taken=others.filter(recorded_on=said.on).exists(),
    )


def _row(
    clinic: Clinic,
    person: uuid.UUID,
    said: HousingSaid,
    *,
    key: uuid.UUID,
    amends: HousingRecord | None = None,
    correction: str = "",
) -> HousingRecord:
    """Make the row that would be stored."""
    return HousingRecord(
        clinic=clinic,
        patient_id=person,
        recorded_on=said.on,
        state=said.state,
        key=key,
        amends=amends,
        correction=correction,
    )


def _row_or_refusal(answer: HousingRecord | Decision) -> HousingRecord:
    if isinstance(answer, Decision):
        raise HousingRefused(answer)
    return answer
