"""A clinician reads everything held about somebody at their desk, and signs for exactly that."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode, HarmCheck
from tests.factories.around import AlertFactory, RelationshipFactory
from tests.factories.referrals import a_referral
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.integration.patients.pages import words
from tests.pages import seal_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret"  # of everybody whom the factories make
Enter = Callable[[User], Client]


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def enter(sign_in) -> Enter:
    """Return a function that signs somebody in at a desk."""

    def signed_in(user: User) -> Client:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client: Client = sign_in(Client(), user)
        return client

    return signed_in


def address(room: TreatmentRoom, person_id: uuid.UUID | None = None) -> str:
    return reverse("pages:check_harm", args=[room.clinic.code, person_id or room.patient.pk])


def test_everything_is_read_and_signed_and_the_privacy_officer_hands_it_over(
    room: TreatmentRoom, enter: Enter, tmp_path: Path
) -> None:
    AlertFactory(person=room.patient, words="Speak with his sister first.")
    doctor = enter(room.doctor)
    officer = a_member_of_staff(room.clinic, Role.PRIVACY_OFFICER, name="Ruth Amis")

    page = doctor.get(address(room))
    answer = doctor.post(
        address(room),
        {"seal": seal_of(page), "kept_back": "What his sister said.", "password": PASSWORD},
    )

    assert "Speak with his sister first." in words(page)
    assert answer.status_code == 302
    check = HarmCheck.objects.get()
    assert (check.signed_by, check.kept_back) == (room.doctor, "What his sister said.")
    read = AuditEvent.objects.filter(event="pages.record_read_before_export", actor=room.doctor)
    assert {event.person for event in read} == {room.patient.pk}
    target = tmp_path / "record.zip"
    call_command("subject_access", str(room.patient.pk), "--by", officer.email, "--to", str(target))
    assert target.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "wrong"}, "That is not your password."),
        ({"password": ""}, "Sign with your password."),
        ({"seal": "x"}, "opened by somebody else"),
        ({"kept_back": "x" * 501}, "at most 500"),
    ],
    ids=["password", "no password", "another seal", "too long"],
)
def test_nothing_is_signed_otherwise_and_what_was_typed_stays(
    room: TreatmentRoom, enter: Enter, changes: dict[str, str], sentence: str
) -> None:
    doctor = enter(room.doctor)
    sent = {"seal": seal_of(doctor.get(address(room))), "kept_back": "His sister.", "password": PASSWORD}

    answer = words(doctor.post(address(room), {**sent, **changes}))

    assert sentence in answer
    assert changes.get("kept_back", "His sister.") in answer
    assert not HarmCheck.objects.exists()


def test_what_was_written_since_is_read_before_it_is_signed(room: TreatmentRoom, enter: Enter) -> None:
    doctor = enter(room.doctor)
    sent = {"seal": seal_of(doctor.get(address(room))), "password": PASSWORD}
    AlertFactory(person=room.patient, words="New today.")

    stale = doctor.post(address(room), sent)
    again = doctor.post(address(room), sent | {"seal": seal_of(stale)})

    assert "Something was written since it was read." in words(stale) and "New today." in words(stale)
    assert again.status_code == 302


def test_a_colleague_does_not_sign_what_another_opened(room: TreatmentRoom, enter: Enter) -> None:
    lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Owen Reid")
    seal = seal_of(enter(room.doctor).get(address(room)))

    answer = enter(lead).post(address(room), {"seal": seal, "password": PASSWORD})

    assert "opened by somebody else" in words(answer)
    assert not HarmCheck.objects.exists()


def test_tries_at_a_password_are_few(room: TreatmentRoom, enter: Enter, settings) -> None:
    doctor = enter(room.doctor)
    seal = seal_of(doctor.get(address(room)))

    answers = [words(doctor.post(address(room), {"seal": seal, "password": "wrong"})) for _ in range(12)]

    assert "That is not your password." in answers[0]
    assert "Too many tries." in answers[-1]


def test_nobody_else_is_known(room: TreatmentRoom, enter: Enter) -> None:
    referrer = a_member_of_staff(room.clinic, Role.REFERRER, name="Rowan Hale")
    referral = a_referral(room.clinic, by=referrer)
    stranger = a_treatment_room()
    doctor = enter(room.doctor)

    for person_id in (referral.subject_id, stranger.patient.pk, uuid.uuid4()):
        assert doctor.get(address(room, person_id)).status_code == 404


def test_the_record_of_somebody_who_left_is_for_whoever_is_named_for_them(
    room: TreatmentRoom, enter: Enter
) -> None:
    Episode.objects.filter(person=room.patient).update(exited_on=london_date(now()), exit_reason="completed")
    doctor = enter(room.doctor)
    before = doctor.get(address(room))
    RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=room.doctor)

    assert before.status_code == 404
    assert doctor.get(address(room)).status_code == 200


def test_it_stands_on_the_persons_page_for_a_doctor_alone(room: TreatmentRoom, enter: Enter) -> None:
    page = reverse("pages:see_person", args=[room.clinic.code, room.patient.pk])

    assert address(room) in enter(room.doctor).get(page).content.decode()
    assert address(room) not in enter(room.nurse).get(page).content.decode()
