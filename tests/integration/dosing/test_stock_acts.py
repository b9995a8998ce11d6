"""Deliveries, quarantine and destruction, by their real actions."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from dosing.actions.register import RegisterRefused
from dosing.actions.two_people import StockRefused
from dosing.models import (
    Batch,
    Delivery,
    Destruction,
    Quarantine,
    RegisterEntry,
    Requisition,
)
from dosing.queries.register import verify_register
from dosing.rules.quarantine import AuthorityKind, QuarantineReason
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.stock import (
    a_requisition,
    a_stock_room,
    adjust,
    an_authority,
    balance,
    close,
    deliver,
    destroy,
    put_apart,
    two,
)
from tests.factories.treatment import TreatmentRoom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_stock_room()


def refusals(event: str) -> list[list[str]]:
    events = AuditEvent.objects.filter(event=event, outcome=AuditEvent.Outcome.REFUSED)
    return [told.detail["codes"] for told in events]


def receipt_of(room: TreatmentRoom) -> RegisterEntry:
    return RegisterEntry.objects.get(line=room.line, seq=1)


class TestADelivery:
    def test_stands_in_stock_and_register_with_its_requisition_and_two_signatures(self, room) -> None:
        requisition = a_requisition(room, 50)

        entry = deliver(room, requisition, 20)

        line = RegisterEntry.objects.get(id=entry.id)
        delivery = Delivery.objects.get(entry=line)
        assert (line.kind, line.ampoules, line.balance) == ("obtained", 20, 70)
        assert (line.party_name, line.reference) == (requisition.supplier_name, requisition.number)
        assert delivery.requisition == requisition
        assert delivery.signature.signed_by == line.entered_by == room.cd_lead
        assert delivery.witness_signature.signed_by == line.witness == room.nurse
        assert Batch.objects.get(number="B7").ampoules == 20
        assert verify_register(room.line.id).ok

    def test_comes_in_parts_and_more_than_was_ordered_is_ticked(self, room) -> None:
        requisition = a_requisition(room, 50)
        deliver(room, requisition, 30)
        deliver(room, requisition, 20, batch="B8")

        with pytest.raises(StockRefused) as refused:
            deliver(room, requisition, 1)
        deliver(room, requisition, 1, acknowledged=frozenset({"over_delivery"}))

        assert [finding.code for finding in refused.value.decision] == [
            "over_delivery",
            "unread_over_delivery",
        ]
        assert balance(room.line) == 101

    def test_that_has_not_come_is_refused_and_the_trail_tells(self, room) -> None:
        requisition = a_requisition(room)

        with pytest.raises(StockRefused, match="lies in the future"):
            deliver(room, requisition, arrived_at=now() + timedelta(minutes=1))

        assert refusals("dosing.stock_received") == [["future"]]
        assert balance(room.line) == 50

    def test_sent_twice_is_taken_in_once(self, room) -> None:
        requisition, signing = a_requisition(room), two(room)

        first = deliver(room, requisition, signing=signing)

        assert deliver(room, requisition, signing=signing) == first
        with pytest.raises(StockRefused, match="already used"):
            deliver(room, requisition, 21, signing=signing)
        assert balance(room.line) == 70

    def test_with_the_key_of_another_line_is_refused(self, room) -> None:
        used = two(room, key=receipt_of(room).key)

        with pytest.raises(StockRefused, match="already used"):
            deliver(room, a_requisition(room), signing=used)

    def test_is_signed_by_two_different_people_of_the_list(self, room) -> None:
        requisition = a_requisition(room)

        for second, code in ((room.cd_lead, "same_person"), (room.doctor, "not_a_signer")):
            with pytest.raises(StockRefused) as refused:
                deliver(room, requisition, signing=two(room, second=second))
            assert [finding.code for finding in refused.value.decision] == [code]

        with pytest.raises(PinRefused):
            deliver(room, requisition, signing=two(room, second_pin="111222"))
        assert balance(room.line) == 50

    def test_is_ordered_once_under_its_number_for_a_ledger_of_this_clinic(self, room) -> None:
        a_requisition(room, number="RQ-118")

        with pytest.raises(StockRefused, match="is recorded for this register"):
            a_requisition(room, number="RQ-118")
        with pytest.raises(StockRefused, match="not kept here"):
            a_requisition(room, line_id=uuid.uuid4())
        assert Requisition.objects.count() == 1

    def test_with_a_batch_number_that_does_not_fit_is_refused_in_words(self, room) -> None:
        with pytest.raises(RegisterRefused):
            deliver(room, a_requisition(room), batch="")
        assert refusals("dosing.stock_received") == [["register_refused"]]

    def test_page_of_a_requisition_sent_twice_is_one_row(self, room) -> None:
        content = {"key": uuid.uuid4(), "number": "RQ-119"}
        first = a_requisition(room, **content)

        assert a_requisition(room, **content) == first
        with pytest.raises(StockRefused, match="already used for something else"):
            a_requisition(room, 51, **content)
        assert Requisition.objects.count() == 1


class TestARequisition:
    def test_is_closed_once_and_what_still_comes_is_taken_in(self, room) -> None:
        requisition = a_requisition(room, 50)
        deliver(room, requisition, 30)

        row = close(room, requisition)

        assert close(room, requisition) == row
        with pytest.raises(StockRefused, match="closed already"):
            close(room, requisition, "Another reason.")
        with pytest.raises(StockRefused, match="Tick that you have read"):
            deliver(room, requisition, 20)
        deliver(room, requisition, 20, acknowledged=frozenset({"requisition_closed"}))
        assert refusals("dosing.requisition_closed") == [["requisition_is_closed"]]
        assert balance(room.line) == 100

    def test_entered_by_a_nurse_is_mended_by_the_lead(self, room) -> None:
        typed_wrong = deliver(
            room,
            a_requisition(room, 100),
            100,
            by=room.nurse,
            signing=two(room, by=room.nurse, second=room.cd_lead),
        )

        adjust(room, RegisterEntry.objects.get(id=typed_wrong.id), -90)

        assert balance(room.line) == 60


class TestQuarantine:
    def test_leaves_the_balance_as_it_is_and_takes_ampoules_out_of_use(self, room) -> None:
        put_apart(room, 3)

        batch = Batch.objects.get(id=room.batch.id)
        assert (batch.ampoules, batch.quarantined, balance(room.line)) == (50, 3, 50)
        row = Quarantine.objects.get()
        assert {row.signature.signed_by, row.witness_signature.signed_by} == {room.cd_lead, room.nurse}

    def test_of_more_than_is_in_the_cabinet_is_refused(self, room) -> None:
        put_apart(room, 48)

        with pytest.raises(StockRefused, match="fewer of this batch"):
            put_apart(room, 3)

        assert refusals("dosing.stock_quarantined") == [["not_in_cabinet"]]
        put_apart(room, 2)

    def test_does_not_take_what_is_drawn_up(self, room) -> None:
        room.prepare()

        with pytest.raises(StockRefused, match="not drawn"):
            put_apart(room, 49)
        put_apart(room, 48)

    def test_sent_twice_is_one_row(self, room) -> None:
        signing = two(room)

        assert put_apart(room, 3, signing=signing) == put_apart(room, 3, signing=signing)
        with pytest.raises(StockRefused, match="already used"):
            put_apart(room, 4, signing=signing)
        assert Batch.objects.get(id=room.batch.id).quarantined == 3

    def test_of_a_batch_of_another_clinic_is_refused(self, room) -> None:
        with pytest.raises(StockRefused, match="not kept here"):
            put_apart(room, 3, batch=a_stock_room().batch)

    def test_for_expiry_is_of_what_has_expired(self, room) -> None:
        with pytest.raises(StockRefused, match="Choose another reason"):
            put_apart(room, 3, reason=QuarantineReason.EXPIRED)

    def test_keeps_its_ampoules_from_every_dose(self, room) -> None:
        put_apart(room, 50)

        with pytest.raises(Exception, match="Quarantined stock is never used"):
            room.prepare()


class TestDestruction:
    def test_takes_ampoules_out_of_quarantine_and_balance_before_an_authorised_witness(self, room) -> None:
        put_apart(room, 3)
        authority = an_authority(room)

        entry = destroy(room, 2, authority=authority)

        line = RegisterEntry.objects.get(id=entry.id)
        batch = Batch.objects.get(id=room.batch.id)
        assert (line.kind, line.ampoules, line.balance) == ("destroyed", -2, 48)
        assert (line.party_name, line.entered_by, line.witness) == ("Kofi Mensah", room.cd_lead, room.nurse)
        assert "denaturing kit, T28 reference T28-0042" in line.reference
        assert (batch.ampoules, batch.quarantined) == (48, 1)
        assert Destruction.objects.get().authority == authority
        assert verify_register(room.line.id).ok

    def test_of_what_is_not_in_quarantine_is_refused(self, room) -> None:
        put_apart(room, 3)

        with pytest.raises(StockRefused, match="fewer of this batch are in quarantine"):
            destroy(room, 4, authority=an_authority(room))

    @pytest.mark.parametrize(
        ("first", "last", "code"), [(-20, -1, "authority_ended"), (1, 9, "authority_not_begun")]
    )
    def test_before_somebody_whose_authority_does_not_stand_is_refused(self, room, first, last, code) -> None:
        put_apart(room, 3)

        with pytest.raises(StockRefused):
            destroy(room, 3, authority=an_authority(room, first=first, last=last))

        assert refusals("dosing.stock_destroyed") == [[code]]

    def test_is_seen_by_a_witness_of_this_clinics_list(self, room) -> None:
        put_apart(room, 3)

        for authority in (None, an_authority(a_stock_room())):
            with pytest.raises(StockRefused, match="Choose the authorised witness"):
                destroy(room, 3, authority=authority)

    def test_sent_twice_is_one_line(self, room) -> None:
        put_apart(room, 3)
        signing, authority = two(room), an_authority(room)

        first = destroy(room, 1, authority=authority, signing=signing)

        assert destroy(room, 1, authority=authority, signing=signing) == first
        with pytest.raises(StockRefused, match="already used"):
            destroy(room, 2, authority=authority, signing=signing)
        assert balance(room.line) == 49

    def test_of_another_clinics_batch_is_refused(self, room) -> None:
        with pytest.raises(StockRefused, match="not kept here"):
            destroy(room, 1, batch=a_stock_room().batch, authority=an_authority(room))

    def test_may_be_entered_late_and_is_judged_by_its_day(self, room) -> None:
        put_apart(room, 3)
        authority = an_authority(room, first=-20, last=-5)

        entry = destroy(room, 3, authority=authority, destroyed_at=now() - timedelta(days=6))

        assert RegisterEntry.objects.get(id=entry.id).recorded_at > now() - timedelta(minutes=5)

    def test_authority_of_more_than_28_days_is_standing_or_refused(self, room) -> None:
        with pytest.raises(StockRefused, match="at most 28"):
            an_authority(room, first=0, last=28)
        key = uuid.uuid4()
        first = an_authority(room, first=0, last=27, key=key)
        assert an_authority(room, first=0, last=27, key=key) == first
        with pytest.raises(StockRefused, match="already used for something else"):
            an_authority(room, first=0, last=26, key=key)
        an_authority(room, first=0, last=90, kind=AuthorityKind.STANDING)

        assert refusals("dosing.authority_recorded") == [["longer_than_28_days"]]
