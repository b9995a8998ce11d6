"""The demo people's orders: one each, and no second one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dosing.models import Licence, OralOrder, Order, ProtocolVersion
from dosing.queries.worklist import get_worklist
from dosing.rules.worklist import Matter
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from hat_clinic.demo.beside import ORAL, STAGES, stand_beside_doses
from hat_clinic.demo.cast import PATIENTS
from hat_clinic.demo.orders import order_doses
from hat_clinic.demo.past import PastRoom
from patients.actions import register_person
from patients.models import EpisodeStage
from referrals.actions import accept_referral, receive_referral
from tests.factories.people import assess, consent_to_treatment_and_photo
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

OF_THE_CAST = [patient.nhs_number for patient in PATIENTS]


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


class TestWhatStandsBesideTheDoses:
    @pytest.fixture
    def prescriber(self, room: TreatmentRoom) -> User:
        return a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya")

    def test_is_one_oral_order_and_some_stages_made_once(self, room: TreatmentRoom, prescriber: User) -> None:
        at = now()
        order_doses(room=past_room(room), at=at)

        for _ in range(2):
            stand_beside_doses(
                clinic=room.clinic, premises=room.premises, doctor=room.doctor, prescriber=prescriber, at=at
            )

        oral = OralOrder.objects.get()
        assert (oral.patient.given_names, oral.signed_by) == (ORAL, prescriber)
        said = EpisodeStage.objects.filter(episode__person__nhs_number__in=OF_THE_CAST)
        assert dict(said.values_list("episode__person__given_names", "stage")) == STAGES
        beside = Order.objects.get(patient=oral.patient, ends_at__gt=at + timedelta(hours=1))
        assert beside.oral_plan == "methadone in the evening, as ordered apart"
