"""Recording that the register was printed."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction

from dosing.models import RegisterLine
from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record, record_look

PRINTED = "dosing.register_printed"


def record_register_print(
    *,
    line_id: uuid.UUID,
    clinic_id: uuid.UUID,
    since: date,
    until: date,
    lines: tuple[int, int] | None,
    people: tuple[uuid.UUID, ...],
    by: User,
    at: datetime,
) -> None:
    """Record that somebody printed the register: the period, the first and last line, and every patient on it.

    An act for the print and one look for each patient. Called before the file leaves: what is not recorded is not
    printed. Source: clinical rule 41.
    """
    with transaction.atomic(durable=True):
        record(
            PRINTED,
            by=by,
            at=at,
            clinic=clinic_id,
            thing=RegisterLine(id=line_id),
            since=since.isoformat(),
            until=until.isoformat(),
            first_line=lines[0] if lines else None,
            last_line=lines[1] if lines else None,
        )
        if people:
            record_look(PRINTED, by=by, at=at, clinic=clinic_id, people=people)
