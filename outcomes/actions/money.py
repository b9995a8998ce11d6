"""Every write about money and work."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.lines import keep_line, lock_person_here
from outcomes.models import MoneyLine
from outcomes.queries.lines import counting
from outcomes.queries.money import debt_since, goes_on_from, list_money_lines, money_said_in
from outcomes.rules.money import MoneySaid, may_amend_money, may_record_money
from outcomes.rules.support import Correction


class MoneyRefused(Refused):
    """No line was stored; `decision` holds every reason."""


def record_money(
    *, clinic: Clinic, person: uuid.UUID, said: MoneySaid, key: uuid.UUID, by: User, at: datetime
) -> MoneyLine:
    """Store how something about money or work stands, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    MoneyRefused with every reason (the refusal is in the trail), LineKeyReused and NeverTreatedHere.
    """

    def work() -> MoneyLine | Decision:
        born_on = lock_person_here(clinic, person)
        return keep_line(
            event="outcomes.money_recorded",
            row=_row(clinic, person, said, key=key),
            person=person,
            decide=lambda: _judge(clinic, person, said, born_on=born_on, at=at, without=None),
            by=by,
            at=at,
            topic=said.topic.value,
        )

    return _row_or_refusal(one_act(work))


def amend_money(
    *,
    clinic: Clinic,
    line: uuid.UUID,
    said: MoneySaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> MoneyLine:
    """Store a correction of one line as a new row that names it, once; the first row stays as it is.

    A correction that strikes the line out keeps what the first row said. Raises what record_money raises, and
    LineAmended when somebody else corrected the line before.
    """

    def work() -> MoneyLine | Decision:
        first = MoneyLine.objects.get(id=line, clinic=clinic)
        person, before = first.patient_id, money_said_in(first)
        born_on = lock_person_here(clinic, person)
        now_said = before if correction.strikes else said

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            return may_amend_money(before, said) | _judge(
                clinic, person, said, born_on=born_on, at=at, without=first.id
            )

        return keep_line(
            event="outcomes.money_amended",
            row=_row(clinic, person, now_said, key=key, amends=first, correction=correction.value),
            person=person,
            decide=decide,
            by=by,
            at=at,
            topic=now_said.topic.value,
        )

    return _row_or_refusal(one_act(work))


def _judge(
    clinic: Clinic,
    person: uuid.UUID,
    said: MoneySaid,
    *,
    born_on: date | None,
    at: datetime,
    without: uuid.UUID | None,
) -> Decision:
    """Ask the rule about a line, as if the line that it amends were not there."""
    lines = counting(list_money_lines(clinic, person, said.topic))
    others = [line.row for line in lines if line.row.id != without]
    same = (said.on, said.kind, said.about)
    return may_record_money(
        said,
        today=london_date(at),
        born_on=born_on,
        debt_since=debt_since((line for line in lines if line.row.id != without), said.about),
        goes_on_from=goes_on_from(lines, without),
        day_is_taken=not said.begins_a_debt
        and any((row.since_on, row.kind, row.about_id) == same for row in others),
    )


def _row(
    clinic: Clinic,
    person: uuid.UUID,
    said: MoneySaid,
    *,
    key: uuid.UUID,
    amends: MoneyLine | None = None,
    correction: str = "",
) -> MoneyLine:
    """Make the row that would be stored."""
    return MoneyLine(
        clinic=clinic,
        patient_id=person,
        topic=said.topic.value,
        kind=said.kind,
        state=said.state,
        since_on=said.on,
        pounds=said.pounds,
        about_id=said.about,
        key=key,
        amends=amends,
        correction=correction,
    )


def _row_or_refusal(answer: MoneyLine | Decision) -> MoneyLine:
    if isinstance(answer, Decision):
        raise MoneyRefused(answer)
    return answer
