"""Ledgers made in memory, of every kind of line and awkward text, hashed by the rule that goes line by line."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dosing.rules.chain import COLUMNS
from dosing.rules.register import NO_HASH, ChainedEntry, ChainHead, entry_hash, fixed_time

_TEXTS = ("", "plain", "1 Street", "Zoë Ñandú", "東京 😀", "-,", "0:,", "new\nline", " spaces ", "a" * 130)
_BEGIN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def a_ledger(length: int, *, seed: int = 1) -> list[ChainedEntry]:
    """Return so many lines of one ledger, whole."""
    chance = random.Random(seed)  # noqa: S311 - invented lines, no secret

    def some_id() -> uuid.UUID:
        return uuid.UUID(int=chance.getrandbits(128))

    line_id, balance, previous, entries = some_id(), 0, NO_HASH, []
    for seq in range(1, length + 1):
        is_in = balance < 3 or chance.random() < 0.4
        ampoules = chance.randint(1, 50) if is_in else -chance.randint(1, 3)
        balance += ampoules
        given = None if is_in else chance.randint(0, 100)
        entry = ChainedEntry(
            id=1000 + seq,
            line_id=line_id,
            seq=seq,
            kind="obtained" if is_in else "supplied",
            ampoules=ampoules,
            drawn_mg=None if given is None else given + 10,
            given_mg=given,
            wasted_mg=None if given is None else 10,
            balance=balance,
            party_name=chance.choice(_TEXTS),
            party_address=chance.choice(_TEXTS),
            identity_salt=some_id(),
            patient_id=None if is_in else some_id(),
            order_id=None if is_in else some_id(),
            prescriber_id=None if is_in else some_id(),
            injection_id=None if is_in else some_id(),
            reference=chance.choice(_TEXTS),
            entered_by_id=some_id(),
            witness_id=some_id() if chance.random() < 0.8 else None,
            occurred_at=_BEGIN + timedelta(minutes=seq, microseconds=chance.randint(0, 999_999)),
            recorded_at=_BEGIN + timedelta(minutes=seq + 1),
            key=some_id(),
            previous_hash=previous,
            hash="",
        )
        entry = replace(entry, hash=entry_hash(entry))
        previous = entry.hash
        entries.append(entry)
    return entries


def rehashed(entries: list[ChainedEntry]) -> list[ChainedEntry]:
    """Return the same lines numbered, balanced and chained anew, as somebody who holds the database would."""
    balance, previous, made = 0, NO_HASH, []
    for seq, entry in enumerate(entries, start=1):
        balance += entry.ampoules
        changed = replace(entry, seq=seq, balance=balance, previous_hash=previous)
        changed = replace(changed, hash=entry_hash(changed))
        previous = changed.hash
        made.append(changed)
    return made


def as_text(entry: ChainedEntry) -> list[str | None]:
    """Return a line as the database hands it out for verifying: every value as text."""
    stored = {
        "line": entry.line_id,
        "order": entry.order_id,
        "patient": entry.patient_id,
        "prescriber": entry.prescriber_id,
        "entered_by": entry.entered_by_id,
        "witness": entry.witness_id,
        "injection": entry.injection_id,
        "occurred_at": fixed_time(entry.occurred_at),
        "recorded_at": fixed_time(entry.recorded_at),
    }
    values = [stored.get(name, getattr(entry, name, None)) for name in COLUMNS]
    return [None if value is None else str(value) for value in values]


def head_of(entries: list[ChainedEntry]) -> ChainHead:
    """Return the head that the database keeps of these lines."""
    last = entries[-1]
    return ChainHead(seq=last.seq, balance=last.balance, hash=last.hash)
