"""Recording what happened in a session: one transaction, once."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F

from dosing.actions.register import RegisterRefused, append_entry
from dosing.models import (
    Batch,
    Injection,
    PatientDay,
    PlannedSession,
    RecordedRequest,
    SessionOutcome,
    Signature,
    StockMovement,
)
from dosing.queries.orders import lock_dosing_state
from dosing.queries.register import lock_line
from dosing.queries.sessions import KnownAtTheHatch, SessionKey, as_stock, get_session_facts
from dosing.rules.register import EntryKind
from dosing.rules.sessions import InjectionAttempt, allowed_mg, may_inject, outcome_of
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Finding, block
from hat_clinic.core.transactions import one_act
from patients.actions import start_treatment

ACT = "dosing.injection_recorded"


@dataclass(frozen=True, slots=True)
class InjectionGiven:
    """What the giver and the witness put their PINs to. Milligrams and ampoules are whole numbers."""

    patient_id: uuid.UUID
    service_date: date
    slot: str
    order_id: uuid.UUID
    batch_id: uuid.UUID
    given_mg: int
    ampoules: int
    route: str
    site: str
    witness_id: uuid.UUID

    def sha256(self, giver_id: uuid.UUID) -> str:
        """Return the hash of all of it with its giver, in one canonical form."""
        content = {name: str(getattr(self, name)) for name in self.__slots__} | {"giver_id": str(giver_id)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class InjectionRecorded:
    """The answer: which injection stands, its register line and the balance after it."""

    injection_id: uuid.UUID
    register_seq: int
    balance: int
    given_mg: int
    recorded_at: str


class InjectionRefused(Exception):
    """Nothing was stored; `decision` holds every reason."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(" ".join(finding.message for finding in decision.refusals or decision.findings))
        self.decision = decision


class KeyReused(Exception):
    """The same key came with other content: nothing was stored."""


def record_injection(
    *,
    clinic: Clinic,
    given: InjectionGiven,
    giver_pin: str,
    witness_pin: str,
    acknowledged: frozenset[str],
    key: uuid.UUID,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> InjectionRecorded:
    """Store one supervised injection with its session, stock movement, register line and audit event, once.

    Both PINs are proved first, each counted by itself, so that a wrong one counts although nothing is stored.
    `acknowledged` holds the codes of the notes that were read. `at` is when the page was sent; the dose is
    judged and timed by the database's clock once its locks are held. The same key with the same content
    returns the first answer and stores nothing. Raises PinRefused for a PIN, InjectionRefused with every reason
    (the refusal is in the audit trail), KeyReused when the key was used for something else, and RegisterRefused
    when the register would not take the line. A deadlock is tried again under the same key.
    Source: clinical rules 21-24 and 43; trust design 5 (invariants 1 to 13).
    """
    content = given.sha256(by.id)
    witness = _find_witness(given, clinic=clinic, by=by, at=at)
    if isinstance(witness, Decision):
        _note_refusal(given, [finding.code for finding in witness], clinic=clinic, by=by, at=at)
        raise InjectionRefused(witness)
    prove_pin(user=by, pin=giver_pin, terminal_id=terminal_id, at=at)
    prove_pin(user=witness, pin=witness_pin, terminal_id=terminal_id, at=at)
    try:
        answer = one_act(lambda: _record_once(clinic, given, content, acknowledged, key, by))
    except (KeyReused, RegisterRefused) as refusal:
        code = "key_reused" if isinstance(refusal, KeyReused) else "register_refused"
        _note_refusal(given, [code], clinic=clinic, by=by, at=at)
        raise
    if isinstance(answer, Decision):
        raise InjectionRefused(answer)
    return answer


def _record_once(
    clinic: Clinic,
    given: InjectionGiven,
    content: str,
    acknowledged: frozenset[str],
    key: uuid.UUID,
    by: User,
) -> InjectionRecorded | Decision:
    known_person = lock_dosing_state(patient_id=given.patient_id)
    first = RecordedRequest.objects.filter(key=key).first()
    if first is not None:
        if first.content_sha256 != content:
            raise KeyReused("This page was already used for something else. Go back to the board.")
        return InjectionRecorded(**{**first.answer, "injection_id": uuid.UUID(first.answer["injection_id"])})
    batch = _lock_batch(given.batch_id)
    at = now()  # the locks may have been long in coming: the dose is of now, not of when its page was read
    session = SessionKey(given.service_date, given.slot)
    known = get_session_facts(patient_id=given.patient_id, clinic=clinic, session=session, at=at)
    decision = _decide(given, known, batch, acknowledged, by=by)
    if (
        not known_person
        or not decision.is_allowed
        or batch is None
        or known.order is None
        or known.protocol is None
    ):
        _note_refusal(given, [finding.code for finding in decision], clinic=clinic, by=by, at=at)
        return decision
    return _store(clinic, given, content, known, batch, key, by, at)


def _note_refusal(given: InjectionGiven, codes: list[str], *, clinic: Clinic, by: User, at: datetime) -> None:
    with transaction.atomic():
        record(ACT, by=by, at=at, clinic=clinic.id, person=given.patient_id, refused=True, codes=codes)


def _lock_batch(batch_id: uuid.UUID) -> Batch | None:
    """Lock the register that a batch stands in, so that its count cannot move, and return the batch."""
    batches = Batch.objects.select_related("line").filter(id=batch_id)
    line_id = batches.values_list("line_id", flat=True).first()
    if line_id is not None:
        lock_line(line_id=line_id)
    return batches.first()


def _decide(
    given: InjectionGiven,
    known: KnownAtTheHatch,
    batch: Batch | None,
    acknowledged: frozenset[str],
    *,
    by: User,
) -> Decision:
    if known.order is not None and known.order.id != given.order_id:
        message = f"The order changed: it is {known.order.dose_mg} mg now. Nothing was saved. Look again before you give."
        return Decision((block("order_changed", message, "clinical rule 5"),))
    if batch is None or (known.order is not None and batch.line.premises_id != known.order.premises_id):
        message = "That batch is not kept at these premises. Choose one of the list."
        return Decision((block("batch_elsewhere", message, "clinical rule 21"),))
    attempt = InjectionAttempt(
        given_mg=given.given_mg,
        ampoules=given.ampoules,
        route=given.route,
        site=given.site,
        giver_is_witness=given.witness_id == by.id,
        stock=as_stock(batch),
    )
    decision = may_inject(known.facts, attempt)
    unread = [finding for finding in decision if finding.code not in acknowledged and decision.is_allowed]
    return decision | Decision(tuple(_unread(finding) for finding in unread))


def _unread(finding: Finding) -> Finding:
    return block(f"unread_{finding.code}", f"Tick that you have read: {finding.message}", finding.source)


def _store(
    clinic: Clinic,
    given: InjectionGiven,
    content: str,
    known: KnownAtTheHatch,
    batch: Batch,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> InjectionRecorded:
    order, protocol = known.order, known.protocol
    assert order is not None and protocol is not None  # noqa: S101 - the caller has asked the rule
    planned, _ = PlannedSession.objects.get_or_create(
        patient_id=given.patient_id,
        service_date=given.service_date,
        slot=given.slot,
        defaults={"clinic": clinic, "episode": order.episode, "order": order},
    )
    signatures = [
        Signature(signed_by_id=by.id, signed_at=at, part=Signature.Part.GIVER, content_sha256=content),
        Signature(
            signed_by_id=given.witness_id, signed_at=at, part=Signature.Part.WITNESS, content_sha256=content
        ),
    ]
    Signature.objects.bulk_create(signatures)
    _count_in_day(given, known)
    drawn = given.ampoules * batch.line.strength_mg
    interval = max(order.interval_minutes, protocol.interval_block_minutes)
    injection = Injection.objects.create(
        session=planned,
        patient_id=given.patient_id,
        premises_id=order.premises_id,
        order=order,
        protocol=protocol,
        batch=batch,
        ampoules=given.ampoules,
        drawn_mg=drawn,
        given_mg=given.given_mg,
        wasted_mg=drawn - given.given_mg,
        allowed_mg=allowed_mg(known.facts),
        route=given.route,
        site=given.site,
        started_at=at,
        ended_at=at,
        given_on=known.facts.today,
        guard=DateTimeTZRange(at, at + timedelta(minutes=interval)),
        giver=by,
        witness_id=given.witness_id,
        giver_signature=signatures[0],
        witness_signature=signatures[1],
    )
    entry = append_entry(
        line_id=batch.line_id,
        kind=EntryKind.SUPPLIED,
        ampoules=-given.ampoules,
        drawn_mg=drawn,
        given_mg=given.given_mg,
        wasted_mg=drawn - given.given_mg,
        party_name=planned.patient.full_name,
        party_address=planned.patient.address or "no fixed abode",
        patient_id=given.patient_id,
        order_id=order.id,
        prescriber_id=order.signed_by_id,
        injection_id=injection.id,
        reference="",
        witness_id=given.witness_id,
        occurred_at=at,
        key=key,
        by=by,
        at=at,
    )
    StockMovement.objects.create(
        batch=batch, entry_id=entry.id, ampoules=-given.ampoules, moved_at=at, moved_by=by
    )
    SessionOutcome.objects.create(
        session=planned,
        outcome=outcome_of(given.given_mg, order.dose_mg),
        given_mg=given.given_mg,
        injection=injection,
        recorded_by=by,
        recorded_at=at,
    )
    if order.episode.started_on is None:
        start_treatment(episode=order.episode, started_on=known.facts.today, by=by, at=at)
    answer = InjectionRecorded(
        injection_id=injection.id,
        register_seq=entry.seq,
        balance=entry.balance,
        given_mg=given.given_mg,
        recorded_at=at.isoformat(),
    )
    RecordedRequest.objects.create(
        key=key,
        act=ACT,
        content_sha256=content,
        answer={name: getattr(answer, name) for name in answer.__slots__}
        | {"injection_id": str(injection.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(
        ACT,
        by=by,
        at=at,
        clinic=clinic.id,
        person=given.patient_id,
        thing=injection,
        register_seq=entry.seq,
        witness=str(given.witness_id),
    )
    return answer


def _count_in_day(given: InjectionGiven, known: KnownAtTheHatch) -> None:
    order, protocol = known.order, known.protocol
    assert order is not None and protocol is not None  # noqa: S101 - the caller has asked the rule
    day, _ = PatientDay.objects.get_or_create(
        patient_id=given.patient_id,
        on=known.facts.today,
        defaults={"maximum_mg": min(order.daily_max_mg, protocol.daily_block_mg)},
    )
    PatientDay.objects.filter(id=day.id).update(
        maximum_mg=min(order.daily_max_mg, protocol.daily_block_mg),
        authorised_mg=F("authorised_mg") + given.given_mg,
        administered_mg=F("administered_mg") + given.given_mg,
    )


def _find_witness(given: InjectionGiven, *, clinic: Clinic, by: User, at: datetime) -> User | Decision:
    if given.witness_id == by.id:
        message = f"{by.full_name} gives this dose and cannot witness it. Choose somebody else."
        return Decision((block("same_person", message, "clinical rule 22"),))
    for person in list_people_who_may(Permission.WITNESS_INJECTION, clinic=clinic, at=at):
        if person.id == given.witness_id:
            return person
    message = "That person may not witness here. Choose a witness from the list."
    return Decision((block("not_a_witness", message, "clinical rule 22"),))
