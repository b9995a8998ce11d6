"""The demo people's orders: one each, and no second one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dosing.models import Order
from dosing.queries.worklist import get_worklist
from dosing.rules.worklist import Matter
from hat_clinic.core.clock import now
from hat_clinic.demo.cast import PATIENTS
from hat_clinic.demo.orders import order_doses
from patients.actions import register_person
from referrals.actions import accept_referral, receive_referral
from tests.factories.people import assess, consent_to_treatment_and_photo
from tests.factories.treatment import TreatmentRoom, a_treatment_room


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    """A treatment room with the demo people, who consented and were assessed."""
    room = a_treatment_room(places=20)
    at = now()
    for patient in PATIENTS:
        person = register_person(
            given_names=patient.given_names,
            family_name=patient.family_name,
            born_on=date.fromisoformat(patient.born),
            sex=patient.sex,
            address=patient.address,
            nhs_number=patient.nhs_number,
            is_invented=True,
            by=room.doctor,
            at=at,
        )
        referral = receive_referral(
            clinic=room.clinic, person=person, source="police", referred_on=at.date(), by=room.doctor, at=at
        )
        episode = accept_referral(referral=referral, assessed_on=at.date(), by=room.doctor, at=at)
        consent_to_treatment_and_photo(episode, by=room.doctor, at=at)
        assess(episode, by=room.doctor, at=at)
    return room


class TestTheDemoOrders:
    def test_are_signed_once_for_each_person(self, room: TreatmentRoom) -> None:
        at = now()

        for _ in range(2):
            order_doses(clinic=room.clinic, premises=room.premises, doctor=room.doctor, at=at)

        doses = Order.objects.exclude(patient=room.patient).values_list("patient__nhs_number", "dose_mg")
        assert sorted(doses) == sorted((patient.nhs_number, patient.dose_mg) for patient in PATIENTS)

    def test_are_signed_again_when_they_ran_out(self, room: TreatmentRoom) -> None:
        at = now()
        order_doses(clinic=room.clinic, premises=room.premises, doctor=room.doctor, at=at)

        order_doses(clinic=room.clinic, premises=room.premises, doctor=room.doctor, at=at + timedelta(days=2))

        assert Order.objects.exclude(patient=room.patient).count() == len(PATIENTS) + 1

    def test_leave_the_doctor_something_to_decide(self, room: TreatmentRoom) -> None:
        at = now()
        order_doses(clinic=room.clinic, premises=room.premises, doctor=room.doctor, at=at)

        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=at).rows

        assert {(row.name, row.matter) for row in rows} == {
            ("Col Pearce", Matter.ENDS),
            ("Jade Linton", Matter.ENDS),
        }
