"""Results of urine samples as they are entered by hand: stored once for each test, and put right by a linked line."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.urine_samples import LockedSample, SampleUnknown, lock_samples
from outcomes.models import UrineStep
from outcomes.rules.urine import Assay, Found, UrineState
from outcomes.rules.urine_results import ResultSaid, may_amend_result, may_enter_result

Event = Literal["outcomes.urine_result_entered", "outcomes.urine_result_amended"]


class ResultRefused(Refused):
    """No result was stored; `decision` holds every reason."""


def enter_urine_result(
    *, clinic: Clinic, draw_id: uuid.UUID, said: ResultSaid, key: uuid.UUID, by: User, at: datetime
) -> UrineStep:
    """Store what a laboratory found in one test of a sample, once.

    The trail keeps that a result was entered, never which. Raises ResultRefused with every reason, UrineKeyReused
    and SampleUnknown. Source: product W 5.
    """
    answer = one_act(lambda: _enter_once(clinic, draw_id, said, key, by, at))
    if isinstance(answer, Decision):
        raise ResultRefused(answer)
    return answer


def _enter_once(
    clinic: Clinic, draw_id: uuid.UUID, said: ResultSaid, key: uuid.UUID, by: User, at: datetime
) -> UrineStep | Decision:
    today = london_date(at)
    (one,) = lock_samples(clinic=clinic, draw_ids=[draw_id], today=today)
    fields = _fields(said) | {"amends_id": None}
    stored = one.stored_under(key, by=by, said=fields)
    if stored is not None:
        return stored
    decision = may_enter_result(one.sample, said, known=one.known, today=today)
    if not decision.is_allowed:
        return _refused("outcomes.urine_result_entered", decision, one, by=by, at=at)
    step = one.write(key, by=by, at=at, said=fields)
    record(
        "outcomes.urine_result_entered",
        by=by,
        at=at,
        clinic=clinic.id,
        person=one.draw.patient_id,
        thing=step,
    )
    return step


def amend_urine_result(
    *,
    clinic: Clinic,
    result_id: uuid.UUID,
    said: ResultSaid,
    words: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> UrineStep:
    """Store a result anew as a line that names the one it puts right, with the reason, once; both stay visible.

    Raises as enter_urine_result.
    """
    answer = one_act(lambda: _amend_once(clinic, result_id, said, words, key, by, at))
    if isinstance(answer, Decision):
        raise ResultRefused(answer)
    return answer


def _amend_once(
    clinic: Clinic, result_id: uuid.UUID, said: ResultSaid, words: str, key: uuid.UUID, by: User, at: datetime
) -> UrineStep | Decision:
    today = london_date(at)
    first = UrineStep.objects.filter(clinic=clinic, id=result_id, kind=UrineState.RESULT).first()
    if first is None:
        raise SampleUnknown("There is no such result.")
    (one,) = lock_samples(clinic=clinic, draw_ids=[first.draw_id], today=today)
    fields = _fields(said) | {"amends_id": first.id, "words": words}
    stored = one.stored_under(key, by=by, said=fields)
    if stored is not None:
        return stored
    decision = may_amend_result(
        one.sample,
        _result_said(first),
        said,
        is_amended=any(step.amends_id == first.id for step in one.steps),
        words=words,
        today=today,
    )
    if not decision.is_allowed:
        return _refused("outcomes.urine_result_amended", decision, one, by=by, at=at)
    step = one.write(key, by=by, at=at, said=fields)
    record(
        "outcomes.urine_result_amended",
        by=by,
        at=at,
        clinic=clinic.id,
        person=one.draw.patient_id,
        thing=step,
        amends=str(first.id),
    )
    return step


def _result_said(step: UrineStep) -> ResultSaid:
    """Return what a stored result says."""
    assert step.reported_on is not None  # noqa: S101 - a constraint of the table
    return ResultSaid(assay=Assay(step.assay), found=Found(step.found), reported_on=step.reported_on)


def _fields(said: ResultSaid) -> dict[str, Any]:
    return {
        "kind": UrineState.RESULT.value,
        "assay": said.assay.value,
        "found": said.found.value,
        "reported_on": said.reported_on,
    }


def _refused(event: Event, decision: Decision, one: LockedSample, *, by: User, at: datetime) -> Decision:
    record(
        event,
        by=by,
        at=at,
        clinic=one.draw.clinic_id,
        person=one.draw.patient_id,
        refused=True,
        codes=decision.refusal_codes,
    )
    return decision
