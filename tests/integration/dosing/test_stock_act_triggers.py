"""What the database refuses of deliveries, destruction, transfers, corrections and returns, written by hand."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions.register import AppendedEntry
from dosing.models import (
    Amendment,
    Batch,
    Delivery,
    Destruction,
    PatientReturn,
    RegisterEntry,
    RegisterLine,
    Requisition,
    RequisitionClosing,
    ReturnDestruction,
    Transfer,
    TransferReceipt,
    WitnessAuthority,
)
from dosing.rules.register import EntryKind
from hat_clinic.core.clock import now
from tests.factories import PersonFactory, SignatureFactory
from tests.factories.register import a_stocked_batch, receive
from tests.factories.stock import (
    a_requisition,
    a_return,
    a_stock_room,
    an_authority,
    an_own_ledger,
    put_apart,
    send,
    take_in_own,
)
from tests.factories.stock_rows import a_line, both, commit, signed
from tests.factories.treatment import TreatmentRoom
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_stock_room()


class TestARequisition:
    def test_number_stands_once_in_a_ledger(self, room) -> None:
        first = a_requisition(room)
        a_stock_room()

        with refused_by("requisition_number_stands_once_in_a_ledger"):
            _a_requisition_row(first, number=first.number)

    @pytest.mark.parametrize(
        "wrong", [{"ampoules": 0}, {"number": ""}, {"supplier_name": ""}, {"supplier_address": ""}]
    )
    def test_orders_something_of_somebody(self, room, wrong: dict[str, Any]) -> None:
        right = a_requisition(room)

        with refused_by("requisition_orders_something_of_somebody"):
            _a_requisition_row(right, **wrong)

    def test_is_closed_with_a_reason(self, room) -> None:
        requisition = a_requisition(room)

        with refused_by("requisition_is_closed_with_a_reason"):
            RequisitionClosing.objects.create(
                requisition=requisition, reason="", closed_at=now(), closed_by=room.cd_lead
            )


def _a_requisition_row(like: Requisition, **changes: Any) -> Requisition:
    names = ("line_id", "supplier_name", "supplier_address", "ampoules", "ordered_at", "ordered_by_id")
    content = {name: getattr(like, name) for name in names}
    content |= {"number": str(uuid.uuid4()), "key": uuid.uuid4()}
    return Requisition.objects.create(**(content | changes))


class TestADelivery:
    def test_says_what_its_requisition_and_its_line_say(self, room) -> None:
        entry, requisition = a_line(room, EntryKind.OBTAINED, 5), a_requisition(room)

        with refused_by("delivery_agrees_with_its_line"):
            Delivery.objects.create(entry_id=entry.id, requisition=requisition, **both(room))

    def test_is_signed_by_its_two(self, room) -> None:
        requisition = a_requisition(room)
        entry = a_line(room, EntryKind.OBTAINED, 5, reference=requisition.number)

        with refused_by("stock_act_is_signed_by_its_two"):
            Delivery.objects.create(
                entry_id=entry.id, requisition=requisition, **signed(room.nurse, room.cd_lead)
            )
        Delivery.objects.create(entry_id=entry.id, requisition=requisition, **both(room))

    def test_is_on_a_requisition_or_for_a_patient(self, room) -> None:
        entry = a_line(room, EntryKind.OBTAINED, 5)

        both_of_them = {"requisition": a_requisition(room), "patient": PersonFactory()}

        for wrong in ({}, both_of_them):
            with refused_by("delivery_is_on_a_requisition_or_for_a_patient"):
                Delivery.objects.create(entry_id=entry.id, **wrong, **both(room))


class TestADestruction:
    @pytest.fixture
    def entry(self, room) -> AppendedEntry:
        put_apart(room, 3)
        return a_line(room, EntryKind.DESTROYED, -3)

    def destroyed(self, room: TreatmentRoom, entry: AppendedEntry, **changes: Any) -> Destruction:
        content = {"entry_id": entry.id, "method": "kit", "exemption": "T28-1"}
        return Destruction.objects.create(**(content | both(room) | changes))

    @pytest.mark.parametrize(("first", "last"), [(-20, -1), (1, 9)])
    def test_is_before_a_witness_whose_authority_covers_that_day(self, room, entry, first, last) -> None:
        right = an_authority(room, first=0, last=0)
        for authority in (None, an_authority(room, first=first, last=last), an_authority(a_stock_room())):
            with refused_by("destruction_is_authorised"):
                self.destroyed(room, entry, authority=authority)

        self.destroyed(room, entry, authority=right)
        commit()

    def test_is_signed_by_its_two(self, room, entry) -> None:
        authority = an_authority(room)

        with refused_by("stock_act_is_signed_by_its_two"):
            self.destroyed(room, entry, authority=authority, **signed(room.nurse, room.cd_lead))

    @pytest.mark.parametrize("wrong", [{"method": ""}, {"exemption": ""}])
    def test_says_how_and_under_which_exemption(self, room, entry, wrong) -> None:
        authority = an_authority(room)

        with refused_by("destruction_says_how_and_under_which_exemption"):
            self.destroyed(room, entry, authority=authority, **wrong)

    def test_has_a_line_that_says_so(self, room) -> None:
        authority = an_authority(room)

        with refused_by("destruction_agrees_with_its_line"):
            self.destroyed(room, a_line(room, EntryKind.OBTAINED, 5), authority=authority)


class TestAnAuthority:
    @pytest.mark.parametrize("missing", ["name", "granted_by", "number", "identity_seen"])
    def test_names_who_and_whence(self, room, missing: str) -> None:
        right = an_authority(room)

        with refused_by("authority_names_who_and_whence"):
            _an_authority_row(right, **{missing: ""})

    def test_is_as_long_as_its_kind_allows(self, room) -> None:
        authority = an_authority(room)
        _an_authority_row(authority, ends_on=authority.starts_on + timedelta(days=27))
        _an_authority_row(authority, ends_on=authority.starts_on + timedelta(days=28), kind="standing")

        for days in (28, -1):
            with refused_by("authority_is_as_long_as_its_kind_allows"):
                _an_authority_row(authority, ends_on=authority.starts_on + timedelta(days=days))

    def test_is_of_a_known_kind(self, room) -> None:
        right = an_authority(room)

        with refused_by("authority_is_of_a_known_kind"):
            _an_authority_row(right, kind="forever")


def _an_authority_row(like: WitnessAuthority, **changes: Any) -> WitnessAuthority:
    content = {
        field.attname: getattr(like, field.attname)
        for field in WitnessAuthority._meta.concrete_fields
        if field.name != "id"
    }
    return WitnessAuthority.objects.create(**(content | {"key": uuid.uuid4()} | changes))


class TestATransfer:
    def sent(
        self, room: TreatmentRoom, target: RegisterLine, entry: AppendedEntry, **changes: Any
    ) -> Transfer:
        content = {"entry_id": entry.id, "batch": room.batch, "target": target, "ampoules": 5}
        return Transfer.objects.create(**(content | both(room) | changes))

    def test_says_what_its_line_says(self, room) -> None:
        there = a_stock_room()
        entry = a_line(room, EntryKind.SENT, -5)

        for wrong in ({"ampoules": 4}, {"batch": there.batch}):
            with refused_by("transfer_agrees_with_its_line"):
                self.sent(room, there.line, entry, **wrong)
        self.sent(room, there.line, entry)
        commit()

    def test_sends_something(self, room) -> None:
        there = a_stock_room()

        with refused_by("transfer_sends_something"):
            self.sent(room, there.line, a_line(room, EntryKind.SENT, -5), ampoules=0)

    def test_is_signed_by_its_two(self, room) -> None:
        there = a_stock_room()

        with refused_by("stock_act_is_signed_by_its_two"):
            self.sent(
                room,
                there.line,
                a_line(room, EntryKind.SENT, -5),
                **signed(room.nurse, room.cd_lead),
            )

    def test_is_of_service_stock_to_the_same_register_of_other_premises(self, room) -> None:
        there = a_stock_room()
        others = (room.line, an_own_ledger(room), an_own_ledger(there), a_stocked_batch().line)
        entry = a_line(room, EntryKind.SENT, -5)

        for target in others:
            with refused_by("transfer_is_of_service_stock_to_the_same_register"):
                self.sent(room, target, entry)

    def test_never_makes_stock_of_what_is_a_patients_own(self, room) -> None:
        ledger, there = an_own_ledger(room), a_stock_room()
        take_in_own(room, ledger, 10)
        own = Batch.objects.get(line=ledger)
        entry = a_line(
            room, EntryKind.SENT, -5, line_id=ledger.id, batch_id=own.id, patient_id=room.patient.id
        )

        with refused_by("transfer_is_of_service_stock_to_the_same_register"):
            self.sent(room, there.line, entry, batch=own)

    def test_leaves_what_is_drawn_up(self, room) -> None:
        room.prepare()
        there = a_stock_room()
        entry = a_line(room, EntryKind.SENT, -49)

        with refused_by("drawn_ampoules_are_in_the_cabinet"):
            self.sent(room, there.line, entry, ampoules=49)


class TestAReceiptOfATransfer:
    def received(
        self, there: TreatmentRoom, transfer: Transfer, ampoules: int, **changes: Any
    ) -> TransferReceipt:
        batch, _ = Batch.objects.get_or_create(
            line=there.line,
            number=changes.pop("number", transfer.batch.number),
            expires_on=transfer.batch.expires_on,
            defaults={"ampoules": 0},
        )
        entry = a_line(there, EntryKind.RECEIVED, ampoules, batch_id=batch.id)
        content = {"transfer": transfer, "entry_id": entry.id, "missing": 0, "reason": ""}
        return TransferReceipt.objects.create(**(content | both(there) | changes))

    def test_is_of_what_was_sent_and_no_more_and_no_other_batch(self, room) -> None:
        there = a_stock_room()
        transfer = send(room, there.line, 5)

        for ampoules, changes in ((6, {}), (4, {}), (5, {"number": "OTHER"})):
            with refused_by("transfer_receipt_agrees_with_its_transfer"):
                self.received(there, transfer, ampoules, **changes)
        self.received(there, transfer, 4, missing=1, reason="torn")
        commit()

    def test_is_in_the_ledger_that_it_was_sent_to(self, room) -> None:
        there, elsewhere = a_stock_room(), a_stock_room()
        transfer = send(room, there.line, 5)

        with refused_by("transfer_receipt_agrees_with_its_transfer"):
            self.received(elsewhere, transfer, 5)

    def test_where_nothing_came_is_a_note_of_all_that_was_sent(self, room) -> None:
        there = a_stock_room()
        transfer = send(room, there.line, 5)
        note = a_line(there, EntryKind.NOTE, 0)
        content = {"transfer": transfer, "entry_id": note.id, "reason": "lost", **both(there)}

        with refused_by("transfer_receipt_agrees_with_its_transfer"):
            TransferReceipt.objects.create(**content, missing=4)
        TransferReceipt.objects.create(**content, missing=5)
        commit()

    def test_tells_why_ampoules_are_missing(self, room) -> None:
        there = a_stock_room()
        transfer = send(room, there.line, 5)

        with refused_by("what_is_missing_of_a_transfer_has_a_reason"):
            self.received(there, transfer, 4, missing=1)

    def test_is_signed_by_its_two(self, room) -> None:
        there = a_stock_room()
        transfer = send(room, there.line, 5)

        with refused_by("stock_act_is_signed_by_its_two"):
            self.received(there, transfer, 5, **signed(there.nurse, there.cd_lead))


class TestAnAmendment:
    @pytest.fixture
    def wrong(self, room) -> RegisterEntry:
        receive(room.line, 10, batch_number="DM24117", expires_on=room.batch.expires_on, at=now())
        return RegisterEntry.objects.get(line=room.line, seq=2)

    def amended(
        self, room: TreatmentRoom, entry: AppendedEntry, amends: RegisterEntry, **changes: Any
    ) -> Amendment:
        content = {
            "entry_id": entry.id,
            "amends": amends,
            "reason": "wrong",
            "written_at": now(),
            "written_by": room.cd_lead,
        }
        return Amendment.objects.create(**(content | changes))

    def test_stands_beside_an_earlier_line_of_its_register(self, room, wrong) -> None:
        there = a_stock_room()
        note = a_line(room, EntryKind.NOTE, 0)

        for amends in (
            RegisterEntry.objects.get(line=there.line, seq=1),
            RegisterEntry.objects.get(id=note.id),
        ):
            with refused_by("amendment_agrees_with_its_line"):
                self.amended(room, note, amends)
        with refused_by("amendment_agrees_with_its_line"):
            self.amended(room, note, wrong, written_by=room.nurse)
        self.amended(room, note, wrong)
        commit()

    def test_adjusts_the_batch_of_the_line_that_was_wrong(self, room, wrong) -> None:
        receive(room.line, 10, batch_number="OTHER", at=now())
        other = Batch.objects.get(number="OTHER")
        entry = a_line(room, EntryKind.ADJUSTED, -1, batch_id=other.id)

        with refused_by("amendment_agrees_with_its_line"):
            self.amended(room, entry, wrong, **both(room))

    def test_has_a_reason(self, room, wrong) -> None:
        with refused_by("amendment_has_a_reason"):
            self.amended(room, a_line(room, EntryKind.NOTE, 0), wrong, reason="")

    def test_is_a_note_or_is_signed_by_both(self, room, wrong) -> None:
        with refused_by("adjustment_is_signed_by_both_or_is_a_note"):
            self.amended(
                room,
                a_line(room, EntryKind.NOTE, 0),
                wrong,
                signature=SignatureFactory(signed_by=room.cd_lead),
            )

    def test_is_not_approved_by_who_wrote_the_line(self, room) -> None:
        first = RegisterEntry.objects.get(line=room.line, seq=1)  # the lead's
        entry = a_line(room, EntryKind.ADJUSTED, -1)

        with refused_by("adjustment_is_approved_by_others"):
            self.amended(room, entry, first, **both(room))

    def test_is_approved_by_the_lead(self, room, wrong) -> None:
        entry = a_line(room, EntryKind.ADJUSTED, -1, by=room.second_nurse)

        with refused_by("adjustment_is_approved_by_the_lead"):
            self.amended(room, entry, wrong, **signed(room.second_nurse, room.nurse))

    def test_is_signed_by_its_two(self, room, wrong) -> None:
        entry = a_line(room, EntryKind.ADJUSTED, -1)

        with refused_by("stock_act_is_signed_by_its_two"):
            self.amended(room, entry, wrong, **signed(room.nurse, room.cd_lead))

    def test_leaves_what_is_drawn_up(self, room, wrong) -> None:
        room.prepare()

        entry = a_line(room, EntryKind.ADJUSTED, -59)
        with refused_by("drawn_ampoules_are_in_the_cabinet"):
            self.amended(room, entry, wrong, **both(room))

    def test_alone_says_that_its_ampoules_are_in_quarantine(self, room) -> None:
        a_line(room, EntryKind.OBTAINED, 1, in_quarantine=True)
        with refused_by("only_adjustments_say_where"):
            commit()


class TestAReturn:
    @pytest.mark.parametrize("wrong", [{"quantity": 0}, {"drug": ""}, {"unit": ""}])
    def test_says_what_and_how_much(self, room, wrong: dict[str, Any]) -> None:
        content = {
            "clinic": room.clinic,
            "patient": room.patient,
            "drug": "methadone",
            "quantity": 1,
            "unit": "ml",
            "key": uuid.uuid4(),
            "taken_at": now(),
            "taken_by": room.nurse,
        }
        with refused_by("patient_return_says_what_and_how_much"):
            PatientReturn.objects.create(**(content | wrong))

    def destroyed(self, room: TreatmentRoom, **changes: Any) -> ReturnDestruction:
        content = {
            "patient_return": self.returned,
            "method": "kit",
            "destroyed_at": now(),
            "destroyed_by": room.cd_lead,
            "witness": room.nurse,
        }
        return ReturnDestruction.objects.create(**(content | both(room) | changes))

    def test_is_destroyed_by_two_people(self, room) -> None:
        self.returned = a_return(room)
        for wrong in ({"witness": room.cd_lead}, {"method": ""}):
            with refused_by("return_is_destroyed_by_two_people"):
                self.destroyed(room, **wrong)
        with refused_by("stock_act_is_signed_by_its_two"):
            self.destroyed(room, **signed(room.nurse, room.cd_lead))
        self.destroyed(room)


class TestARegister:
    def test_keeps_service_stock_or_patients_own(self, room) -> None:
        with refused_by("register_supply_is_known"):
            RegisterLine.objects.create(
                premises=room.premises,
                product="diamorphine",
                strength_mg=10,
                form="ampoule_powder",
                supply="mixed",
                opened_at=now(),
                opened_by=room.cd_lead,
            )
