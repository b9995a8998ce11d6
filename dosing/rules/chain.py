"""Verifying a whole ledger fast: its lines as the texts that are hashed, without an object for each.

`dosing.rules.register` says the same line by line; a test holds the two together over altered ledgers.
Source: trust design 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from dosing.rules.register import HASH_VERSION, NO_HASH, ChainHead, ChainVerdict

# A line as it is read from the database, every value as text, None where there is none.
COLUMNS: Final = (
    *("line", "seq", "id", "kind", "ampoules", "drawn_mg", "given_mg", "wasted_mg", "balance", "patient"),
    *("identity_salt", "party_name", "party_address", "order", "prescriber", "entered_by", "witness"),
    *("reference", "occurred_at", "recorded_at", "key", "injection", "previous_hash", "hash"),
)
# What is hashed, in its order, after the version; the name and address as their salted commitment.
HASHED: Final = (
    *("line", "seq", "id", "kind", "ampoules", "drawn_mg", "given_mg", "wasted_mg", "balance", "patient"),
    *("identity", "order", "prescriber", "entered_by", "witness", "reference", "occurred_at", "recorded_at"),
    *("key", "injection", "previous_hash"),
)
TextLine = Sequence[str | None]
# What stands at the lines that were asked for: number, hash and balance in ampoules.
Marks = dict[int, tuple[str, int]]


def prefixed(fields: Iterable[str | None]) -> bytes:
    """Return the same bytes as `length_prefixed`, some three times as fast."""
    return "".join(
        [
            "-," if field is None else f"{len(field) if field.isascii() else len(field.encode())}:{field},"
            for field in fields
        ]
    ).encode()


def verify_lines(
    lines: Iterable[TextLine], *, head: ChainHead | None, marks: Collection[int] = ()
) -> tuple[ChainVerdict, Marks]:
    """Decide whether one ledger's lines, in the order of their numbers from 1, are whole.

    Each line must be numbered one above the line before, belong to the same ledger, be chained to its hash, hashed
    right, and have the balance that its ampoules make; the last must be the one that `head` names. Also returns
    what stands at the numbers in `marks`, for comparing with checkpoints: up to the first bad line.
    """
    sha256 = hashlib.sha256
    count, balance, previous, ledger = 0, 0, NO_HASH, None
    found: Marks = {0: (NO_HASH, 0)} if 0 in marks else {}
    for line in lines:
        (this, seq, pk, kind, ampoules, drawn, given, wasted, after, patient, salt, name, address) = line[:13]
        (
            order,
            prescriber,
            writer,
            witness,
            reference,
            occurred,
            recorded,
            key,
            injection,
            before,
            digest,
        ) = line[13:]
        identity = sha256(prefixed((salt, name, address))).hexdigest()
        expected = count + 1
        reason = ""
        if seq != str(expected):
            reason = f"line {expected} is missing; line {seq} stands in its place"
        elif ledger is not None and this != ledger:
            reason = f"line {seq} belongs to another register"
        elif before != previous:
            reason = f"line {seq} is not chained to the line before"
        elif (
            digest
            != sha256(
                prefixed(
                    (
                        *(HASH_VERSION, this, seq, pk, kind, ampoules, drawn, given, wasted, after, patient),
                        *(identity, order, prescriber, writer, witness, reference, occurred, recorded, key),
                        *(injection, before),
                    )
                )
            ).hexdigest()
        ):
            reason = f"line {seq} is not what was written"
        elif (now_has := int(after or 0)) != balance + int(ampoules or 0) or now_has < 0:
            reason = f"line {seq} has a balance that its ampoules do not make"
        if reason:
            return ChainVerdict(ok=False, count=count, first_bad_seq=expected, reason=reason), found
        count, balance, previous, ledger = expected, now_has, digest or "", this
        if count in marks:
            found[count] = (previous, balance)
    return _against_head(head, ChainHead(seq=count, balance=balance, hash=previous)), found


def _against_head(head: ChainHead | None, last: ChainHead) -> ChainVerdict:
    count = last.seq
    if head is None or head == last:
        return ChainVerdict(ok=True, count=count)
    if head.seq > count:
        return ChainVerdict(
            ok=False,
            count=count,
            first_bad_seq=count + 1,
            reason=f"line {count + 1} and later are missing: {head.seq} were written",
        )
    return ChainVerdict(
        ok=False,
        count=count,
        first_bad_seq=max(count, 1),
        reason="the head of the register does not agree with its last line",
    )


def exported(lines: Iterable[TextLine]) -> Iterator[dict[str, str | None]]:
    """Yield each line as it leaves in an export: what is hashed, its hash, and nobody's name.

    The name and address are their salted commitment, which a line's own hash covers just as well.
    """
    for line in lines:
        stored = dict(zip(COLUMNS, line, strict=True))
        identity = hashlib.sha256(
            prefixed((stored["identity_salt"], stored["party_name"], stored["party_address"]))
        ).hexdigest()
        told = {name: identity if name == "identity" else stored[name] for name in HASHED}
        yield {"version": HASH_VERSION, **told, "hash": stored["hash"]}
