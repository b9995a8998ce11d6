"""A clinic with a ledger and two leads, in the database that Django works in now."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from dosing.actions.register import open_register, receive_stock
from dosing.models import RegisterLine
from dosing.rules.orders import Product
from hat_clinic.accounts.actions import create_user, get_program, grant_role, open_clinic, open_premises
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now

# More in one transaction grows dear: each line updates the head of the one before it.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Place:
    """One open ledger, and two people who answer for it."""

    line: RegisterLine
    lead: User
    second: User


def a_place() -> Place:
    """Open a clinic with premises, two controlled-drug leads and an empty ledger."""
    at = now()
    by = get_program(name="proof", at=at)
    clinic = open_clinic(
        code="PROOF",
        name="Proof",
        opened_on=london_date(at),
        places=1,
        sessions_per_day=2,
        has_invented_people=True,
        by=by,
        at=at,
    )
    premises = open_premises(clinic=clinic, name="Proof", address="1 Invented Street", by=by, at=at)
    lead, second = (_lead(name, clinic, by, at) for name in ("Ada Example", "Ben Example"))
    line = open_register(
        premises=premises,
        product=Product.DIAMORPHINE,
        strength_mg=100,
        form=RegisterLine.Form.AMPOULE_POWDER,
        by=lead,
        at=at,
    )
    return Place(line, lead, second)


def _lead(name: str, clinic: Clinic, by: User, at: datetime) -> User:
    email = f"{name.split()[0].lower()}@proof.example"
    user = create_user(email=email, full_name=name, password=None, by=by, at=at)
    grant_role(user=user, clinic=clinic, role=Role.CD_LEAD, by=by, at=at)
    return user


def receive(place: Place, ampoules: int, *, batch: str = "B1") -> None:
    """Take ampoules into the ledger by the real action."""
    receive_stock(
        line=place.line,
        batch_number=batch,
        expires_on=date(2030, 1, 1),
        ampoules=ampoules,
        supplier_name="Invented Wholesale",
        supplier_address="2 Invented Way",
        requisition="0088",
        key=uuid.uuid4(),
        by=place.lead,
        witness=place.second,
        at=now(),
    )


def fill(place: Place, lines: int) -> None:
    """Write so many lines by the database's own function, in batches, with their stock movements."""
    receive(place, 1)
    for begun in range(1, lines, AT_ONCE):
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(
                "WITH lines AS MATERIALIZED (SELECT (register_append(%s, 'obtained', 1, NULL, NULL, NULL,"
                " 'Invented Wholesale', '2 Invented Way', NULL, NULL, NULL, NULL, '0088', %s, %s, hat_now(),"
                " gen_random_uuid())).new_id FROM generate_series(1, %s))"
                " INSERT INTO dosing_stockmovement (batch_id, entry_id, ampoules, moved_at, moved_by_id)"
                " SELECT (SELECT id FROM dosing_batch WHERE line_id = %s), new_id, 1, hat_now(), %s FROM lines",
                [
                    *(place.line.id, place.lead.id, place.second.id, min(AT_ONCE, lines - begun)),
                    *(place.line.id, place.lead.id),
                ],
            )
