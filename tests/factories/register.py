"""A stocked ledger made by the real actions, and one injection with all that belongs to it, or parts of it.

The parts are inserted one by one so that a test can leave one out or make one disagree.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.register import AppendedEntry, append_entry, open_register, receive_stock
from dosing.models import Batch, Injection, RegisterLine, SessionOutcome, StockMovement
from dosing.rules.orders import Product
from dosing.rules.register import EntryKind
from dosing.rules.sessions import Outcome, Reduction
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import Premises
from tests.factories.accounts import PremisesFactory, UserFactory
from tests.factories.dosing import InjectionFactory, PlannedSessionFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.orders import OrderFactory


def an_open_register(
    premises: Premises | None = None, *, strength_mg: int = 100, supply: Supply = Supply.SERVICE
) -> RegisterLine:
    """Open a ledger of diamorphine ampoules by the real action."""
    return open_register(
        premises=premises or PremisesFactory(),
        product=Product.DIAMORPHINE,
        strength_mg=strength_mg,
        form=RegisterLine.Form.AMPOULE_POWDER,
        supply=supply,
        by=UserFactory(),
        at=NINE - timedelta(days=40),
    )


def receive(line: RegisterLine, ampoules: int, **changes: Any) -> AppendedEntry:
    """Take ampoules into a ledger by the real action; all of it is asked what is asked at a commit."""
    arguments = {
        "line": line,
        "batch_number": "DM24117",
        "expires_on": TODAY + timedelta(days=365),
        "ampoules": ampoules,
        "supplier_name": "Invented Wholesale",
        "supplier_address": "2 Invented Way",
        "requisition": "0088",
        "key": uuid.uuid4(),
        "by": UserFactory(),
        "witness": UserFactory(),
        "at": NINE - timedelta(hours=1),
    } | changes
    entry = receive_stock(**arguments)
    if connection.in_atomic_block:
        connection.check_constraints()
    return entry


def a_stocked_batch(ampoules: int = 10, **line: Any) -> Batch:
    """Open a ledger and take one batch into it."""
    opened = an_open_register(**line)
    receive(opened, ampoules)
    return Batch.objects.select_related("line__premises").get(line=opened)


def an_injection(batch: Batch, *, started_at: datetime = NINE, **changes: Any) -> Injection:
    """Insert the injection alone: 180 mg of two ampoules of the batch, under an order in force."""
    if "session" not in changes:
        order = changes.pop("order", None) or OrderFactory(premises=batch.line.premises)
        changes["session"] = PlannedSessionFactory(order=order)
    return InjectionFactory(
        batch=batch,
        started_at=started_at,
        ended_at=started_at,
        guard=DateTimeTZRange(started_at, started_at + timedelta(hours=3)),
        **changes,
    )


def its_line(injection: Injection, **changes: Any) -> AppendedEntry:
    """Append the register line of an injection."""
    arguments = {
        "line_id": injection.batch.line_id,
        "kind": EntryKind.SUPPLIED,
        "ampoules": -injection.ampoules,
        "drawn_mg": injection.drawn_mg,
        "given_mg": injection.given_mg,
        "wasted_mg": injection.wasted_mg,
        "party_name": "Invented Person",
        "party_address": "8 Invented Yard",
        "patient_id": injection.patient_id,
        "order_id": injection.order_id,
        "prescriber_id": injection.order.signed_by_id,
        "injection_id": injection.id,
        "witness_id": injection.witness_id,
        "occurred_at": injection.started_at,
        "key": uuid.uuid4(),
        "by": injection.giver,
        "at": injection.started_at,
    } | changes
    return append_entry(**arguments)


def its_movement(injection: Injection, entry: AppendedEntry, **changes: Any) -> StockMovement:
    """Move the ampoules of an injection out of its batch."""
    arguments = {
        "batch": injection.batch,
        "entry_id": entry.id,
        "ampoules": -injection.ampoules,
        "moved_at": injection.started_at,
        "moved_by": injection.giver,
    } | changes
    return StockMovement.objects.create(**arguments)


def its_outcome(injection: Injection, **changes: Any) -> SessionOutcome:
    """Record that the session of an injection ended with a dose."""
    arguments = {
        "session": injection.session,
        "outcome": Outcome.GIVEN_REDUCED,
        "reduced_for": Reduction.OTHER,
        "given_mg": injection.given_mg,
        "injection": injection,
        "recorded_by": injection.giver,
        "recorded_at": injection.started_at,
    } | changes
    return SessionOutcome.objects.create(**arguments)


def a_whole_injection(batch: Batch, **changes: Any) -> Injection:
    """Insert an injection with its register line, stock movement and outcome."""
    injection = an_injection(batch, **changes)
    its_movement(injection, its_line(injection))
    its_outcome(injection)
    return injection
