"""Every write about health around treatment."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.lines import keep_line, lock_person_here
from outcomes.models import HealthLine
from outcomes.queries.health_lines import facts_of, said_in, standing_lines, thing_of
from outcomes.rules.health import HealthSaid, may_amend_step, may_record_step
from outcomes.rules.support import Correction


class HealthRefused(Refused):
    """No line was stored; `decision` holds every reason."""


def record_health_step(
    *, clinic: Clinic, person: uuid.UUID, said: HealthSaid, key: uuid.UUID, by: User, at: datetime
) -> HealthLine:
    """Store one step of a health topic, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    HealthRefused with every reason (the refusal is in the trail), LineKeyReused and NeverTreatedHere.
    """

    def work() -> HealthLine | Decision:
        born_on = lock_person_here(clinic, person)
        return keep_line(
            event="outcomes.health_step_recorded",
            row=_row(clinic, person, said, key=key),
            person=person,
            decide=lambda: _judge(clinic, person, said, born_on=born_on, at=at, without=None),
            by=by,
            at=at,
            tells_why=False,
            topic=said.topic.value,  # never the step nor why one was refused: both can tell a result
        )

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
    LineAmended when somebody else corrected the line before.
    """

    def work() -> HealthLine | Decision:
        first = HealthLine.objects.get(id=line, clinic=clinic)
        person, before = first.patient_id, said_in(first)
        born_on = lock_person_here(clinic, person)
        now_said = before if correction.strikes else said

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            return may_amend_step(before, said) | _judge(
                clinic, person, said, born_on=born_on, at=at, without=first.id
            )

        return keep_line(
            event="outcomes.health_step_amended",
            row=_row(clinic, person, now_said, key=key, amends=first, correction=correction.value),
            person=person,
            decide=decide,
            by=by,
            at=at,
            tells_why=False,
            topic=now_said.topic.value,
        )

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


def _row(
    clinic: Clinic,
    person: uuid.UUID,
    said: HealthSaid,
    *,
    key: uuid.UUID,
    amends: HealthLine | None = None,
    correction: str = "",
) -> HealthLine:
    """Make the row that would be stored."""
    return HealthLine(
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
        amends=amends,
        correction=correction,
    )


def _row_or_refusal(answer: HealthLine | Decision) -> HealthLine:
    if isinstance(answer, Decision):
        raise HealthRefused(answer)
    return answer
