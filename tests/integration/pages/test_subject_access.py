"""Everything held about one person, in one file; and that no table which can reach a person is forgotten."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.management import CommandError, call_command
from django.db import models

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.subject_access import as_page, get_held
from hat_clinic.pages.rules.subject_access import EXPORTED, LEFT_OUT, THIRD_PARTIES
from patients.models import Person
from referrals.models import Referral
from tests.architecture.house import PACKAGES
from tests.factories import PersonPhotoFactory
from tests.factories.around import AlertFactory, ContactDetailFactory, RecordOpeningFactory
from tests.factories.referrals import a_referral
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, another

pytestmark = pytest.mark.django_db
ABOUT_SOMEBODY = {"person", "patient", "person_id", "patient_id", "people", "subject"}


def reaches(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    """Tell whether a row of a model leads to a person, by a key or an id of its own or of a row that it points at."""
    if model is Person:
        return True
    for field in model._meta.concrete_fields:
        is_id = isinstance(field, models.UUIDField) or (
            isinstance(field, ArrayField) and isinstance(field.base_field, models.UUIDField)
        )
        if is_id and field.name in ABOUT_SOMEBODY:
            return True
        target = field.related_model if isinstance(field, models.ForeignKey) else None
        if isinstance(target, type) and target not in seen and reaches(target, seen | {model}):
            return True
    return False


def forgotten(exported: set[str]) -> list[str]:
    """Return a sentence for each table that leads to a person and is neither exported nor left out with a reason."""
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]
    return sorted(
        f"{model._meta.label} leads to a person and is not exported"
        for model in ours
        if reaches(model) and model._meta.label not in exported
    )


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def officer(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.PRIVACY_OFFICER, name="Ruth Adeyemi")


class TestTheManifest:
    def test_has_every_table_that_leads_to_a_person(self) -> None:
        assert forgotten(set(EXPORTED) | set(LEFT_OUT)) == []

    @pytest.mark.parametrize(
        "label", ["dosing.Injection", "patients.OpeningReview", "audit.AuditEvent", "outcomes.Offence"]
    )
    def test_without_one_of_them_is_seen(self, label: str) -> None:
        lacking = (set(EXPORTED) | set(LEFT_OUT)) - {label}
        assert forgotten(lacking) == [f"{label} leads to a person and is not exported"]

    def test_names_tables_and_columns_that_are_there(self) -> None:
        labels = {model._meta.label for model in apps.get_models()}
        assert set(EXPORTED) | set(LEFT_OUT) <= labels
        assert not set(EXPORTED) & set(LEFT_OUT)
        for label, columns in THIRD_PARTIES.items():
            names = {field.name for field in apps.get_model(label)._meta.concrete_fields}
            assert set(columns) <= names, label


class TestWhatIsHeld:
    def test_is_of_this_person_alone(self, room: TreatmentRoom) -> None:
        visit_of = another(room)
        room.give()
        visit_of.give()
        ContactDetailFactory(person=room.patient)
        AlertFactory(person=visit_of.patient, words="About somebody else.")

        held = get_held(person_id=room.patient.id, at=now())
        rows = {table.label: table.rows for table in held.tables}
        text = json.dumps([table.rows for table in held.tables], ensure_ascii=False)

        assert len(rows["dosing.Injection"]) == len(rows["dosing.Preparation"]) == 1
        assert rows["dosing.Injection"][0]["giver"] == room.nurse.full_name
        assert rows["dosing.OrderPeriod"][0]["during"]["from"]
        assert len(rows["patients.ContactDetail"]) == 1 and rows["patients.Alert"] == ()
        assert room.patient.family_name in text and str(room.patient.id) in text
        assert visit_of.patient.family_name not in text and str(visit_of.patient.id) not in text
        assert "About somebody else." not in text

    def test_of_somebody_who_was_referred_and_is_no_person_yet_is_found_too(self, room) -> None:
        referrer = a_member_of_staff(room.clinic, Role.REFERRER, name="Rowan Hale")
        referral = a_referral(room.clinic, by=referrer)
        held = get_held(person_id=referral.subject_id, at=now())
        assert [len(table.rows) for table in held.tables if table.label == "referrals.Referral"] == [1]
        assert [len(table.rows) for table in held.tables if table.label == "referrals.AgencyFlag"] == [
            referral.flags.count()
        ]

    @pytest.mark.parametrize("joined", ["to nobody", "to them", "to another"])
    def test_of_a_referral_that_is_only_likely_about_them_is_named_and_not_written_out(
        self, room: TreatmentRoom, joined: str
    ) -> None:
        referrer = a_member_of_staff(room.clinic, Role.REFERRER, name="Rowan Hale")
        first = a_referral(room.clinic, by=referrer)
        likely = a_referral(room.clinic, by=referrer)
        person = Person.objects.create(
            id=first.id,
            given_names=first.given_names,
            family_name=first.family_name,
            born_on=first.born_on,
        )
        Referral.objects.filter(id=first.id).update(person=person)
        whose = {"to nobody": None, "to them": person, "to another": room.patient}[joined]
        Referral.objects.filter(id=likely.id).update(same_as=first, person=whose)

        held = get_held(person_id=person.id, at=now())

        rows = {table.label: table.rows for table in held.tables}
        found = {row["id"] for row in rows["referrals.Referral"]}
        assert found == {str(first.id)} | ({str(likely.id)} if joined == "to them" else set())
        assert {row["referral"] for row in rows["referrals.AgencyFlag"]} <= found
        assert any(str(likely.id) in words for words in held.doubtful) is (joined == "to nobody")
        assert (str(likely.id) in as_page(held)) is (joined != "to another")

    def test_of_the_first_of_two_referrals_is_not_of_the_other(self, room: TreatmentRoom) -> None:
        referrer = a_member_of_staff(room.clinic, Role.REFERRER, name="Rowan Hale")
        first, other = a_referral(room.clinic, by=referrer), a_referral(room.clinic, by=referrer)
        Referral.objects.filter(id=other.id).update(same_as=first)
        held = get_held(person_id=first.id, at=now())
        rows = next(table.rows for table in held.tables if table.label == "referrals.Referral")
        assert [row["id"] for row in rows] == [str(first.id)]
        assert len(held.doubtful) == 1


class TestTheCommand:
    def export(self, person_id: object, by: str, to: Path) -> None:
        call_command("subject_access", str(person_id), by=by, to=to, stdout=io.StringIO())

    def test_writes_a_page_data_and_pictures_and_who_looked(
        self, room: TreatmentRoom, officer: User, tmp_path: Path
    ) -> None:
        photo = PersonPhotoFactory(person=room.patient)
        RecordOpeningFactory(person=room.patient)
        target = tmp_path / "held.zip"

        self.export(room.patient.id, officer.email, target)

        with zipfile.ZipFile(target) as bundle:
            names = set(bundle.namelist())
            data = json.loads(bundle.read("record.json"))
            page = bundle.read("read-me-first.html").decode()
        assert names == {
            "read-me-first.html",
            "export.css",
            "record.json",
            f"pictures/personphoto-{photo.pk}.jpg",
        }
        assert target.stat().st_mode & 0o077 == 0
        assert set(data["tables"]) == set(EXPORTED)
        assert len(data["tables"]["patients.RecordOpening"]) == 1
        assert room.patient.family_name in page and "serious harm" in page
        event = AuditEvent.objects.get(event="pages.record_exported")
        assert (event.actor, event.person) == (officer, room.patient.id)
        # The export tells of itself: it was written down before the file was made.
        assert any(row["event"] == "pages.record_exported" for row in data["tables"]["audit.AuditEvent"])

    @pytest.mark.parametrize("case", ["a nurse", "elsewhere", "nobody", "no id", "a file"])
    def test_is_refused(self, room: TreatmentRoom, officer: User, tmp_path: Path, case: str) -> None:
        target = tmp_path / "held.zip"
        person, by = str(room.patient.id), officer.email
        if case == "a nurse":
            by = room.nurse.email
        elif case == "elsewhere":
            by = a_member_of_staff(a_treatment_room().clinic, Role.PRIVACY_OFFICER, name="Other").email
        elif case == "nobody":
            person = str(uuid.uuid4())
        elif case == "no id":
            person = "Danny Marsh"
        else:
            target.write_text("mine")

        with pytest.raises(CommandError):
            self.export(person, by, target)
        assert not AuditEvent.objects.filter(event="pages.record_exported").exists()
        assert not target.exists() or target.read_text() == "mine"
