"""Is every ledger what was written, and what its checkpoints tell? Those stored here, and those kept elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from dosing.models import Incarnation, RegisterEntry, RegisterLine
from dosing.queries.chain import verify_line
from dosing.queries.checkpoints import (
    get_incarnation,
    list_checkpoints,
    list_incarnations,
    restores_of,
    text_of,
)
from dosing.queries.register import NamedLine, name_line
from dosing.rules.checkpoints import (
    NotACheckpoint,
    SignedCheckpoint,
    Statement,
    checkpoint_text,
    compare,
    from_kept,
    is_lost,
    read_code,
    short_code,
)
from dosing.rules.register import ChainVerdict
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.kept import KeptUnreadable, read_kept
from hat_clinic.core.signing import is_signed_by, known_keys

# The newest checkpoint covers every line before it; some more tell between which two a line was altered.
STORED_COMPARED = 200


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What was found of one ledger: how many checkpoints it was compared with, and how many tell of what a restore lost.

    `doubts` are sentences on what could not be told; a ledger with one is not known to be whole.
    """

    line: NamedLine
    verdict: ChainVerdict
    compared: int
    lost: int
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisterVerdict:
    """What was found of every ledger.

    `vanished` are sentences on ledgers that a signed checkpoint tells of and that are not here; `doubts` are about
    files, and about checkpoints of such ledgers that are not signed by a key known here.
    """

    lines: tuple[LineVerdict, ...]
    vanished: tuple[str, ...]
    doubts: tuple[str, ...]
    incarnations: tuple[Incarnation, ...]

    @property
    def bad(self) -> int:
        """How many ledgers are not whole, those that vanished included."""
        return sum(not one.verdict.ok for one in self.lines) + len(self.vanished)

    @property
    def every_doubt(self) -> tuple[str, ...]:
        """Return everything that could not be told."""
        return (*self.doubts, *(doubt for one in self.lines for doubt in one.doubts))


def read_checkpoints(path: Path) -> tuple[list[SignedCheckpoint], list[str]]:
    """Return the checkpoints of a file or folder, and a sentence for every line that is none. Raises KeptUnreadable.

    A line that a crash cut short raises no doubt when the whole line was added after it.
    """
    found, whole, broken = [], [], []
    for place, line in read_kept(path):
        try:
            found.append(from_kept(line))
            whole.append(line)
        except NotACheckpoint as problem:
            broken.append((line, f"{place} is no checkpoint: {problem}."))
    doubts = [sentence for line, sentence in broken if not any(other.startswith(line) for other in whole)]
    if not found and not doubts:
        raise KeptUnreadable(f"{path} holds no checkpoint.")
    return found, doubts


def verify_registers(*, kept: Sequence[SignedCheckpoint] = (), doubts: Sequence[str] = ()) -> RegisterVerdict:
    """Verify every ledger against its stored checkpoints and those kept elsewhere.

    `doubts` are sentences on what of those could not be read.
    """
    lines = RegisterLine.objects.select_related("premises__clinic")
    ordered = list(
        lines.order_by("premises__clinic__code", "premises__name", "product", "strength_mg", "form")
    )
    of_line = defaultdict(list)
    for one in kept:
        of_line[one.said.line_id].append(one)
    incarnations, keys = list_incarnations(), known_keys()
    here = {line.id for line in ordered}
    signed, unsigned = sort_by_signature(
        [one for line_id, told in of_line.items() if line_id not in here for one in told], keys
    )
    return RegisterVerdict(
        lines=tuple(_verify(line, of_line[line.id], incarnations, keys) for line in ordered),
        vanished=tuple(_vanished(signed, [row for row in incarnations if _is_signed(row, keys)])),
        doubts=(*doubts, *unsigned),
        incarnations=tuple(incarnations),
    )


def sort_by_signature(
    kept: Iterable[SignedCheckpoint], keys: dict[str, bytes]
) -> tuple[list[Statement], list[str]]:
    """Return what kept checkpoints tell that are signed by a key known here, and a sentence for every other."""
    signed, doubts = [], []
    for one in kept:
        key = keys.get(one.key)
        if key is None:
            doubts.append(
                f"A checkpoint of line {one.said.seq} is signed by the key {one.key[:16]}, which is not known here."
            )
        elif not is_signed_by(key, text=checkpoint_text(one.said), signature=one.signature):
            doubts.append(f"The kept checkpoint of line {one.said.seq} is not what was signed.")
        else:
            signed.append(one.said)
    return signed, list(dict.fromkeys(doubts))


def _vanished(told: Iterable[Statement], incarnations: Sequence[Incarnation]) -> Iterator[str]:
    """Yield a sentence for each ledger that is not here, but for those that a recorded restore lost."""
    newest: dict[UUID, int] = {}
    for said in told:
        is_on_record = any(
            row.number > said.incarnation and any(one == str(said.line_id) for one, _, _ in row.lost)
            for row in incarnations
        )
        if not is_on_record:
            newest[said.line_id] = max(said.seq, newest.get(said.line_id, 0))
    for line_id, seq in newest.items():
        yield f"a checkpoint tells of register {line_id}, line {seq}; no such register is here"


def _verify(
    line: RegisterLine,
    kept: Sequence[SignedCheckpoint],
    incarnations: Sequence[Incarnation],
    keys: dict[str, bytes],
) -> LineVerdict:
    stored = list_checkpoints(line_id=line.id, newest=STORED_COMPARED)
    forged = next((one for one in stored if one.key in keys and not _is_true(one, keys)), None)
    trusted, doubts = sort_by_signature(
        [*(one for one in stored if one.key not in keys or _is_true(one, keys)), *kept], keys
    )
    doubts += [
        f"The record of incarnation {row.number} is signed by the key {row.key[:16]}, which is not known here."
        for row in incarnations
        if row.key not in keys
    ]
    lives = [row.number for row in incarnations]
    restores = restores_of(line.id, incarnations)
    marks = {said.seq for said in trusted} | {restored.seq for restored in restores}
    found = verify_line(line.id, marks=marks)
    verdict = compare(
        trusted,
        verdict=found.verdict,
        marks=found.marks,
        head=found.head,
        incarnation=get_incarnation(),
        restores=restores,
        lives=lives,
    )
    if verdict.ok and forged is not None:
        reason = f"the stored checkpoint of line {forged.said.seq} is not what was signed"
        verdict = ChainVerdict(
            ok=False, count=verdict.count, first_bad_seq=max(forged.said.seq, 1), reason=reason
        )
    unsigned = next(
        (row.number for row in incarnations if row.key in keys and not _is_signed(row, keys)), None
    )
    if verdict.ok and unsigned is not None:
        reason = f"the record of incarnation {unsigned} is not what was signed"
        verdict = ChainVerdict(ok=False, count=verdict.count, first_bad_seq=1, reason=reason)
    return LineVerdict(
        line=name_line(line),
        verdict=verdict,
        compared=len(trusted),
        lost=sum(is_lost(said, restores=restores, lives=lives) for said in trusted),
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _is_true(one: SignedCheckpoint, keys: dict[str, bytes]) -> bool:
    return is_signed_by(keys[one.key], text=checkpoint_text(one.said), signature=one.signature)


def _is_signed(row: Incarnation, keys: dict[str, bytes]) -> bool:
    key = keys.get(row.key)
    return key is not None and is_signed_by(key, text=text_of(row), signature=row.signature)


# --- a code that somebody typed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What the registers of a clinic say to a printed code.

    `is_readable` is false for a code with a character misread; `line` is None when no register here has the line as
    it was printed; `verdict` is of that ledger's chain up to now.
    """

    code: str
    is_readable: bool
    line: NamedLine | None = None
    seq: int = 0
    entry: RegisterEntry | None = None
    verdict: ChainVerdict | None = None

    @property
    def is_unchanged(self) -> bool:
        """True when the line is there as it was printed, and so is every line before it."""
        if self.verdict is None:
            return False
        return self.verdict.ok or (self.verdict.first_bad_seq or 0) > self.seq


def check_code(*, clinic: Clinic, typed: str) -> CodeAnswer:
    """Look whether a register of a clinic contains the line of a printed code unchanged.

    Made from the stored line itself: whoever altered or cut it cannot make the same code. Source: trust design 4.
    """
    code = read_code(typed)
    if code is None:
        return CodeAnswer(code=typed, is_readable=False)
    entries = RegisterEntry.objects.filter(line__premises__clinic=clinic, seq=code.seq)
    for entry in entries.select_related("line__premises__clinic"):
        if short_code(line_id=entry.line_id, seq=entry.seq, head_hash=entry.hash) == code:
            return CodeAnswer(
                code=code.text,
                is_readable=True,
                line=name_line(entry.line),
                seq=entry.seq,
                entry=entry,
                verdict=verify_line(entry.line_id).verdict,
            )
    return CodeAnswer(code=code.text, is_readable=True, seq=code.seq)
