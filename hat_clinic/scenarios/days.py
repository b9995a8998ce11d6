"""Days that were opened before a scenario begins, and the room in which what has been took place."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dosing.models import (
    BalanceCheck,
    BalanceResult,
    Batch,
    ClinicDay,
    ProtocolVersion,
    RegisterHead,
    RegisterLine,
    Signature,
    StockCount,
)
from dosing.rules.days import BOX, OpenedHow
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.core.clock import london_date

# What stands for a signed content that is not there to be hashed.
NO_CONTENT = "0" * 64


@dataclass(frozen=True, slots=True)
class Room:
    """Where and by whom what has been was given; `batch` holds the ampoules it is taken from."""

    clinic: Clinic
    premises: Premises
    protocol: ProtocolVersion
    batch: Batch
    giver: User
    witness: User
    cd_lead: User


@transaction.atomic
def opened_day(room: Room, at: datetime, *, is_checked: bool) -> ClinicDay:
    """Insert that a day was opened: on counts by two of every ledger that agree, or on a reason."""
    on = london_date(at)
    if is_checked:
        for line in RegisterLine.objects.filter(premises=room.premises):
            _balance_checked(line, (room.giver, room.witness), at)
    signature = None
    if not is_checked:
        signature = Signature.objects.create(
            signed_by=room.cd_lead, signed_at=at, part=Signature.Part.OPENER, content_sha256=NO_CONTENT
        )
    return ClinicDay.objects.create(
        premises=room.premises,
        on=on,
        how=OpenedHow.CHECKED if is_checked else OpenedHow.UNCHECKED,
        reason="" if is_checked else "A day before the scenario.",
        signature=signature,
        opened_at=at,
        opened_by=room.giver if is_checked else room.cd_lead,
    )


def _balance_checked(line: RegisterLine, counters: Sequence[User], at: datetime) -> None:
    head = RegisterHead.objects.get(line=line)
    check = BalanceCheck.objects.create(
        line=line,
        on=london_date(at),
        kind="opening",
        number=1,
        round=1,
        started_at=at,
        started_by=counters[0],
    )
    for position, counter in enumerate(counters, start=1):
        StockCount.objects.create(
            balance_check=check,
            position=position,
            counted_by=counter,
            full_boxes=head.balance // BOX,
            loose=head.balance % BOX,
            ampoules=head.balance,
            register_seq=head.seq,
            key=uuid.uuid4(),
            signature=Signature.objects.create(
                signed_by=counter, signed_at=at, part=Signature.Part.COUNTER, content_sha256=NO_CONTENT
            ),
        )
    BalanceResult.objects.create(
        balance_check=check,
        result="agrees",
        first=head.balance,
        second=head.balance,
        expected=head.balance,
        compared_at=at,
        compared_by=counters[-1],
    )
