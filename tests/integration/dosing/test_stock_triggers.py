"""What the database refuses of the acts with the stock when the application's own login writes the rows by hand."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dosing.actions.register import AppendedEntry, append_entry, take_into_batch
from dosing.models import (
    Amendment,
    Batch,
    Delivery,
    Destruction,
    PatientReturn,
    Quarantine,
    RegisterEntry,
    RegisterLine,
    Requisition,
    ReturnDestruction,
    Transfer,
    TransferReceipt,
    WitnessAuthority,
)
from dosing.rules.register import EntryKind
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from patients.models import Person
from tests.factories import NINE, OrderFactory, PersonFactory, SignatureFactory, UserFactory
from tests.factories.drawn import a_drawn_dose
from tests.factories.register import a_stocked_batch, an_open_register, receive
from tests.factories.stock import (
    a_requisition,
    a_return,
    a_stock_room,
    adjust,
    an_authority,
    an_own_ledger,
    put_apart,
    send,
    take_in_own,
)
from tests.factories.treatment import TreatmentRoom
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_stock_room()


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


class TestALine:
    @pytest.mark.parametrize(
        ("kind", "ampoules"),
        [(EntryKind.SENT, -1), (EntryKind.RECEIVED, 1), (EntryKind.ADJUSTED, -1), (EntryKind.NOTE, 0)],
    )
    def test_has_the_act_that_it_tells_of(self, room, kind: EntryKind, ampoules: int) -> None:
        with refused_by("register_line_has_its_act"):
            a_line(room, kind, ampoules)
            commit()

    def test_of_destruction_has_its_destruction(self, room) -> None:
        put_apart(room, 3)

        with refused_by("register_line_has_its_act"):
            a_line(room, EntryKind.DESTROYED, -3)
            commit()

    @pytest.mark.parametrize(
        ("kind", "ampoules"),
        [
            (EntryKind.SENT, 1),
            (EntryKind.DESTROYED, 1),
            (EntryKind.RECEIVED, -1),
            (EntryKind.ADJUSTED, 0),
            (EntryKind.NOTE, 1),
        ],
    )
    def test_comes_in_or_goes_out_as_its_kind_says(self, room, kind: EntryKind, ampoules: int) -> None:
        with pytest.raises(Exception, match="comes in, what is sent"):
            a_line(room, kind, ampoules)  # register_kind_fits_its_ampoules

    def test_of_stock_has_no_milligrams(self, room) -> None:
        with pytest.raises(
            Exception, match="Only a dose has milligrams"
        ):  # register_only_doses_have_milligrams
            a_line(room, EntryKind.SENT, -1, drawn_mg=10, given_mg=10, wasted_mg=0)

    def test_of_stock_names_two_people(self, room) -> None:
        with pytest.raises(Exception, match="Two people send"):  # register_stock_acts_name_two_people
            a_line(room, EntryKind.SENT, -1, witness_id=None)

    @pytest.mark.parametrize(("kind", "ampoules"), [(EntryKind.SENT, -1), (EntryKind.NOTE, 0)])
    def test_says_what_it_is_for(self, room, kind: EntryKind, ampoules: int) -> None:
        with pytest.raises(Exception, match="what this line is for"):  # register_stock_acts_say_what_they_are
            a_line(room, kind, ampoules, reference="")


class TestABatch:
    def test_destroys_nothing_that_is_not_in_quarantine(self, room) -> None:
        put_apart(room, 3)

        with pytest.raises(Exception, match="in that place"):  # what_is_quarantined_is_part_of_the_batch
            a_line(room, EntryKind.DESTROYED, -4)

    def test_keeps_what_is_quarantined_from_every_other_way_out(self, room) -> None:
        put_apart(room, 50)

        with pytest.raises(Exception, match="in that place"):
            a_line(room, EntryKind.SENT, -1)

    def test_is_in_the_register_of_its_kind(self, room) -> None:
        ledger = an_own_ledger(room)
        content = {"number": "X", "expires_on": london_date(now()), "ampoules": 0}

        for line, patient in ((room.line, PersonFactory()), (ledger, None)):
            with refused_by("batch_is_in_the_register_of_its_kind"):
                Batch.objects.create(line=line, patient=patient, **content)

    def test_begins_with_nothing_in_quarantine(self, room) -> None:
        with refused_by("batch_begins_empty"):
            Batch.objects.create(
                line=room.line, number="X", expires_on=london_date(now()), ampoules=0, quarantined=1
            )

    @pytest.mark.parametrize("column", ["quarantined", "patient_id"])
    def test_is_not_changed_by_the_application(self, room, column: str) -> None:
        with pytest.raises(Exception, match="permission denied"), _statement() as cursor:
            cursor.execute(f"UPDATE dosing_batch SET {column} = NULL")

    def test_of_one_patient_is_not_moved_by_anybody_elses_line(self, room) -> None:
        ledger = an_own_ledger(room)
        take_in_own(room, ledger, 10)
        batch = Batch.objects.get(line=ledger)

        with refused_by("patients_own_is_theirs_alone"):
            a_line(
                room,
                EntryKind.OBTAINED,
                1,
                line_id=ledger.id,
                batch_id=batch.id,
                patient_id=PersonFactory().id,
            )
            commit()

    def test_of_one_patient_is_drawn_up_for_nobody_else(self) -> None:
        line = an_open_register(supply=Supply.NAMED)
        theirs = _own_batch(line, PersonFactory())
        one = OrderFactory(premises=line.premises)

        with refused_by("patients_own_is_theirs_alone"):
            a_drawn_dose(theirs, order=one)
            commit()
        a_drawn_dose(_own_batch(line, one.patient), order=one)
        commit()


def _own_batch(line: RegisterLine, patient: Person) -> Batch:
    with transaction.atomic():
        take_into_batch(
            line=line,
            kind=EntryKind.OBTAINED,
            batch_number="P1",
            expires_on=london_date(NINE) + timedelta(days=300),
            ampoules=10,
            party_name="Quay Pharmacy (invented)",
            party_address="3 Quay",
            reference="FP10MDA 0001",
            key=uuid.uuid4(),
            by=UserFactory(),
            witness=UserFactory(),
            at=NINE,
            occurred_at=NINE - timedelta(hours=1),
            patient_id=patient.id,
        )
    return Batch.objects.select_related("line__premises").get(line=line, patient=patient)


def _statement() -> Any:
    wrapper: BaseDatabaseWrapper = connection
    return wrapper.cursor()


class TestADrawnDose:
    def test_is_not_of_a_batch_past_its_day(self) -> None:
        batch = a_stocked_batch()
        past = _batch_that_ended(batch)

        with refused_by("preparation_is_in_date"):
            a_drawn_dose(past)
            commit()

    def test_is_of_a_batch_on_its_last_day(self) -> None:
        batch = a_stocked_batch()
        receive(batch.line, 10, batch_number="LAST", expires_on=london_date(NINE))

        a_drawn_dose(Batch.objects.select_related("line__premises").get(number="LAST"))

        commit()

    def test_is_not_of_what_is_in_quarantine(self) -> None:
        batch = a_stocked_batch(3)
        one, other = UserFactory(), UserFactory()
        Quarantine.objects.create(
            batch=batch,
            ampoules=2,
            reason="broken",
            key=uuid.uuid4(),
            quarantined_at=now(),
            quarantined_by=one,
            witness=other,
            **signed(one, other),
        )

        with refused_by("drawn_ampoules_are_in_the_cabinet"):
            a_drawn_dose(batch)
            commit()


def _batch_that_ended(batch: Batch) -> Batch:
    receive(batch.line, 10, batch_number="OLD", expires_on=london_date(NINE) - timedelta(days=1))
    return Batch.objects.select_related("line__premises").get(number="OLD")


class TestAQuarantine:
    def test_is_signed_by_its_two(self, room) -> None:
        with refused_by("stock_act_is_signed_by_its_two"):
            a_quarantine(room, **signed(room.cd_lead, room.cd_lead))

    def test_is_seen_by_two_people(self, room) -> None:
        with refused_by("quarantine_is_seen_by_two_people"):
            a_quarantine(room, witness=room.cd_lead)

    @pytest.mark.parametrize("wrong", [{"ampoules": 0}, {"reason": "bored"}])
    def test_moves_something_for_a_reason(self, room, wrong: dict[str, Any]) -> None:
        with refused_by("quarantine_moves_something_for_a_reason"):
            a_quarantine(room, **wrong)

    def test_is_of_no_more_than_there_is(self, room) -> None:
        a_quarantine(room, 50)

        with refused_by("what_is_quarantined_is_part_of_the_batch"):
            a_quarantine(room, 1)

    def test_leaves_what_is_drawn_up(self, room) -> None:
        room.prepare()

        with refused_by("drawn_ampoules_are_in_the_cabinet"):
            a_quarantine(room, 49)


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


def _a_requisition_row(like: Requisition, **changes: Any) -> Requisition:
    names = ("line_id", "supplier_name", "supplier_address", "ampoules", "ordered_at", "ordered_by_id")
    content = {name: getattr(like, name) for name in names} | {"number": str(uuid.uuid4())}
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
    return WitnessAuthority.objects.create(**(content | changes))


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

        with pytest.raises(Exception, match="not drawn up"):
            adjust(room, wrong, -59)


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
