"""What is written around treatment of the demo's people: every page of a case worker has something on it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from hat_clinic.demo.life import SHEETS, write_demo_lives
from outcomes.models import Goal
from patients.models import Person
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room

pytestmark = pytest.mark.django_db
NAMES = sorted({name for sheet in SHEETS for name, _ in sheet.lines})


@pytest.fixture
def room() -> TreatmentRoom:
    """Return a room whose people have the names of the demo's."""
    room = a_treatment_room()
    people = [room.patient.id]
    people += [a_patient_in_treatment(room.clinic, by=room.doctor).person_id for _ in NAMES[1:]]
    for person, name in zip(people, NAMES, strict=True):
        given, family = name.split()
        Person.objects.filter(id=person).update(given_names=given, family_name=family)
    return room


class TestTheLinesOfTheDemo:
    def test_are_written_once(self, room, make_member):
        worker = make_member(room.clinic, Role.CASE_WORKER, "maya")

        for _ in range(2):
            write_demo_lives(clinic=room.clinic, by=worker, nurse=room.nurse, at=now())

        for sheet in SHEETS:
            assert sheet.table.objects.filter(clinic_id=room.clinic.id).count() == len(sheet.lines)
        assert {goal.owner for goal in Goal.objects.all()} == {worker}

    def test_are_none_of_people_who_are_not_here(self, make_member):
        room = a_treatment_room()
        worker = make_member(room.clinic, Role.CASE_WORKER, "maya")

        write_demo_lives(clinic=room.clinic, by=worker, nurse=room.nurse, at=now())

        assert not any(sheet.table.objects.exists() for sheet in SHEETS)

    @pytest.mark.parametrize(
        ("page", "name"),
        [
            ("see_housing", "Danny Marsh"),
            ("see_money", "Danny Marsh"),
            ("see_plan", "Gemma Reid"),
            ("see_service_use", "Danny Marsh"),
            ("see_custody", "Paulie Grant"),
            ("see_told_offences", "Danny Marsh"),
            ("see_outcome_forms", "Gemma Reid"),
            ("see_own_answers", "Gemma Reid"),
        ],
    )
    def test_leave_no_page_of_a_case_worker_empty(self, room, make_member, sign_in, page, name):
        worker = make_member(room.clinic, Role.CASE_WORKER, "maya")
        write_demo_lives(clinic=room.clinic, by=worker, nurse=room.nurse, at=now())
        given, family = name.split()
        person = Person.objects.get(given_names=given, family_name=family)

        text = (
            sign_in(Client(), worker)
            .get(reverse(f"outcomes:{page}", args=[room.clinic.code, person.id]))
            .content.decode()
        )

        assert name in text
        assert "hat-empty" not in text
