"""A doctor's reason that lets one dose pass a finding of its check."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dosing.models import (
    Acknowledgement,
    Authorisation,
    AuthorisationUse,
    PreInjectionCheck,
    Preparation,
    RecordedRequest,
    Signature,
    Visit,
)
from dosing.queries.authorisations import find_authoriser, get_authorising_facts
from dosing.queries.orders import lock_dosing_state
from dosing.queries.oxygen import get_licence_here
from dosing.queries.visits import (
    as_answers,
    get_check_to_rest_on,
    get_visit,
    lock_visit,
    unused_authorisations,
)
from dosing.rules.authorisations import AuthorisedFor, less_authorised, may_authorise
from dosing.rules.checks import judge_check
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

AUTHORISED = "dosing.finding_authorised"


class NotAuthorised(Refused):
    """The finding stands; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class FindingPassed:
    """What the doctor puts their name to: one finding of one check, and why the dose may go ahead."""

    check_id: uuid.UUID
    code: str
    reason: AuthorisedFor
    words: str

    def sha256(self, doctor_id: uuid.UUID) -> str:
        """Return the hash of all of it with who signs, in one canonical form."""
        return content_sha256({name: getattr(self, name) for name in self.__slots__}, doctor_id)


@dataclass(frozen=True, slots=True)
class AtTerminal:
    """The doctor who signs at the treatment-room terminal, with their own PIN, where somebody else is active."""

    doctor_id: uuid.UUID
    pin: str
    terminal_id: uuid.UUID | None


def authorise_finding(
    *,
    clinic: Clinic,
    passed: FindingPassed,
    signed: AtTerminal | None,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Store that a licensed doctor lets the next dose on a check pass one finding, and return the row's id.

    `signed` is the doctor's PIN at the terminal; without it `by` is the doctor, at a desk, who has given the password
    afresh. It is used once, by the next dose drawn up on that check. The same key with the same content is one
    authorisation. Raises PinRefused for the PIN, NotAuthorised with every reason; each refusal is in the trail.
    Source: clinical rules 19, 20, 58 and 7.11.
    """
    doctor = by
    if signed is not None:
        chosen = find_authoriser(signed.doctor_id, clinic=clinic, at=at)
        if isinstance(chosen, Decision):
            with transaction.atomic():
                record(
                    "dosing.finding_authorised",
                    by=by,
                    at=at,
                    clinic=clinic.id,
                    refused=True,
                    codes=["not_a_doctor"],
                )
            raise NotAuthorised(chosen)
        doctor = chosen
        prove_pin(user=doctor, pin=signed.pin, terminal_id=signed.terminal_id, at=at)
    answer = one_act(lambda: _authorise_once(clinic, passed, doctor, signed is not None, key, by))
    if isinstance(answer, Decision):
        raise NotAuthorised(answer)
    return answer


def _authorise_once(
    clinic: Clinic, passed: FindingPassed, doctor: User, has_pin: bool, key: uuid.UUID, by: User
) -> uuid.UUID | Decision:
    check = PreInjectionCheck.objects.get(id=passed.check_id, session__clinic=clinic)
    lock_dosing_state(patient_id=check.patient_id)
    content = passed.sha256(doctor.id)
    first = RecordedRequest.objects.filter(key=key).first()
    if first is not None and first.content_sha256 == content:
        return uuid.UUID(first.answer["authorisation_id"])
    at = now()
    lock_visit(session_id=check.session_id)
    visit = get_visit(clinic=clinic, session_id=check.session_id)
    assert visit is not None  # noqa: S101 - a check has its visit
    facts = get_authorising_facts(
        visit=visit, check=check, code=passed.code, clinic=clinic, doctor=doctor, at=at
    )
    decision = may_authorise(facts, code=passed.code, words=passed.words)
    if first is not None:
        message = "This page was already used for something else. Open it again."
        decision |= Decision((block("key_reused", message, "trust design 5"),))
    licence = get_licence_here(clinic=clinic, doctor_id=doctor.id, at=at)
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": check.patient_id}
    if not decision.is_allowed or licence is None:
        codes = decision.refusal_codes
        record("dosing.finding_authorised", refused=True, codes=codes, doctor=str(doctor.id), **trail)
        return decision
    signature = None
    if has_pin:
        signature = Signature.objects.create(
            signed_by=doctor, signed_at=at, part=Signature.Part.DOCTOR, content_sha256=content
        )
    stored = Authorisation.objects.create(
        clinic=clinic,
        patient_id=check.patient_id,
        session_id=check.session_id,
        check_made=check,
        code=passed.code,
        message=next(one.message for one in facts.standing if one.code == passed.code)[:300],
        reason=passed.reason,
        words=passed.words.strip(),
        licence=licence,
        signature=signature,
        authorised_at=at,
        authorised_by=doctor,
        entered_by=by,
    )
    _let_go_on(visit, check)
    RecordedRequest.objects.create(
        key=key,
        act=AUTHORISED,
        content_sha256=content,
        answer={"authorisation_id": str(stored.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record("dosing.finding_authorised", thing=stored, codes=[passed.code], doctor=str(doctor.id), **trail)
    return stored.id


def _let_go_on(visit: Visit, check: PreInjectionCheck) -> None:
    """Let the visit go on to the preparation once a doctor has let pass all that its check says against the dose."""
    passed = frozenset(unused_authorisations(check_id=check.id).values_list("code", flat=True))
    if (
        visit.state == VisitState.IDENTIFIED
        and get_check_to_rest_on(visit) == check
        and less_authorised(judge_check(as_answers(check)), passed).is_allowed
    ):
        visit.state = VisitState.CHECKED
        visit.save(update_fields=["state"])


def acknowledge_notes(*, preparation: Preparation, decision: Decision, by: User, at: datetime) -> None:
    """Store each note that was ticked before a dose was drawn up, in the caller's transaction.

    Source: clinical rules 11, 13 and 26.
    """
    notes = list(decision)
    if not notes:
        return
    Acknowledgement.objects.bulk_create(
        Acknowledgement(
            preparation=preparation,
            code=note.code,
            message=note.message[:300],
            acknowledged_at=at,
            acknowledged_by=by,
        )
        for note in notes
    )
    record(
        "dosing.notes_acknowledged",
        by=by,
        at=at,
        clinic=preparation.session.clinic_id,
        person=preparation.patient_id,
        thing=preparation,
        codes=[note.code for note in notes],
    )


def use_authorisations(*, preparation: Preparation, by: User, at: datetime) -> None:
    """Use up what a doctor has let pass on a check: it was for this dose alone. In the caller's transaction.

    Source: clinical rules 7.11.
    """
    waiting = list(unused_authorisations(check_id=preparation.check_made_id))
    if not waiting:
        return
    AuthorisationUse.objects.bulk_create(
        AuthorisationUse(authorisation=authorisation, preparation=preparation) for authorisation in waiting
    )
    record(
        "dosing.authorisation_used",
        by=by,
        at=at,
        clinic=preparation.session.clinic_id,
        person=preparation.patient_id,
        thing=preparation,
        codes=[authorisation.code for authorisation in waiting],
    )
