"""Sending ampoules to other premises, and taking them in there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dosing.actions.register import AppendedEntry, append_entry, take_into_batch
from dosing.actions.two_people import Signed, TwoPeople, note_refusal, stock_act
from dosing.models import RegisterEntry, RegisterLine, Transfer, TransferReceipt
from dosing.queries.register import lock_line
from dosing.queries.stock import facts_of, get_batch, ledger_of
from dosing.rules.preparations import unread
from dosing.rules.register import EntryKind
from dosing.rules.transfers import may_receive_transfer, may_send_stock
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, block

SENT: Final = "dosing.stock_sent"
RECEIVED: Final = "dosing.transfer_received"
NOT_HERE = Decision((block("not_here", "That is not kept here. Open the stock again.", "clinical rule 36"),))


@dataclass(frozen=True, slots=True)
class WhatGoes:
    """Ampoules that are sent, and when (None: now)."""

    ampoules: int
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WhatCame:
    """Ampoules that came of a transfer, what is known of those that did not, and when (None: now)."""

    ampoules: int
    reason: str = ""
    received_at: datetime | None = None


def send_stock(
    *,
    clinic: Clinic,
    batch_id: uuid.UUID,
    target_id: uuid.UUID,
    what: WhatGoes,
    two: TwoPeople,
    by: User,
    at: datetime,
) -> Transfer:
    """Send ampoules of one batch to the same ledger of other premises: out of this balance, on the way.

    Both ledgers are locked, in the order of their ids, so that two transfers against each other wait and do not
    lock each other out. A sending may be entered late and is marked so. The same page sent twice returns the first
    transfer. Raises PinRefused for a PIN,
    StockRefused with every reason, RegisterRefused for what the register does not take.
    Source: clinical rules 22, 36, 39, 42 and 49; trust design 4.
    """
    second = two.prove(SENT, clinic=clinic, by=by, at=at)
    signed = Signed.of(
        by, second, batch=batch_id, target=target_id, ampoules=what.ampoules, sent_at=what.sent_at
    )
    return stock_act(
        event=SENT,
        work=lambda: _send_once(clinic, batch_id, target_id, what, signed, two.key),
        clinic=clinic,
        by=by,
        at=at,
    )


def _send_once(
    clinic: Clinic,
    batch_id: uuid.UUID,
    target_id: uuid.UUID,
    what: WhatGoes,
    signed: Signed,
    key: uuid.UUID,
) -> Transfer | Decision:
    batch = get_batch(clinic=clinic, batch_id=batch_id)
    target = RegisterLine.objects.select_related("premises").filter(id=target_id).first()
    _lock_both(*(line_id for line_id in (batch and batch.line_id, target and target.id) if line_id))
    at = now()
    first = Transfer.objects.select_related("signature").filter(entry__key=key).first()
    if first is not None:
        same = signed.is_same_as(first.signature)
        return first if same.is_allowed else same
    sent_at = what.sent_at or at
    if batch is None:
        decision = NOT_HERE
    else:
        batch.refresh_from_db(fields=["ampoules", "quarantined"])
        decision = may_send_stock(
            facts_of(batch),
            source=ledger_of(batch.line),
            target=ledger_of(target) if target else None,
            ampoules=what.ampoules,
            sent_at=sent_at,
            on=london_date(sent_at),
            at=at,
        )
    if batch is None or target is None or not decision.is_allowed:
        note_refusal(event=SENT, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    entry = append_entry(
        line_id=batch.line_id,
        batch_id=batch.id,
        clinic_id=clinic.id,
        kind=EntryKind.SENT,
        ampoules=-what.ampoules,
        party_name=target.premises.name,
        party_address=target.premises.address,
        reference=f"Sent to {target.premises.name}, batch {batch.number}.",
        occurred_at=sent_at,
        key=key,
        witness_id=signed.second.id,
        by=signed.by,
        at=at,
    )
    transfer = Transfer.objects.create(
        entry_id=entry.id, batch=batch, target=target, ampoules=what.ampoules, **signed.write(at)
    )
    record(
        SENT,
        by=signed.by,
        at=at,
        clinic=clinic.id,
        thing=transfer,
        ampoules=what.ampoules,
        target=str(target.id),
        witness=str(signed.second.id),
    )
    return transfer


def receive_transfer(
    *,
    clinic: Clinic,
    transfer_id: uuid.UUID,
    came: WhatCame,
    acknowledged: frozenset[str],
    two: TwoPeople,
    by: User,
    at: datetime,
) -> AppendedEntry:
    """Take what came of a transfer into the ledger it was sent to. What did not come is written with its reason.

    Where nothing came the line is a note that moves nothing, and the transfer has ended. Both ledgers are locked,
    in the order of their ids. The same page sent twice returns the first line. Raises
    PinRefused for a PIN, StockRefused with every reason, RegisterRefused for what the register does not take.
    Source: clinical rules 22, 39, 42 and 47; trust design 4.
    """
    second = two.prove(RECEIVED, clinic=clinic, by=by, at=at)
    signed = Signed.of(
        by, second, transfer=transfer_id, **{name: getattr(came, name) for name in came.__slots__}
    )
    return stock_act(
        event=RECEIVED,
        work=lambda: _receive_once(clinic, transfer_id, came, acknowledged, signed, two.key),
        clinic=clinic,
        by=by,
        at=at,
    )


def _receive_once(
    clinic: Clinic,
    transfer_id: uuid.UUID,
    came: WhatCame,
    acknowledged: frozenset[str],
    signed: Signed,
    key: uuid.UUID,
) -> AppendedEntry | Decision:
    transfer = (
        Transfer.objects.select_related("entry__line__premises", "batch", "target__premises")
        .filter(target__premises__clinic=clinic)
        .get(id=transfer_id)
    )
    _lock_both(transfer.entry.line_id, transfer.target_id)
    at = now()
    receipt = TransferReceipt.objects.select_related("signature", "entry").filter(transfer=transfer).first()
    if receipt is not None and receipt.entry.key == key:
        same, line = signed.is_same_as(receipt.signature), receipt.entry
        if not same.is_allowed:
            return same
        return AppendedEntry(line.id, line.seq, line.balance, line.hash, line.recorded_at)
    received_at = came.received_at or at
    decision = may_receive_transfer(
        sent=transfer.ampoules,
        ampoules=came.ampoules,
        reason=came.reason,
        sent_at=transfer.entry.occurred_at,
        received_at=received_at,
        is_received=receipt is not None,
        at=at,
    )
    decision |= unread(decision, acknowledged)
    if not decision.is_allowed:
        note_refusal(event=RECEIVED, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    sender = transfer.entry.line.premises
    if came.ampoules:
        entry = take_into_batch(
            line=transfer.target,
            kind=EntryKind.RECEIVED,
            batch_number=transfer.batch.number,
            expires_on=transfer.batch.expires_on,
            ampoules=came.ampoules,
            party_name=sender.name,
            party_address=sender.address,
            reference=_received_words(transfer, came),
            key=key,
            by=signed.by,
            witness=signed.second,
            at=at,
            occurred_at=received_at,
        )
    else:
        entry = append_entry(
            line_id=transfer.target_id,
            clinic_id=clinic.id,
            kind=EntryKind.NOTE,
            ampoules=0,
            party_name=sender.name,
            party_address=sender.address,
            reference=_received_words(transfer, came),
            occurred_at=received_at,
            key=key,
            witness_id=signed.second.id,
            by=signed.by,
            at=at,
        )
    TransferReceipt.objects.create(
        transfer=transfer,
        entry_id=entry.id,
        missing=transfer.ampoules - came.ampoules,
        reason=came.reason,
        **signed.write(at),
    )
    record(
        RECEIVED,
        by=signed.by,
        at=at,
        clinic=clinic.id,
        thing=RegisterEntry(id=entry.id),
        ampoules=came.ampoules,
        missing=transfer.ampoules - came.ampoules,
        witness=str(signed.second.id),
    )
    return entry


def _received_words(transfer: Transfer, came: WhatCame) -> str:
    words = f"Sent by {transfer.entry.line.premises.name}, batch {transfer.batch.number}."
    missing = transfer.ampoules - came.ampoules
    return f"{words} {missing} of {transfer.ampoules} missing: {came.reason}" if missing else words


def _lock_both(*line_ids: uuid.UUID) -> None:
    """Lock ledgers in the order of their ids: two transfers against each other then wait in one queue."""
    for line_id in sorted(set(line_ids)):
        lock_line(line_id=line_id)
