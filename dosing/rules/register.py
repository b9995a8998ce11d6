"""The register's vocabulary, and how its lines are chained together.

`canonical_text` is the one form that is hashed; the database's `register_append` hashes the same bytes.
Source: trust design 4 (linear hash chain per line, length-prefixed text with a version tag).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

HASH_VERSION: Final = "hat-register/1"
# What the first line of every ledger is chained to.
NO_HASH: Final = "0" * 64
_LONDON: Final = ZoneInfo("Europe/London")


class EntryKind(StrEnum):
    """What a register line tells of."""

    OBTAINED = "obtained"
    SUPPLIED = "supplied"
    WASTED = "wasted"
    SENT = "sent"
    RECEIVED = "received"
    DESTROYED = "destroyed"
    ADJUSTED = "adjusted"
    NOTE = "note"

    @property
    def label(self) -> str:
        """The kind as it is printed."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """One register line as it is stored: ampoules signed, milligrams whole, times with their zone."""

    id: int
    line_id: UUID
    seq: int
    kind: str
    ampoules: int
    drawn_mg: int | None
    given_mg: int | None
    wasted_mg: int | None
    balance: int
    party_name: str
    party_address: str
    identity_salt: UUID
    patient_id: UUID | None
    order_id: UUID | None
    prescriber_id: UUID | None
    injection_id: UUID | None
    reference: str
    entered_by_id: UUID
    witness_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    key: UUID
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """What the database keeps of a ledger's last line: its number, balance in ampoules and hash."""

    seq: int
    balance: int
    hash: str


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """Whether a ledger is whole; if not, the first bad line and what is wrong with it."""

    ok: bool
    count: int
    first_bad_seq: int | None = None
    reason: str = ""


def length_prefixed(fields: Iterable[str | None]) -> bytes:
    """Join fields so that no two different lists give the same bytes.

    Each field is its length in UTF-8 bytes, a colon, the text, a comma; an absent field is "-,", which no
    length can begin with, so that it differs from an empty one.
    """
    parts = []
    for field in fields:
        if field is None:
            parts.append(b"-,")
        else:
            text = field.encode()
            parts.append(b"%d:%b," % (len(text), text))
    return b"".join(parts)


def fixed_time(at: datetime) -> str:
    """Write a moment in UTC with six decimals, whatever zone it came in: 2026-11-24T09:49:00.000000Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def identity_commitment(*, salt: UUID, name: str, address: str) -> str:
    """Return the salted hash that stands for a name and an address in the line's own hash.

    Who holds only the hashes can neither read nor guess the identity, so that it can be sealed one day
    without breaking the chain.
    """
    return hashlib.sha256(length_prefixed((str(salt), name, address))).hexdigest()


def canonical_text(entry: ChainedEntry) -> bytes:
    """Return the bytes that a line's hash is taken of: everything the line says but the hash itself."""
    commitment = identity_commitment(
        salt=entry.identity_salt, name=entry.party_name, address=entry.party_address
    )
    return length_prefixed(
        (
            HASH_VERSION,
            str(entry.line_id),
            str(entry.seq),
            str(entry.id),
            entry.kind,
            str(entry.ampoules),
            _text(entry.drawn_mg),
            _text(entry.given_mg),
            _text(entry.wasted_mg),
            str(entry.balance),
            _text(entry.patient_id),
            commitment,
            _text(entry.order_id),
            _text(entry.prescriber_id),
            str(entry.entered_by_id),
            _text(entry.witness_id),
            entry.reference,
            fixed_time(entry.occurred_at),
            fixed_time(entry.recorded_at),
            str(entry.key),
            _text(entry.injection_id),
            entry.previous_hash,
        )
    )


def entry_hash(entry: ChainedEntry) -> str:
    """Return the SHA-256 of a line's canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_text(entry)).hexdigest()


def verify_chain(entries: Iterable[ChainedEntry], *, head: ChainHead | None = None) -> ChainVerdict:
    """Decide whether one ledger's lines, in the order of their numbers from 1, are whole.

    Each line must be numbered one above the line before, chained to its hash, hashed right, and have the
    balance that its ampoules make. With `head`, the last line must be the one the database calls the last.
    Cannot see a whole chain computed anew by the owner of the database: for that, compare a checkpoint.
    """
    count, balance, previous_hash, line_id = 0, 0, NO_HASH, None
    for entry in entries:
        expected = count + 1
        reason = ""
        if entry.seq != expected:
            reason = f"line {expected} is missing; line {entry.seq} stands in its place"
        elif line_id is not None and entry.line_id != line_id:
            reason = f"line {entry.seq} belongs to another register"
        elif entry.previous_hash != previous_hash:
            reason = f"line {entry.seq} is not chained to the line before"
        elif entry.hash != entry_hash(entry):
            reason = f"line {entry.seq} is not what was written"
        elif entry.balance != balance + entry.ampoules or entry.balance < 0:
            reason = f"line {entry.seq} has a balance that its ampoules do not make"
        if reason:
            return ChainVerdict(ok=False, count=count, first_bad_seq=expected, reason=reason)
        count, balance, previous_hash, line_id = entry.seq, entry.balance, entry.hash, entry.line_id
    last = ChainHead(seq=count, balance=balance, hash=previous_hash)
    if head is not None and head != last:
        if head.seq > count:
            first_bad, reason = count + 1, f"line {count + 1} and later are missing: {head.seq} were written"
        else:
            first_bad, reason = max(count, 1), "the head of the register does not agree with its last line"
        return ChainVerdict(ok=False, count=count, first_bad_seq=first_bad, reason=reason)
    return ChainVerdict(ok=True, count=count)


def days_late(*, occurred_at: datetime, recorded_at: datetime) -> int:
    """Return how many Europe/London days after the fact a late line was written; 0 when it is not late.

    A line is late when it is written later than the day after it happened. Late lines are accepted and
    marked. Source: clinical rule 39.
    """
    days = (recorded_at.astimezone(_LONDON).date() - occurred_at.astimezone(_LONDON).date()).days
    return days if days > 1 else 0


def _text(value: int | UUID | None) -> str | None:
    return None if value is None else str(value)
