"""Ordering stock, and taking in what comes: for the service on a requisition, for one patient from a pharmacy."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Sum

from dosing.actions.register import AppendedEntry, take_into_batch
from dosing.actions.two_people import KEY_REUSED, Signed, TwoPeople, note_refusal, stock_act
from dosing.models import Delivery, RegisterEntry, RegisterLine, Requisition, RequisitionClosing
from dosing.queries.orders import get_order_in_force
from dosing.queries.register import lock_line
from dosing.rules.deliveries import (
    Delivered,
    OrderedStock,
    may_close_requisition,
    may_order_stock,
    may_receive_own,
    may_receive_stock,
)
from dosing.rules.orders import Product
from dosing.rules.preparations import unread
from dosing.rules.register import EntryKind
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, block
from patients.models import Person

ORDERED: Final = "dosing.stock_ordered"
RECEIVED: Final = "dosing.stock_received"
CLOSED: Final = "dosing.requisition_closed"


@dataclass(frozen=True, slots=True)
class DeliveryToTake:
    """What came: ampoules of one batch with its last day of use, and when (None: now)."""

    batch_number: str
    expires_on: date
    ampoules: int
    arrived_at: datetime | None = None


def order_stock(
    *,
    clinic: Clinic,
    line_id: uuid.UUID,
    number: str,
    supplier_name: str,
    supplier_address: str,
    ampoules: int,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Requisition:
    """Record that ampoules were ordered for a ledger of service stock: of whom, how many, under which number.

    The same page sent twice returns the first row. Raises StockRefused for a number that stands there already, and
    for a ledger that is not this clinic's. Source: clinical rule 38.
    """
    content = {
        "line_id": line_id,
        "number": number,
        "supplier_name": supplier_name,
        "supplier_address": supplier_address,
        "ampoules": ampoules,
        "ordered_by": by,
    }
    return stock_act(
        event=ORDERED,
        work=lambda: _order_once(clinic, line_id, content, key, by, at),
        clinic=clinic,
        by=by,
        at=at,
    )


def _order_once(
    clinic: Clinic,
    line_id: uuid.UUID,
    content: dict[str, Any],
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Requisition | Decision:
    line = _service_ledger(clinic, line_id)
    if line is None:
        decision = _no_ledger()
    else:
        lock_line(line_id=line.id)
        if Requisition.objects.filter(key=key).exists():
            return Requisition.objects.filter(key=key, **content).first() or KEY_REUSED
        is_recorded = Requisition.objects.filter(line=line, number=content["number"]).exists()
        decision = may_order_stock(is_recorded=is_recorded)
        if decision.is_allowed:
            requisition = Requisition.objects.create(**content, key=key, ordered_at=at)
            record(ORDERED, by=by, at=at, clinic=clinic.id, thing=requisition, ampoules=requisition.ampoules)
            return requisition
    note_refusal(event=ORDERED, decision=decision, clinic=clinic, by=by, at=at)
    return decision


def close_requisition(
    *, clinic: Clinic, requisition_id: uuid.UUID, reason: str, by: User, at: datetime
) -> RequisitionClosing:
    """Record that nothing more is expected on a requisition, and why, so that it leaves the lists.

    The same words sent twice return the first row. Raises StockRefused with every reason.
    Source: clinical rule 38.
    """
    return stock_act(
        event=CLOSED,
        work=lambda: _close_once(clinic, requisition_id, reason.strip(), by, at),
        clinic=clinic,
        by=by,
        at=at,
    )


def _close_once(
    clinic: Clinic, requisition_id: uuid.UUID, reason: str, by: User, at: datetime
) -> RequisitionClosing | Decision:
    requisition = Requisition.objects.get(id=requisition_id, line__premises__clinic=clinic)
    lock_line(line_id=requisition.line_id)
    first = RequisitionClosing.objects.filter(requisition=requisition, reason=reason, closed_by=by).first()
    if first is not None:
        return first
    ordered = _as_ordered(requisition)
    decision = may_close_requisition(ordered, reason=reason)
    if not decision.is_allowed:
        note_refusal(event=CLOSED, decision=decision, clinic=clinic, by=by, at=at)
        return decision
    row = RequisitionClosing.objects.create(
        requisition=requisition, reason=reason, closed_at=at, closed_by=by
    )
    record(CLOSED, by=by, at=at, clinic=clinic.id, thing=row, outstanding=ordered.outstanding)
    return row


def _as_ordered(requisition: Requisition) -> OrderedStock:
    """Return a requisition as rules read it, under its ledger's lock."""
    come = Delivery.objects.filter(requisition=requisition).aggregate(sum=Sum("entry__ampoules"))["sum"] or 0
    is_closed = RequisitionClosing.objects.filter(requisition=requisition).exists()
    return OrderedStock(requisition.ampoules, come, requisition.ordered_at, is_closed=is_closed)


def receive_delivery(
    *,
    clinic: Clinic,
    requisition_id: uuid.UUID,
    delivery: DeliveryToTake,
    acknowledged: frozenset[str],
    two: TwoPeople,
    by: User,
    at: datetime,
) -> AppendedEntry:
    """Take a delivery into stock against its requisition: the register line, the batch, two signatures.

    Part of what was ordered may come, and more of it another day. The same page sent twice returns the first
    line. Raises PinRefused for a PIN, StockRefused with every reason, RegisterRefused for what the register does
    not take. Source: clinical rules 22, 38 and 39.
    """
    second = two.prove(RECEIVED, clinic=clinic, by=by, at=at)
    signed = Signed.of(by, second, requisition=requisition_id, **_content(delivery))
    return stock_act(
        event=RECEIVED,
        work=lambda: _receive_once(clinic, requisition_id, delivery, acknowledged, signed, two.key),
        clinic=clinic,
        by=by,
        at=at,
    )


def _receive_once(
    clinic: Clinic,
    requisition_id: uuid.UUID,
    delivery: DeliveryToTake,
    acknowledged: frozenset[str],
    signed: Signed,
    key: uuid.UUID,
) -> AppendedEntry | Decision:
    found = Requisition.objects.select_related("line__premises").filter(line__premises__clinic=clinic)
    requisition = found.get(id=requisition_id)
    line = requisition.line
    lock_line(line_id=line.id)
    at = now()
    first = _answered(key, signed)
    if first is not None:
        return first
    arrived_at = delivery.arrived_at or at
    decision = may_receive_stock(
        Delivered(delivery.ampoules, delivery.expires_on, arrived_at),
        _as_ordered(requisition),
        today=london_date(at),
        at=at,
    )
    decision |= unread(decision, acknowledged)
    if not decision.is_allowed:
        note_refusal(event=RECEIVED, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    entry = take_into_batch(
        line=line,
        kind=EntryKind.OBTAINED,
        batch_number=delivery.batch_number,
        expires_on=delivery.expires_on,
        ampoules=delivery.ampoules,
        party_name=requisition.supplier_name,
        party_address=requisition.supplier_address,
        reference=requisition.number,
        key=key,
        by=signed.by,
        witness=signed.second,
        at=at,
        occurred_at=arrived_at,
    )
    Delivery.objects.create(entry_id=entry.id, requisition=requisition, **signed.write(at))
    return entry


def receive_own(
    *,
    clinic: Clinic,
    line_id: uuid.UUID,
    patient: Person,
    pharmacy_name: str,
    pharmacy_address: str,
    prescription: str,
    delivery: DeliveryToTake,
    acknowledged: frozenset[str],
    two: TwoPeople,
    by: User,
    at: datetime,
) -> AppendedEntry:
    """Take what a pharmacy dispensed for one patient into the patients' own ledger, never into service stock.

    The same page sent twice returns the first line. Raises PinRefused for a PIN, StockRefused with every reason,
    RegisterRefused for what the register does not take. Source: clinical rules 22, 39 and 49.
    """
    second = two.prove(RECEIVED, clinic=clinic, by=by, at=at)
    signed = Signed.of(
        by,
        second,
        line=line_id,
        patient=patient.id,
        pharmacy=pharmacy_name,
        address=pharmacy_address,
        prescription=prescription,
        **_content(delivery),
    )

    def work() -> AppendedEntry | Decision:
        line = RegisterLine.objects.select_related("premises").filter(
            id=line_id, premises__clinic=clinic, supply=Supply.NAMED
        )
        return _receive_own_once(
            clinic,
            line.first(),
            patient,
            (pharmacy_name, pharmacy_address, prescription),
            delivery,
            acknowledged,
            signed,
            two.key,
        )

    return stock_act(event=RECEIVED, work=work, clinic=clinic, by=by, at=at)


def _receive_own_once(
    clinic: Clinic,
    line: RegisterLine | None,
    patient: Person,
    source: tuple[str, str, str],
    delivery: DeliveryToTake,
    acknowledged: frozenset[str],
    signed: Signed,
    key: uuid.UUID,
) -> AppendedEntry | Decision:
    if line is None:
        at = now()
        note_refusal(event=RECEIVED, decision=_no_ledger(), clinic=clinic, by=signed.by, at=at)
        return _no_ledger()
    lock_line(line_id=line.id)
    at = now()
    first = _answered(key, signed)
    if first is not None:
        return first
    arrived_at = delivery.arrived_at or at
    live = get_order_in_force(patient_id=patient.id, product=Product(line.product), at=at)
    decision = may_receive_own(
        Delivered(delivery.ampoules, delivery.expires_on, arrived_at),
        has_order=live is not None,
        today=london_date(at),
        at=at,
    )
    decision |= unread(decision, acknowledged)
    if not decision.is_allowed:
        note_refusal(event=RECEIVED, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    entry = take_into_batch(
        line=line,
        kind=EntryKind.OBTAINED,
        batch_number=delivery.batch_number,
        expires_on=delivery.expires_on,
        ampoules=delivery.ampoules,
        party_name=source[0],
        party_address=source[1],
        reference=source[2],
        key=key,
        by=signed.by,
        witness=signed.second,
        at=at,
        occurred_at=arrived_at,
        patient_id=patient.id,
    )
    Delivery.objects.create(entry_id=entry.id, patient=patient, **signed.write(at))
    return entry


def _answered(key: uuid.UUID, signed: Signed) -> AppendedEntry | Decision | None:
    """Return the answer that a page sent before was given, or why it is another page's key."""
    before = RegisterEntry.objects.select_related("delivery__signature").filter(key=key).first()
    if before is None:
        return None
    delivery: Delivery | None = getattr(before, "delivery", None)
    if delivery is None:
        return KEY_REUSED
    decision = signed.is_same_as(delivery.signature)
    if not decision.is_allowed:
        return decision
    return AppendedEntry(before.id, before.seq, before.balance, before.hash, before.recorded_at)


def _service_ledger(clinic: Clinic, line_id: uuid.UUID) -> RegisterLine | None:
    lines = RegisterLine.objects.select_related("premises")
    return lines.filter(id=line_id, premises__clinic=clinic, supply=Supply.SERVICE).first()


def _no_ledger() -> Decision:
    message = "That register is not kept here. Open the stock again."
    return Decision((block("no_such_register", message, "clinical rule 36"),))


def _content(delivery: DeliveryToTake) -> dict[str, object]:
    return {name: getattr(delivery, name) for name in delivery.__slots__}
