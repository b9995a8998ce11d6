"""What is done with the stock of a treatment room, by the real actions: the lead acts, the first nurse signs second."""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from dosing.actions.amendments import Approval, adjust_line, note_line
from dosing.actions.deliveries import (
    DeliveryToTake,
    close_requisition,
    order_stock,
    receive_delivery,
    receive_own,
)
from dosing.actions.quarantine import (
    AmpoulesToDestroy,
    AuthorityLetter,
    destroy_stock,
    quarantine_stock,
    record_authority,
)
from dosing.actions.register import AppendedEntry, open_register
from dosing.actions.returns import destroy_return, take_return
from dosing.actions.transfers import WhatCame, WhatGoes, receive_transfer, send_stock
from dosing.actions.two_people import TwoPeople
from dosing.models import (
    Batch,
    PatientReturn,
    Quarantine,
    RegisterEntry,
    RegisterHead,
    RegisterLine,
    Requisition,
    RequisitionClosing,
    ReturnDestruction,
    Transfer,
    WitnessAuthority,
)
from dosing.rules.orders import Product
from dosing.rules.quarantine import AuthorityKind, QuarantineReason
from dosing.rules.stock import Supply
from hat_clinic.accounts.actions import set_pin
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room

LEAD_PIN = "835162"
_numbers = itertools.count(1)


def a_stock_room(**changes: Any) -> TreatmentRoom:
    """Return a treatment room whose controlled-drug lead has a signing PIN."""
    room = a_treatment_room(**changes)
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    return room


def pin_of(room: TreatmentRoom, user: User) -> str:
    """Return the PIN of one of a room's people."""
    pins = {room.cd_lead.id: LEAD_PIN, room.nurse.id: NURSE_PIN, room.second_nurse.id: SECOND_PIN}
    return pins.get(user.id, "000000")


def two(
    room: TreatmentRoom, *, by: User | None = None, second: User | None = None, **changes: Any
) -> TwoPeople:
    """Return the two who sign: the lead and the first nurse unless told otherwise."""
    second = second or room.nurse
    content = {
        "second_id": second.id,
        "own_pin": pin_of(room, by or room.cd_lead),
        "second_pin": pin_of(room, second),
        "terminal_id": room.terminal.id,
        "key": uuid.uuid4(),
    }
    return TwoPeople(**(content | changes))


def a_requisition(room: TreatmentRoom, ampoules: int = 50, **changes: Any) -> Requisition:
    """Order ampoules for the room's ledger."""
    content = {
        "line_id": room.line.id,
        "number": f"RQ-{next(_numbers)}",
        "supplier_name": "Northern Wholesale (invented)",
        "supplier_address": "2 Park Way",
        "ampoules": ampoules,
        "key": uuid.uuid4(),
    }
    return order_stock(clinic=room.clinic, **(content | changes), by=room.cd_lead, at=now())


def close(
    room: TreatmentRoom, requisition: Requisition, reason: str = "The rest was cancelled."
) -> RequisitionClosing:
    """Close a requisition of which no more is expected."""
    return close_requisition(
        clinic=room.clinic, requisition_id=requisition.id, reason=reason, by=room.cd_lead, at=now()
    )


def deliver(
    room: TreatmentRoom,
    requisition: Requisition,
    ampoules: int = 20,
    *,
    batch: str = "B7",
    acknowledged: frozenset[str] = frozenset(),
    signing: TwoPeople | None = None,
    by: User | None = None,
    **changes: Any,
) -> AppendedEntry:
    """Take in a delivery, two signing; all of it is asked what is asked at a commit."""
    content = {"expires_on": london_date(now()) + timedelta(days=300), "arrived_at": None} | changes
    entry = receive_delivery(
        clinic=room.clinic,
        requisition_id=requisition.id,
        delivery=DeliveryToTake(batch_number=batch, ampoules=ampoules, **content),
        acknowledged=acknowledged,
        two=signing or two(room),
        by=by or room.cd_lead,
        at=now(),
    )
    return checked(entry)


def put_apart(
    room: TreatmentRoom,
    ampoules: int = 3,
    *,
    batch: Batch | None = None,
    reason: QuarantineReason = QuarantineReason.BROKEN,
    signing: TwoPeople | None = None,
    by: User | None = None,
) -> Quarantine:
    """Put ampoules into quarantine, two signing."""
    by = by or room.cd_lead
    return checked(
        quarantine_stock(
            clinic=room.clinic,
            batch_id=(batch or room.batch).id,
            ampoules=ampoules,
            reason=reason,
            words="",
            two=signing or two(room, by=by),
            by=by,
            at=now(),
        )
    )


def an_authority(
    room: TreatmentRoom, *, first: int = -10, last: int = 10, key: uuid.UUID | None = None, **changes: Any
) -> WitnessAuthority:
    """Record an authority from so many days ago until in so many days."""
    today = london_date(now())
    content = {
        "kind": AuthorityKind.TEMPORARY,
        "name": "Kofi Mensah",
        "granted_by": "NHS England CDAO",
        "number": "AW-7",
        "identity_seen": "staff pass",
        "starts_on": today + timedelta(days=first),
        "ends_on": today + timedelta(days=last),
    }
    letter = AuthorityLetter(**(content | changes))
    key = key or uuid.uuid4()
    return record_authority(clinic=room.clinic, letter=letter, key=key, by=room.cd_lead, at=now())


def destroy(
    room: TreatmentRoom,
    ampoules: int = 3,
    *,
    batch: Batch | None = None,
    authority: WitnessAuthority | None = None,
    signing: TwoPeople | None = None,
    **changes: Any,
) -> AppendedEntry:
    """Destroy ampoules out of quarantine."""
    return checked(
        destroy_stock(
            clinic=room.clinic,
            what=AmpoulesToDestroy(
                batch_id=(batch or room.batch).id,
                ampoules=ampoules,
                method="denaturing kit",
                exemption="T28-0042",
                authority_id=authority.id if authority else None,
                **changes,
            ),
            two=signing or two(room),
            by=room.cd_lead,
            at=now(),
        )
    )


def send(
    room: TreatmentRoom,
    target: RegisterLine,
    ampoules: int = 5,
    *,
    batch: Batch | None = None,
    signing: TwoPeople | None = None,
    sent_at: datetime | None = None,
    by: User | None = None,
) -> Transfer:
    """Send ampoules of the room's batch to another ledger."""
    return checked(
        send_stock(
            clinic=room.clinic,
            batch_id=(batch or room.batch).id,
            target_id=target.id,
            what=WhatGoes(ampoules, sent_at),
            two=signing or two(room),
            by=by or room.cd_lead,
            at=now(),
        )
    )


def take_in(
    room: TreatmentRoom,
    transfer: Transfer,
    ampoules: int = 5,
    *,
    reason: str = "",
    acknowledged: frozenset[str] = frozenset(),
    signing: TwoPeople | None = None,
) -> AppendedEntry:
    """Take in what came of a transfer."""
    return checked(
        receive_transfer(
            clinic=room.clinic,
            transfer_id=transfer.id,
            came=WhatCame(ampoules, reason),
            acknowledged=acknowledged,
            two=signing or two(room),
            by=room.cd_lead,
            at=now(),
        )
    )


def a_note(
    room: TreatmentRoom, entry: RegisterEntry, text: str = "One box was torn.", **changes: Any
) -> AppendedEntry:
    """Write a note beside a line."""
    content = {"key": uuid.uuid4(), "by": room.nurse} | changes
    return checked(note_line(clinic=room.clinic, entry_key=entry.key, text=text, at=now(), **content))


def adjust(
    room: TreatmentRoom,
    entry: RegisterEntry,
    ampoules: int = -1,
    *,
    approvers: tuple[User, ...] | None = None,
    by: User | None = None,
    key: uuid.UUID | None = None,
    reason: str = "Two ampoules were opened.",
    in_quarantine: bool = False,
) -> AppendedEntry:
    """Adjust the balance beside a line; the lead and the second nurse approve."""
    people = approvers if approvers is not None else (room.cd_lead, room.second_nurse)
    return checked(
        adjust_line(
            clinic=room.clinic,
            entry_key=entry.key,
            ampoules=ampoules,
            in_quarantine=in_quarantine,
            reason=reason,
            approvals=tuple(Approval(user.id, pin_of(room, user)) for user in people),
            terminal_id=room.terminal.id,
            key=key or uuid.uuid4(),
            by=by or room.nurse,
            at=now(),
        )
    )


def an_own_ledger(room: TreatmentRoom) -> RegisterLine:
    """Open the ledger of patients' own medicine beside the room's."""
    return open_register(
        premises=room.premises,
        product=Product.DIAMORPHINE,
        strength_mg=room.line.strength_mg,
        form=RegisterLine.Form.AMPOULE_POWDER,
        supply=Supply.NAMED,
        by=room.cd_lead,
        at=now(),
    )


def take_in_own(
    room: TreatmentRoom,
    ledger: RegisterLine,
    ampoules: int = 10,
    *,
    acknowledged: frozenset[str] = frozenset(),
    signing: TwoPeople | None = None,
    **changes: Any,
) -> AppendedEntry:
    """Take in what a pharmacy dispensed for the room's person."""
    content: dict[str, Any] = {"expires_on": london_date(now()) + timedelta(days=300), "arrived_at": None}
    patient = changes.pop("patient", room.patient)
    return checked(
        receive_own(
            clinic=room.clinic,
            line_id=ledger.id,
            patient=patient,
            pharmacy_name="Quay Pharmacy (invented)",
            pharmacy_address="3 Quay",
            prescription="FP10MDA 0001",
            delivery=DeliveryToTake(batch_number="P1", ampoules=ampoules, **(content | changes)),
            acknowledged=acknowledged,
            two=signing or two(room, by=room.nurse, second=room.second_nurse),
            by=room.nurse,
            at=now(),
        )
    )


def a_return(room: TreatmentRoom, *, key: uuid.UUID | None = None, **changes: Any) -> PatientReturn:
    """Write down what the room's person brought back."""
    content: dict[str, Any] = {
        "patient_id": room.patient.id,
        "drug": "methadone 1 mg/ml",
        "quantity": 200,
        "unit": "ml",
    }
    return take_return(
        clinic=room.clinic,
        **(content | changes),
        key=key or uuid.uuid4(),
        by=room.nurse,
        at=now(),
    )


def destroy_returned(
    room: TreatmentRoom, returned: PatientReturn, *, method: str = "denaturing kit", **changes: Any
) -> ReturnDestruction:
    """Destroy a return, the lead and the first nurse signing."""
    return checked(
        destroy_return(
            clinic=room.clinic,
            return_id=returned.id,
            method=method,
            two=two(room, **changes),
            by=room.cd_lead,
            at=now(),
        )
    )


def checked(found: Any) -> Any:
    """Ask now what is asked when the transaction commits, where a test's transaction never does."""
    if connection.in_atomic_block:
        connection.check_constraints()
    return found


def balance(line: RegisterLine) -> int:
    """Return the ampoules that a ledger says there are."""
    return RegisterHead.objects.get(line=line).balance
