"""The national dataset: loading a code set, the file and its consent, what case workers are told, and the pages."""

from __future__ import annotations

import csv
import io
import re
import uuid
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

import outcomes
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions import ndtms
from outcomes.actions.ndtms import (
    CodeSetRefused,
    ExportKeyReused,
    NothingLoaded,
    export_ndtms,
    load_code_set,
)
from outcomes.models import CodeSet, DatasetExport
from outcomes.queries.ndtms import get_gaps_page, pseudonym_of
from outcomes.rules.ndtms import STATEMENT, CodeSetSaid, CodeSetUnreadable
from patients.rules.consents import Purpose
from tests.factories import (
    CodeSetFactory,
    ConsentFactory,
    ConsentWithdrawalFactory,
    EpisodeFactory,
    OutcomeFormFactory,
)
from tests.factories.health import a_health_step
from tests.factories.housing import a_housing_line
from tests.factories.money import a_money_line
from tests.factories.treatment import TreatmentRoom
from tests.factories.urine_pages import Visitor
from tests.pages import shown
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
EXAMPLE = Path(outcomes.__file__).parent / "data" / "example-code-set.csv"
SMALL = b"field,fact,required,ours,theirs\nA,sex,yes,F,1\nA,sex,yes,M,2\nB,hcv,no,,\n"


@pytest.fixture
def room(treated: TreatmentRoom) -> TreatmentRoom:
    return treated


@pytest.fixture
def manager(room, make_member) -> User:
    return make_member(room.clinic, Role.MANAGER, "mona")


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def load(room, manager):
    def loaded(content: bytes = SMALL, **more: Any) -> CodeSet:
        by = more.pop("by", manager)
        given: dict[str, Any] = {
            "dataset": "Example",
            "version": "1",
            "valid_from": date(2026, 11, 1),
            "source": "invented",
            "verified_by": "",
            **more,
        }
        return load_code_set(clinic=room.clinic, said=CodeSetSaid(**given), content=content, by=by, at=now())

    return loaded


@pytest.fixture
def agreed(room):
    return ConsentFactory(
        person=room.patient, purpose=Purpose.NDTMS, given_at=now() - timedelta(minutes=1), recorded_at=now()
    )


def made(room: TreatmentRoom, by: User, key: uuid.UUID | None = None) -> list[dict[str, str]]:
    """Make the file and return its lines by field, without the statement."""
    text = export_ndtms(clinic=room.clinic, key=key or uuid.uuid4(), by=by, at=now()).text
    return list(csv.DictReader(io.StringIO(text.split("\r\n", 1)[1], newline="")))


class TestLoading:
    def test_stores_the_version_with_its_source_and_tells_the_trail(self, room, manager, load):
        row = load()

        assert (row.dataset, row.version, row.verified_by, bytes(row.content)) == ("Example", "1", "", SMALL)
        event = AuditEvent.objects.get(event="outcomes.code_set_loaded")
        assert (event.object_id, event.actor, event.detail) == (str(row.id), manager, {"sha256": row.sha256})

    def test_stores_the_same_once(self, load):
        assert load() == load()
        assert CodeSet.objects.count() == 1

    def test_refuses_a_known_version_with_other_content_and_tells_the_trail(self, load):
        load()

        with pytest.raises(CodeSetRefused, match="loaded already"):
            load(SMALL + b"C,work,no,,\n")

        refused = AuditEvent.objects.get(event="outcomes.code_set_loaded", outcome="refused")
        assert refused.detail == {"codes": ["ndtms_version_known"]}

    def test_refuses_what_is_no_code_set(self, load):
        with pytest.raises(CodeSetUnreadable):
            load(b"nothing")
        assert not CodeSet.objects.exists()


class TestTheFile:
    def test_holds_whoever_agreed_with_the_codes_of_the_set(self, room, manager, load, agreed):
        load()
        EpisodeFactory(clinic=room.clinic)
        a_health_step(room.clinic, room.patient.id, "hcv", "rna_found", by=room.nurse)

        lines = made(room, manager)

        code = {"F": "1", "M": "2"}.get(room.patient.sex, "")
        assert lines == [{"A": code, "B": "done"}]
        row = DatasetExport.objects.get()
        assert (row.treatments, row.without_consent) == (1, 1)
        event = AuditEvent.objects.get(event="outcomes.ndtms_exported")
        assert (event.person, event.object_id) == (room.patient.id, str(row.id))

    @pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=1)])
    def test_holds_nobody_whose_consent_was_taken_back(self, room, manager, load, agreed, later):
        load()
        ConsentWithdrawalFactory(consent=agreed, withdrawn_at=agreed.given_at + later)

        assert made(room, manager) == []
        assert AuditEvent.objects.get(event="outcomes.ndtms_exported").person is None

    def test_carries_what_is_known_of_home_work_and_the_last_form(self, room, manager, worker, load, agreed):
        load(EXAMPLE.read_bytes())
        a_housing_line(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        a_money_line(room.clinic, room.patient.id, "work", "seeking", by=worker)
        OutcomeFormFactory(clinic=room.clinic, patient=room.patient, opiates_days=0, crack_days=None)

        (line,) = made(room, manager)

        assert (line["EX_HOME"], line["EX_WORK"], line["EX_HEPC"]) == ("EX32", "EX43", "EX53")
        assert (line["EX_OPIATES_DAYS"], line["EX_CRACK_DAYS"]) == ("0", "")

    def test_calls_a_person_the_same_in_each_file_of_a_clinic_and_by_no_number_of_ours(
        self, room, manager, load, agreed
    ):
        load(b"field,fact,required,ours,theirs\nZ,client,yes,,\n")

        ((first,), (second,)) = made(room, manager), made(room, manager)

        assert first == second
        assert re.fullmatch("[0-9a-f]{32}", first["Z"])
        assert first["Z"] not in (room.patient.id.hex, str(room.patient.id))
        assert first["Z"] != pseudonym_of(room.patient.id, clinic=uuid.uuid4())

    def test_cannot_be_traced_without_the_key(self, room, settings):
        before = pseudonym_of(room.patient.id, clinic=room.clinic.id)
        settings.SECRET_KEY = "another key, invented for this test"

        assert pseudonym_of(room.patient.id, clinic=room.clinic.id) != before

    def test_asks_consent_once_the_people_are_locked(self, room, manager, load, agreed):
        load()
        with CaptureQueriesContext(connection) as asked:
            made(room, manager)

        sql = [one["sql"] for one in asked.captured_queries]
        locked = next(
            index for index, one in enumerate(sql) if "patients_person" in one and "FOR NO KEY UPDATE" in one
        )
        consent = next(
            index for index, one in enumerate(sql) if 'FROM "patients_consent"' in one and "FOR " not in one
        )
        assert locked < consent

    def test_leaves_out_whoever_takes_consent_back_while_the_file_is_asked_for(
        self, room, manager, load, agreed, monkeypatch
    ):
        load()
        hold = ndtms._hold_consents

        def behind_a_withdrawal(clinic):
            hold(clinic)
            ConsentWithdrawalFactory(consent=agreed, withdrawn_at=now())

        monkeypatch.setattr(ndtms, "_hold_consents", behind_a_withdrawal)

        assert made(room, manager) == []

    def test_has_no_result_of_a_test(self, room, manager, load, agreed):
        load(EXAMPLE.read_bytes())
        texts = []
        for step in ("antibody_negative", "rna_found"):
            a_health_step(room.clinic, room.patient.id, "hcv", step, by=room.nurse)
            texts.append(made(room, manager))

        assert texts[0] == texts[1]

    def test_is_made_with_the_set_loaded_last(self, room, manager, load, agreed):
        load()
        load(b"field,fact,required,ours,theirs\nZ,client,yes,,\n", version="2")

        assert made(room, manager) == [{"Z": pseudonym_of(room.patient.id, clinic=room.clinic.id)}]

    def test_is_not_made_without_a_set(self, room, manager):
        with pytest.raises(NothingLoaded, match="Load a code set first"):
            made(room, manager)

    def test_is_the_same_for_the_same_key_and_none_once_something_changed(self, room, manager, load, agreed):
        load()
        key = uuid.uuid4()

        assert made(room, manager, key) == made(room, manager, key)
        assert DatasetExport.objects.count() == 1

        a_health_step(room.clinic, room.patient.id, "hcv", "offered", by=room.nurse)
        with pytest.raises(ExportKeyReused, match="Something changed"):
            made(room, manager, key)


class TestTheTables:
    def test_hold_a_version_once(self):
        row = CodeSetFactory()

        with refused_by("one_code_set_per_version"):
            CodeSetFactory(clinic=row.clinic)

    def test_ask_what_a_set_is(self):
        with refused_by("code_set_says_what_it_is"):
            CodeSetFactory(source="")

    def test_hold_a_file_once(self, room, manager, load, agreed):
        load()
        made(room, manager)
        row = DatasetExport.objects.get()

        with refused_by("one_dataset_export_per_key"):
            DatasetExport.objects.create(
                clinic=room.clinic,
                code_set=row.code_set,
                treatments=0,
                without_consent=0,
                with_gaps=0,
                sha256="",
                key=row.key,
                exported_by=manager,
                exported_at=now(),
            )

    @pytest.mark.parametrize("sql", ["UPDATE {} SET dataset = 'x'", "DELETE FROM {}"])
    def test_only_grow(self, sql):
        CodeSetFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_codeset"))


class TestTheCommand:
    WORDS: ClassVar = ["--dataset=Example", "--release=1", "--valid-from=2026-11-01", "--source=invented"]

    def test_loads_the_example_and_says_what_it_is(self, room):
        out = StringIO()

        call_command("load_code_set", room.clinic.code, str(EXAMPLE), *self.WORDS, stdout=out)

        assert CodeSet.objects.get().loaded_by.full_name == "code sets"
        assert "not verified" in out.getvalue()
        assert STATEMENT in out.getvalue()

    def test_says_why_nothing_was_loaded(self, room, tmp_path):
        empty = tmp_path / "set.csv"
        empty.write_text("")

        for clinic, file, words in (
            ("NONE", EXAMPLE, "no clinic of that code"),
            (room.clinic.code, tmp_path / "none.csv", "cannot be opened"),
            (room.clinic.code, empty, "Nothing was loaded. The first line is"),
        ):
            with pytest.raises(CommandError, match=words):
                call_command("load_code_set", clinic, str(file), *self.WORDS)


class TestThePages:
    @pytest.fixture
    def desk(self, manager, at_desk) -> Visitor:
        return at_desk(manager)

    def typed(self, desk: Visitor, content: bytes = SMALL, **changes: str) -> dict[str, Any]:
        form = desk.client.get(desk.url("load_code_set")).context["form"]
        return {
            "seal": form["seal"].value(),
            "key": str(form["key"].value()),
            "dataset": "Example",
            "version": "1",
            "valid_from": "01/11/2026",
            "source": "invented",
            "verified_by": "",
            "file": SimpleUploadedFile("set.csv", content),
            **changes,
        }

    def test_load_a_set_and_say_that_nobody_verified_it(self, desk):
        answer = desk.client.post(desk.url("load_code_set"), self.typed(desk), follow=True)

        text = shown(answer)
        assert "Example, version 1" in text
        assert "not verified" in text
        assert STATEMENT in text

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"dataset": ""}, "Write the name of the dataset."),
            ({"valid_from": ""}, "Write from which day it is valid."),
            ({"valid_from": "x"}, "Write the day as day/month/year"),
            ({"seal": "x"}, "opened by somebody else"),
        ],
    )
    def test_say_why_nothing_was_loaded(self, desk, changes, words):
        assert words in shown(desk.client.post(desk.url("load_code_set"), self.typed(desk, **changes)))
        assert not CodeSet.objects.exists()

    @pytest.mark.parametrize(
        ("content", "words"), [(b"nothing", "The first line is"), (b"a" * 500_001, "larger than 500 kB")]
    )
    def test_say_what_is_wrong_with_a_file(self, desk, content, words):
        assert words in shown(desk.client.post(desk.url("load_code_set"), self.typed(desk, content)))

    def test_give_the_file_and_list_it_without_naming_anybody(self, room, desk, load, agreed):
        load()
        form = desk.client.get(desk.url("export_ndtms")).context["form"]
        sent = {"seal": form["seal"].value(), "key": str(form["key"].value())}

        answer = desk.client.post(desk.url("export_ndtms"), sent)

        assert answer["Content-Disposition"] == 'attachment; filename="dataset.csv"'
        assert STATEMENT in answer.content.decode()
        text = desk.read("see_ndtms")
        assert "Example, version 1" in text
        assert room.patient.full_name not in text
        assert AuditEvent.objects.filter(event="outcomes.ndtms_seen").exists()

    def test_make_no_file_without_a_set_or_from_the_form_of_another(self, desk):
        assert "Load a code set first" in shown(desk.send("export_ndtms", key=str(uuid.uuid4())))
        answer = desk.client.post(desk.url("export_ndtms"), {"seal": "x", "key": str(uuid.uuid4())})
        assert "opened by somebody else" in shown(answer)
        assert "No code set is loaded." in desk.read("see_ndtms")

    def test_tell_a_case_worker_what_is_missing_of_whom(self, room, worker, at_desk, load):
        visitor = at_desk(worker)
        assert "Nothing can be checked yet." in visitor.read("list_ndtms_gaps")
        load(b"field,fact,required,ours,theirs\nA,work,yes,,\n")

        text = visitor.read("list_ndtms_gaps")

        assert room.patient.full_name in text
        assert "Nothing is written down: work." in text
        assert "No consent to the national dataset stands" in text
        assert visitor.client.get(visitor.url("see_ndtms")).status_code == 403

    def test_tell_that_nothing_is_missing(self, room, worker, at_desk, load, agreed):
        load(b"field,fact,required,ours,theirs\nA,client,yes,,\n")
        room.patient.referrals.update(referred_on=date(2025, 1, 1))

        assert "Nothing is missing of anybody." in at_desk(worker).read("list_ndtms_gaps")

    def test_ask_the_database_as_often_for_many_as_for_one(self, room, load, django_assert_num_queries):
        load(EXAMPLE.read_bytes())
        with CaptureQueriesContext(connection) as one:
            get_gaps_page(clinic=room.clinic, at=now())
        for _ in range(9):
            EpisodeFactory(clinic=room.clinic)

        with django_assert_num_queries(len(one)):
            get_gaps_page(clinic=room.clinic, at=now())
