"""Correcting the register: a note beside a line, or an adjustment that the lead and a second person approve."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dosing.actions.register import AppendedEntry, append_entry
from dosing.actions.two_people import Signed, note_refusal, stock_act
from dosing.models import Amendment, Batch, RegisterEntry, Transfer
from dosing.queries.days import is_balance_hidden
from dosing.queries.register import lock_line
from dosing.queries.stock import facts_of, get_entry
from dosing.rules.amendments import AmendedLine, Approver, may_adjust, may_note
from dosing.rules.register import EntryKind
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, block

NOTED: Final = "dosing.line_noted"
ADJUSTED: Final = "dosing.line_adjusted"
NO_LINE = Decision(
    (block("no_such_line", "That line is not in a register of this clinic.", "clinical rule 40"),)
)
BEING_COUNTED = Decision(
    (
        block(
            "being_counted",
            "This register is being counted. Adjust it when the count has ended.",
            "clinical rule 47",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Approval:
    """One of the two who approve an adjustment, with their own PIN."""

    user_id: uuid.UUID
    pin: str


def note_line(
    *, clinic: Clinic, entry_key: uuid.UUID, text: str, key: uuid.UUID, by: User, at: datetime
) -> AppendedEntry:
    """Write a dated note beside a line of the register. The line stays as it is, the balance too.

    The note is a line of the chain itself, with its text in what is hashed, so that it cannot be altered unseen
    either. The same key returns the first answer. Raises StockRefused without a text, RegisterRefused for what
    the register does not take. Source: clinical rules 37 and 40.
    """
    return stock_act(
        event=NOTED,
        work=lambda: _note_once(clinic, entry_key, text.strip(), key, by),
        clinic=clinic,
        by=by,
        at=at,
    )


def _note_once(
    clinic: Clinic, entry_key: uuid.UUID, text: str, key: uuid.UUID, by: User
) -> AppendedEntry | Decision:
    line = get_entry(clinic=clinic, key=entry_key)
    if line is not None:
        lock_line(line_id=line.line_id)
    at = now()
    first = (
        Amendment.objects.select_related("entry").filter(entry__key=key, written_by=by, reason=text).first()
    )
    if first is not None:
        return _as_appended(first.entry)
    decision = NO_LINE if line is None else may_note(text)
    if line is None or not decision.is_allowed:
        note_refusal(event=NOTED, decision=decision, clinic=clinic, by=by, at=at)
        return decision
    premises = line.line.premises
    entry = append_entry(
        line_id=line.line_id,
        clinic_id=clinic.id,
        kind=EntryKind.NOTE,
        ampoules=0,
        party_name=premises.name,
        party_address=premises.address,
        reference=f"Note to line {line.seq}: {text}",
        patient_id=line.patient_id,
        occurred_at=at,
        key=key,
        by=by,
        at=at,
    )
    Amendment.objects.create(entry_id=entry.id, amends=line, reason=text, written_at=at, written_by=by)
    record(
        NOTED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=line.patient_id,
        thing=RegisterEntry(id=entry.id),
        amends=line.seq,
    )
    return entry


def adjust_line(
    *,
    clinic: Clinic,
    entry_key: uuid.UUID,
    ampoules: int,
    in_quarantine: bool,
    reason: str,
    approvals: tuple[Approval, ...],
    terminal_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> AppendedEntry:
    """Adjust the balance beside a line that was wrong, by a line of its own in the same batch.

    `by` asks for it and may have written the wrong line; the controlled-drug lead and a second person approve,
    each with their own PIN, and neither wrote it. `ampoules` is signed; `in_quarantine` says that those in
    quarantine are missing or too many, not those in the cabinet. While the ledger is counted nothing is adjusted.
    The adjustment is entered by the lead and
    witnessed by the second. The same page sent twice returns the first line. Raises PinRefused for a PIN,
    StockRefused with every reason, RegisterRefused for what the register does not take.
    Source: clinical rules 40, 42, 47, 48 and 7.11.
    """
    leads = {user.id for user in list_people_who_may(Permission.APPROVE_ADJUSTMENT, clinic=clinic, at=at)}
    people = {user.id: user for user in list_people_who_may(Permission.COUNT_STOCK, clinic=clinic, at=at)}
    found = tuple(people[approval.user_id] for approval in approvals if approval.user_id in people)
    approvers = tuple(Approver(user.id, user.full_name, user.id in leads) for user in found)
    if len(set(found)) == 2 and len(found) == 2:
        for approval in approvals:
            prove_pin(user=people[approval.user_id], pin=approval.pin, terminal_id=terminal_id, at=at)
    lead = next((user for user in found if user.id in leads), None)
    second = next((user for user in found if user != lead), None)
    return stock_act(
        event=ADJUSTED,
        work=lambda: _adjust_once(
            clinic, entry_key, ampoules, in_quarantine, reason.strip(), approvers, lead, second, key, by
        ),
        clinic=clinic,
        by=by,
        at=at,
    )


def _adjust_once(
    clinic: Clinic,
    entry_key: uuid.UUID,
    ampoules: int,
    in_quarantine: bool,
    reason: str,
    approvers: tuple[Approver, ...],
    lead: User | None,
    second: User | None,
    key: uuid.UUID,
    by: User,
) -> AppendedEntry | Decision:
    line = get_entry(clinic=clinic, key=entry_key)
    if line is not None:
        lock_line(line_id=line.line_id)
    at = now()
    batch = _batch_of(line)
    decision = (
        NO_LINE
        if line is None
        else may_adjust(
            AmendedLine(
                author_id=line.entered_by_id,
                batch=facts_of(batch) if batch else None,
                is_on_the_way=Transfer.objects.filter(entry=line, receipt__isnull=True).exists(),
            ),
            ampoules=ampoules,
            in_quarantine=in_quarantine,
            reason=reason,
            approvers=approvers,
        )
    )
    if line is None or batch is None or lead is None or second is None:
        note_refusal(event=ADJUSTED, decision=decision, clinic=clinic, by=by, at=at)
        return decision
    signed = Signed.of(
        lead,
        second,
        line=entry_key,
        ampoules=ampoules,
        in_quarantine=in_quarantine,
        reason=reason,
        asked_by=by.id,
    )
    first = Amendment.objects.select_related("entry", "signature").filter(entry__key=key).first()
    if first is not None and first.signature is not None:
        same = signed.is_same_as(first.signature)
        return _as_appended(first.entry) if same.is_allowed else same
    if is_balance_hidden(line_id=line.line_id, at=at):
        decision = BEING_COUNTED
    if not decision.is_allowed:
        note_refusal(event=ADJUSTED, decision=decision, clinic=clinic, by=by, at=at)
        return decision
    premises = line.line.premises
    entry = append_entry(
        line_id=line.line_id,
        batch_id=batch.id,
        clinic_id=clinic.id,
        kind=EntryKind.ADJUSTED,
        ampoules=ampoules,
        party_name=premises.name,
        party_address=premises.address,
        reference=f"Adjusts line {line.seq}, batch {batch.number}{', in quarantine' * in_quarantine}: {reason}",
        patient_id=batch.patient_id,
        occurred_at=at,
        key=key,
        entered_by_id=lead.id,
        witness_id=second.id,
        in_quarantine=in_quarantine,
        by=by,
        at=at,
    )
    Amendment.objects.create(
        entry_id=entry.id, amends=line, reason=reason, written_at=at, written_by=by, **signed.write(at)
    )
    record(
        ADJUSTED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=batch.patient_id,
        thing=RegisterEntry(id=entry.id),
        amends=line.seq,
        ampoules=ampoules,
        in_quarantine=in_quarantine,
        lead=str(lead.id),
        second=str(second.id),
    )
    return entry


def _batch_of(line: RegisterEntry | None) -> Batch | None:
    movement = getattr(line, "movement", None)
    return None if movement is None else Batch.objects.get(id=movement.batch_id)


def _as_appended(line: RegisterEntry) -> AppendedEntry:
    return AppendedEntry(line.id, line.seq, line.balance, line.hash, line.recorded_at)
