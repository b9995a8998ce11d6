"""The pages of police agreements: writing one down, ending one, references, and bringing in a file."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.actions.police import end_police_agreement
from outcomes.models import (
    PoliceAgreement,
    PoliceAgreementEnd,
    PoliceFile,
    PoliceReference,
    PoliceReferenceEnd,
)
from outcomes.rules.police import Basis
from outcomes.rules.police_file import MOST_BYTES
from tests.factories import AgencyFactory, PersonFactory, PoliceAgreementFactory, PoliceReferenceFactory
from tests.factories.police import a_csv, a_police_file, a_reference, an_agreement
from tests.factories.treatment import TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def manager(room, make_member) -> User:
    return make_member(room.clinic, Role.MANAGER, "manager")


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def agreement(room, manager, worker) -> PoliceAgreement:
    made = an_agreement(room, by=manager, basis=Basis.LAW)
    a_reference(room, made, by=worker)
    return made


@pytest.fixture
def office(manager, sign_in) -> Client:
    return sign_in(Client(), manager)


@pytest.fixture
def desk(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


def url(name: str, room: TreatmentRoom, *more: uuid.UUID) -> str:
    return reverse(f"outcomes:{name}", args=[room.clinic.code, *more])


def seal_of(text: str) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', text)
    assert found is not None
    return found[1]


class TestAnAgreement:
    def content(self, client: Client, room: TreatmentRoom, **changes: Any) -> dict[str, Any]:
        answer = client.get(url("record_police_agreement", room))
        return {
            "key": str(answer.context["form"]["key"].value()),
            "seal": seal_of(answer.content.decode()),
            "agency": str(AgencyFactory().id),
            "starts_on": "01/11/2025",
            "ends_on": "01/11/2035",
            "purpose": "To learn whether treatment helps.",
            "basis": "consent",
            "basis_words": "Consent to sharing (invented)",
            "signatories": "Invented names",
            "importer": "manager",
            "case_workers_see": "no",
            **changes,
        }

    def test_is_written_down_once_and_listed(self, office, room):
        content = self.content(office, room)

        answers = [office.post(url("record_police_agreement", room), content, follow=True) for _ in range(2)]

        assert PoliceAgreement.objects.count() == 1
        text = answers[0].content.decode()
        assert "in force" in text and "do not see the offences" in text

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"ends_on": "01/11/2025"}, "The last day comes after the first."),
            ({"purpose": ""}, "Write what it is for."),
            ({"agency": str(uuid.uuid4())}, "Choose the police force from the list."),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_says_what_is_missing_and_keeps_what_was_typed(self, office, room, changes, words):
        content = self.content(office, room, **changes)

        text = office.post(url("record_police_agreement", room), content).content.decode()

        assert words in text
        assert "Invented names" in text
        assert not PoliceAgreement.objects.exists()

    def test_says_that_a_form_was_sent_before(self, office, room):
        content = self.content(office, room)
        office.post(url("record_police_agreement", room), content)

        again = office.post(url("record_police_agreement", room), content | {"purpose": "Another."})

        assert "sent before with other answers" in again.content.decode()

    def test_is_ended_early_with_the_reason(self, office, room, agreement):
        page = url("end_police_agreement", room, agreement.id)
        seal = seal_of(office.get(page).content.decode())

        assert "Write why it ends." in office.post(page, {"seal": seal, "why": ""}).content.decode()
        assert "opened by somebody else" in office.post(page, {"why": "Over."}).content.decode()
        text = office.post(page, {"seal": seal, "why": "The force asked."}, follow=True).content.decode()

        assert "The force asked." in text and "not in force" in text
        assert PoliceAgreementEnd.objects.count() == 1

    def test_of_another_clinic_is_not_there(self, office, room):
        strange = PoliceAgreementFactory()

        for name in ("end_police_agreement", "import_police_file"):
            assert office.get(url(name, room, strange.id)).status_code == 404


class TestAReference:
    def test_is_suggested_and_stored(self, desk, room, manager):
        made = an_agreement(room, by=manager, basis=Basis.LAW)
        page = url("give_police_reference", room, room.patient.id, made.id)
        answer = desk.get(page)
        suggested = answer.context["form"]["reference"].value()
        seal = seal_of(answer.content.decode())

        text = desk.post(page, {"seal": seal, "reference": suggested}, follow=True).content.decode()

        assert PoliceReference.objects.get().reference == suggested
        assert suggested in text and "Saved" in text

    def test_says_why_it_is_refused(self, desk, room, agreement, worker):
        page = url("give_police_reference", room, room.patient.id, agreement.id)
        seal = seal_of(desk.get(page).content.decode())

        for content, words in (
            ({"seal": seal, "reference": ""}, "Write the reference."),
            ({"seal": seal, "reference": "abc"}, "6 to 20 capital letters and digits"),
            ({"seal": seal, "reference": "ZZZZZZ9"}, "has a reference under this agreement already"),
            ({"reference": "ZZZZZZ9"}, "opened by somebody else"),
        ):
            assert words in desk.post(page, content).content.decode()

    def test_knows_nobody_who_was_never_here_and_no_agreement_that_is_over(
        self, desk, room, agreement, manager
    ):
        nobody = PersonFactory().id
        assert desk.get(url("see_recorded_offences", room, nobody)).status_code == 404
        end_police_agreement(clinic=room.clinic, agreement=agreement.id, why="Over.", by=manager, at=now())

        page = url("give_police_reference", room, room.patient.id, agreement.id)
        assert desk.get(page).status_code == 404
        text = desk.get(url("see_recorded_offences", room, room.patient.id)).content.decode()
        assert "This agreement is over." in text
        assert "Take this reference back" in text

    def test_is_taken_back_once_with_its_reason(self, desk, room, agreement):
        reference = PoliceReference.objects.get()
        page = url("take_back_police_reference", room, room.patient.id, reference.id)
        seal = seal_of(desk.get(page).content.decode())

        assert "Tap why it is taken back." in desk.post(page, {"seal": seal}).content.decode()
        assert "opened by somebody else" in desk.post(page, {"why": "wrong_person"}).content.decode()
        assert not PoliceReferenceEnd.objects.exists()
        for _ in range(2):
            text = desk.post(page, {"seal": seal, "why": "wrong_person"}, follow=True).content.decode()
        assert PoliceReferenceEnd.objects.get().reference == reference
        assert "It was given to the wrong person here" in text
        assert "No reference stands" in text and "Give a reference" in text

    def test_is_taken_back_by_nobody_who_opened_another_persons_form(
        self, desk, room, agreement, make_member, sign_in
    ):
        page = url("take_back_police_reference", room, room.patient.id, PoliceReference.objects.get().id)
        other = sign_in(Client(), make_member(room.clinic, Role.CASE_WORKER, "ravi"))
        seal = seal_of(other.get(page).content.decode())

        text = desk.post(page, {"seal": seal, "why": "wrong_person"}).content.decode()

        assert "opened by somebody else" in text
        assert not PoliceReferenceEnd.objects.exists()

    def test_of_somebody_else_is_not_there_to_be_taken_back(self, desk, room, agreement):
        for strange in (PoliceReferenceFactory().id, uuid.uuid4()):
            page = url("take_back_police_reference", room, room.patient.id, strange)
            assert desk.get(page).status_code == 404

    def test_says_what_case_workers_do_not_see(self, desk, room, manager, worker):
        made = an_agreement(room, by=manager, basis=Basis.LAW, case_workers_see=False)
        page = url("see_recorded_offences", room, room.patient.id)
        assert "No reference yet" in desk.get(page).content.decode()
        a_reference(room, made, by=worker)

        assert "case workers do not see the offences" in desk.get(page).content.decode()


class TestAFile:
    def send(
        self, client: Client, room: TreatmentRoom, agreement: PoliceAgreement, data: bytes, **more: Any
    ) -> str:
        page = url("import_police_file", room, agreement.id)
        today = london_date(now())
        content = {
            "seal": seal_of(client.get(page).content.decode()),
            "first": f"{today - 30 * A_DAY:%d/%m/%Y}",
            "last": f"{today:%d/%m/%Y}",
            "replaces": "",
            "file": SimpleUploadedFile("offences.csv", data),
            **more,
        }
        return client.post(page, content).content.decode()

    @pytest.fixture
    def good(self) -> bytes:
        day = london_date(now()) - A_DAY
        return a_csv(f"QX7TR2,{day},robbery", f"NOBODY1,{day},robbery")

    def test_is_shown_in_numbers_before_anything_is_stored(self, office, room, agreement, good):
        text = self.send(office, room, agreement, good)

        assert "Nothing is stored yet" in text
        assert "1, of 1 person" in text and "1: line 3" in text
        assert not PoliceFile.objects.exists()

    def test_is_stored_once_when_that_was_read(self, office, room, agreement, good):
        text = self.send(office, room, agreement, good)
        found = re.search(r'name="content" value="([^"]+)"', text)
        assert found is not None
        content = {"seal": seal_of(text), "content": found[1]}
        page = url("import_police_file", room, agreement.id)

        answers = [office.post(page, content, follow=True).content.decode() for _ in range(2)]

        assert "Saved: 1 stored, 1 left out." in answers[0]
        assert PoliceFile.objects.count() == 1
        assert "brought in before" in self.send(office, room, agreement, good)

    def test_of_another_content_than_was_shown_is_refused(self, office, room, agreement, good):
        seal = seal_of(self.send(office, room, agreement, good))
        page = url("import_police_file", room, agreement.id)

        for sent in ("no base 64 at all!", "QUFB"):
            text = office.post(page, {"seal": seal, "content": sent}).content.decode()
            assert "opened by somebody else" in text
        assert not PoliceFile.objects.exists()

    def test_with_problems_is_told_by_line_and_column(self, office, room, agreement):
        text = self.send(office, room, agreement, a_csv("QX7TR2,yesterday,arson"))

        assert "2 things to put right" in text and "Line 2" in text

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"first": ""}, "Write the first day."),
            ({"last": "01/01/2099"}, "has come already"),
            ({"replaces": str(uuid.uuid4())}, "Choose a file of the list."),
            ({"file": SimpleUploadedFile("a.csv", b"x" * (MOST_BYTES + 1))}, "larger than 256 kB"),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_says_why_it_is_refused(self, office, room, agreement, good, more, words):
        assert words in self.send(office, room, agreement, good, **more)

    def test_is_refused_to_the_role_that_the_agreement_does_not_name(
        self, room, agreement, good, make_member, sign_in
    ):
        officer = sign_in(Client(), make_member(room.clinic, Role.PRIVACY_OFFICER, "ruth"))

        assert "brought in by: manager" in self.send(officer, room, agreement, good)

    def test_that_was_shown_is_asked_again_when_it_is_stored(self, office, room, agreement, good, manager):
        text = self.send(office, room, agreement, good)
        found = re.search(r'name="content" value="([^"]+)"', text)
        assert found is not None
        end_police_agreement(clinic=room.clinic, agreement=agreement.id, why="Over.", by=manager, at=now())

        answer = office.post(
            url("import_police_file", room, agreement.id), {"seal": seal_of(text), "content": found[1]}
        )

        assert "not in force" in answer.content.decode()
        assert not PoliceFile.objects.exists()

    def test_that_replaces_another_is_listed_beside_it(self, office, room, agreement, good, manager):
        day = london_date(now()) - A_DAY
        first = a_police_file(room, agreement, f"QX7TR2,{day},shoplifting", by=manager)
        assert "Say that this one replaces it" in self.send(office, room, agreement, good)

        text = self.send(office, room, agreement, good, replaces=str(first.id))
        found = re.search(r'name="content" value="([^"]+)"', text)
        assert found is not None
        page = url("import_police_file", room, agreement.id)
        listed = office.post(page, {"seal": seal_of(text), "content": found[1]}, follow=True).content.decode()

        assert "no, replaced" in listed
        assert PoliceFile.objects.count() == 2
