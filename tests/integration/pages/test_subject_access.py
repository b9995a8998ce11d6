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

from hat_clinic.accounts.actions import create_user, grant_role
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.pages.management.commands import check_harm
from hat_clinic.pages.queries.subject_access import as_page, get_held
from hat_clinic.pages.rules.subject_access import EXPORTED, LEFT_OUT, THIRD_PARTIES
from patients.models import HarmCheck, Person
from referrals.models import Referral
from tests.architecture.house import PACKAGES
from tests.factories import PersonPhotoFactory
from tests.factories.around import AlertFactory, ContactDetailFactory, RecordOpeningFactory
from tests.factories.referrals import a_referral
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, another
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
READER, PASSWORD = "reader@clinic.example", "seven quiet herons"
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


def read_and_sign(room: TreatmentRoom, tmp_path: Path, monkeypatch, **changes: str) -> str:
    """Let the clinical lead of a room read the record of its person and sign for it; return what the command says."""
    lead = User.objects.filter(email=READER).first() or a_reader(room)
    person, out = str(room.patient.id), io.StringIO()
    call_command("check_harm", person, by=lead.email, read=tmp_path / "draft.zip", stdout=out)
    fingerprint = out.getvalue().split()[-1]
    monkeypatch.setattr(check_harm, "getpass", lambda _: changes.get("password", PASSWORD))
    signed = changes.get("sign", fingerprint)
    call_command(
        "check_harm", person, by=lead.email, sign=signed, keep_back=changes.get("keep_back", ""), stdout=out
    )
    return out.getvalue()


def a_reader(room: TreatmentRoom) -> User:
    reader = create_user(email=READER, full_name="Noor Haddad", password=PASSWORD, by=None, at=now())
    grant_role(user=reader, clinic=room.clinic, role=Role.CLINICAL_LEAD, by=None, at=now())
    return reader


class TestTheCheckBefore:
    def export(self, room: TreatmentRoom, by: User, to: Path) -> str:
        out = io.StringIO()
        call_command("subject_access", str(room.patient.id), by=by.email, to=to, stdout=out)
        return out.getvalue()

    def test_is_signed_for_what_was_read_and_lets_it_be_handed_over(
        self, room: TreatmentRoom, officer: User, tmp_path: Path, monkeypatch
    ) -> None:
        with pytest.raises(CommandError, match="No clinician has signed"):
            self.export(room, officer, tmp_path / "held.zip")
        assert not (tmp_path / "held.zip").exists()
        refused = AuditEvent.objects.get(event="pages.record_exported")
        assert (refused.outcome, refused.detail) == ("refused", {"codes": ["not_checked"]})

        read_and_sign(room, tmp_path, monkeypatch, keep_back="The sister's name.")
        said = self.export(room, officer, tmp_path / "held.zip")

        check = HarmCheck.objects.get()
        assert (check.person_id, check.signed_by.email) == (room.patient.id, READER)
        assert "The sister's name." in said and (tmp_path / "held.zip").exists()
        events = AuditEvent.objects.filter(person=room.patient.id)
        assert events.filter(event="pages.record_read_before_export", actor=check.signed_by).exists()
        assert events.filter(event="patients.harm_checked", actor=check.signed_by).exists()

    def test_is_over_with_the_next_word_that_is_written(
        self, room: TreatmentRoom, officer: User, tmp_path: Path, monkeypatch
    ) -> None:
        read_and_sign(room, tmp_path, monkeypatch)
        AlertFactory(person=room.patient, clinic=room.clinic)
        with pytest.raises(CommandError, match="Something was written since"):
            self.export(room, officer, tmp_path / "held.zip")

    def test_is_never_by_who_hands_it_over(self, room: TreatmentRoom, tmp_path: Path, monkeypatch) -> None:
        read_and_sign(room, tmp_path, monkeypatch)
        reader = User.objects.get(email=READER)
        grant_role(user=reader, clinic=room.clinic, role=Role.PRIVACY_OFFICER, by=None, at=now())
        with pytest.raises(CommandError, match="You signed it yourself"):
            self.export(room, reader, tmp_path / "held.zip")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"password": "wrong"}, "password"), ({"sign": "0" * 64}, "changed_since")],
        ids=["password", "another record"],
    )
    def test_is_refused_in_the_trail(
        self, room: TreatmentRoom, tmp_path: Path, monkeypatch, changes: dict, code: str
    ) -> None:
        with pytest.raises(CommandError, match="Nothing was signed"):
            read_and_sign(room, tmp_path, monkeypatch, **changes)
        assert not HarmCheck.objects.exists()
        assert AuditEvent.objects.get(event="patients.harm_checked").detail == {"codes": [code]}

    @pytest.mark.parametrize("case", ["a nurse", "no id", "a file", "long"])
    def test_is_a_clinicians(self, room: TreatmentRoom, tmp_path: Path, case: str) -> None:
        target = tmp_path / "draft.zip"
        if case == "a file":
            target.write_text("mine")
        with pytest.raises(CommandError):
            call_command(
                "check_harm",
                "Danny" if case == "no id" else str(room.patient.id),
                by=room.nurse.email if case == "a nurse" else a_reader(room).email,
                read=target,
                keep_back="x" * 501 if case == "long" else "",
                stdout=io.StringIO(),
            )
        assert not target.exists() or target.read_text() == "mine"

    def test_is_of_one_record_in_the_database(self, room: TreatmentRoom) -> None:
        row = {"person_id": room.patient.id, "signed_by": room.nurse, "signed_at": now()}
        with refused_by("harm_check_is_of_one_record"):
            HarmCheck.objects.create(record_sha256="read", **row)
        assert HarmCheck.objects.create(record_sha256="0" * 64, **row).pk


class TestTheCommand:
    def export(self, person_id: object, by: str, to: Path) -> None:
        call_command("subject_access", str(person_id), by=by, to=to, stdout=io.StringIO())

    def test_writes_a_page_data_and_pictures_and_who_looked(
        self, room: TreatmentRoom, officer: User, tmp_path: Path, monkeypatch
    ) -> None:
        photo = PersonPhotoFactory(person=room.patient)
        RecordOpeningFactory(person=room.patient)
        target = tmp_path / "held.zip"
        read_and_sign(room, tmp_path, monkeypatch)

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
