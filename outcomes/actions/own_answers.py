"""Every write of the clinic's own four questions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.askings import (
    CORRECTED_MEANWHILE,
    SENT_BEFORE,
    AnswersAmended,
    AnswersKeyReused,
)
from outcomes.models import OwnAnswers
from outcomes.queries.askings import asking_of, lock_stays
from outcomes.queries.own_answers import own_said, standing_own_answers
from outcomes.rules.askings import may_store_answers
from outcomes.rules.own_answers import OwnSaid
from outcomes.rules.support import Correction


class OwnAnswersRefused(Refused):
    """No answers were stored; `decision` holds every reason."""


def record_own_answers(
    *, clinic: Clinic, person: uuid.UUID, said: OwnSaid, key: uuid.UUID, by: User, at: datetime
) -> OwnAnswers:
    """Store what a person answered to the clinic's own four questions, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    OwnAnswersRefused with every reason (the refusal is in the trail), AnswersKeyReused and NeverAskedHere.
    """

    def work() -> OwnAnswers | Decision:
        stays = lock_stays(clinic=clinic, person_id=person)
        stored = _stored_under(key, clinic=clinic, person=person, said=said, by=by)
        if stored is not None:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        taken = standing_own_answers(clinic).filter(patient_id=person, answered_on=said.on)
        decision = may_store_answers(
            asking_of(
                stays,
                on=said.on,
                stage=said.stage,
                today=london_date(at),
                is_empty=said.is_empty,
                day_is_taken=taken.exists(),
            )
        )
        if not decision.is_allowed:
            record("outcomes.own_answers_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = _store(clinic=clinic, person=person, said=said, key=key, by=by, at=at)
        record("outcomes.own_answers_recorded", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise OwnAnswersRefused(answer)
    return answer


def amend_own_answers(
    *,
    clinic: Clinic,
    answers: uuid.UUID,
    said: OwnSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> OwnAnswers:
    """Store a correction of answers as a new row that names them, once; the first row stays as it is.

    A correction that strikes them out keeps what the first row said. Raises what record_own_answers raises, and
    AnswersAmended when somebody else corrected them before.
    """

    def work() -> OwnAnswers | Decision:
        first = OwnAnswers.objects.get(id=answers, clinic=clinic)
        person = first.patient_id
        stays = lock_stays(clinic=clinic, person_id=person)
        now_said = own_said(first) if correction.strikes else said
        stored = _stored_under(
            key, clinic=clinic, person=person, said=now_said, by=by, amends=first, correction=correction.value
        )
        if stored is not None:
            return stored
        if OwnAnswers.objects.filter(amends=first).exists():
            raise AnswersAmended(CORRECTED_MEANWHILE)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = Decision()
        if not correction.strikes:
            others = standing_own_answers(clinic).filter(patient_id=person).exclude(id=first.id)
            decision = may_store_answers(
                asking_of(
                    stays,
                    on=said.on,
                    stage=said.stage,
                    today=london_date(at),
                    is_empty=said.is_empty,
                    day_is_taken=others.filter(answered_on=said.on).exists(),
                )
            )
        if not decision.is_allowed:
            record(
                "outcomes.own_answers_amended",
                refused=True,
                codes=decision.refusal_codes,
                amends=str(first.id),
                **trail,
            )
            return decision
        row = _store(
            clinic=clinic,
            person=person,
            said=now_said,
            key=key,
            by=by,
            at=at,
            amends=first,
            correction=correction.value,
        )
        record(
            "outcomes.own_answers_amended",
            thing=row,
            amends=str(first.id),
            correction=correction.value,
            **trail,
        )
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise OwnAnswersRefused(answer)
    return answer


def _store(
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: OwnSaid,
    key: uuid.UUID,
    by: User,
    at: datetime,
    amends: OwnAnswers | None = None,
    correction: str = "",
) -> OwnAnswers:
    return OwnAnswers.objects.create(
        clinic=clinic,
        patient_id=person,
        answered_on=said.on,
        stage=said.stage,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
        **said.answers,
    )


def _stored_under(
    key: uuid.UUID,
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: OwnSaid,
    by: User,
    amends: OwnAnswers | None = None,
    correction: str = "",
) -> OwnAnswers | None:
    row = OwnAnswers.objects.filter(key=key).first()
    if row is None:
        return None
    is_same = (
        row.clinic_id,
        row.patient_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        own_said(row),
    ) == (clinic.id, person, by.id, amends.id if amends else None, correction, said)
    if not is_same:
        raise AnswersKeyReused(SENT_BEFORE)
    return row
