"""What two people do with the stock together: each proves who they are, and both signatures stand by the row."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from django.db import transaction

from dosing.actions.register import RegisterRefused
from dosing.models import Signature
from dosing.queries.stock import find_second
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

Answer = TypeVar("Answer")

# The events of acts with the stock that may be refused.
StockEvent = Literal[
    "dosing.authority_recorded",
    "dosing.line_adjusted",
    "dosing.line_noted",
    "dosing.requisition_closed",
    "dosing.return_destroyed",
    "dosing.return_taken",
    "dosing.stock_destroyed",
    "dosing.stock_ordered",
    "dosing.stock_quarantined",
    "dosing.stock_received",
    "dosing.stock_sent",
    "dosing.transfer_received",
]

# A page sent again says something else than the first time. Source: trust design 5.
KEY_REUSED: Final = Decision(
    (block("key_reused", "This page was already used for something else. Open it again.", "trust design 5"),)
)


class StockRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """Who signs beside whoever acts, both PINs, the terminal they stand at, and the key of the page they signed."""

    second_id: uuid.UUID
    own_pin: str
    second_pin: str
    terminal_id: uuid.UUID | None
    key: uuid.UUID

    def prove(self, event: StockEvent, *, clinic: Clinic, by: User, at: datetime) -> User:
        """Prove both PINs, each counted by itself, and return who signs second.

        Raises StockRefused for somebody who may not, PinRefused for a PIN. Source: clinical rule 22.
        """
        second = find_second(self.second_id, clinic=clinic, by=by, at=at)
        if isinstance(second, Decision):
            note_refusal(event=event, decision=second, clinic=clinic, by=by, at=at)
            raise StockRefused(second)
        prove_pin(user=by, pin=self.own_pin, terminal_id=self.terminal_id, at=at)
        prove_pin(user=second, pin=self.second_pin, terminal_id=self.terminal_id, at=at)
        return second


@dataclass(frozen=True, slots=True)
class Signed:
    """One act's content, signed by two: their rows are written when the act is stored."""

    by: User
    second: User
    content: str

    @classmethod
    def of(cls, by: User, second: User, **content: Any) -> Signed:
        """Hash what both put their PINs to."""
        return cls(by, second, content_sha256({**content, "second_id": second.id}, by.id))

    def write(self, at: datetime) -> dict[str, Signature]:
        """Store both signatures and return them by the names of the fields they belong in."""
        own, witness = Signature.objects.bulk_create(
            Signature(signed_by=user, signed_at=at, part=part, content_sha256=self.content)
            for user, part in ((self.by, Signature.Part.KEEPER), (self.second, Signature.Part.WITNESS))
        )
        return {"signature": own, "witness_signature": witness}

    def is_same_as(self, signature: Signature) -> Decision:
        """Decide whether a page sent again says what it said the first time. Source: trust design 5."""
        return Decision() if signature.content_sha256 == self.content else KEY_REUSED


def stock_act(
    *, event: StockEvent, work: Callable[[], Answer | Decision], clinic: Clinic, by: User, at: datetime
) -> Answer:
    """Run `work` as one act with the stock and return its answer.

    A decision is raised as StockRefused; `work` has told the trail. What the register does not take undoes the
    whole act, so the trail is told of it here, and RegisterRefused raised again.
    """
    try:
        answer = one_act(work)
    except RegisterRefused as refused:
        decision = Decision((block("register_refused", str(refused), "clinical rule 42"),))
        note_refusal(event=event, decision=decision, clinic=clinic, by=by, at=at)
        raise
    if isinstance(answer, Decision):
        raise StockRefused(answer)
    return answer


def note_refusal(*, event: StockEvent, decision: Decision, clinic: Clinic, by: User, at: datetime) -> None:
    """Tell the trail, in the caller's transaction or one of its own, that an act with the stock was refused."""
    codes = [finding.code for finding in decision.refusals or decision.findings]
    with transaction.atomic():
        record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
