"""Signing checkpoints of the register, verifying it by night, and starting a new incarnation after a restore.

Nothing here is on the dosing path: a dose neither makes a checkpoint nor waits for one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dosing.models import Checkpoint, Incarnation, RegisterHead, RegisterLine, RegisterVerification
from dosing.queries.checkpoints import get_incarnation, list_changed_heads
from dosing.queries.verification import LineVerdict, RegisterVerdict, sort_by_signature
from dosing.rules.checkpoints import (
    SignedCheckpoint,
    Statement,
    WhyNoIncarnation,
    checkpoint_text,
    incarnation_text,
    may_start_incarnation,
    number_of_next,
)
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.signing import fingerprint_of, known_keys, public_key, sign

# The program that signs, for the worker and for pages.
SIGNER = "checkpoint signer"


class IncarnationRefused(Exception):
    """No new incarnation was started; `reasons` holds everything that stands against it."""

    def __init__(self, reasons: Sequence[WhyNoIncarnation]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


def make_checkpoints(*, clinic_id: uuid.UUID | None = None, by: User, at: datetime) -> int:
    """Sign a checkpoint of every ledger with lines since its last one, of one clinic or of all. Returns how many.

    A line that is written meanwhile is in the next one. Raises SigningKeyMissing. Source: trust design 4.
    """
    with transaction.atomic(durable=True):
        incarnation = get_incarnation()
        heads = list_changed_heads(clinic_id=clinic_id, incarnation=incarnation)
        if not heads:
            return 0
        key = fingerprint_of(public_key())
        rows = [_signed(head, incarnation, key, by, at) for head in heads]
        # Two at once sign the same line: one of them is enough.
        Checkpoint.objects.bulk_create(rows, ignore_conflicts=True)
        if not by.is_service:
            _note_signed(heads, by, at)
    return len(rows)


def _note_signed(heads: Sequence[RegisterHead], by: User, at: datetime) -> None:
    """Tell the trail of each ledger that was signed for a page. The worker, every minute, would bury the rest."""
    for head in heads:
        record(
            "dosing.checkpoint_signed",
            by=by,
            at=at,
            clinic=head.line.premises.clinic_id,
            thing=head.line,
            line_number=head.seq,
        )


def _signed(head: RegisterHead, incarnation: int, key: str, by: User, at: datetime) -> Checkpoint:
    said = Statement(
        origin=head.line.premises.clinic.code,
        incarnation=incarnation,
        line_id=head.line_id,
        seq=head.seq,
        head_hash=head.hash,
        balance=head.balance,
        made_at=at,
    )
    return Checkpoint(
        line=head.line,
        origin=said.origin,
        incarnation=said.incarnation,
        seq=said.seq,
        head_hash=said.head_hash,
        balance=said.balance,
        made_at=said.made_at,
        made_by=by,
        key=key,
        signature=sign(checkpoint_text(said)),
    )


# --- verification ------------------------------------------------------------------------------------------


def store_verification(*, found: RegisterVerdict, by: User, at: datetime) -> None:
    """Store what a verification found of each ledger, and tell the audit trail of each that is not whole."""
    with transaction.atomic(durable=True):
        RegisterVerification.objects.bulk_create(_as_row(one, found.doubts, by, at) for one in found.lines)
        _store_elsewhere(found, by, at)
        clinics = dict(
            RegisterLine.objects.filter(id__in=[one.line.id for one in found.lines]).values_list(
                "id", "premises__clinic"
            )
        )
        for one in found.lines:
            record(
                "dosing.register_verified",
                by=by,
                at=at,
                clinic=clinics[one.line.id],
                thing=RegisterLine(id=one.line.id),
                is_whole=one.verdict.ok and not one.doubts and not found.doubts,
                lines=one.verdict.count,
                checkpoints=one.compared,
                first_bad_line=one.verdict.first_bad_seq,
            )


def _store_elsewhere(found: RegisterVerdict, by: User, at: datetime) -> None:
    """Store whether what is kept elsewhere tells of ledgers that are not here; every clinic's trail hears of it."""
    result, reason = RegisterVerification.Result.WHOLE, ""
    if found.vanished:
        result, reason = RegisterVerification.Result.TAMPERED, f"{'; '.join(found.vanished)}."
    elif found.doubts:
        result, reason = RegisterVerification.Result.CANNOT_TELL, " ".join(found.doubts)
    row = RegisterVerification.objects.create(
        result=result,
        lines=0,
        checkpoints=0,
        first_bad_seq=1 if found.vanished else None,
        reason=reason,
        verified_at=at,
        verified_by=by,
    )
    if result == RegisterVerification.Result.WHOLE:
        return
    for clinic in Clinic.objects.all():
        record(
            "dosing.register_verified",
            by=by,
            at=at,
            clinic=clinic.id,
            thing=row,
            is_whole=False,
            vanished=len(found.vanished),
        )


def _as_row(one: LineVerdict, unread: Sequence[str], by: User, at: datetime) -> RegisterVerification:
    result, reason = RegisterVerification.Result.WHOLE, ""
    doubts = [*one.doubts, *unread]
    if not one.verdict.ok:
        result, reason = RegisterVerification.Result.TAMPERED, one.verdict.reason
    elif doubts:
        result, reason = RegisterVerification.Result.CANNOT_TELL, " ".join(doubts)
    return RegisterVerification(
        line_id=one.line.id,
        result=result,
        lines=one.verdict.count,
        checkpoints=one.compared,
        first_bad_seq=one.verdict.first_bad_seq,
        reason=reason,
        verified_at=at,
        verified_by=by,
    )


def record_checkpoints_look(
    *, clinic_id: uuid.UUID, code: str | None, is_unchanged: bool | None, by: User, at: datetime
) -> None:
    """Record that somebody looked at the checkpoints, and which code they checked and how it was answered."""
    with transaction.atomic(durable=True):
        record(
            "dosing.checkpoints_seen",
            by=by,
            at=at,
            clinic=clinic_id,
            is_look=True,
            code=code,
            is_unchanged=is_unchanged,
        )


def record_export(*, line: RegisterLine, lines: int, by: User, at: datetime) -> None:
    """Record that somebody took a copy of a ledger out: its lines without names."""
    with transaction.atomic(durable=True):
        record(
            "dosing.register_exported",
            by=by,
            at=at,
            clinic=line.premises.clinic_id,
            thing=line,
            is_look=True,
            lines=lines,
        )


# --- after a restore -----------------------------------------------------------------------------------------


def start_incarnation(
    *,
    reason: str,
    second: User,
    pin: str,
    second_pin: str,
    terminal_id: uuid.UUID | None,
    kept: Sequence[SignedCheckpoint] = (),
    by: User,
    at: datetime,
) -> Incarnation:
    """Begin a new life of a database that was restored: two people, a reason, and where every ledger stands, signed.

    Each of the two types their own PIN, counted at a terminal that stands. `kept` are checkpoints from elsewhere;
    what those that are signed tell of lines and ledgers that are not here any more is stored as lost. From now on
    the checkpoints carry the new number, so that none of the old life can pass for one of this. Raises
    IncarnationRefused, PinRefused, SigningKeyMissing. Source: trust design 4 (restore from backup).
    """
    reasons = may_start_incarnation(
        reason=reason,
        is_same_person=by.id == second.id,
        are_both_leads=_is_lead(by, at) and _is_lead(second, at),
    )
    if reasons:
        with transaction.atomic(durable=True):
            record("dosing.incarnation_started", by=by, at=at, refused=True, second=str(second.id))
        raise IncarnationRefused(reasons)
    signed, _ = sort_by_signature(kept, known_keys())
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    prove_pin(user=second, pin=second_pin, terminal_id=terminal_id, at=at)
    with transaction.atomic(durable=True):
        return _begin(reason.strip(), second, signed, by, at)


def _begin(reason: str, second: User, kept: Sequence[Statement], by: User, at: datetime) -> Incarnation:
    stands = {head.line_id: head for head in RegisterHead.objects.order_by("line_id")}
    heads = [[str(head.line_id), str(head.seq), head.hash] for head in stands.values()]
    lost = _lost(kept, stands)
    number = number_of_next(get_incarnation(), kept)
    text = incarnation_text(
        number=number,
        reason=reason,
        started_at=at,
        started_by=by.id,
        confirmed_by=second.id,
        heads=heads,
        lost=lost,
    )
    row = Incarnation.objects.create(
        number=number,
        reason=reason,
        heads=heads,
        lost=lost,
        started_at=at,
        started_by=by,
        confirmed_by=second,
        key=fingerprint_of(public_key()),
        signature=sign(text),
    )
    for clinic in Clinic.objects.all():
        record(
            "dosing.incarnation_started",
            by=by,
            at=at,
            clinic=clinic.id,
            thing=row,
            second=str(second.id),
            lost=len(row.lost),
        )
    return row


def _lost(kept: Sequence[Statement], stands: dict[uuid.UUID, RegisterHead]) -> list[list[str]]:
    """Return the newest checkpoint of each ledger that tells of more lines than the ledger has, or that is not here."""
    newest: dict[uuid.UUID, Statement] = {}
    for said in kept:
        known = newest.get(said.line_id)
        if known is None or said.seq > known.seq:
            newest[said.line_id] = said
    return [
        [str(line_id), str(said.seq), said.head_hash]
        for line_id, said in sorted(newest.items())
        if line_id not in stands or said.seq > stands[line_id].seq
    ]


def _is_lead(person: User, at: datetime) -> bool:
    """Tell whether somebody with an open account is told of the register's state in some clinic here."""
    return any(
        person in list_people_who_may(Permission.HEED_REGISTER, clinic=clinic, at=at)
        for clinic in Clinic.objects.all()
    )
