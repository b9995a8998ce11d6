"""Signed checkpoints made by the real action, and the keys of those who did not make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dosing.actions.checkpoints import make_checkpoints, start_incarnation
from dosing.models import Checkpoint, Incarnation, RegisterLine
from dosing.queries.checkpoints import list_checkpoints
from dosing.rules.checkpoints import SignedCheckpoint, Statement, checkpoint_text
from hat_clinic.accounts.actions import set_pin
from hat_clinic.accounts.models import Clinic, Terminal, User
from hat_clinic.core.clock import now
from hat_clinic.core.signing import fingerprint_of, public_key, sign
from tests.factories.accounts import TerminalFactory, UserFactory

PIN, SECOND_PIN = "835162", "904271"


def sign_all(*, at: datetime | None = None, **where: Any) -> list[SignedCheckpoint]:
    """Sign every ledger that changed, and return all checkpoints that are stored, oldest first."""
    make_checkpoints(by=UserFactory(), at=at or now(), **where)
    return list_checkpoints()


def two_with_pins(by: User, second: User) -> Terminal:
    """Give two people their signing PINs and return a terminal at which they are counted."""
    for user, pin in ((by, PIN), (second, SECOND_PIN)):
        set_pin(user=user, pin=pin, by=user, at=now())
    return TerminalFactory(name="Hatch", clinic=Clinic.objects.order_by("code")[0])


def begin_life(*, by: User, second: User, reason: str, kept: Sequence[SignedCheckpoint] = ()) -> Incarnation:
    """Begin a new life of the database by two people who type their own PINs."""
    return start_incarnation(
        reason=reason,
        second=second,
        pin=PIN,
        second_pin=SECOND_PIN,
        terminal_id=two_with_pins(by, second).id,
        kept=kept,
        by=by,
        at=now(),
    )


def signed_anew(said: Statement) -> SignedCheckpoint:
    """Return a checkpoint that says something, truly signed with the key that is known here."""
    return SignedCheckpoint(
        said=said, key=fingerprint_of(public_key()), signature=sign(checkpoint_text(said))
    )


def by_another_key(one: SignedCheckpoint) -> SignedCheckpoint:
    """Return the same checkpoint, signed by somebody whose key nobody here knows."""
    key = Ed25519PrivateKey.generate()
    return SignedCheckpoint(
        said=one.said,
        key=fingerprint_of(key.public_key().public_bytes_raw()),
        signature=key.sign(checkpoint_text(one.said)).hex(),
    )


def a_row(line: RegisterLine, **changes: Any) -> Checkpoint:
    """Insert a checkpoint of a ledger's last line without asking anybody."""
    entry = line.entries.order_by("-seq")[0]
    told = {
        "line": line,
        "origin": "CLINIC1",
        "incarnation": 1,
        "seq": entry.seq,
        "head_hash": entry.hash,
        "balance": entry.balance,
        "made_at": entry.recorded_at,
        "made_by": UserFactory(),
        "key": "a" * 64,
        "signature": "b" * 128,
    }
    return Checkpoint.objects.create(**told | changes)
