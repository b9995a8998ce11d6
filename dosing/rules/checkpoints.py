"""Checkpoints: what is signed of a ledger, the short code that is printed of it, and what a ledger must agree with.

A chain made anew by whoever holds the database is whole in itself. It cannot agree with a checkpoint that was
signed before, by a key they do not hold, and is kept or printed where they cannot reach.
Source: trust design 4 (signed checkpoints, incarnations, the short code on paper).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from dosing.rules.chain import Marks
from dosing.rules.register import ChainHead, ChainVerdict, fixed_time, length_prefixed

CHECKPOINT_VERSION: Final = "hat-checkpoint/1"
INCARNATION_VERSION: Final = "hat-incarnation/2"
CODE_VERSION: Final = "hat-code/1"
# How long a written line may stand without a checkpoint before somebody is told.
MOST_AGE: Final = timedelta(minutes=5)
# How long the last whole verification may be past: a night, and an hour for one that ran late.
VERIFIED_WITHIN: Final = timedelta(hours=26)
# Fifteen digits are 75 bits of the line's digest: nobody finds another line with the same. The last one is a check.
CODE_DIGITS: Final = 15
REASON_SHORTEST, REASON_LONGEST = 20, 300
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O or U to misread
_MISREAD: Final = str.maketrans("OIL", "011")
_CODE: Final = re.compile(rf"(0|[1-9][0-9]{{0,8}})-([{_DIGITS}]{{{CODE_DIGITS + 1}}})\Z")
_NO_END: Final = 2**31
LONGEST_CODE: Final = 60  # as typed, with strokes and spaces


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says of one ledger: the last line's number, hash and balance at a moment.

    `origin` is the clinic's code, `incarnation` the life of the database: 1, and one more after each restore.
    """

    origin: str
    incarnation: int
    line_id: UUID
    seq: int
    head_hash: str
    balance: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Restored:
    """Where one ledger stood when an incarnation began: later lines of earlier incarnations are lost."""

    incarnation: int
    seq: int
    hash: str


def checkpoint_text(said: Statement) -> bytes:
    """Return the bytes that are signed: length-prefixed fields behind a version."""
    return length_prefixed(
        (
            CHECKPOINT_VERSION,
            said.origin,
            str(said.incarnation),
            str(said.line_id),
            str(said.seq),
            said.head_hash,
            str(said.balance),
            fixed_time(said.made_at),
        )
    )


def incarnation_text(
    *,
    number: int,
    reason: str,
    started_at: datetime,
    started_by: UUID,
    confirmed_by: UUID,
    heads: Sequence[Sequence[str]],
    lost: Sequence[Sequence[str]],
) -> bytes:
    """Return the bytes that are signed of a new incarnation: why, by whom, where every ledger stood, what is lost."""
    stood = [field for head in heads for field in head]
    gone = [field for one in lost for field in one]
    return length_prefixed(
        (
            *(INCARNATION_VERSION, str(number), reason, fixed_time(started_at), str(started_by)),
            *(str(confirmed_by), str(len(heads)), *stood, str(len(lost)), *gone),
        )
    )


# --- as it is kept elsewhere -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its signature and the fingerprint of the key that made it, in hexadecimal digits."""

    said: Statement
    key: str
    signature: str


class NotACheckpoint(ValueError):
    """A line of a file is no checkpoint; the message says what is wrong with it."""


def as_kept(one: SignedCheckpoint) -> str:
    """Return a checkpoint as one line of JSON, the form in which it is kept elsewhere."""
    said = one.said
    return json.dumps(
        {
            "version": CHECKPOINT_VERSION,
            "origin": said.origin,
            "incarnation": said.incarnation,
            "line": str(said.line_id),
            "seq": said.seq,
            "head_hash": said.head_hash,
            "balance": said.balance,
            "made_at": fixed_time(said.made_at),
            "key": one.key,
            "signature": one.signature,
        }
    )


def from_kept(line: str) -> SignedCheckpoint:
    """Read one line of JSON. Raises NotACheckpoint."""
    try:
        told = json.loads(line)
        if told["version"] != CHECKPOINT_VERSION:
            raise NotACheckpoint(f"its version is not {CHECKPOINT_VERSION}")
        texts = [told[name] for name in ("origin", "head_hash", "key", "signature", "made_at")]
        numbers = [told[name] for name in ("incarnation", "seq", "balance")]
        if not all(isinstance(text, str) for text in texts) or not all(type(one) is int for one in numbers):
            raise NotACheckpoint("a value is of the wrong kind")
        return SignedCheckpoint(
            said=Statement(
                origin=told["origin"],
                incarnation=told["incarnation"],
                line_id=UUID(told["line"]),
                seq=told["seq"],
                head_hash=told["head_hash"],
                balance=told["balance"],
                made_at=datetime.fromisoformat(told["made_at"]).astimezone(UTC),
            ),
            key=told["key"],
            signature=told["signature"],
        )
    except NotACheckpoint:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotACheckpoint("it cannot be read") from error


# --- the code on paper -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A code as it was read off a page: the number of the line, and the digits that stand for all up to it."""

    seq: int
    digits: str

    @property
    def text(self) -> str:
        """The code as it is printed, such as 12-7KQ2-M9XD-4RTP-0WZB."""
        return "-".join([str(self.seq), *(self.digits[place : place + 4] for place in range(0, 16, 4))])


def short_code(*, line_id: UUID, seq: int, head_hash: str) -> PrintedCode:
    """Return the code of one line of a ledger, which stands for the line and for all before it.

    It is made of the line's hash alone, so that the register itself is asked later and not a list of checkpoints.
    """
    digest = hashlib.sha256(length_prefixed((CODE_VERSION, str(line_id), str(seq), head_hash))).digest()
    number = int.from_bytes(digest, "big") >> (256 - 5 * CODE_DIGITS)
    digits = "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(CODE_DIGITS)))
    return PrintedCode(seq, digits + _check_digit(seq, digits))


def read_code(typed: str) -> PrintedCode | None:
    """Read a code that somebody typed, in any case, with strokes or spaces; O, I and L are 0 and 1.

    Returns None for what is no code, and for one with a character misread, which its last digit shows.
    """
    if not typed.isascii() or len(typed) > LONGEST_CODE:
        return None
    parts = re.split(r"[-\s]+", typed.strip().upper(), maxsplit=1)
    if len(parts) != 2:
        return None
    match = _CODE.match(parts[0] + "-" + re.sub(r"[-\s]", "", parts[1]).translate(_MISREAD))
    if match is None:
        return None
    code = PrintedCode(int(match[1]), match[2])
    return code if code.digits[-1] == _check_digit(code.seq, code.digits[:-1]) else None


def _check_digit(seq: int, digits: str) -> str:
    """Return the digit that differs when one character of a code is another; odd weights, modulo 32."""
    values = [_DIGITS.index(digit) for digit in str(seq) + digits]
    return _DIGITS[sum((2 * place + 1) * value for place, value in enumerate(reversed(values))) % 32]


# --- comparing -----------------------------------------------------------------------------------------------


def compare(
    statements: Iterable[Statement],
    *,
    verdict: ChainVerdict,
    marks: Marks,
    head: ChainHead | None,
    incarnation: int,
    restores: Sequence[Restored] = (),
    lives: Collection[int] = (),
) -> ChainVerdict:
    """Decide whether a ledger is the one that its checkpoints tell of; a chain that is broken stays so.

    `marks` are the hash and balance at the lines the checkpoints name, `restores` where the ledger stood when each
    later incarnation began, `lives` the numbers of every life after the first that is on record here. What a
    checkpoint tells of lines that a recorded restore lost is not held against it.
    Returns the first bad line: between the last checkpoint that agrees and the first that does not.
    """
    if not verdict.ok or head is None:
        return verdict
    for restored in restores:
        if restored.seq and marks.get(restored.seq, ("", 0))[0] != restored.hash:
            return _bad(verdict, restored.seq, f"line {restored.seq} is not the one that was restored")
    agreed = 0
    for said in sorted(statements, key=lambda one: (one.seq, one.made_at)):
        when = fixed_time(said.made_at)
        if said.incarnation > incarnation:
            return _bad(
                verdict,
                min(said.seq, head.seq) + 1,
                f"a checkpoint of {when} is of incarnation {said.incarnation}, this database of {incarnation}: it "
                "cannot have this history, it was restored or cut",
            )
        if is_lost(said, restores=restores, lives=lives):
            continue
        if said.seq > head.seq:
            return _bad(
                verdict,
                head.seq + 1,
                f"a checkpoint of {when} tells of line {said.seq}, and the register ends at line {head.seq}: it "
                "cannot have this history, it was restored or cut",
            )
        if marks.get(said.seq) != (said.head_hash, said.balance):
            return _bad(
                verdict,
                agreed + 1,
                f"line {said.seq} is not what the checkpoint of {when} tells; up to line {agreed} the checkpoints agree",
            )
        agreed = said.seq
    return verdict


def kept_until(incarnation: int, restores: Iterable[Restored]) -> int:
    """Return the last line that later restores left of an incarnation; without a restore there is no such end."""
    return min((one.seq for one in restores if one.incarnation > incarnation), default=_NO_END)


def is_lost(said: Statement, *, restores: Sequence[Restored], lives: Collection[int]) -> bool:
    """Tell whether what a checkpoint tells of was lost by a recorded restore.

    A life without a record here ended when a backup from before it was put back: all of it is lost, and where the
    life that followed began is compared all the same.
    """
    end = kept_until(said.incarnation, restores)
    was_skipped = said.incarnation > 1 and said.incarnation not in lives
    return said.seq > end or (end < _NO_END and was_skipped)


def number_of_next(stored: int, kept: Iterable[Statement]) -> int:
    """Return the number of a new life: above that of the database and of every life that was signed elsewhere.

    A backup from before the last life does not know of it; its number must not be given again.
    """
    return max([stored, *(said.incarnation for said in kept)]) + 1


def _bad(verdict: ChainVerdict, seq: int, reason: str) -> ChainVerdict:
    return ChainVerdict(ok=False, count=verdict.count, first_bad_seq=max(seq, 1), reason=reason)


# --- a new incarnation -----------------------------------------------------------------------------------------


class WhyNoIncarnation(StrEnum):
    """What stands against a new incarnation."""

    SAME_PERSON = "Two people start a new incarnation: name a second one."
    NOT_THE_LEADS = (
        "Both people must be controlled-drug lead or manager of a clinic here, with an account that is open."
    )
    REASON = f"Write in {REASON_SHORTEST} to {REASON_LONGEST} characters why the database was restored, and from when."


def may_start_incarnation(
    *, reason: str, is_same_person: bool, are_both_leads: bool
) -> tuple[WhyNoIncarnation, ...]:
    """Return everything that stands against starting a new incarnation; nothing if it may. Source: trust design 4."""
    return tuple(
        why
        for why, stands in (
            (WhyNoIncarnation.SAME_PERSON, is_same_person),
            (WhyNoIncarnation.NOT_THE_LEADS, not are_both_leads),
            (WhyNoIncarnation.REASON, not REASON_SHORTEST <= len(reason.strip()) <= REASON_LONGEST),
        )
        if stands
    )


# --- what somebody is told of ------------------------------------------------------------------------------------


def alarms(
    *, waiting: Mapping[str, timedelta], not_whole: Sequence[str], unverified: Sequence[timedelta]
) -> tuple[str, ...]:
    """Return the sentences that the controlled-drug lead and the manager see on every page; none when all is well.

    `waiting` is how long the oldest line without a checkpoint has stood, by the title of its ledger; `not_whole` are
    sentences of the last verification; `unverified` is, for each other ledger, how long ago it was found whole, or
    was opened if it never was. Source: trust design 4.
    """
    told = [
        f"The register is NOT WHOLE: {sentence} Tell the accountable officer now." for sentence in not_whole
    ]
    told += [
        f"No checkpoint of {title} for {age // timedelta(minutes=1)} minutes, and lines were written since. "
        "Ask whoever runs the server whether the worker and its signing key are there; dosing goes on."
        for title, age in waiting.items()
        if age > MOST_AGE
    ]
    longest = max(unverified, default=timedelta(0))
    if longest > VERIFIED_WITHIN:
        told.append(
            f"No verification of the register has succeeded for {longest // timedelta(hours=1)} hours. Ask whoever "
            "runs the server to look at the worker, and to run verify_register."
        )
    return tuple(told)
