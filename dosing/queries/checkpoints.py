"""Reading checkpoints and incarnations: what was signed, the codes for paper, and what somebody must be told."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject

from dosing.models import (
    Checkpoint,
    Incarnation,
    RegisterEntry,
    RegisterHead,
    RegisterLine,
    RegisterVerification,
)
from dosing.queries.register import NamedLine, name_line
from dosing.rules.checkpoints import (
    MOST_AGE,
    Restored,
    SignedCheckpoint,
    Statement,
    alarms,
    incarnation_text,
    short_code,
)
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON, now
from hat_clinic.core.health import Check
from hat_clinic.core.signing import fingerprint_of, has_signing_key, public_key
from hat_clinic.core.squares import Square, square_of

FIRST_INCARNATION = 1


@dataclass(frozen=True, slots=True)
class PaperCode:
    """The newest checkpoint of one ledger as it is printed: the ledger, the line it tells of, and its code."""

    title: str
    seq: int
    made_at: datetime
    code: str

    @property
    def square(self) -> Square:
        """The code for a camera. It holds nothing else, so that a paper that leaves the clinic tells no balance."""
        return square_of(self.code)


def get_incarnation() -> int:
    """Return the number of the life that the database is in: 1 until it was restored."""
    newest = Incarnation.objects.order_by("-number").values_list("number", flat=True).first()
    return newest or FIRST_INCARNATION


def list_changed_heads(*, clinic_id: uuid.UUID | None, incarnation: int) -> list[RegisterHead]:
    """Return the heads of the ledgers that have lines since their last checkpoint; of one clinic, or of all."""
    has_one = Checkpoint.objects.filter(
        line=OuterRef("line"), incarnation=incarnation, seq=OuterRef("seq"), head_hash=OuterRef("hash")
    )
    heads = RegisterHead.objects.select_related("line__premises__clinic").filter(~Exists(has_one), seq__gt=0)
    if clinic_id is not None:
        heads = heads.filter(line__premises__clinic=clinic_id)
    return list(heads.order_by("line_id"))


def as_signed(row: Checkpoint) -> SignedCheckpoint:
    """Return a stored checkpoint as the rules read it."""
    return SignedCheckpoint(
        said=Statement(
            origin=row.origin,
            incarnation=row.incarnation,
            line_id=row.line_id,
            seq=row.seq,
            head_hash=row.head_hash,
            balance=row.balance,
            made_at=row.made_at,
        ),
        key=row.key,
        signature=row.signature,
    )


def list_checkpoints(
    *, since: datetime | None = None, line_id: uuid.UUID | None = None, newest: int | None = None
) -> list[SignedCheckpoint]:
    """Return stored checkpoints, oldest first: of a ledger or of all, made since a moment, or the newest so many."""
    rows = Checkpoint.objects.order_by("-made_at", "-id")
    if since is not None:
        rows = rows.filter(made_at__gte=since)
    if line_id is not None:
        rows = rows.filter(line_id=line_id)
    return [as_signed(row) for row in reversed(rows[:newest] if newest else rows)]


def has_checkpoints() -> bool:
    """Tell whether anything was ever signed here, or compared with what was."""
    return Checkpoint.objects.exists() or RegisterVerification.objects.filter(checkpoints__gt=0).exists()


def list_incarnations() -> list[Incarnation]:
    """Return every incarnation after the first, with who started and who confirmed it."""
    return list(Incarnation.objects.select_related("started_by", "confirmed_by").order_by("number"))


def text_of(row: Incarnation) -> bytes:
    """Return the bytes that were signed of a stored incarnation."""
    return incarnation_text(
        number=row.number,
        reason=row.reason,
        started_at=row.started_at,
        started_by=row.started_by_id,
        confirmed_by=row.confirmed_by_id,
        heads=row.heads,
        lost=row.lost,
    )


def restores_of(line_id: uuid.UUID, incarnations: Iterable[Incarnation]) -> tuple[Restored, ...]:
    """Return where one ledger stood when each later incarnation began; one that was opened since began with none."""
    return tuple(
        Restored(row.number, int(seq), digest)
        for row in incarnations
        for line, seq, digest in row.heads
        if line == str(line_id)
    )


# --- the codes on paper --------------------------------------------------------------------------------------


def list_paper_codes(
    *, clinic: Clinic, at: datetime, line_id: uuid.UUID | None = None
) -> tuple[PaperCode, ...]:
    """Return the newest checkpoint of each ledger of a clinic at a moment, in one statement; none for one that has none.

    The same moment gives the same codes for ever, so that a stored paper is printed alike each time.
    """
    newest = Checkpoint.objects.filter(line__premises__clinic=clinic, made_at__lte=at)
    if line_id is not None:
        newest = newest.filter(line_id=line_id)
    rows = (
        newest.order_by("line_id", "-made_at", "-id")
        .distinct("line_id")
        .select_related("line__premises__clinic")
    )
    found = (
        PaperCode(
            title=name_line(row.line).title,
            seq=row.seq,
            made_at=row.made_at,
            code=short_code(line_id=row.line_id, seq=row.seq, head_hash=row.head_hash).text,
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda one: one.title))


# --- what somebody must be told ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineState:
    """How one ledger stands: its last line, its newest checkpoint, and what the last verification found.

    `whole_at` is when it was last found whole; when it was opened, if it never was.
    """

    line: NamedLine
    seq: int
    checkpoint_seq: int | None
    checkpoint_at: datetime | None
    code: str
    waiting: timedelta | None
    result: str
    reason: str
    first_bad_seq: int | None
    compared: int
    verified_at: datetime | None
    whole_at: datetime

    @property
    def is_current(self) -> bool:
        """True when no line was written since the newest checkpoint."""
        return self.waiting is None


def list_line_states(*, at: datetime, clinic: Clinic | None = None) -> list[LineState]:
    """Return how every ledger stands, of one clinic or of all, in one statement.

    What waits for a checkpoint is what was written since the newest of this incarnation.
    """
    newest = Checkpoint.objects.filter(line=OuterRef("pk")).order_by("-made_at", "-id")
    living = newest.filter(
        incarnation=Coalesce(
            Subquery(Incarnation.objects.order_by("-number").values("number")[:1]), FIRST_INCARNATION
        )
    )
    verified = RegisterVerification.objects.filter(line=OuterRef("pk")).order_by("-verified_at", "-id")
    lines = RegisterLine.objects.select_related("premises__clinic").annotate(
        last_seq=F("head__seq"),
        signed_seq=Coalesce(Subquery(living.values("seq")[:1]), 0),
        unsigned_since=Subquery(
            RegisterEntry.objects.filter(line=OuterRef("pk"), seq=OuterRef("signed_seq") + 1).values(
                "recorded_at"
            )
        ),
        whole_at=Coalesce(
            Subquery(verified.filter(result=RegisterVerification.Result.WHOLE).values("verified_at")[:1]),
            F("opened_at"),
        ),
        checkpoint=Subquery(newest.values(told=JSONObject(seq="seq", hash="head_hash", at="made_at"))[:1]),
        verification=Subquery(
            verified.values(
                told=JSONObject(
                    result="result",
                    reason="reason",
                    first_bad_seq="first_bad_seq",
                    checkpoints="checkpoints",
                    at="verified_at",
                )
            )[:1]
        ),
    )
    if clinic is not None:
        lines = lines.filter(premises__clinic=clinic)
    ordered = lines.order_by("premises__name", "product", "strength_mg", "form")
    return [_state(line, at) for line in ordered]


def _state(line: Any, at: datetime) -> LineState:
    checkpoint, found = line.checkpoint or {}, line.verification or {}
    code = ""
    if checkpoint:
        code = short_code(line_id=line.id, seq=checkpoint["seq"], head_hash=checkpoint["hash"]).text
    return LineState(
        line=name_line(line),
        seq=line.last_seq or 0,
        checkpoint_seq=checkpoint.get("seq"),
        checkpoint_at=_moment(checkpoint.get("at")),
        code=code,
        waiting=at - line.unsigned_since if line.unsigned_since else None,
        result=found.get("result", ""),
        reason=found.get("reason", ""),
        first_bad_seq=found.get("first_bad_seq"),
        compared=found.get("checkpoints", 0),
        verified_at=_moment(found.get("at")),
        whole_at=line.whole_at,
    )


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told).astimezone(LONDON) if told else None


def list_alarms(*, clinic: Clinic, at: datetime) -> tuple[str, ...]:
    """Return what the controlled-drug lead and the manager of a clinic must be told of its register: two statements."""
    return alarms_of(list_line_states(at=at, clinic=clinic), at=at, elsewhere=found_elsewhere())


def found_elsewhere() -> str:
    """Return what the last verification found wrong with ledgers that are not here; nothing when all are."""
    rows = RegisterVerification.objects.filter(line=None).order_by("-verified_at", "-id")
    last = rows.values_list("result", "reason").first()
    return last[1] if last and last[0] == RegisterVerification.Result.TAMPERED else ""


def alarms_of(states: Sequence[LineState], *, at: datetime, elsewhere: str = "") -> tuple[str, ...]:
    """Return the sentences about ledgers whose state is known; one that was emptied is told of all the same."""
    tampered = [one for one in states if one.result == RegisterVerification.Result.TAMPERED]
    unsure = [one for one in states if one.seq or one.result == RegisterVerification.Result.CANNOT_TELL]
    not_whole = [f"{one.line.title}, line {one.first_bad_seq}: {one.reason}." for one in tampered]
    return alarms(
        waiting={one.line.title: one.waiting for one in states if one.seq and one.waiting is not None},
        not_whole=[*not_whole, elsewhere] if elsewhere else not_whole,
        unverified=[at - one.whole_at for one in unsure if one not in tampered],
    )


def look_at_checkpoints() -> Check:
    """Return for the readiness page whether every line that was written has a checkpoint; dosing does not need it."""
    waiting = [one.waiting for one in list_line_states(at=now()) if one.waiting is not None]
    oldest = max(waiting, default=timedelta(0))
    if oldest > MOST_AGE:
        minutes = oldest // timedelta(minutes=1)
        words = f"Register lines have had no checkpoint for {minutes} minutes: look at the worker and its signing key."
        return Check("checkpoints", False, words, is_needed=False)
    return Check(
        "checkpoints", True, "Every register line has its checkpoint, or is about to.", is_needed=False
    )


@dataclass(frozen=True, slots=True)
class CheckpointsPage:
    """All that the page of checkpoints prints: how each ledger stands, what to be told, restores, the public key."""

    states: tuple[LineState, ...]
    alarms: tuple[str, ...]
    incarnations: tuple[Incarnation, ...]
    public_key: str
    fingerprint: str


def get_checkpoints_page(*, clinic: Clinic, at: datetime) -> CheckpointsPage:
    """Return how the registers of a clinic stand against their checkpoints, in three statements."""
    states = list_line_states(at=at, clinic=clinic)
    key = public_key() if has_signing_key() else b""
    return CheckpointsPage(
        states=tuple(states),
        alarms=alarms_of(states, at=at, elsewhere=found_elsewhere()),
        incarnations=tuple(list_incarnations()),
        public_key=base64.b64encode(key).decode(),
        fingerprint=fingerprint_of(key) if key else "",
    )
