"""Transfers, patients' own medicine, corrections and returns, by their real actions."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from dosing.actions.amendments import Approval, adjust_line
from dosing.actions.register import AppendedEntry, RegisterRefused
from dosing.actions.two_people import StockRefused
from dosing.models import (
    Amendment,
    Batch,
    Destruction,
    PatientReturn,
    RegisterEntry,
    RegisterLine,
    ReturnDestruction,
    Transfer,
    TransferReceipt,
)
from dosing.queries.register import verify_register
from dosing.rules.quarantine import QuarantineReason
from dosing.rules.stock import Supply
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories import PersonFactory
from tests.factories.days import a_count
from tests.factories.register import receive
from tests.factories.stock import (
    LEAD_PIN,
    a_note,
    a_return,
    a_stock_room,
    adjust,
    an_own_ledger,
    balance,
    destroy,
    destroy_returned,
    put_apart,
    send,
    take_in,
    take_in_own,
    two,
)
from tests.factories.treatment import TreatmentRoom, another

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_stock_room()


def refusals(event: str) -> list[list[str]]:
    events = AuditEvent.objects.filter(event=event, outcome=AuditEvent.Outcome.REFUSED)
    return [told.detail["codes"] for told in events]


def receipt_of(room: TreatmentRoom) -> RegisterEntry:
    return RegisterEntry.objects.get(line=room.line, seq=1)


class TestATransfer:
    def test_is_on_the_way_until_it_is_taken_in_and_then_in_the_other_ledger(self, room) -> None:
        there = a_stock_room()

        transfer = send(room, there.line, 5)
        on_the_way = (balance(room.line), balance(there.line))
        take_in(there, transfer, 5)

        assert on_the_way == (45, 50)
        assert (balance(room.line), balance(there.line)) == (45, 55)
        kinds = [
            RegisterEntry.objects.filter(line=line).latest("seq").kind for line in (room.line, there.line)
        ]
        assert kinds == ["sent", "received"]
        assert verify_register(room.line.id).ok
        assert verify_register(there.line.id).ok

    def test_is_taken_in_once(self, room) -> None:
        there = a_stock_room()
        transfer, signing = send(room, there.line, 5), two(there)

        first = take_in(there, transfer, 5, signing=signing)

        assert take_in(there, transfer, 5, signing=signing) == first
        with pytest.raises(StockRefused, match="already used"):
            take_in(there, transfer, 4, signing=signing)
        with pytest.raises(StockRefused, match="in the register already"):
            take_in(there, transfer, 5)
        assert balance(there.line) == 55

    def test_sent_twice_is_one_transfer(self, room) -> None:
        there, signing = a_stock_room(), two(room)

        assert send(room, there.line, 5, signing=signing) == send(room, there.line, 5, signing=signing)
        with pytest.raises(StockRefused, match="already used"):
            send(room, there.line, 6, signing=signing)
        assert Transfer.objects.count() == 1

    def test_with_ampoules_missing_is_taken_in_with_a_reason_that_is_ticked(self, room) -> None:
        there = a_stock_room()
        transfer = send(room, there.line, 5)

        with pytest.raises(StockRefused, match="write what is known"):
            take_in(there, transfer, 4)
        with pytest.raises(StockRefused, match="Tick that you have read"):
            take_in(there, transfer, 4, reason="The box was torn.")
        take_in(there, transfer, 4, reason="The box was torn.", acknowledged=frozenset({"fewer_than_sent"}))

        assert TransferReceipt.objects.get().missing == 1
        assert balance(there.line) == 54
        assert "1 of 5 missing: The box was torn." in RegisterEntry.objects.latest("id").reference

    def test_of_quarantined_or_drawn_ampoules_is_refused(self, room) -> None:
        there = a_stock_room()
        put_apart(room, 45)

        with pytest.raises(StockRefused, match="Quarantined ampoules are not sent"):
            send(room, there.line, 6)
        send(room, there.line, 5)

    def test_to_the_same_premises_or_nowhere_is_refused(self, room) -> None:
        with pytest.raises(StockRefused, match="No register of that class"):
            send(room, RegisterLine(id=uuid.uuid4()), 5)
        with pytest.raises(StockRefused, match=r"are at .* already"):
            send(room, room.line, 5)

    def test_may_be_entered_late(self, room) -> None:
        there, then = a_stock_room(), now() - timedelta(days=4)

        transfer = send(room, there.line, 5, sent_at=then)

        assert transfer.entry.occurred_at == then
        with pytest.raises(StockRefused, match="lies in the future"):
            send(room, there.line, 5, sent_at=now() + timedelta(minutes=1))

    def test_of_which_nothing_came_ends_without_a_movement(self, room) -> None:
        there, signing = a_stock_room(), two(room)
        transfer = send(room, there.line, 5)
        signing, ticked = two(there), frozenset({"fewer_than_sent"})

        def nothing_came() -> AppendedEntry:
            return take_in(
                there, transfer, 0, reason="The van burnt out.", acknowledged=ticked, signing=signing
            )

        with pytest.raises(StockRefused, match="write what is known"):
            take_in(there, transfer, 0)
        first = nothing_came()

        line = RegisterEntry.objects.get(id=first.id)
        assert nothing_came() == first
        assert (line.kind, line.ampoules, line.entered_by, line.witness) == (
            "note",
            0,
            there.cd_lead,
            there.nurse,
        )
        assert "5 of 5 missing: The van burnt out." in line.reference
        assert (balance(room.line), balance(there.line)) == (45, 50)
        assert verify_register(there.line.id).ok
        with pytest.raises(StockRefused, match="in the register already"):
            take_in(there, transfer, 5)

    def test_is_adjusted_back_only_once_it_has_ended(self, room) -> None:
        there = a_stock_room()
        first = send(room, there.line, 5, signing=two(room, by=room.second_nurse), by=room.second_nurse)

        with pytest.raises(StockRefused, match="on the way"):
            adjust(room, first.entry, 5, approvers=(room.cd_lead, room.nurse))
        take_in(there, first, 0, reason="It never left.", acknowledged=frozenset({"fewer_than_sent"}))
        adjust(room, first.entry, 5, approvers=(room.cd_lead, room.nurse))

        assert balance(room.line) == 50

    def test_of_another_clinics_batch_is_refused(self, room) -> None:
        there = a_stock_room()

        with pytest.raises(StockRefused, match="not kept here"):
            send(room, there.line, 5, batch=there.batch)


class TestPatientsOwnMedicine:
    def test_is_in_a_ledger_of_its_own_with_whose_it_is(self, room) -> None:
        ledger = an_own_ledger(room)

        entry = take_in_own(room, ledger, 10)

        line, batch = RegisterEntry.objects.get(id=entry.id), Batch.objects.get(line=ledger)
        assert (line.patient, batch.patient, line.party_name) == (
            room.patient,
            room.patient,
            "Quay Pharmacy (invented)",
        )
        assert (balance(ledger), balance(room.line)) == (10, 50)
        assert verify_register(ledger.id).ok

    def test_is_given_to_them_and_to_nobody_else(self, room) -> None:
        room.open_day()
        ledger = an_own_ledger(room)
        take_in_own(room, ledger, 10)
        batch = Batch.objects.get(line=ledger)
        somebody = another(room)

        with pytest.raises(Exception, match="dispensed for another patient"):
            somebody.prepare(batch_id=batch.id)
        room.give(batch_id=batch.id)

        assert balance(ledger) == 8
        assert balance(room.line) == 50

    def test_never_becomes_stock(self, room) -> None:
        ledger, there = an_own_ledger(room), a_stock_room()
        take_in_own(room, ledger, 10)

        with pytest.raises(StockRefused, match="never becomes stock"):
            send(room, there.line, 5, batch=Batch.objects.get(line=ledger))

    def test_is_destroyed_by_two_without_an_authorised_witness(self, room) -> None:
        ledger = an_own_ledger(room)
        take_in_own(room, ledger, 10)
        batch = Batch.objects.get(line=ledger)
        put_apart(room, 4, batch=batch, reason=QuarantineReason.UNWANTED)

        entry = destroy(room, 4, batch=batch)

        line = RegisterEntry.objects.get(id=entry.id)
        assert (line.balance, line.party_name, line.patient) == (6, room.premises.name, room.patient)
        assert Destruction.objects.get().authority is None

    def test_of_somebody_without_an_order_is_taken_in_once_the_note_is_ticked(self, room) -> None:
        ledger, person = an_own_ledger(room), PersonFactory()

        with pytest.raises(StockRefused, match="No order of this person"):
            take_in_own(room, ledger, patient=person)
        take_in_own(room, ledger, patient=person, acknowledged=frozenset({"no_order"}))

        assert refusals("dosing.stock_received") == [["unread_no_order"]]

    def test_is_refused_in_a_ledger_of_service_stock(self, room) -> None:
        with pytest.raises(StockRefused, match="not kept here"):
            take_in_own(room, room.line)

    def test_sent_twice_is_taken_in_once(self, room) -> None:
        ledger, signing = an_own_ledger(room), two(room, by=room.nurse, second=room.second_nurse)

        assert take_in_own(room, ledger, signing=signing) == take_in_own(room, ledger, signing=signing)
        assert balance(ledger) == 10

    def test_has_a_ledger_once_beside_the_services(self, room) -> None:
        an_own_ledger(room)

        with pytest.raises(RegisterRefused, match="already exists"):
            an_own_ledger(room)
        assert refusals("dosing.register_opened") == [["register_exists"]]
        assert RegisterLine.objects.filter(premises=room.premises, supply=Supply.NAMED).count() == 1


class TestANote:
    def test_stands_beside_the_line_which_stays_as_it_is(self, room) -> None:
        line = receipt_of(room)
        before = RegisterEntry.objects.filter(id=line.id).values().get()

        a_note(room, line, "Delivered by the second van.")

        assert RegisterEntry.objects.filter(id=line.id).values().get() == before
        note = Amendment.objects.get(amends=line)
        assert (note.reason, note.written_by, note.signature) == (
            "Delivered by the second van.",
            room.nurse,
            None,
        )
        assert (note.entry.kind, note.entry.ampoules, note.entry.balance) == ("note", 0, 50)
        assert note.entry.reference == "Note to line 1: Delivered by the second van."
        assert verify_register(room.line.id).ok

    def test_sent_twice_is_one_line(self, room) -> None:
        key = uuid.uuid4()

        assert a_note(room, receipt_of(room), key=key) == a_note(room, receipt_of(room), key=key)
        assert Amendment.objects.count() == 1

    def test_without_words_or_of_another_clinics_line_is_refused(self, room) -> None:
        with pytest.raises(StockRefused, match="Write what was wrong"):
            a_note(room, receipt_of(room), "  ")
        with pytest.raises(StockRefused, match="not in a register of this clinic"):
            a_note(room, receipt_of(a_stock_room()))


class TestAnAdjustment:
    @pytest.fixture
    def line(self, room) -> RegisterEntry:
        """A receipt of the room's batch that none of its people wrote."""
        receive(room.line, 10, batch_number="DM24117", expires_on=room.batch.expires_on, at=now())
        return RegisterEntry.objects.get(line=room.line, seq=2)

    def test_is_a_line_of_its_own_approved_by_the_lead_and_a_second_person(self, room, line) -> None:
        entry = adjust(room, line, -1)

        adjusted, amendment = RegisterEntry.objects.get(id=entry.id), Amendment.objects.get(amends=line)
        assert (adjusted.kind, adjusted.ampoules, adjusted.balance) == ("adjusted", -1, 59)
        assert amendment.written_by == room.nurse
        assert (adjusted.entered_by, adjusted.witness) == (room.cd_lead, room.second_nurse)
        assert adjusted.reference == "Adjusts line 2, batch DM24117: Two ampoules were opened."
        assert Batch.objects.get(id=room.batch.id).ampoules == 59
        assert verify_register(room.line.id).ok

    def test_may_add_ampoules_that_are_in_hand_and_not_in_the_book(self, room, line) -> None:
        adjust(room, line, 1)

        assert balance(room.line) == 61

    def test_is_refused_to_one_alone(self, room, line) -> None:
        for approvers in ((room.cd_lead,), (room.cd_lead, room.cd_lead), (room.nurse, room.second_nurse), ()):
            with pytest.raises(StockRefused, match="controlled-drug lead and a second person"):
                adjust(room, line, -1, approvers=approvers)

        assert balance(room.line) == 60
        assert refusals("dosing.line_adjusted") == [["needs_lead_and_second"]] * 4

    def test_is_refused_to_who_wrote_the_line(self, room) -> None:
        with pytest.raises(StockRefused, match="Ewa Malik wrote the line"):
            adjust(room, receipt_of(room), -1)

    def test_of_a_note_or_of_another_clinics_line_is_refused(self, room) -> None:
        note = RegisterEntry.objects.get(id=a_note(room, receipt_of(room)).id)

        with pytest.raises(StockRefused, match="moved no ampoules"):
            adjust(room, note, -1)
        with pytest.raises(StockRefused, match="not in a register of this clinic"):
            adjust(room, receipt_of(a_stock_room()), -1)

    def test_of_more_than_is_in_the_cabinet_is_refused_without_a_number_of_the_book(self, room, line) -> None:
        with pytest.raises(StockRefused, match="fewer of this batch are in the cabinet") as refused:
            adjust(room, line, -61)

        assert "60" not in str(refused.value)

    def test_of_what_is_drawn_up_is_refused_in_words(self, room, line) -> None:
        room.prepare()

        with pytest.raises(StockRefused, match="what is drawn up is given or wasted first"):
            adjust(room, line, -59)

        assert refusals("dosing.line_adjusted") == [["not_in_cabinet"]]
        assert balance(room.line) == 60

    def test_of_what_is_missing_from_quarantine_changes_both_counts(self, room, line) -> None:
        put_apart(room, 60)

        with pytest.raises(StockRefused, match="fewer of this batch are in the cabinet"):
            adjust(room, line, -1)
        entry = adjust(room, line, -1, in_quarantine=True)

        batch = Batch.objects.get(id=room.batch.id)
        assert (batch.ampoules, batch.quarantined, balance(room.line)) == (59, 59, 59)
        assert "batch DM24117, in quarantine: " in RegisterEntry.objects.get(id=entry.id).reference
        with pytest.raises(StockRefused, match="fewer of this batch are in quarantine"):
            adjust(room, line, -60, in_quarantine=True)

    def test_waits_until_a_count_has_ended(self, room, line) -> None:
        key = uuid.uuid4()
        first = adjust(room, line, -1, key=key)
        a_count(room, 59)

        with pytest.raises(StockRefused, match="being counted"):
            adjust(room, line, -1)

        assert adjust(room, line, -1, key=key) == first
        assert refusals("dosing.line_adjusted") == [["being_counted"]]
        assert balance(room.line) == 59

    def test_sent_twice_is_one_line(self, room, line) -> None:
        key = uuid.uuid4()

        assert adjust(room, line, -1, key=key) == adjust(room, line, -1, key=key)
        with pytest.raises(StockRefused, match="already used"):
            adjust(room, line, -2, key=key)
        assert balance(room.line) == 59

    def test_asks_for_both_pins(self, room, line) -> None:
        with pytest.raises(PinRefused):
            adjust_line(
                clinic=room.clinic,
                entry_key=line.key,
                ampoules=-1,
                in_quarantine=False,
                reason="x",
                approvals=(Approval(room.cd_lead.id, LEAD_PIN), Approval(room.nurse.id, "111222")),
                terminal_id=room.terminal.id,
                key=uuid.uuid4(),
                by=room.nurse,
                at=now(),
            )
        assert balance(room.line) == 60


class TestAReturn:
    def test_stands_in_no_ledger_and_is_destroyed_by_two(self, room) -> None:
        key = uuid.uuid4()
        before = RegisterEntry.objects.count()

        returned = a_return(room, key=key)
        assert a_return(room, key=key) == returned
        with pytest.raises(StockRefused, match="already used for something else"):
            a_return(room, key=key, quantity=20)
        row = destroy_returned(room, returned)

        assert (row.destroyed_by, row.witness) == (room.cd_lead, room.nurse)
        assert destroy_returned(room, returned) == row
        assert RegisterEntry.objects.count() == before
        assert (PatientReturn.objects.count(), ReturnDestruction.objects.count()) == (1, 1)

    def test_is_destroyed_once(self, room) -> None:
        returned = a_return(room)
        destroy_returned(room, returned)

        with pytest.raises(StockRefused, match="destroyed already"):
            destroy_returned(room, returned, method="another way")
