"""Putting ampoules apart, and destroying them before an authorised witness."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from dosing.actions.register import AppendedEntry, append_entry
from dosing.actions.two_people import KEY_REUSED, Signed, TwoPeople, note_refusal, stock_act
from dosing.models import Batch, Destruction, Quarantine, RegisterEntry, WitnessAuthority
from dosing.queries.stock import facts_of, lock_batch
from dosing.rules.moments import day_in_words
from dosing.rules.quarantine import (
    AuthorityFacts,
    AuthorityKind,
    QuarantineReason,
    may_destroy,
    may_quarantine,
    may_record_authority,
)
from dosing.rules.register import EntryKind
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, block

QUARANTINED: Final = "dosing.stock_quarantined"
AUTHORISED: Final = "dosing.authority_recorded"
DESTROYED: Final = "dosing.stock_destroyed"
NO_BATCH = Decision(
    (block("no_such_batch", "That batch is not kept here. Open the stock again.", "clinical rule 48"),)
)


@dataclass(frozen=True, slots=True)
class AuthorityLetter:
    """What the letter says that lets somebody witness a destruction, and what proved who they are."""

    kind: AuthorityKind
    name: str
    granted_by: str
    number: str
    identity_seen: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class AmpoulesToDestroy:
    """Ampoules of one batch, how they are destroyed, under which T28 exemption, before whom, and when (None: now)."""

    batch_id: uuid.UUID
    ampoules: int
    method: str
    exemption: str
    authority_id: uuid.UUID | None
    destroyed_at: datetime | None = None


def quarantine_stock(
    *,
    clinic: Clinic,
    batch_id: uuid.UUID,
    ampoules: int,
    reason: QuarantineReason,
    words: str,
    two: TwoPeople,
    by: User,
    at: datetime,
) -> Quarantine:
    """Put ampoules of one batch into quarantine, two people signing. The balance stays as it is.

    The same page sent twice returns the first row. Raises PinRefused for a PIN, StockRefused with every reason.
    Source: clinical rules 22 and 48.
    """
    second = two.prove(QUARANTINED, clinic=clinic, by=by, at=at)
    signed = Signed.of(by, second, batch=batch_id, ampoules=ampoules, reason=reason.value, words=words)
    return stock_act(
        event=QUARANTINED,
        work=lambda: _quarantine_once(clinic, batch_id, ampoules, reason, words, signed, two.key),
        clinic=clinic,
        by=by,
        at=at,
    )


def _quarantine_once(
    clinic: Clinic,
    batch_id: uuid.UUID,
    ampoules: int,
    reason: QuarantineReason,
    words: str,
    signed: Signed,
    key: uuid.UUID,
) -> Quarantine | Decision:
    batch = lock_batch(clinic=clinic, batch_id=batch_id)
    at = now()
    first = Quarantine.objects.select_related("signature").filter(key=key).first()
    if first is not None:
        same = signed.is_same_as(first.signature)
        return first if same.is_allowed else same
    decision = (
        NO_BATCH
        if batch is None
        else may_quarantine(facts_of(batch), ampoules=ampoules, reason=reason, today=london_date(at))
    )
    if batch is None or not decision.is_allowed:
        note_refusal(event=QUARANTINED, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    row = Quarantine.objects.create(
        batch=batch,
        ampoules=ampoules,
        reason=reason,
        words=words,
        key=key,
        quarantined_at=at,
        quarantined_by=signed.by,
        witness=signed.second,
        **signed.write(at),
    )
    record(
        QUARANTINED,
        by=signed.by,
        at=at,
        clinic=clinic.id,
        person=batch.patient_id,
        thing=row,
        ampoules=ampoules,
        reason=reason.value,
        witness=str(signed.second.id),
    )
    return row


def record_authority(
    *, clinic: Clinic, letter: AuthorityLetter, key: uuid.UUID, by: User, at: datetime
) -> WitnessAuthority:
    """Record that somebody may witness the destruction of stock, from the first day to the last of their letter.

    The same page sent twice returns the first row. Raises StockRefused for days that no such authority has.
    Source: clinical rule 48.
    """
    return stock_act(
        event=AUTHORISED,
        work=lambda: _record_authority_once(clinic, letter, key, by, at),
        clinic=clinic,
        by=by,
        at=at,
    )


def _record_authority_once(
    clinic: Clinic, letter: AuthorityLetter, key: uuid.UUID, by: User, at: datetime
) -> WitnessAuthority | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    content = {name: getattr(letter, name) for name in letter.__slots__}
    if WitnessAuthority.objects.filter(key=key).exists():
        same = WitnessAuthority.objects.filter(key=key, clinic=clinic, recorded_by=by, **content)
        return same.first() or KEY_REUSED
    decision = may_record_authority(letter.kind, starts_on=letter.starts_on, ends_on=letter.ends_on)
    if not decision.is_allowed:
        note_refusal(event=AUTHORISED, decision=decision, clinic=clinic, by=by, at=at)
        return decision
    authority = WitnessAuthority.objects.create(
        clinic=clinic, key=key, recorded_by=by, recorded_at=at, **content
    )
    record(AUTHORISED, by=by, at=at, clinic=clinic.id, thing=authority)
    return authority


def destroy_stock(
    *, clinic: Clinic, what: AmpoulesToDestroy, two: TwoPeople, by: User, at: datetime
) -> AppendedEntry:
    """Destroy ampoules out of quarantine, with their register line: two members of staff, an authorised witness.

    The authority is compared with the day of the destruction. What was dispensed for a patient needs no
    authorised witness. The same page sent twice returns the first line. Raises PinRefused for a PIN, StockRefused
    with every reason, RegisterRefused for what the register does not take. Source: clinical rules 22, 48 and 49.
    """
    second = two.prove(DESTROYED, clinic=clinic, by=by, at=at)
    signed = Signed.of(by, second, **{name: getattr(what, name) for name in what.__slots__})
    return stock_act(
        event=DESTROYED,
        work=lambda: _destroy_once(clinic, what, signed, two.key),
        clinic=clinic,
        by=by,
        at=at,
    )


def _destroy_once(
    clinic: Clinic, what: AmpoulesToDestroy, signed: Signed, key: uuid.UUID
) -> AppendedEntry | Decision:
    batch = lock_batch(clinic=clinic, batch_id=what.batch_id)
    at = now()
    first = Destruction.objects.select_related("signature", "entry").filter(entry__key=key).first()
    if first is not None:
        same, line = signed.is_same_as(first.signature), first.entry
        if not same.is_allowed:
            return same
        return AppendedEntry(line.id, line.seq, line.balance, line.hash, line.recorded_at)
    authorities = WitnessAuthority.objects.filter(clinic=clinic)
    is_service_stock = batch is not None and batch.line.supply == Supply.SERVICE
    authority = None
    if is_service_stock and what.authority_id is not None:
        authority = authorities.filter(id=what.authority_id).first()
    destroyed_at = what.destroyed_at or at
    decision = (
        NO_BATCH
        if batch is None
        else may_destroy(
            facts_of(batch),
            ampoules=what.ampoules,
            is_service_stock=is_service_stock,
            authority=AuthorityFacts(authority.name, authority.starts_on, authority.ends_on)
            if authority
            else None,
            destroyed_at=destroyed_at,
            on=london_date(destroyed_at),
            at=at,
        )
    )
    if batch is None or not decision.is_allowed:
        note_refusal(event=DESTROYED, decision=decision, clinic=clinic, by=signed.by, at=at)
        return decision
    party_name, party_address, reference = _witnessed_by(batch, authority, what)
    entry = append_entry(
        line_id=batch.line_id,
        batch_id=batch.id,
        clinic_id=clinic.id,
        kind=EntryKind.DESTROYED,
        ampoules=-what.ampoules,
        party_name=party_name,
        party_address=party_address,
        reference=reference,
        patient_id=batch.patient_id,
        occurred_at=destroyed_at,
        key=key,
        witness_id=signed.second.id,
        by=signed.by,
        at=at,
    )
    Destruction.objects.create(
        entry_id=entry.id,
        authority=authority,
        method=what.method,
        exemption=what.exemption,
        **signed.write(at),
    )
    record(
        DESTROYED,
        by=signed.by,
        at=at,
        clinic=clinic.id,
        person=batch.patient_id,
        thing=RegisterEntry(id=entry.id),
        ampoules=what.ampoules,
        authority=str(authority.id) if authority else None,
        witness=str(signed.second.id),
    )
    return entry


def _witnessed_by(
    batch: Batch, authority: WitnessAuthority | None, what: AmpoulesToDestroy
) -> tuple[str, str, str]:
    """Return before whom, by whose authority, and how, as the line says it; all of it is hashed with the line."""
    how = f"Batch {batch.number}. Destroyed by {what.method}, T28 reference {what.exemption}."
    if authority is None:
        premises = batch.line.premises
        return premises.name, premises.address, f"{how} Patient's own: before a second member of staff."
    return (
        authority.name,
        f"authorised by {authority.granted_by}, {authority.number}",
        f"{how} Authority from {day_in_words(authority.starts_on)} to "
        f"{day_in_words(authority.ends_on)}; identity seen: {authority.identity_seen}.",
    )
