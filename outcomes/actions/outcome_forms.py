"""Every write of a Treatment Outcomes Profile."""

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
from outcomes.models import OutcomeForm
from outcomes.queries.askings import asking_of, lock_stays
from outcomes.queries.outcome_forms import form_said, standing_outcome_forms
from outcomes.rules.askings import may_store_answers
from outcomes.rules.outcome_form import OutcomeSaid
from outcomes.rules.support import Correction


class OutcomeFormRefused(Refused):
    """No form was stored; `decision` holds every reason."""


def record_outcome_form(
    *, clinic: Clinic, person: uuid.UUID, said: OutcomeSaid, key: uuid.UUID, by: User, at: datetime
) -> OutcomeForm:
    """Store what a person answered to the outcome form, once.

    The same key with the same content from the same person returns the first row and stores nothing. Raises
    OutcomeFormRefused with every reason (the refusal is in the trail), AnswersKeyReused and NeverAskedHere.
    """

    def work() -> OutcomeForm | Decision:
        stays = lock_stays(clinic=clinic, person_id=person)
        stored = _stored_under(key, clinic=clinic, person=person, said=said, by=by)
        if stored is not None:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        taken = standing_outcome_forms(clinic).filter(patient_id=person, completed_on=said.on)
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
            record("outcomes.outcome_form_recorded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = _store(clinic=clinic, person=person, said=said, key=key, by=by, at=at)
        record("outcomes.outcome_form_recorded", thing=row, stage=said.stage, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise OutcomeFormRefused(answer)
    return answer


def amend_outcome_form(
    *,
    clinic: Clinic,
    form: uuid.UUID,
    said: OutcomeSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> OutcomeForm:
    """Store a correction of a form as a new row that names it, once; the first row stays as it is.

    A correction that strikes it out keeps what the first row said. Raises what record_outcome_form raises, and
    AnswersAmended when somebody else corrected it before.
    """

    def work() -> OutcomeForm | Decision:
        first = OutcomeForm.objects.get(id=form, clinic=clinic)
        person = first.patient_id
        stays = lock_stays(clinic=clinic, person_id=person)
        now_said = form_said(first) if correction.strikes else said
        stored = _stored_under(
            key, clinic=clinic, person=person, said=now_said, by=by, amends=first, correction=correction.value
        )
        if stored is not None:
            return stored
        if OutcomeForm.objects.filter(amends=first).exists():
            raise AnswersAmended(CORRECTED_MEANWHILE)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = Decision()
        if not correction.strikes:
            others = standing_outcome_forms(clinic).filter(patient_id=person).exclude(id=first.id)
            decision = may_store_answers(
                asking_of(
                    stays,
                    on=said.on,
                    stage=said.stage,
                    today=london_date(at),
                    is_empty=said.is_empty,
                    day_is_taken=others.filter(completed_on=said.on).exists(),
                )
            )
        if not decision.is_allowed:
            record(
                "outcomes.outcome_form_amended",
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
            "outcomes.outcome_form_amended",
            thing=row,
            amends=str(first.id),
            correction=correction.value,
            **trail,
        )
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise OutcomeFormRefused(answer)
    return answer


def _store(
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: OutcomeSaid,
    key: uuid.UUID,
    by: User,
    at: datetime,
    amends: OutcomeForm | None = None,
    correction: str = "",
) -> OutcomeForm:
    weeks = None if said.weeks is None else {item: list(boxes) for item, boxes in said.weeks.items()}
    return OutcomeForm.objects.create(
        clinic=clinic,
        patient_id=person,
        completed_on=said.on,
        stage=said.stage,
        weeks=weeks,
        alcohol_units=said.alcohol_units,
        cannabis_spliffs=said.cannabis_spliffs,
        other_drug=said.other_drug,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
        **said.items,
        **said.parts,
    )


def _stored_under(
    key: uuid.UUID,
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: OutcomeSaid,
    by: User,
    amends: OutcomeForm | None = None,
    correction: str = "",
) -> OutcomeForm | None:
    row = OutcomeForm.objects.filter(key=key).first()
    if row is None:
        return None
    is_same = (
        row.clinic_id,
        row.patient_id,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
        form_said(row),
    ) == (clinic.id, person, by.id, amends.id if amends else None, correction, said)
    if not is_same:
        raise AnswersKeyReused(SENT_BEFORE)
    return row
