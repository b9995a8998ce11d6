"""The demo people's orders: one each, and no second one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dosing.models import Licence, Order, ProtocolVersion
from dosing.queries.worklist import get_worklist
from dosing.rules.worklist import Matter
from hat_clinic.core.clock import now
from hat_clinic.demo.cast import PATIENTS
from hat_clinic.demo.orders import order_doses
from hat_clinic.demo.past import PastRoom
from patients.actions import register_person
from referrals.actions import accept_referral, receive_referral
from tests.factories.people import assess, consent_to_treatment_and_photo
from tests.factories.treatment import TreatmentRoom, a_treatment_room


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    """A treatment room with the demo people, who consented and were assessed."""
    at = now() - timedelta(days=4)
    room = a_treatment_room(places=20, ampoules=500, dose_mg=180, at=now())
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


def past_room(room: TreatmentRoom) -> PastRoom:
    return PastRoom(
        clinic=room.clinic,
        premises=room.premises,
        protocol=ProtocolVersion.objects.get(clinic=room.clinic),
        licence=Licence.objects.get(doctor=room.doctor),
        batch=room.batch,
        doctor=room.doctor,
        nurse=room.nurse,
        witness=room.second_nurse,
        cd_lead=room.cd_lead,
    )


class TestTheDemoOrders:
    def test_are_signed_once_for_each_person(self, room: TreatmentRoom) -> None:
        at = now()

        for _ in range(2):
            order_doses(room=past_room(room), at=at)

        doses = (
            Order.objects.exclude(patient=room.patient)
            .filter(ends_at__gt=at)
            .values_list("patient__nhs_number", "dose_mg")
        )
        assert sorted(doses) == sorted((patient.nhs_number, patient.dose_mg) for patient in PATIENTS)

    def test_are_signed_again_when_they_ran_out(self, room: TreatmentRoom) -> None:
        at = now()
        order_doses(room=past_room(room), at=at - timedelta(days=2))

        order_doses(room=past_room(room), at=at)

        later = Order.objects.exclude(patient=room.patient).filter(ends_at__gt=at + timedelta(hours=1))
        assert later.count() == len(PATIENTS)
        assert later.filter(signed_at=at).count() == 1

    def test_leave_the_doctor_something_to_decide(self, room: TreatmentRoom) -> None:
        at = now()
        order_doses(room=past_room(room), at=at)

        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=at).rows

        assert {(row.name, row.matter) for row in rows} == {
            ("Col Pearce", Matter.ENDS),
            ("Jade Linton", Matter.ENDS),
        }
