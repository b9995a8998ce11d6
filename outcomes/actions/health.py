"""Every write about health around treatment."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import HealthLine
from outcomes.queries.health_lines import facts_of, said_in, standing_lines, thing_of
from outcomes.rules.health import HealthSaid, may_amend_step, may_record_step
from outcomes.rules.support import Correction
from patients.models import Episode, Person


class HealthRefused(Refused):
    """No line was stored; `decision` holds every reason."""


class HealthKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class HealthAmended(Exception):
    """Somebody else corrected this line first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_health_step(
    *, clinic: Clinic, person: uuid.UUID, said: HealthSaid, key: uuid.UUID, by: User, at: datetime
) -> HealthLine:
    """Store one step of a health topic, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    HealthRefused with every reason (the refusal is in the trail), HealthKeyReused and NeverTreatedHere.
    """

    def work() -> HealthLine | Decision:
        born_on = _lock(clinic, person)
        stored = _stored_under(key, clinic, person, said, by, amends=None, correction="")
        if stored is not None:
            return stored
        trail = _trail(clinic, person, said, by, at)
        decision = _judge(clinic, person, said, born_on=born_on, at=at, without=None)
        if not decision.is_allowed:
            record("outcomes.health_step_recorded", refused=True, **trail)
            return decision
        row = _store(clinic, person, said, key, by, at)
        record("outcomes.health_step_recorded", thing=row, **trail)
        return row

    return _row_or_refusal(one_act(work))


def amend_health_step(
    *,
    clinic: Clinic,
    line: uuid.UUID,
    said: HealthSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> HealthLine:
    """Store a correction of one line as a new row that names it, once; the first row stays as it is.

    A correction that strikes the line out keeps what the first row said. Raises what record_health_step raises, and
    HealthAmended when somebody else corrected the line before.
    """

    def work() -> HealthLine | Decision:
        first = HealthLine.objects.get(id=line, clinic=clinic)
        person, before = first.patient_id, said_in(first)
        born_on = _lock(clinic, person)
        now_said = before if correction.strikes else said
        stored = _stored_under(
            key, clinic, person, now_said, by, amends=first.id, correction=correction.value
        )
        if stored is not None:
            return stored
        if HealthLine.objects.filter(amends=first).exists():
            raise HealthAmended(
                "This line was corrected meanwhile. Open the newest line and correct that one."
            )
        trail = _trail(clinic, person, now_said, by, at) | {"amends": str(first.id)}
        decision = Decision()
        if not correction.strikes:
            decision = may_amend_step(before, said) | _judge(
                clinic, person, said, born_on=born_on, at=at, without=first.id
            )
        if not decision.is_allowed:
            record("outcomes.health_step_amended", refused=True, **trail)
            return decision
        row = _store(clinic, person, now_said, key, by, at, amends=first, correction=correction.value)
        record("outcomes.health_step_amended", thing=row, correction=correction.value, **trail)
        return row

    return _row_or_refusal(one_act(work))


def _judge(
    clinic: Clinic,
    person: uuid.UUID,
    said: HealthSaid,
    *,
    born_on: date | None,
    at: datetime,
    without: uuid.UUID | None,
) -> Decision:
    """Ask the rule about a line, as if the line that it amends were not there."""
    others = [line for line in standing_lines(clinic, person, said.topic) if line.row.id != without]
    same = (said.step, said.on, said.about)
    return may_record_step(
        said,
        today=london_date(at),
        born_on=born_on,
        facts=facts_of(others, said.topic),
        thing=thing_of(others, said.about),
        step_is_taken=not said.begins_a_thing
        and any((line.row.step, line.row.happened_on, line.row.about_id) == same for line in others),
    )


def _store(
    clinic: Clinic,
    person: uuid.UUID,
    said: HealthSaid,
    key: uuid.UUID,
    by: User,
    at: datetime,
    *,
    amends: HealthLine | None = None,
    correction: str = "",
) -> HealthLine:
    return HealthLine.objects.create(
        clinic=clinic,
        patient_id=person,
        topic=said.topic.value,
        step=said.step,
        happened_on=said.on,
        source=said.source,
        batch=said.batch,
        kind=said.kind,
        site=said.site,
        size=said.size,
        care=said.care,
        review_on=said.review_on,
        expires_on=said.expires_on,
        about_id=said.about,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
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
    clinic: Clinic,
    person: uuid.UUID,
    said: HealthSaid,
    by: User,
    *,
    amends: uuid.UUID | None,
    correction: str,
) -> HealthLine | None:
    row = HealthLine.objects.filter(key=key).first()
    if row is None:
        return None
    was = (row.clinic_id, row.patient_id, row.recorded_by_id, row.amends_id, row.correction, said_in(row))
    if was != (clinic.id, person, by.id, amends, correction, said):
        raise HealthKeyReused(
            "This form was sent before with other answers. Open a new one and write it there."
        )
    return row


def _trail(clinic: Clinic, person: uuid.UUID, said: HealthSaid, by: User, at: datetime) -> dict[str, Any]:
    """Return what the trail keeps: which topic, never which step nor why one was refused: both can tell a result."""
    return {"by": by, "at": at, "clinic": clinic.id, "person": person, "topic": said.topic.value}


def _row_or_refusal(answer: HealthLine | Decision) -> HealthLine:
    if isinstance(answer, Decision):
        raise HealthRefused(answer)
    return answer
