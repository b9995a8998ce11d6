"""Every write about money and work."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import MoneyLine
from outcomes.queries.lines import counting
from outcomes.queries.money import debt_since, goes_on_from, list_money_lines, money_said_in
from outcomes.rules.money import MoneySaid, may_amend_money, may_record_money
from outcomes.rules.support import Correction
from patients.models import Episode, Person


class MoneyRefused(Refused):
    """No line was stored; `decision` holds every reason."""


class MoneyKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class MoneyAmended(Exception):
    """Somebody else corrected this line first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def record_money(
    *, clinic: Clinic, person: uuid.UUID, said: MoneySaid, key: uuid.UUID, by: User, at: datetime
) -> MoneyLine:
    """Store how something about money or work stands, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    MoneyRefused with every reason (the refusal is in the trail), MoneyKeyReused and NeverTreatedHere.
    """

    def work() -> MoneyLine | Decision:
        born_on = _lock(clinic, person)
        stored = _stored_under(key, clinic, person, said, by, amends=None, correction="")
        if stored is not None:
            return stored
        trail = _trail(clinic, person, said, by, at)
        decision = _judge(clinic, person, said, born_on=born_on, at=at, without=None)
        if not decision.is_allowed:
            record("outcomes.money_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = _store(clinic, person, said, key, by, at)
        record("outcomes.money_recorded", thing=row, **trail)
        return row

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
    MoneyAmended when somebody else corrected the line before.
    """

    def work() -> MoneyLine | Decision:
        first = MoneyLine.objects.get(id=line, clinic=clinic)
        person, before = first.patient_id, money_said_in(first)
        born_on = _lock(clinic, person)
        now_said = before if correction.strikes else said
        stored = _stored_under(
            key, clinic, person, now_said, by, amends=first.id, correction=correction.value
        )
        if stored is not None:
            return stored
        if MoneyLine.objects.filter(amends=first).exists():
            raise MoneyAmended(
                "This line was corrected meanwhile. Open the newest line and correct that one."
            )
        trail = _trail(clinic, person, now_said, by, at) | {"amends": str(first.id)}
        decision = Decision()
        if not correction.strikes:
            decision = may_amend_money(before, said) | _judge(
                clinic, person, said, born_on=born_on, at=at, without=first.id
            )
        if not decision.is_allowed:
            record("outcomes.money_amended", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = _store(clinic, person, now_said, key, by, at, amends=first, correction=correction.value)
        record("outcomes.money_amended", thing=row, correction=correction.value, **trail)
        return row

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


def _store(
    clinic: Clinic,
    person: uuid.UUID,
    said: MoneySaid,
    key: uuid.UUID,
    by: User,
    at: datetime,
    *,
    amends: MoneyLine | None = None,
    correction: str = "",
) -> MoneyLine:
    return MoneyLine.objects.create(
        clinic=clinic,
        patient_id=person,
        topic=said.topic.value,
        kind=said.kind,
        state=said.state,
        since_on=said.on,
        pounds=said.pounds,
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
    said: MoneySaid,
    by: User,
    *,
    amends: uuid.UUID | None,
    correction: str,
) -> MoneyLine | None:
    row = MoneyLine.objects.filter(key=key).first()
    if row is None:
        return None
    was = (
        row.clinic_id,
        row.patient_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        money_said_in(row),
    )
    if was != (clinic.id, person, by.id, amends, correction, said):
        raise MoneyKeyReused(
            "This form was sent before with other answers. Open a new one and write it there."
        )
    return row


def _trail(clinic: Clinic, person: uuid.UUID, said: MoneySaid, by: User, at: datetime) -> dict[str, Any]:
    """Return what the trail keeps: which topic, never how it stands."""
    return {"by": by, "at": at, "clinic": clinic.id, "person": person, "topic": said.topic.value}


def _row_or_refusal(answer: MoneyLine | Decision) -> MoneyLine:
    if isinstance(answer, Decision):
        raise MoneyRefused(answer)
    return answer
