"""Rows of the acts with the stock, written by hand as the application's login may."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from dosing.actions.register import AppendedEntry, append_entry
from dosing.models import Quarantine
from dosing.rules.register import EntryKind
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.dosing import SignatureFactory
from tests.factories.treatment import TreatmentRoom


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


def a_line(room: TreatmentRoom, kind: EntryKind, ampoules: int, **changes: Any) -> AppendedEntry:
    """Append a line by the one function there is for it, with its movement, as the application's login may."""
    content: dict[str, Any] = {
        "line_id": room.line.id,
        "batch_id": room.batch.id if ampoules else None,
        "party_name": "Somebody",
        "party_address": "Somewhere",
        "reference": "by hand",
        "occurred_at": now(),
        "key": uuid.uuid4(),
        "by": room.cd_lead,
        "witness_id": room.nurse.id,
        "at": now(),
    }
    return append_entry(kind=kind, ampoules=ampoules, **(content | changes))


def signed(one: User, witness: User) -> dict[str, Any]:
    return {
        "signature": SignatureFactory(signed_by=one),
        "witness_signature": SignatureFactory(signed_by=witness),
    }


def both(room: TreatmentRoom) -> dict[str, Any]:
    return signed(room.cd_lead, room.nurse)


def a_quarantine(room: TreatmentRoom, ampoules: int = 3, **changes: Any) -> Quarantine:
    content = {
        "batch": room.batch,
        "ampoules": ampoules,
        "reason": "broken",
        "key": uuid.uuid4(),
        "quarantined_at": now(),
        "quarantined_by": room.cd_lead,
        "witness": room.nurse,
    }
    return Quarantine.objects.create(**(content | both(room) | changes))
