"""The pages of the stock, from the button to the row."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

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
    WitnessAuthority,
)
from dosing.rules.stock import Supply
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from tests.factories import PersonFactory
from tests.factories.around import RecordOpeningFactory
from tests.factories.days import a_count
from tests.factories.register import receive
from tests.factories.stock import (
    a_note,
    a_requisition,
    a_return,
    a_stock_room,
    an_authority,
    an_own_ledger,
    balance,
    deliver,
    put_apart,
    send,
    take_in_own,
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


class TestThePageOfTheStock:
    def test_says_when_nothing_waits(self, lead) -> None:
        text = lead.read("see_stock")

        assert "Nothing waits for you." in text
        assert "None is recorded whose authority stands" in text

    def test_shows_all_that_waits_and_no_number_of_the_cabinet(self, lead, room) -> None:
        requisition = a_requisition(room, 37)
        deliver(room, requisition, 7)
        today = london_date(now())
        receive(room.line, 4, batch_number="OLD", expires_on=today - timedelta(days=1), at=now())
        receive(room.line, 1, batch_number="LATE", at=now(), occurred_at=now() - timedelta(days=4))
        put_apart(room, 3)
        a_return(room)
        an_authority(room)
        send(a_stock_room(), room.line, 6)
        send(room, a_stock_room().line, 2)

        text = lead.read("see_stock")

        assert f"{requisition.number} Northern Wholesale" in text
        assert "37 30" in text
        assert "Expired ampoules are in the cabinet. Put them into quarantine." in text
        assert "Waits for destruction before an authorised witness." in text
        assert re.search(r"LATE by [45] days: line \d+, Obtained", text)
        assert "methadone 1 mg/ml: 200 ml." in text
        assert "Kofi Mensah, NHS England CDAO AW-7" in text
        assert "On the way here" in text
        assert "2 on the way there" in text
        assert room.patient.family_name not in text
        assert AuditEvent.objects.filter(event="dosing.stock_seen", is_look=True).exists()

    def test_leaves_out_the_amounts_of_a_ledger_while_it_is_counted(self, lead, room) -> None:
        put_apart(room, 3)
        a_count(room, 50)

        text = lead.read("see_stock")

        assert "being counted: its amounts are left out above" in text
        assert "Waits for destruction" not in text

    def test_lets_a_late_line_go_once_a_note_stands_beside_it(self, lead, room) -> None:
        receive(room.line, 1, batch_number="LATE", at=now(), occurred_at=now() - timedelta(days=4))
        a_note(room, RegisterEntry.objects.get(line=room.line, seq=2), "The van came on a holiday.")

        assert "LATE by" not in lead.read("see_stock")

    def test_away_from_a_terminal_says_where_it_is_done(self, room, sign_in) -> None:
        a_requisition(room)

        enrol_totp(user=room.cd_lead, secret=None, by=None, at=now())
        text = Visitor(sign_in(Client(), room.cd_lead), room, room.cd_lead).read("see_stock")

        assert "signed by two at a treatment-room terminal" in text
        assert "Take in a delivery" not in text


class TestAlone:
    def test_the_lead_opens_a_register_once(self, lead, room) -> None:
        filled = {"premises": room.premises.id, "strength": "500", "supply": "service"}

        first, second = lead.send("open_register", filled), lead.send("open_register", filled)

        assert "Saved: the register is open." in words(first)
        assert "This register already exists at these premises" in words(second)
        assert RegisterLine.objects.filter(premises=room.premises, strength_mg=500).count() == 1

    def test_a_register_of_other_premises_is_none_of_this_clinic(self, lead) -> None:
        filled = {"premises": a_stock_room().premises.id, "strength": "500", "supply": "service"}

        assert lead.send("open_register", filled).status_code == 404

    def test_the_lead_is_offered_no_register_of_the_same_premises_to_send_to(self, lead) -> None:
        assert "Nothing can be sent." in lead.read("send_stock")

    def test_the_lead_records_a_requisition(self, lead, room) -> None:
        filled = {
            "line": room.line.id,
            "number": "RQ-118",
            "supplier_name": "Northern Wholesale",
            "supplier_address": "1 Dock Road",
            "ampoules": "50",
        }

        assert "the requisition is recorded" in words(lead.send("order_stock", filled))
        assert Requisition.objects.get().ordered_by == room.cd_lead

    @pytest.mark.parametrize("typed", ["1_000", "1e3", "-5", "5.0", "٣", ""])
    def test_a_number_that_is_none_is_not_read(self, lead, room, typed: str) -> None:
        answer = lead.send("order_stock", {"line": room.line.id, "number": "R", "ampoules": typed})

        assert "Write a whole number from 1 to 9999 with the digits 0 to 9 only." in words(answer)
        assert not Requisition.objects.exists()

    def test_the_lead_records_an_authority(self, lead) -> None:
        filled = {
            "kind": "temporary",
            "name": "Kofi Mensah",
            "granted_by": "NHS England CDAO",
            "number": "AW-7",
            "identity_seen": "staff pass",
            "starts_on": "14/09/2026",
        }

        refused = lead.send("record_authority", filled | {"ends_on": "12/10/2026"})
        saved = lead.send("record_authority", filled | {"ends_on": "11/10/2026"})

        assert "These are 29 days." in words(refused)
        assert "the authority is recorded" in words(saved)
        assert WitnessAuthority.objects.count() == 1

    def test_a_page_of_somebody_else_is_refused(self, lead, nurse, room) -> None:
        entry = RegisterEntry.objects.get(line=room.line, seq=1)
        seal = nurse.client.get(nurse.url("note_line", entry_key=entry.key)).context["form"].initial["seal"]

        answer = lead.send("note_line", {"seal": seal, "text": "x"}, entry_key=entry.key)

        assert "This page was opened by somebody else" in words(answer)
        assert not Amendment.objects.exists()


class TestTwo:
    def test_take_in_a_delivery_in_part_and_late(self, lead, room) -> None:
        requisition = a_requisition(room, 50)
        then = now() - timedelta(days=4)
        filled = {
            "batch_number": "D9",
            "expires": "06/2028",
            "ampoules": "20",
            "happened_on": f"{then:%d/%m/%Y}",
            "happened_time": "11:00",
        }

        answer = lead.send("receive_stock", filled, requisition_id=requisition.id)

        assert "the delivery is in stock and in the register" in words(answer)
        assert "LATE by 4 days" in words(answer)
        assert str(Batch.objects.get(number="D9").expires_on) == "2028-06-30"
        assert Delivery.objects.get().entry.witness == room.nurse

    def test_tick_that_more_came_than_was_ordered(self, lead, room) -> None:
        requisition = a_requisition(room, 5)
        filled = {"batch_number": "D9", "expires": "30/06/2028", "ampoules": "6"}

        asked = lead.send("receive_stock", filled, requisition_id=requisition.id)
        done = lead.send(
            "receive_stock", filled | {"acknowledged": ["over_delivery"]}, requisition_id=requisition.id
        )

        assert "Tick that you have read" in words(asked)
        assert "I have read: With this delivery 6 ampoules have come" in words(asked)
        assert "in stock and in the register" in words(done)
        assert balance(room.line) == 56

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"expires": "31/06/2028"}, "Write it as it is printed"),
            ({"happened_on": "01/02/2026"}, "Write the time of that day too"),
            ({"happened_time": "10:00"}, "Write the day too"),
            ({"happened_on": "01/02/2199", "happened_time": "10:00"}, "That lies in the future"),
            ({"own_pin": "111222"}, "PIN"),
            ({"second_pin": "111222"}, "PIN"),
            ({"batch_number": " " * 3}, "Write the batch number"),
        ],
    )
    def test_are_told_what_stands_against_it(self, lead, room, wrong: dict[str, str], told: str) -> None:
        filled = {"batch_number": "D9", "expires": "30/06/2028", "ampoules": "5"} | wrong

        answer = lead.send("receive_stock", filled, requisition_id=a_requisition(room).id)

        assert "Nothing was saved" in words(answer)
        assert told in words(answer)
        assert balance(room.line) == 50

    def test_keep_the_notes_that_were_ticked_after_a_wrong_pin(self, lead, room) -> None:
        requisition = a_requisition(room, 5)
        filled = {
            "batch_number": "D9",
            "expires": "30/06/2028",
            "ampoules": "6",
            "acknowledged": ["over_delivery"],
            "own_pin": "111222",
        }

        answer = lead.send("receive_stock", filled, requisition_id=requisition.id)

        assert "I have read: More came than was ordered." in words(answer)
        assert re.search(r'value="over_delivery"[^>]*checked', answer.content.decode())

    def test_tell_two_patients_batches_apart_and_the_look_is_recorded(self, nurse, lead, room) -> None:
        ledger, other = an_own_ledger(room), PersonFactory()
        take_in_own(room, ledger, 10)
        take_in_own(room, ledger, 10, patient=other, acknowledged=frozenset({"no_order"}))
        for batch in Batch.objects.filter(line=ledger):
            put_apart(room, 1, batch=batch)

        texts = (nurse.read("quarantine_stock"), lead.read("destroy_stock"))

        for person in (room.patient, other):
            assert all(f", for {person.full_name}" in text for text in texts)
            for event in ("dosing.quarantine_page_seen", "dosing.destruction_page_seen"):
                assert AuditEvent.objects.filter(event=event, person=person.id, is_look=True).exists()

    def test_see_whose_ampoules_they_draw_up(self, nurse, room) -> None:
        room.open_day()
        take_in_own(room, an_own_ledger(room), 10)

        text = nurse.read("prepare_dose", session_id=room.checked().session_id)

        assert f"P1, own medicine, {room.line.strength_mg} mg ampoules" in text
        assert f"DM24117, service stock, {room.line.strength_mg} mg ampoules" in text
        assert re.search(
            rf"Take from the safe \d+ ampoules? of {room.line.strength_mg} mg, (own|service)", text
        )

    def test_put_a_broken_ampoule_apart(self, nurse, room) -> None:
        filled = {"batch": room.batch.id, "ampoules": "1", "reason": "broken", "words": "dropped"}

        answer = nurse.send("quarantine_stock", filled)

        assert "stay in the balance until destroyed" in words(answer)
        assert Quarantine.objects.get().words == "dropped"
        assert balance(room.line) == 50

    def test_destroy_what_is_in_quarantine(self, lead, room) -> None:
        put_apart(room, 3)
        authority = an_authority(room)
        filled = {
            "batch": room.batch.id,
            "ampoules": "3",
            "method": "denaturing kit",
            "exemption": "T28-0042",
        }

        refused = lead.send("destroy_stock", filled)
        done = lead.send("destroy_stock", filled | {"authority": authority.id})

        assert "Choose the authorised witness." in words(refused)
        assert "they are destroyed and out of the balance" in words(done)
        assert Destruction.objects.count() == 1
        assert balance(room.line) == 47

    def test_take_in_and_return_a_patients_medicine(self, nurse, room) -> None:
        ledger = an_own_ledger(room)
        filled = {
            "line": ledger.id,
            "pharmacy_name": "Quay Pharmacy",
            "pharmacy_address": "3 Quay",
            "prescription": "FP10MDA 1",
            "batch_number": "P1",
            "expires": "06/2028",
            "ampoules": "14",
        }

        own = nurse.send("receive_own", filled, patient_id=room.patient.id)
        back = nurse.send(
            "take_return",
            {"drug": "diamorphine 10 mg", "quantity": "2", "unit": "ampoules"},
            patient_id=room.patient.id,
        )
        returned = PatientReturn.objects.get()
        gone = nurse.send("destroy_return", {"method": "denaturing kit"}, return_id=returned.id)

        assert "in the register of patients" in words(own)
        assert "keep it apart from the stock" in words(back)
        assert "Saved: it is destroyed." in words(gone)
        assert ReturnDestruction.objects.get().destroyed_by == room.nurse
        assert (balance(ledger), balance(room.line)) == (14, 50)
        assert "patients' own" in nurse.read("see_register").replace("&#x27;", "'")
        assert nurse.client.get(nurse.url("destroy_return", return_id=returned.id)).status_code == 404

    def test_take_back_what_somebody_brings_after_their_treatment(self, nurse, room) -> None:
        Episode.objects.filter(id=room.episode.id).update(exited_on=london_date(now()), exit_reason="moved")
        path = nurse.url("take_return", patient_id=room.patient.id)
        assert nurse.client.get(path).status_code == 404
        RecordOpeningFactory(
            person=room.patient,
            clinic=room.clinic,
            opened_by=room.nurse,
            reason="at_the_door",
            opened_at=now(),
        )

        answer = nurse.send(
            "take_return",
            {"drug": "diamorphine 10 mg", "quantity": "2", "unit": "ampoules"},
            patient_id=room.patient.id,
        )

        assert "keep it apart from the stock" in words(answer)
        assert nurse.client.get(nurse.url("take_return", patient_id=PersonFactory().id)).status_code == 404

    def test_without_a_ledger_for_patients_own_say_so(self, nurse, room) -> None:
        text = nurse.read("receive_own", patient_id=room.patient.id)

        assert "No register of patients’ own medicine is open here." in text
        assert RegisterLine.objects.filter(supply=Supply.NAMED).count() == 0
