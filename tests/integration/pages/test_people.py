"""The list of people and one person's page: what each role sees, and what nobody sees."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.pages.queries.people import get_people_page, get_person_page
from patients.actions.consents import withdraw_consent
from patients.actions.people import change_person
from patients.actions.photos import add_photo
from patients.models import Person
from patients.queries.people import details_of
from patients.rules.consents import Purpose
from tests.factories import AgencyFactory, EpisodeFactory
from tests.factories.people import assess, consent_to
from tests.factories.pictures import a_picture
from tests.factories.support import a_support_session
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
)
from tests.integration.patients.pages import words

pytestmark = pytest.mark.django_db

# What is in the record of everybody in these tests, and that a case worker must never read.
CLINICAL = (" mg", "diamorphine", "vein", "Hepatitis", "Low in mood", "Methadone", "Penicillin")


@pytest.fixture
def room() -> TreatmentRoom:
    """Somebody with an order, a dose given, an allergy and a support session."""
    room = a_treatment_room(dose_mg=180)
    room.give()
    Person.objects.filter(id=room.patient.id).update(
        allergies_asked="known", allergies="Penicillin: rash", phone="07700 900417", name_used="Dan"
    )
    worker = a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Whitlock")
    agency = AgencyFactory(name="Coast Homes")
    a_support_session(room.clinic, room.patient.id, by=worker, agency_id=agency.pk)
    return room


@pytest.fixture
def enter(room, make_member, sign_in):
    """Return a function that gives the browser of a member of the room's clinic."""
    return lambda role: sign_in(Client(), make_member(room.clinic, role, f"a{role.value}"))


def person_path(room: TreatmentRoom, patient_id: uuid.UUID | None = None) -> str:
    parts = {"clinic_code": room.clinic.code, "patient_id": patient_id or room.patient.id}
    return reverse("pages:see_person", kwargs=parts)


def list_path(room: TreatmentRoom) -> str:
    return reverse("pages:list_people", kwargs={"clinic_code": room.clinic.code})


class TestThePersonsPage:
    @pytest.mark.parametrize("role", [Role.NURSE, Role.DOCTOR, Role.PRESCRIBER, Role.CLINICAL_LEAD])
    def test_shows_clinicians_everything(self, room, enter, role) -> None:
        page = words(enter(role).get(person_path(room)))

        for said in (
            "known as Dan",
            "07700 900417",
            "8 Cable Yard",
            "180 mg",
            "at most 400 mg a day",
            "Penicillin: rash",
            "Hepatitis C treated",
            "Methadone never held me",
            "2 of 2 sessions",
            "Coast Homes",
            "Police, referred on",
        ):
            assert said in page, said

    def test_shows_a_case_worker_attendance_and_help_and_nothing_clinical(self, room, enter) -> None:
        page = words(enter(Role.CASE_WORKER).get(person_path(room)))

        assert "2 of 2" in page and "came" in page
        assert "Coast Homes" in page and "07700 900417" in page
        assert [word for word in CLINICAL if word in page] == []

    def test_has_nothing_clinical_in_it_for_a_case_worker(self, room) -> None:
        page = get_person_page(clinic=room.clinic, patient_id=room.patient.id, sees_treatment=False, at=now())

        assert page is not None and page.treatment is None

    @pytest.mark.parametrize(
        ("role", "told"),
        [
            (Role.NURSE, "changed phone, whether there are allergies and allergies on"),
            (Role.CASE_WORKER, "changed phone on"),
        ],
    )
    def test_tells_who_changed_what_last(self, room, enter, role, told) -> None:
        person = Person.objects.get(id=room.patient.id)
        change_person(
            person_id=person.id,
            clinic=room.clinic,
            details=replace(
                details_of(person), phone="07700 900000", allergies_asked="none_known", allergies=""
            ),
            version=1,
            by=room.nurse,
            at=now(),
        )

        assert f"Grace Okafor {told}" in words(enter(role).get(person_path(room)))

    @pytest.mark.parametrize(
        ("role", "buttons"),
        [
            (Role.DOCTOR, ["Record an assessment", "Change details", "Add a photo", "Record a consent"]),
            (Role.NURSE, ["Change details", "Add a photo", "Record a consent"]),
            (Role.CASE_WORKER, ["Change details", "Add a photo", "Record a consent"]),
        ],
    )
    def test_has_the_buttons_of_the_role(self, room, enter, role, buttons) -> None:
        page = enter(role).get(person_path(room)).content.decode()

        every = ["Record an assessment", "Change details", "Add a photo", "Record a consent"]
        assert [words for words in every if f">{words}</a>" in page] == buttons

    def test_says_what_is_missing(self, room, enter) -> None:
        withdraw_consent(
            person_id=room.patient.id,
            clinic=room.clinic,
            purpose=Purpose.TREATMENT,
            by=room.nurse,
            at=now(),
        )

        page = words(enter(Role.CASE_WORKER).get(person_path(room)))

        assert "Missing: consent to treatment; photo." in page
        assert "Taken back" in page

    def test_shows_the_photo_while_its_consent_stands(self, room, enter) -> None:
        add_photo(person=room.patient, clinic=room.clinic, content=a_picture(), by=room.nurse, at=now())
        browser = enter(Role.NURSE)
        assert "/photo/?v=" in browser.get(person_path(room)).content.decode()

        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.PHOTO, by=room.nurse, at=now()
        )

        page = browser.get(person_path(room)).content.decode()
        assert "/photo/?v=" not in page and ">DM</span>" in page

    def test_is_a_look_at_the_person(self, room, enter) -> None:
        enter(Role.NURSE).get(person_path(room))

        assert AuditEvent.objects.get(event="pages.person_seen").person == room.patient.id

    def test_of_another_clinic_is_not_there(self, room, enter) -> None:
        elsewhere = a_patient_in_treatment(a_treatment_room().clinic, by=room.doctor)

        theirs = enter(Role.NURSE).get(person_path(room, elsewhere.person_id))
        missing = enter(Role.DOCTOR).get(person_path(room, uuid.uuid4()))

        assert theirs.status_code == missing.status_code == 404
        assert not AuditEvent.objects.filter(event="pages.person_seen").exists()

    @pytest.mark.parametrize("sees_treatment", [True, False])
    def test_takes_the_same_number_of_queries_for_a_long_record(self, room, sees_treatment) -> None:
        def load() -> None:
            get_person_page(
                clinic=room.clinic, patient_id=room.patient.id, sees_treatment=sees_treatment, at=now()
            )

        worker = a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Second Worker")
        with CaptureQueriesContext(connection) as short:
            load()
        for number in range(1, 5):
            assess(room.episode, by=room.doctor, at=now(), follows=number)
            consent_to(Purpose.SHARING, room.episode, by=room.nurse, at=now(), agency=AgencyFactory())
            a_support_session(room.clinic, room.patient.id, by=worker, domain="health", attended=False)

        with CaptureQueriesContext(connection) as long:
            load()

        assert len(long) == len(short) <= 19


class TestTheList:
    def test_says_how_far_each_has_come_and_what_is_missing(self, room, enter) -> None:
        EpisodeFactory(clinic=room.clinic, person__family_name="Aaronson")
        a_patient_in_treatment(room.clinic, by=room.doctor)

        page = words(enter(Role.CASE_WORKER).get(list_path(room)))

        assert "3 in treatment here, of 15 places." in page
        assert page.index("Aaronson") < page.index("Marsh")
        waiting, rest = page[page.index("Aaronson") :].split("Danny", 1)
        assert "Waiting for assessment Consent to treatment Assessment Photo" in waiting
        assert "Has an order" in rest and "Assessed" in rest
        assert [word for word in CLINICAL if word in page] == []

    def test_leaves_out_who_left_and_who_is_elsewhere(self, room) -> None:
        EpisodeFactory(
            clinic=room.clinic,
            exited_on=london_date(now()),
            exit_reason="completed",
            person__family_name="Gone",
        )
        a_treatment_room()

        page = get_people_page(clinic=room.clinic, at=now())

        assert [row.patient_id for row in page.rows] == [room.patient.id]

    def test_of_nobody_says_what_comes_next(self, make_clinic, make_member, sign_in) -> None:
        clinic = make_clinic()
        browser = sign_in(Client(), make_member(clinic, Role.CASE_WORKER))

        page = words(browser.get(reverse("pages:list_people", kwargs={"clinic_code": clinic.code})))

        assert "Nobody is in treatment here." in page

    def test_is_a_look_at_everybody_on_it(self, room, enter) -> None:
        other = a_patient_in_treatment(room.clinic, by=room.doctor)

        enter(Role.NURSE).get(list_path(room))

        looked_at = AuditEvent.objects.filter(event="pages.people_listed").values_list("person", flat=True)
        assert set(looked_at) == {room.patient.id, other.person_id}

    def test_takes_three_queries_for_few_and_many(self, room, django_assert_num_queries) -> None:
        for _ in range(12):
            episode = a_patient_in_treatment(room.clinic, by=room.doctor)
            add_photo(person=episode.person, clinic=room.clinic, content=a_picture(), by=room.nurse, at=now())
        at = now()

        with django_assert_num_queries(3):
            page = get_people_page(clinic=room.clinic, at=at)

        assert len(page.rows) == 13

    def test_puts_no_name_into_an_address(self, room, enter) -> None:
        page = enter(Role.NURSE).get(list_path(room)).content.decode()

        assert "<form" not in page.split("<main", 1)[1]
        assert "arsh" not in "".join(part.split('"', 1)[0] for part in page.split('href="')[1:])
