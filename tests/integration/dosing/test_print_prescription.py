"""Printing a prescription through its pages: read in figures and words, stored once, refused in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest

from dosing.models import PrescriptionPrint
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions import withdraw_consent
from patients.models import Person
from patients.rules.consents import Purpose
from tests.factories.order_pages import Desk
from tests.factories.prescription_pages import open_paper, open_prescription, send, text_of_pdf
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)
from tests.integration.dosing.test_sign_order import a_second_doctor

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.doctor)


def printed(desk: Desk, **changes: object) -> PrescriptionPrint:
    answer = send(desk, open_prescription(desk, **changes), "print")
    assert answer.status_code == 302, answer.content.decode()
    return PrescriptionPrint.objects.latest("printed_at")


def days_left(room: TreatmentRoom) -> int:
    """Return how many days from tomorrow the order of the room has."""
    return (london_date(room.order.ends_at - timedelta(microseconds=1)) - london_date(now())).days


class TestAPrescriptionThatIsReadAndPrinted:
    def test_is_read_in_figures_and_in_words(self, room, desk: Desk) -> None:
        text = send(desk, open_prescription(desk), "read").content.decode()

        for part in (
            room.patient.full_name,
            "diamorphine hydrochloride",
            "100 mg (one hundred milligrams) in each ampoule",
            "360 mg (three hundred and sixty milligrams)",
            f"{360 * days_left(room)} mg (",
            "one instalment every day",
            "Supervise consumption on the days of collection.",
            "Wording not verified: compare with the current approved text before signing.",
        ):
            assert part in text
        assert not PrescriptionPrint.objects.exists()

    def test_is_stored_with_every_line_and_in_the_audit_trail(self, room, desk: Desk) -> None:
        one = printed(desk)

        days = days_left(room)
        assert (one.order, one.full_number, one.form) == (room.order, "1-1", "fp10mda")
        assert (one.days, one.instalment_mg, one.total_mg) == (days, 360, 360 * days)
        assert (one.printed_by, one.licence) == (room.doctor, room.order.licence)
        event = AuditEvent.objects.get(event="dosing.prescription_printed")
        assert (event.outcome, event.actor, event.person) == ("done", room.doctor, room.patient.id)
        assert event.object_id == str(one.id)

    def test_is_listed_with_its_paper(self, desk: Desk) -> None:
        printed(desk)

        text = desk.client.get(desk.address("print_prescription")).content.decode()
        assert "Saved: prescription 1-1." in text
        assert "Prescription 1-1 (PDF)" in text

    def test_is_stored_once_whatever_is_pressed(self, desk: Desk) -> None:
        page = open_prescription(desk)

        first, again = send(desk, page, "print"), send(desk, page, "print")

        assert (first.status_code, again.status_code) == (302, 302)
        assert PrescriptionPrint.objects.count() == 1
        assert AuditEvent.objects.filter(event="dosing.prescription_printed").count() == 1

    def test_is_numbered_after_the_one_before(self, desk: Desk) -> None:
        first = printed(desk)
        second = printed(
            desk, reason="First paper torn up.", acknowledged=["wording_unverified", "printed_again"]
        )

        assert (first.full_number, second.full_number) == ("1-1", "1-2")
        assert second.sheet["reason"] == "First paper torn up."

    def test_may_be_changed_after_it_was_read(self, desk: Desk) -> None:
        text = send(desk, open_prescription(desk, strength_mg="30"), "change").content.decode()

        assert 'value="30"' in text
        assert "Read it before printing" in text


class TestItsPaper:
    def test_states_all_that_it_must(self, room, desk: Desk) -> None:
        Person.objects.filter(id=room.patient.id).update(
            address="3 Invented Row", nhs_number="9990000018", has_no_fixed_abode=False
        )
        one = printed(desk)

        text = " ".join(" ".join(text_of_pdf(open_paper(desk, one))).split())

        days = days_left(room)
        for part in (
            room.patient.full_name,
            "3 Invented Row",
            "999 000 0018",
            "diamorphine hydrochloride",
            "powder for solution for injection, ampoules",
            "Total quantity " + f"{360 * days} mg (",
            "Amount of each instalment 360 mg (three hundred and sixty milligrams)",
            "one instalment every day",
            f"Number of instalments {days} (",
            "For FP10MDA, for instalments",
            "Supply an instalment that falls on a day the pharmacy is closed",
            "Wording not verified: compare with the current approved text before signing.",
            "Dr Priya Nair",
            "Licence",
            "order 1, signed by Dr Priya Nair",
            "Prescriber’s signature in ink",
            "Page 1 of 1",
            "Prescription 1-1",
        ):
            assert part in text, part

    def test_says_no_fixed_abode_where_no_address_is_known(self, room, desk: Desk) -> None:
        Person.objects.filter(id=room.patient.id).update(address="", has_no_fixed_abode=False)
        one = printed(desk, acknowledged=["wording_unverified", "no_address"])

        assert "no fixed abode" in text_of_pdf(open_paper(desk, one))[0]

    def test_is_tagged_and_the_same_whenever_it_is_opened(self, room, desk: Desk) -> None:
        one = printed(desk)
        first = open_paper(desk, one)
        Person.objects.filter(id=room.patient.id).update(family_name="Changed")

        again = open_paper(desk, one)

        root = pypdf.PdfReader(io.BytesIO(first.content)).root_object
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en-GB"
        assert text_of_pdf(first) == text_of_pdf(again)
        assert "no-store" in first.headers["Cache-Control"]

    def test_is_recorded_as_a_look(self, room, desk: Desk) -> None:
        open_paper(desk, printed(desk))

        look = AuditEvent.objects.get(event="dosing.prescription_seen")
        assert (look.actor, look.person) == (room.doctor, room.patient.id)

    def test_is_not_opened_once_a_new_order_is_signed(self, room, desk: Desk) -> None:
        one = printed(desk)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=160)

        text = open_paper(desk, one).content.decode()

        assert "It may not be put on paper again" in text
        assert "Order 1, from which it was printed, is not in force any more." in text

    def test_is_not_opened_once_another_took_its_days(self, desk: Desk) -> None:
        first = printed(desk)
        second = printed(
            desk, reason="First paper torn up.", acknowledged=["wording_unverified", "printed_again"]
        )

        assert "Prescription 1-2 took its place." in open_paper(desk, first).content.decode()
        assert len(text_of_pdf(open_paper(desk, second))) == 1

    def test_is_not_opened_by_another_doctor(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        one = printed(desk)
        other = at_a_desk(room, a_second_doctor(room))

        text = open_paper(other, one).content.decode()

        assert "Only the doctor whose name is on it can print it again." in text

    def test_of_another_clinic_is_not_there(self, desk: Desk, at_a_desk: SitDown) -> None:
        one = printed(desk)
        elsewhere = a_treatment_room()

        assert open_paper(at_a_desk(elsewhere, elsewhere.doctor), one).status_code == 404


class TestAPrescriptionThatIsRefused:
    def test_says_why_and_stores_nothing(self, room, desk: Desk) -> None:
        page = open_prescription(desk, wordings=[])

        answers = [send(desk, page, step).content.decode() for step in ("read", "print")]

        for text in answers:
            assert "Choose at least one wording." in text
        assert not PrescriptionPrint.objects.exists()
        event = AuditEvent.objects.get(event="dosing.prescription_printed")
        assert (event.outcome, event.person) == ("refused", room.patient.id)

    def test_of_days_printed_before_asks_for_a_reason(self, desk: Desk) -> None:
        printed(desk)

        text = send(desk, open_prescription(desk), "read").content.decode()

        assert "<strong>STOP</strong> · Prescription 1-1 of" in text

    def test_asks_for_every_note_to_be_ticked(self, desk: Desk) -> None:
        text = send(desk, open_prescription(desk, acknowledged=[]), "print").content.decode()

        assert "Tick that you have read: Wording not verified" in text
        assert not PrescriptionPrint.objects.exists()

    def test_is_one_whose_order_changed_meanwhile(self, room, desk: Desk) -> None:
        page = open_prescription(desk)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=160)

        told = send(desk, page, "print").content.decode()
        read = send(desk, page, "read").content.decode()

        assert (
            "The order changed, its plan moved on, or a prescription was printed, since you opened this page."
            in told
        )
        assert "since you opened this page. Check what you chose." in read
        assert not PrescriptionPrint.objects.exists()

    def test_is_one_that_somebody_else_printed_meanwhile(self, desk: Desk) -> None:
        page = open_prescription(desk)
        printed(desk)

        text = send(desk, page, "print").content.decode()

        assert "a prescription was printed, since you opened this page" in text
        assert PrescriptionPrint.objects.count() == 1

    def test_is_another_on_a_page_that_was_used(self, desk: Desk) -> None:
        page = open_prescription(desk)
        send(desk, page, "print")

        text = send(desk, page | {"strength_mg": "30"}, "print").content.decode()

        assert "This page was already used for something else." in text
        assert PrescriptionPrint.objects.count() == 1

    def test_is_one_on_a_page_that_somebody_else_opened(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        page = open_prescription(desk)
        other = at_a_desk(room, a_second_doctor(room))

        text = send(other, page, "print").content.decode()

        assert "This page was opened by somebody else or for somebody else." in text
        assert not PrescriptionPrint.objects.exists()

    @pytest.mark.parametrize("written", ["1e2", "100.0", "+100", "1_00", "١٠٠", "100 mg", "0"])
    def test_has_a_strength_in_whole_milligrams(self, desk: Desk, written: str) -> None:
        text = send(desk, open_prescription(desk, strength_mg=written), "print").content.decode()

        assert "Write whole milligrams with the digits 0 to 9 only, such as 100." in text
        assert not PrescriptionPrint.objects.exists()

    def test_is_barred_without_treatment_consent(self, room, desk: Desk) -> None:
        page = open_prescription(desk)
        withdraw_consent(
            person_id=room.patient.id,
            clinic=room.clinic,
            purpose=Purpose.TREATMENT,
            by=room.doctor,
            at=now(),
        )

        opened = desk.client.get(desk.address("print_prescription")).content.decode()
        sent = send(desk, page, "print").content.decode()

        for text in (opened, sent):
            assert "No treatment consent of this person stands." in text
        assert not PrescriptionPrint.objects.exists()

    def test_is_barred_without_a_licence_here(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sam Ito"))

        text = desk.client.get(desk.address("print_prescription")).content.decode()

        assert "No licence of yours for this drug at these premises is in force." in text

    def test_is_barred_where_no_order_was_ever_signed(self, room, desk: Desk) -> None:
        nobody = a_patient_in_treatment(room.clinic, by=room.doctor).person
        desk.person = nobody

        text = desk.client.get(desk.address("print_prescription")).content.decode()

        assert "No order is in force. A licensed doctor signs one first." in text

    def test_is_barred_once_the_order_was_ended(self, desk: Desk) -> None:
        desk.end(desk.open_end())

        text = desk.client.get(desk.address("print_prescription")).content.decode()

        assert "Order 1 has ended. A licensed doctor signs the next one first." in text

    def test_is_barred_before_the_order_is_in_force(self, desk: Desk) -> None:
        desk.end(desk.open_end())
        day = london_date(now()) + timedelta(days=1)
        desk.sign(desk.open(starts="later", starts_on=f"{day:%d/%m/%Y}", starts_time="07:30"))

        text = desk.client.get(desk.address("print_prescription")).content.decode()

        assert "Order 2 is not in force yet. Print the prescription once it is." in text

    def test_of_somebody_of_another_clinic_is_not_there(self, desk: Desk) -> None:
        desk.person = a_treatment_room().patient

        assert desk.client.get(desk.address("print_prescription")).status_code == 404
