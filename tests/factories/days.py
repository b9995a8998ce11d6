"""Counting the stock of a treatment room and opening its day, by the real actions."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.actions.days import CountSigned, count_stock, open_day
from dosing.models import ClinicDay
from dosing.rules.days import BOX, Count
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom


def a_count(
    room: TreatmentRoom,
    ampoules: int,
    *,
    counter: User | None = None,
    pin: str | None = None,
    line_id: uuid.UUID | None = None,
    key: uuid.UUID | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> CountSigned:
    """Sign one count of a room's ledger, in full boxes and the rest loose; without a counter the first nurse's."""
    counter = counter or room.nurse
    pins = {room.nurse.id: NURSE_PIN, room.second_nurse.id: SECOND_PIN}
    return count_stock(
        clinic=room.clinic,
        line_id=line_id or room.line.id,
        counted=Count(*divmod(ampoules, BOX)),
        counter_id=counter.id,
        pin=pin or pins.get(counter.id, "000000"),
        key=key or uuid.uuid4(),
        terminal_id=room.terminal.id,
        by=by or counter,
        at=at or now(),
    )


def both_count(room: TreatmentRoom, first: int, second: int) -> CountSigned:
    """Sign a first and a second count by the room's two nurses."""
    a_count(room, first)
    return a_count(room, second, counter=room.second_nurse)


def an_open_day(room: TreatmentRoom) -> ClinicDay:
    """Count a room's stock by two, rightly, and open its day."""
    room.line.refresh_from_db()
    balance = room.line.head.balance
    both_count(room, balance, balance)
    return open_day(clinic=room.clinic, premises_id=room.premises.id, by=room.nurse, at=now())
