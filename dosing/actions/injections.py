"""Recording an injection: one transaction, once."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.events import follow_injection
from dosing.actions.preparations import KeyReused
from dosing.actions.register import RegisterRefused, append_entry
from dosing.models import (
    Injection,
    Preparation,
    SessionOutcome,
    Signature,
)
from dosing.queries.injections import DrawnDose, KnownAtInjection, get_known_at_injection, minutes_to_watch
from dosing.queries.orders import lock_person_and_dosing_state
from dosing.rules.observation import due_minutes
from dosing.rules.preparations import InjectionAttempt, may_inject
from dosing.rules.register import EntryKind
from dosing.rules.sessions import outcome_of, reduction_of
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record, recorded_together
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.prepared import ask_once_planned, insert_planned
from hat_clinic.core.transactions import one_act
from patients.actions import start_treatment
from patients.models import Episode

ACT = "dosing.injection_recorded"


@dataclass(frozen=True, slots=True)
class InjectionGiven:
    """What went in and where. `seconds_ago` is how long ago it began, at the moment the page was sent.

    `before_emergency` answers what is asked where an emergency began after it was drawn up.
    """

    preparation_id: uuid.UUID
    given_mg: int
    route: str
    site: str
    seconds_ago: int
    syringe_returned: bool
    before_emergency: bool = False


@dataclass(frozen=True, slots=True)
class InjectionRecorded:
    """The answer: which injection stands, its register line and the balance after it."""

    injection_id: uuid.UUID
    session_id: uuid.UUID
    register_seq: int
    balance: int
    given_mg: int
    recorded_at: str


class InjectionRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


def record_injection(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    given: InjectionGiven,
    preparer_pin: str,
    key: uuid.UUID,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> InjectionRecorded:
    """Store one supervised injection with its outcome, stock movement, register line and audit event, once.

    It ends a drawn dose and cites the two signatures of it. Whoever is active at the terminal records it; if
    that is not who prepared the dose, the preparer signs again (`preparer_pin`, else empty). What is left in
    the syringe is waste. Judged and timed by the database's clock once its locks are held. The same key with
    the same content returns the first answer and stores nothing. Raises PinRefused for a PIN, InjectionRefused
    with every reason (the refusal is in the trail), KeyReused when the key was used for something else, and
    RegisterRefused when the register would not take the line. A deadlock is tried again under the same key.
    Source: clinical rules 21-26 and 43; trust design 5 (invariants 1 to 13).
    """
    content = content_sha256({name: getattr(given, name) for name in given.__slots__}, by.id)
    preparer = _preparer_of(given) if preparer_pin else None
    if preparer is not None:
        prove_pin(user=preparer, pin=preparer_pin, terminal_id=terminal_id, at=at)
    try:
        answer = one_act(lambda: _record_once(clinic, patient_id, given, content, preparer, key, by))
    except (KeyReused, RegisterRefused) as refusal:
        code = "key_reused" if isinstance(refusal, KeyReused) else "register_refused"
        _note_refusal([code], patient_id=patient_id, clinic=clinic, by=by, at=at)
        raise
    if isinstance(answer, Decision):
        raise InjectionRefused(answer)
    return answer


def _preparer_of(given: InjectionGiven) -> User | None:
    preparations = Preparation.objects.filter(id=given.preparation_id)
    return User.objects.filter(id__in=preparations.values("prepared_by")).first()


def _record_once(
    clinic: Clinic,
    patient_id: uuid.UUID,
    given: InjectionGiven,
    content: str,
    preparer: User | None,
    key: uuid.UUID,
    by: User,
) -> InjectionRecorded | Decision:
    lock_person_and_dosing_state(patient_id=patient_id)
    known = get_known_at_injection(
        clinic=clinic, patient_id=patient_id, preparation_id=given.preparation_id, key=key
    )
    if known.first is not None:
        if known.first.content_sha256 != content:
            raise KeyReused("This page was already used for something else. Go back to the board.")
        first = known.first.answer
        ids = {name: uuid.UUID(first[name]) for name in ("injection_id", "session_id")}
        return InjectionRecorded(**{**first, **ids})
    attempt = InjectionAttempt(
        given_mg=given.given_mg,
        route=given.route,
        site=given.site,
        started_at=_started_at(known, given),
        prepared_at=known.drawn.prepared_at,
        at=known.at,
        before_emergency=given.before_emergency,
    )
    decision = may_inject(known.prepared, attempt) | _signed(known.drawn, preparer, by)
    if not decision.is_allowed:
        codes = [finding.code for finding in decision]
        _note_refusal(codes, patient_id=patient_id, clinic=clinic, by=by, at=known.at)
        return decision
    with recorded_together():
        return _store(clinic, given, content, known, attempt, preparer, key, by)


def _started_at(known: KnownAtInjection, given: InjectionGiven) -> datetime:
    """Return when it began: as the page tells, and before the emergency where it went in before one."""
    started_at = known.at - timedelta(seconds=given.seconds_ago)
    began_at = known.prepared.emergency_at
    return started_at if began_at is None else min(started_at, began_at)


def _ended_at(known: KnownAtInjection) -> datetime:
    """Return when the injection ended: now, or before the emergency that it went in before."""
    return known.prepared.emergency_at or known.at


def _signed(drawn: DrawnDose, preparer: User | None, by: User) -> Decision:
    """Ask for the preparer's own PIN where somebody else is active at the terminal, and for no doctor who decided.

    Who let the dose go ahead neither gives nor watches it. Source: clinical rules 7.11.
    """
    if by.id in drawn.authorised_by_ids:
        message = "Who let this dose go ahead does not record it. Somebody else signs in and records it."
        return Decision((block("authoriser_signs", message, "clinical rules 7.11"),))
    if by.id == drawn.prepared_by_id or preparer is not None:
        return Decision()
    message = f"{drawn.preparer_name} prepared this dose and types their PIN again, because somebody else is signed in."
    return Decision((block("preparer_signs_again", message, "trust design 2"),))


def _note_refusal(codes: list[str], *, patient_id: uuid.UUID, clinic: Clinic, by: User, at: datetime) -> None:
    with transaction.atomic():
        record(ACT, by=by, at=at, clinic=clinic.id, person=patient_id, refused=True, codes=codes)


def _store(
    clinic: Clinic,
    given: InjectionGiven,
    content: str,
    known: KnownAtInjection,
    attempt: InjectionAttempt,
    preparer: User | None,
    key: uuid.UUID,
    by: User,
) -> InjectionRecorded:
    drawn, at = known.drawn, known.at
    signature_id = drawn.preparer_signature_id
    if preparer is not None and preparer.id != by.id:
        signature_id = Signature.objects.create(
            signed_by=preparer, signed_at=at, part=Signature.Part.GIVER, content_sha256=content
        ).id
    wasted = drawn.drawn_mg - given.given_mg
    injection = Injection(
        session_id=drawn.session_id,
        number=drawn.last_number + 1,
        patient_id=drawn.patient_id,
        premises_id=drawn.premises_id,
        order_id=drawn.order_id,
        protocol_id=drawn.protocol_id,
        batch_id=drawn.batch_id,
        preparation_id=given.preparation_id,
        ampoules=drawn.ampoules,
        drawn_mg=drawn.drawn_mg,
        given_mg=given.given_mg,
        wasted_mg=wasted,
        allowed_mg=drawn.allowed_mg,
        route=given.route,
        site=given.site,
        started_at=attempt.started_at,
        ended_at=_ended_at(known),
        given_on=london_date(attempt.started_at),
        guard=DateTimeTZRange(
            attempt.started_at, _ended_at(known) + timedelta(minutes=drawn.interval_minutes)
        ),
        giver_id=drawn.prepared_by_id,
        witness_id=drawn.witness_id,
        watched_by=by,
        syringe_returned=given.syringe_returned,
        giver_signature_id=signature_id,
        witness_signature_id=drawn.witness_signature_id,
    )
    insert_planned(injection)
    entry = append_entry(
        line_id=drawn.line_id,
        batch_id=drawn.batch_id,
        clinic_id=clinic.id,
        kind=EntryKind.SUPPLIED,
        ampoules=-drawn.ampoules,
        drawn_mg=drawn.drawn_mg,
        given_mg=given.given_mg,
        wasted_mg=wasted,
        party_name=drawn.patient_name,
        party_address=drawn.patient_address or "no fixed abode",
        patient_id=drawn.patient_id,
        order_id=drawn.order_id,
        prescriber_id=drawn.prescriber_id,
        injection_id=injection.id,
        reference="",
        witness_id=drawn.witness_id,
        occurred_at=injection.ended_at,
        key=key,
        entered_by_id=drawn.prepared_by_id,
        by=by,
        at=at,
    )
    session_mg = drawn.earlier_mg + given.given_mg
    outcome = SessionOutcome(
        session_id=drawn.session_id,
        outcome=outcome_of(session_mg, drawn.ordered_mg),
        given_mg=session_mg,
        reduced_for=reduction_of(
            session_mg=session_mg,
            ordered_mg=drawn.ordered_mg,
            given_mg=given.given_mg,
            drawn_mg=drawn.dose_mg,
            chosen=drawn.reduced_for,
            earlier=drawn.earlier_reduced_for or "",
        ),
        amends_id=drawn.amends_id,
        injection=injection,
        recorded_by=by,
        recorded_at=at,
    )
    insert_planned(outcome)
    if drawn.started_on is None:
        episode = Episode(id=drawn.episode_id, clinic=clinic, person_id=drawn.patient_id)
        start_treatment(episode=episode, started_on=injection.given_on, by=by, at=at)
    answer = InjectionRecorded(
        injection_id=injection.id,
        session_id=drawn.session_id,
        register_seq=entry.seq,
        balance=entry.balance,
        given_mg=given.given_mg,
        recorded_at=at.isoformat(),
    )
    _count_watch_and_keep(known, injection, outcome, answer, content, key, by)
    if known.prepared.emergency_at is not None:
        follow_injection(clinic=clinic, patient_id=drawn.patient_id, by=by, at=at)
    record(
        ACT,
        by=by,
        at=at,
        clinic=clinic.id,
        person=drawn.patient_id,
        thing=injection,
        register_seq=entry.seq,
        giver=str(drawn.prepared_by_id),
        witness=str(drawn.witness_id),
        syringe_returned=given.syringe_returned,
        before_emergency=given.before_emergency,
    )
    return answer


# What the day counts, the clock beside the person, and the first answer to the key: three rows in one statement,
# planned once, because a queue waits behind it.
_COUNT_WATCH_AND_KEEP = """
WITH day AS (
    UPDATE dosing_patientday SET authorised_mg = authorised_mg - $1, administered_mg = administered_mg + $2
        WHERE patient_id = $3 AND "on" = $4
), visit AS (
    UPDATE dosing_visit SET state = $5, outcome_id = $6, injected_at = $7, injected_by_id = $8, observe_minutes = $9,
            observe_until = $10, next_due_minute = $11, next_due_at = $12, with_staff_id = $8
        WHERE session_id = $13
)
INSERT INTO dosing_recordedrequest (key, act, content_sha256, answer, recorded_by_id, recorded_at)
    VALUES ($14, $15, $16, $17, $8, $18) RETURNING key
"""
_TYPES = (
    *("integer", "integer", "uuid", "date"),
    *("text", "uuid", "timestamptz", "uuid", "integer", "timestamptz", "integer", "timestamptz", "uuid"),
    *("uuid", "text", "text", "jsonb", "timestamptz"),
)


def _count_watch_and_keep(
    known: KnownAtInjection,
    injection: Injection,
    outcome: SessionOutcome,
    answer: InjectionRecorded,
    content: str,
    key: uuid.UUID,
    by: User,
) -> None:
    drawn = known.drawn
    minutes = minutes_to_watch(
        ordered_minutes=drawn.ordered_observation_minutes,
        route=injection.route,
        took_other_drugs=drawn.took_other_drugs,
        alcohol_ug=drawn.alcohol_ug,
        is_new_dose=known.is_new_dose,
    )
    # It begins again at each injection of a session, and the longest time that applied to any of them wins.
    minutes = max(minutes, drawn.earlier_minutes or 0)
    first = due_minutes(minutes)[0]
    told = {name: getattr(answer, name) for name in answer.__slots__}
    told |= {"injection_id": str(injection.id), "session_id": str(drawn.session_id)}
    ask_once_planned(
        _COUNT_WATCH_AND_KEEP,
        _TYPES,
        [
            drawn.dose_mg - injection.given_mg,
            injection.given_mg,
            drawn.patient_id,
            london_date(drawn.prepared_at),
            VisitState.OBSERVED.value,
            outcome.id,
            injection.ended_at,
            by.id,
            minutes,
            injection.ended_at + timedelta(minutes=minutes),
            first,
            injection.ended_at + timedelta(minutes=first),
            drawn.session_id,
            key,
            ACT,
            content,
            json.dumps(told),
            known.at,
        ],
    )
