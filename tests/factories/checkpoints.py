"""Signed checkpoints made by the real action, and the keys of those who did not make them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dosing.actions.checkpoints import make_checkpoints
from dosing.models import Checkpoint, RegisterLine
from dosing.queries.checkpoints import list_checkpoints
from dosing.rules.checkpoints import SignedCheckpoint, checkpoint_text
from hat_clinic.core.clock import now
from hat_clinic.core.signing import fingerprint_of
from tests.factories.accounts import UserFactory


def sign_all(*, at: datetime | None = None, **where: Any) -> list[SignedCheckpoint]:
    """Sign every ledger that changed, and return all checkpoints that are stored, oldest first."""
    make_checkpoints(by=UserFactory(), at=at or now(), **where)
    return list_checkpoints()


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
