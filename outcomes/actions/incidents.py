"""Writing a safety incident down, putting it right, and noting who was told."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import IncidentReport, IncidentTelling
from outcomes.queries.incidents import said_of, standing_tellings, told_said
from outcomes.rules.incidents import (
    Body,
    IncidentSaid,
    ToldSaid,
    may_amend_incident,
    may_amend_told,
    may_note_told,
    may_record_incident,
)
from patients.models import Episode


class IncidentRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class IncidentUnknown(Exception):
    """There is no such person or incident in this clinic: nothing was stored."""


class IncidentKeyReused(Exception):
    """The same key came with other content: nothing was stored."""

    def __init__(self) -> None:
        super().__init__("This page was sent before with other answers. Open it again and look.")


def record_incident(
    *, clinic: Clinic, person: uuid.UUID, said: IncidentSaid, key: uuid.UUID, by: User, at: datetime
) -> IncidentReport:
    """Store one incident of a person who is or was in treatment here, once.

    The trail keeps that one was written down, never what happened. Raises IncidentRefused with every reason,
    IncidentKeyReused and IncidentUnknown. Source: product W 9.
    """
    answer = one_act(lambda: _record_once(clinic, person, said, key, by, at))
    if isinstance(answer, Decision):
        raise IncidentRefused(answer)
    return answer


def _record_once(
    clinic: Clinic, person: uuid.UUID, said: IncidentSaid, key: uuid.UUID, by: User, at: datetime
) -> IncidentReport | Decision:
    accepted_on = _lock_person(clinic, person)
    fields = _fields(said) | {"patient_id": person, "clinic_id": clinic.id, "number": 1}
    stored = _stored_under(key, by, fields)
    if stored is not None:
        return stored
    decision = may_record_incident(said, today=london_date(at), accepted_on=accepted_on)
    codes = decision.refusal_codes
    if codes:
        record(
            "outcomes.incident_recorded",
            by=by,
            at=at,
            clinic=clinic.id,
            person=person,
            refused=True,
            codes=codes,
        )
        return decision
    report = IncidentReport.objects.create(key=key, recorded_by=by, recorded_at=at, **fields)
    record("outcomes.incident_recorded", by=by, at=at, clinic=clinic.id, person=person, thing=report)
    return report


def amend_incident(
    *,
    clinic: Clinic,
    report_id: uuid.UUID,
    said: IncidentSaid,
    why: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> IncidentReport:
    """Store an incident anew as the next line of it, with the reason, once; what was written before stays.

    Raises as record_incident.
    """
    answer = one_act(lambda: _amend_once(clinic, report_id, said, why, key, by, at))
    if isinstance(answer, Decision):
        raise IncidentRefused(answer)
    return answer


def _amend_once(
    clinic: Clinic, report_id: uuid.UUID, said: IncidentSaid, why: str, key: uuid.UUID, by: User, at: datetime
) -> IncidentReport | Decision:
    stands, accepted_on = _lock_report(clinic, report_id)
    fields = _fields(said) | {
        "patient_id": stands.patient_id,
        "clinic_id": clinic.id,
        "incident": stands.incident,
        "number": stands.number + 1,
        "why": why,
    }
    stored = _stored_under(key, by, fields)
    if stored is not None:
        return stored
    later = IncidentReport.objects.filter(incident=stands.incident, number__gt=stands.number)
    decision = may_record_incident(said, today=london_date(at), accepted_on=accepted_on) | may_amend_incident(
        said_of(stands),
        said,
        is_newest=not later.exists(),
        why=why,
        first_told_on=min((one.told_on for one in standing_tellings(stands.incident)), default=None),
    )
    codes, person = decision.refusal_codes, stands.patient_id
    if codes:
        record(
            "outcomes.incident_amended",
            by=by,
            at=at,
            clinic=clinic.id,
            person=person,
            refused=True,
            codes=codes,
        )
        return decision
    report = IncidentReport.objects.create(key=key, recorded_by=by, recorded_at=at, **fields)
    record("outcomes.incident_amended", by=by, at=at, clinic=clinic.id, person=person, thing=report)
    return report


def note_incident_told(
    *,
    clinic: Clinic,
    report_id: uuid.UUID,
    body: Body,
    told_on: date,
    words: str,
    by: User,
    at: datetime,
) -> IncidentTelling:
    """Store that somebody was told of an incident, once for each of them; sent again alike it returns the first.

    The trail keeps that somebody was, never who: whoever reads it would learn from that what happened.
    Raises IncidentRefused with every reason, and IncidentUnknown.
    """
    answer = one_act(lambda: _tell_once(clinic, report_id, body, told_on, words, by, at))
    if isinstance(answer, Decision):
        raise IncidentRefused(answer)
    return answer


def _tell_once(
    clinic: Clinic, report_id: uuid.UUID, body: Body, told_on: date, words: str, by: User, at: datetime
) -> IncidentTelling | Decision:
    report, _ = _lock_report(clinic, report_id)
    tellings = {Body(one.body): one for one in standing_tellings(report.incident)}
    first = tellings.get(body)
    if first and (first.told_on, first.words, first.recorded_by_id) == (told_on, words, by.id):
        return first
    decision = may_note_told(
        said_of(report), body, told=set(tellings), told_on=told_on, words=words, today=london_date(at)
    )
    codes, person = decision.refusal_codes, report.patient_id
    if codes:
        record(
            "outcomes.incident_told",
            by=by,
            at=at,
            clinic=clinic.id,
            person=person,
            refused=True,
            codes=codes,
        )
        return decision
    telling = IncidentTelling.objects.create(
        report=report,
        incident=report.incident,
        body=body.value,
        told_on=told_on,
        words=words,
        recorded_by=by,
        recorded_at=at,
    )
    record(
        "outcomes.incident_told",
        by=by,
        at=at,
        clinic=clinic.id,
        person=person,
        thing=telling,
    )
    return telling


def amend_incident_told(
    *,
    clinic: Clinic,
    telling_id: uuid.UUID,
    said: ToldSaid,
    why: str,
    by: User,
    at: datetime,
) -> IncidentTelling:
    """Store anew that somebody was told, or that they were not after all, with the reason; the first line stays.

    Sent again alike by the same person it returns the correction. The trail keeps that one was corrected, never who
    was told. Raises IncidentRefused with every reason, and IncidentUnknown.
    """
    answer = one_act(lambda: _amend_told_once(clinic, telling_id, said, why, by, at))
    if isinstance(answer, Decision):
        raise IncidentRefused(answer)
    return answer


def _amend_told_once(
    clinic: Clinic, telling_id: uuid.UUID, said: ToldSaid, why: str, by: User, at: datetime
) -> IncidentTelling | Decision:
    first = IncidentTelling.objects.filter(report__clinic=clinic, id=telling_id).first()
    if first is None:
        raise IncidentUnknown("There is no such line.")
    report, _ = _lock_report(clinic, first.report_id)
    newest = IncidentReport.objects.filter(incident=report.incident).latest("number")
    later = IncidentTelling.objects.filter(amends=first).first()
    if later and (told_said(later), later.why, later.recorded_by_id) == (said, why, by.id):
        return later
    decision = may_amend_told(
        said_of(newest),
        stands=told_said(first),
        now_said=said,
        is_newest=later is None,
        why=why,
        today=london_date(at),
    )
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": report.patient_id}
    if not decision.is_allowed:
        record("outcomes.incident_told_amended", refused=True, codes=decision.refusal_codes, **trail)
        return decision
    telling = IncidentTelling.objects.create(
        report=newest,
        incident=report.incident,
        body=first.body,
        # One that is taken back keeps what the first line said.
        told_on=said.told_on or first.told_on,
        words=said.words if said.told_on else first.words,
        amends=first,
        why=why,
        is_struck=said.told_on is None,
        recorded_by=by,
        recorded_at=at,
    )
    record("outcomes.incident_told_amended", thing=telling, **trail)
    return telling


def _lock_person(clinic: Clinic, person: uuid.UUID) -> date:
    treatments = (
        Episode.objects.select_for_update(no_key=True)
        .filter(clinic=clinic, person_id=person)
        .order_by("accepted_on", "id")
    )
    accepted = [treatment.accepted_on for treatment in treatments]
    if not accepted:
        raise IncidentUnknown("This person was not accepted in this clinic.")
    return accepted[0]


def _lock_report(clinic: Clinic, report_id: uuid.UUID) -> tuple[IncidentReport, date]:
    report = IncidentReport.objects.filter(clinic=clinic, id=report_id).first()
    if report is None:
        raise IncidentUnknown("There is no such incident.")
    return report, _lock_person(clinic, report.patient_id)


def _stored_under(key: uuid.UUID, by: User, fields: dict[str, Any]) -> IncidentReport | None:
    stored = IncidentReport.objects.filter(key=key).first()
    if stored is None:
        return None
    if stored.recorded_by_id != by.id or any(
        getattr(stored, name) != value for name, value in fields.items()
    ):
        raise IncidentKeyReused
    return stored


def _fields(said: IncidentSaid) -> dict[str, Any]:
    return {
        "happened_on": said.happened_on,
        "kind": said.kind.value,
        "place": said.place.value,
        "harm": said.harm.value,
        "naloxone_given": said.naloxone_given,
        "is_drug_related": said.is_drug_related,
        "words": said.words,
    }
