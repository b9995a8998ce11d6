"""The order in force on paper: every line in figures and words, for those who may, and nothing of one that is over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dosing.rules.moments import exact_moment
from hat_clinic.accounts.actions import close_account
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.core.printing import SheetRefused, print_sheet
from tests.factories.order_pages import Desk
from tests.factories.prescription_pages import text_of_pdf
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.nurse)


class TestTheOrderOnPaper:
    def test_has_every_line_in_figures_and_in_words(self, room, desk: Desk) -> None:
        text = " ".join(" ".join(text_of_pdf(desk.client.get(desk.address("print_order")))).split())

        for part in (
            "Order 1, in force",
            room.patient.full_name,
            "diamorphine hydrochloride",
            "180 mg (one hundred and eighty milligrams), twice a day",
            "400 mg (four hundred milligrams)",
            "180 minutes (one hundred and eighty minutes)",
            "20 minutes (twenty minutes)",
            "into a vein",
            "left arm, right arm",
            "Reached by titration.",
            f"In force from {exact_moment(room.order.starts_at)}",
            f"Dr Priya Nair, {exact_moment(room.order.signed_at)}",
            "Licence Dr Priya Nair, diamorphine hydrochloride",
            "It is not a prescription for supply.",
            f"Printed by {room.nurse.full_name}",
            "Page 1 of 1",
        ):
            assert part in text, part

    def test_has_the_reason_for_a_high_dose(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room(dose_mg=300)
        desk = at_a_desk(room, room.nurse)
        doctor = at_a_desk(room, room.doctor)
        high = doctor.open(dose_mg="401", sessions_per_day="1", daily_max_mg="401")
        reason = {
            "high_dose_reason": "Long on 420 mg elsewhere.",
            "acknowledged": ["high_dose"],
        }
        doctor.sign(high | reason)

        text = " ".join(text_of_pdf(desk.client.get(desk.address("print_order")))[0].split())

        assert "Reason for the high dose Long on 420 mg elsewhere." in text

    def test_is_recorded(self, room, desk: Desk) -> None:
        desk.client.get(desk.address("print_order"))

        look = AuditEvent.objects.get(event="dosing.order_printed")
        assert (look.actor, look.person) == (room.nurse, room.patient.id)

    def test_is_offered_to_those_who_may_print_it(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        prescriber = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))
        nurse, doctor, other = (
            one.client.get(one.address("see_orders")).content.decode()
            for one in (desk, at_a_desk(room, room.doctor), prescriber)
        )

        assert ("Print order (PDF)" in nurse, ">Prescription<" in nurse) == (True, False)
        assert ("Print order (PDF)" in doctor, ">Prescription<" in doctor) == (True, True)
        assert ("Print order (PDF)" in other, ">Prescription<" in other) == (False, False)

    def test_is_none_once_it_was_ended(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        doctor = at_a_desk(room, room.doctor)
        doctor.end(doctor.open_end())

        text = desk.client.get(desk.address("print_order")).content.decode()

        assert "No order is in force: no dose may be given." in text

    def test_is_none_while_it_is_suspended(self, room, desk: Desk) -> None:
        close_account(user=room.doctor, clinic=room.clinic, by=room.cd_lead, at=now())

        text = desk.client.get(desk.address("print_order")).content.decode()

        assert "The order is suspended: the doctor who signed it has left or lost the licence." in text

    def test_of_somebody_of_another_clinic_is_not_there(self, desk: Desk) -> None:
        desk.person = a_treatment_room().patient

        assert desk.client.get(desk.address("print_order")).status_code == 404


class TestASheet:
    def test_reads_no_other_file(self) -> None:
        with pytest.raises(SheetRefused, match="may not read file: addresses"):
            print_sheet('<img src="file:///etc/hostname">', stylesheet="hat/sheet.css", identifier=b"1" * 16)

    def test_reads_nothing_of_the_network(self) -> None:
        with pytest.raises(SheetRefused, match="may not read https: addresses"):
            print_sheet(
                '<img src="https://clinic.example/a.png">', stylesheet="hat/sheet.css", identifier=b"1" * 16
            )
