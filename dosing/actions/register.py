"""Writing the controlled-drug register: opening a ledger, taking in stock, adding a line."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

import psycopg2
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction

from dosing.models import Batch, RegisterEntry, RegisterLine, StockMovement
from dosing.queries.register import lock_line
from dosing.rules.orders import Product
from dosing.rules.register import EntryKind
from dosing.rules.stock import Supply, may_open_register
from hat_clinic.accounts.models import Premises, User
from hat_clinic.audit.actions import record, record_look
from hat_clinic.core.decisions import Decision
from hat_clinic.core.prepared import list_once_planned
from hat_clinic.core.transactions import one_act


class RegisterRefused(Exception):
    """The line was not written; the message says why, in a sentence for the person who tried."""


class KeyAlreadyUsed(RegisterRefused):
    """A line with this key is already in the register: what was sent now is a repeat, or another act."""


@dataclass(frozen=True, slots=True)
class AppendedEntry:
    """A line as the database wrote it: row id, number, balance in ampoules after it, hash, database time."""

    id: int
    seq: int
    balance: int
    hash: str
    recorded_at: datetime


# The line, and with a batch the movement that goes with it: one statement, because a queue waits behind a dose.
_APPEND = """
WITH line AS (
    SELECT new_id, new_seq, new_balance, new_hash, new_recorded_at FROM register_append(
        p_line => $1, p_kind => $2, p_ampoules => $3, p_drawn_mg => $4,
        p_given_mg => $5, p_wasted_mg => $6, p_party_name => $7, p_party_address => $8,
        p_patient => $9, p_order => $10, p_prescriber => $11, p_injection => $12, p_reference => $13,
        p_entered_by => $14, p_witness => $15, p_occurred_at => $16, p_key => $17
    )
), moved AS (
    INSERT INTO dosing_stockmovement (batch_id, entry_id, ampoules, moved_at, moved_by_id, in_quarantine)
    SELECT batch, line.new_id, $18, $19, $20, $21 FROM line, (SELECT $22 AS batch) AS given
    WHERE batch IS NOT NULL
)
SELECT new_id, new_seq, new_balance, new_hash, new_recorded_at FROM line
"""
_TYPES = (
    *("uuid", "text", "integer", "integer"),
    *("integer", "integer", "text", "text"),
    *("uuid", "uuid", "uuid", "uuid", "text"),
    *("uuid", "uuid", "timestamptz", "uuid"),
    *("integer", "timestamptz", "uuid", "boolean", "uuid"),
)


def append_entry(
    *,
    line_id: uuid.UUID,
    kind: EntryKind,
    ampoules: int,
    party_name: str,
    party_address: str,
    occurred_at: datetime,
    key: uuid.UUID,
    by: User,
    at: datetime,
    witness_id: uuid.UUID | None = None,
    drawn_mg: int | None = None,
    given_mg: int | None = None,
    wasted_mg: int | None = None,
    patient_id: uuid.UUID | None = None,
    order_id: uuid.UUID | None = None,
    prescriber_id: uuid.UUID | None = None,
    injection_id: uuid.UUID | None = None,
    reference: str = "",
    batch_id: uuid.UUID | None = None,
    clinic_id: uuid.UUID | None = None,
    entered_by_id: uuid.UUID | None = None,
    in_quarantine: bool = False,
) -> AppendedEntry:
    """Write one line of a ledger in the caller's transaction: numbered, chained and timed by the database.

    `ampoules` is signed: in above zero, out below. `by` is who acts; the line is entered in the name of
    `entered_by_id` where that is another. With `batch_id` the stock movement is written too; otherwise the caller
    writes it in the same transaction, because without it the line cannot commit; `in_quarantine` is for an
    adjustment of what is in quarantine. Raises KeyAlreadyUsed for a key that
    is in the register, RegisterRefused for everything else the database refuses (the transaction is then
    over), TransactionManagementError outside a transaction.
    Source: clinical rules 37, 39 and 42; trust design 4.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A register line is written inside the transaction of the act it tells of."
        )
    try:
        (written,) = list_once_planned(
            _APPEND,
            _TYPES,
            [
                line_id,
                kind.value,
                ampoules,
                drawn_mg,
                given_mg,
                wasted_mg,
                party_name,
                party_address,
                patient_id,
                order_id,
                prescriber_id,
                injection_id,
                reference,
                entered_by_id or by.id,
                witness_id,
                occurred_at,
                key,
                ampoules,
                occurred_at,
                entered_by_id or by.id,
                in_quarantine,
                batch_id,
            ],
        )
    except (IntegrityError, DataError) as problem:
        raise _refusal(problem) from problem
    entry = AppendedEntry(*written)
    record(
        "dosing.register_line_written",
        by=by,
        at=at,
        clinic=clinic_id or Premises.objects.values_list("clinic_id", flat=True).get(register_lines=line_id),
        person=patient_id,
        thing=RegisterEntry(id=entry.id),
        line=str(line_id),
        line_number=entry.seq,
        kind=kind.value,
        ampoules=ampoules,
        witness=str(witness_id) if witness_id else None,
    )
    return entry


def open_register(
    *,
    premises: Premises,
    product: Product,
    strength_mg: int,
    form: str,
    by: User,
    at: datetime,
    supply: Supply = Supply.SERVICE,
) -> RegisterLine:
    """Open one ledger: a class, strength and form at one premises, for service stock or for patients' own.

    Raises RegisterRefused for a second one; the refusal is in the trail.
    Source: clinical rules 36 and 49 (one ledger per premises, class, strength and form).
    """
    try:
        answer = one_act(lambda: _open_once(premises, product, strength_mg, form, supply, by, at))
    except (IntegrityError, DataError) as problem:
        raise _refusal(problem) from problem
    if isinstance(answer, Decision):
        raise RegisterRefused(answer.refusals[0].message)
    return answer


def _open_once(
    premises: Premises,
    product: Product,
    strength_mg: int,
    form: str,
    supply: Supply,
    by: User,
    at: datetime,
) -> RegisterLine | Decision:
    Premises.objects.select_for_update(no_key=True).get(id=premises.id)
    kept_for = {"product": product, "strength_mg": strength_mg, "form": form, "supply": supply}
    decision = may_open_register(is_open=RegisterLine.objects.filter(premises=premises, **kept_for).exists())
    line = None
    if decision.is_allowed:
        line = RegisterLine.objects.create(premises=premises, opened_at=at, opened_by=by, **kept_for)
    record(
        "dosing.register_opened",
        by=by,
        at=at,
        clinic=premises.clinic_id,
        thing=line,
        refused=line is None,
        codes=[finding.code for finding in decision],
        strength_mg=strength_mg,
        product=product.value,
        supply=supply.value,
    )
    return line or decision


def receive_stock(
    *,
    line: RegisterLine,
    batch_number: str,
    expires_on: date,
    ampoules: int,
    supplier_name: str,
    supplier_address: str,
    requisition: str,
    key: uuid.UUID,
    by: User,
    witness: User | None,
    at: datetime,
    occurred_at: datetime | None = None,
) -> AppendedEntry:
    """Take ampoules of one batch into stock against a requisition, with their register line.

    `occurred_at` is when they arrived, if that is not now; a line written later than the next day is marked
    late. The same key with the same content returns the first line and writes nothing. Raises KeyAlreadyUsed
    for the same key with other content, RegisterRefused for what the register does not take.
    Source: clinical rule 38 (an obtained line names date, source with address, and quantity).
    """
    try:
        with transaction.atomic(durable=True):
            lock_line(line_id=line.id)
            content = {
                "line": line,
                "kind": EntryKind.OBTAINED,
                "ampoules": ampoules,
                "party_name": supplier_name,
                "party_address": supplier_address,
                "reference": requisition,
                "entered_by": by,
                "witness": witness,
                "movement__batch__number": batch_number,
                "movement__batch__expires_on": expires_on,
            }
            if occurred_at is not None:
                content["occurred_at"] = occurred_at
            first = RegisterEntry.objects.filter(key=key, **content).first()
            if first is not None:
                return AppendedEntry(first.id, first.seq, first.balance, first.hash, first.recorded_at)
            return take_into_batch(
                line=line,
                kind=EntryKind.OBTAINED,
                batch_number=batch_number,
                expires_on=expires_on,
                ampoules=ampoules,
                party_name=supplier_name,
                party_address=supplier_address,
                reference=requisition,
                key=key,
                by=by,
                witness=witness,
                at=at,
                occurred_at=occurred_at or at,
            )
    except (IntegrityError, DataError) as problem:
        raise _refusal(problem) from problem


def take_into_batch(
    *,
    line: RegisterLine,
    kind: EntryKind,
    batch_number: str,
    expires_on: date,
    ampoules: int,
    party_name: str,
    party_address: str,
    reference: str,
    key: uuid.UUID,
    by: User,
    witness: User | None,
    at: datetime,
    occurred_at: datetime,
    patient_id: uuid.UUID | None = None,
) -> AppendedEntry:
    """Write a line that brings ampoules of one batch in, with their movement, in the caller's transaction.

    The ledger's lock is held. Raises RegisterRefused for what the register does not take.
    Source: clinical rule 38.
    """
    entry = append_entry(
        line_id=line.id,
        kind=kind,
        ampoules=ampoules,
        party_name=party_name,
        party_address=party_address,
        reference=reference,
        occurred_at=occurred_at,
        key=key,
        by=by,
        at=at,
        witness_id=witness.id if witness else None,
        patient_id=patient_id,
    )
    try:
        batch, _is_new = Batch.objects.get_or_create(
            line=line,
            number=batch_number,
            expires_on=expires_on,
            patient_id=patient_id,
            defaults={"ampoules": 0},
        )
        StockMovement.objects.create(
            batch=batch, entry_id=entry.id, ampoules=ampoules, moved_at=occurred_at, moved_by=by
        )
    except (IntegrityError, DataError) as problem:
        raise _refusal(problem) from problem
    record(
        "dosing.stock_received",
        by=by,
        at=at,
        clinic=line.premises.clinic_id,
        person=patient_id,
        thing=line,
        line_number=entry.seq,
        ampoules=ampoules,
        witness=str(witness.id) if witness else None,
    )
    return entry


def record_register_look(
    *,
    line_id: uuid.UUID,
    clinic_id: uuid.UUID,
    since: date,
    until: date,
    lines: tuple[int, int] | None,
    people: tuple[uuid.UUID, ...],
    by: User,
    at: datetime,
) -> None:
    """Record that somebody opened the register: the period, the first and last line shown, and every patient.

    One event for the page and one for each patient on it. Called before the page leaves: what is not recorded
    is not shown.
    """
    with transaction.atomic(durable=True):
        record(
            "dosing.register_seen",
            by=by,
            at=at,
            clinic=clinic_id,
            thing=RegisterLine(id=line_id),
            is_look=True,
            since=since.isoformat(),
            until=until.isoformat(),
            first_line=lines[0] if lines else None,
            last_line=lines[1] if lines else None,
        )
        if people:
            record_look("dosing.register_seen", by=by, at=at, clinic=clinic_id, people=people)


def _refusal(problem: DatabaseError) -> RegisterRefused:
    """Put the database's refusal into a sentence: a constraint's own message, or the function's."""
    diagnosis = problem.__cause__.diag if isinstance(problem.__cause__, psycopg2.Error) else None
    name = diagnosis.constraint_name if diagnosis else None
    if name == "register_key_is_used_once":
        return KeyAlreadyUsed("This line is already in the register.")
    for model in (RegisterLine, RegisterEntry, Batch, StockMovement):
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return RegisterRefused(str(constraint.violation_error_message))
    if diagnosis and name in _SPOKEN_BY_THE_DATABASE:
        return RegisterRefused(str(diagnosis.message_primary))
    return RegisterRefused("The register does not take that: a value is missing, too long or out of range.")


# Refusals of the database's own functions, whose messages are already sentences without names.
_SPOKEN_BY_THE_DATABASE = frozenset(
    {
        "batches_make_the_balance",
        "register_balance_is_a_plausible_number",
        "register_balance_is_never_negative",
        "register_drawn_is_what_the_ampoules_hold",
        "register_is_open",
        "register_line_has_its_stock_movement",
        "register_names_people",
        "register_tells_of_a_plausible_date",
        "register_tells_of_the_past",
        "only_adjustments_say_where",
        "stock_movement_agrees_with_its_line",
    }
)
