"""The pages of what is expected, of transfers and of corrections, from the button to the row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dosing.models import (
    Batch,
    RegisterEntry,
    Transfer,
    TransferReceipt,
)
from hat_clinic.core.clock import now
from tests.factories.days import a_count
from tests.factories.register import receive
from tests.factories.stock import (
    a_requisition,
    a_return,
    a_stock_room,
    balance,
    pin_of,
    put_apart,
    send,
)
from tests.factories.stock_visitor import Visitor, words
from tests.factories.treatment import TreatmentRoom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_stock_room()


@pytest.fixture
def lead(room, at_terminal) -> Visitor:
    return at_terminal(room, room.cd_lead)


@pytest.fixture
def nurse(room, at_terminal) -> Visitor:
    return at_terminal(room, room.nurse)


class TestWhatIsExpected:
    def test_send_and_take_in_a_transfer(self, lead, room, at_terminal) -> None:
        there = a_stock_room()
        then = now() - timedelta(days=4)
        when = {"happened_on": f"{then:%d/%m/%Y}", "happened_time": "11:00"}

        offered = lead.read("send_stock")
        sent = lead.send(
            "send_stock", {"batch": room.batch.id, "target": there.line.id, "ampoules": "5", **when}
        )
        assert there.premises.name in offered
        assert "LATE by" in words(sent)
        transfer = Transfer.objects.get()
        answer = at_terminal(there, there.cd_lead).send(
            "receive_transfer", {"ampoules": "5"}, transfer_id=transfer.id
        )

        assert "they are in stock here" in words(answer)
        assert TransferReceipt.objects.get().missing == 0
        assert (balance(room.line), balance(there.line)) == (45, 55)

    def test_are_told_that_nothing_came_of_a_transfer(self, lead, room) -> None:
        transfer = send(a_stock_room(), room.line, 6)
        filled = {"ampoules": "0", "reason": "The van burnt out."}

        asked = lead.send("receive_transfer", filled, transfer_id=transfer.id)
        done = lead.send(
            "receive_transfer", filled | {"acknowledged": ["fewer_than_sent"]}, transfer_id=transfer.id
        )

        assert "6 of 6 ampoules are missing" in words(asked)
        assert "the transfer has ended, and nothing came" in words(done)
        assert "6 of 6 missing." in words(done)

    def test_take_in_as_nurses_what_is_expected(self, nurse, room) -> None:
        requisition = a_requisition(room, 20)
        filled = {"batch_number": "D9", "expires": "30/06/2028", "ampoules": "20"}
        transfer = send(a_stock_room(), room.line, 6)

        link = "Take in deliveries and transfers"
        assert link in nurse.read("see_register")
        expected = nurse.read("see_expected")
        nurse.send("receive_stock", filled, requisition_id=requisition.id)
        nurse.send("receive_transfer", {"ampoules": "6"}, transfer_id=transfer.id)

        assert f"{requisition.number} Northern Wholesale" in expected
        assert "Take it in from" in expected
        assert "Nothing is expected." in nurse.read("see_expected")
        assert balance(room.line) == 76

    def test_get_the_first_answer_when_the_page_is_sent_twice(self, lead, room) -> None:
        transfer, returned = send(a_stock_room(), room.line, 6), a_return(room)

        for name, filled, parts in (
            ("receive_transfer", {"ampoules": "6"}, {"transfer_id": transfer.id}),
            ("destroy_return", {"method": "denaturing kit"}, {"return_id": returned.id}),
        ):
            url = lead.url(name, **parts)
            initial = lead.client.get(url).context["form"].initial
            same = filled | {"key": initial["key"], "seal": initial["seal"]}
            first, second = (lead.post(url, same) for _ in range(2))

            assert "Saved:" in words(first)
            assert "Saved:" in words(second)
            assert lead.client.get(url).status_code == 404
        assert balance(room.line) == 56

    def test_close_what_never_comes_alone(self, lead, nurse, room) -> None:
        requisition = a_requisition(room, 20)

        text = words(lead.send("close_requisition", {"reason": "cancelled"}, requisition_id=requisition.id))

        assert f"nothing more is expected on {requisition.number}" in text
        assert "Nothing waits for you." in text
        assert "Nothing is expected." in nurse.read("see_expected")


class TestACorrection:
    @pytest.fixture
    def line(self, room) -> RegisterEntry:
        receive(room.line, 10, batch_number="DM24117", expires_on=room.batch.expires_on, at=now())
        return RegisterEntry.objects.get(line=room.line, seq=2)

    def test_in_words_stands_beside_the_line(self, nurse, line, room) -> None:
        answer = nurse.send("note_line", {"text": "The second box was torn."}, entry_key=line.key)

        text = words(answer)
        assert "the note stands beside line 2" in text
        assert f"{room.nurse.full_name}: The second box was torn." in text
        assert "Note to line 2: The second box was torn." in text

    def test_of_a_number_is_approved_by_two_at_the_terminal(self, nurse, line, room) -> None:
        filled = {
            "direction": "less",
            "ampoules": "1",
            "place": "cabinet",
            "reason": "two were opened",
            "lead": room.cd_lead.id,
            "lead_pin": pin_of(room, room.cd_lead),
            "second": room.second_nurse.id,
            "second_pin": pin_of(room, room.second_nurse),
        }

        refused = nurse.send("adjust_line", filled | {"lead_pin": "111222"}, entry_key=line.key)
        other = nurse.send("adjust_line", filled | {"second_pin": "111222"}, entry_key=line.key)
        done = nurse.send("adjust_line", filled, entry_key=line.key)

        assert "Nothing was saved" in words(refused)
        assert "Nothing was saved" in words(other)
        assert "the adjustment stands beside line 2" in words(done)
        assert "-1 ampoule. two were opened" in words(done)
        assert balance(room.line) == 59

    def test_may_add_what_is_in_hand(self, nurse, line, room) -> None:
        filled = {
            "direction": "more",
            "ampoules": "1",
            "place": "cabinet",
            "reason": "one was in hand",
            "lead": room.cd_lead.id,
            "lead_pin": pin_of(room, room.cd_lead),
            "second": room.second_nurse.id,
            "second_pin": pin_of(room, room.second_nurse),
        }

        nurse.send("adjust_line", filled, entry_key=line.key)

        assert balance(room.line) == 61

    def test_shows_nothing_of_the_line_while_the_stock_is_counted(self, nurse, line, room) -> None:
        a_count(room, 60)

        for name in ("note_line", "adjust_line"):
            text = nurse.read(name, entry_key=line.key)
            assert "The stock is being counted." in text
            assert "Northern" not in text
            assert "Obtained" not in text

    def test_of_quarantine_lowers_what_waits_there(self, nurse, line, room) -> None:
        put_apart(room, 3)
        filled = {
            "direction": "less",
            "ampoules": "1",
            "place": "quarantine",
            "reason": "one was gone from the box",
            "lead": room.cd_lead.id,
            "lead_pin": pin_of(room, room.cd_lead),
            "second": room.second_nurse.id,
            "second_pin": pin_of(room, room.second_nurse),
        }

        nurse.send("adjust_line", filled, entry_key=line.key)

        batch = Batch.objects.get(id=room.batch.id)
        assert (batch.ampoules, batch.quarantined) == (59, 2)

    def test_offers_nobody_who_wrote_the_line(self, nurse, room) -> None:
        wrote = RegisterEntry.objects.get(line=room.line, seq=1)

        assert "Nobody can approve this now" in nurse.read("adjust_line", entry_key=wrote.key)
