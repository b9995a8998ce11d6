"""The import of a folder as it is typed: all of it stored once, or one sentence and nothing."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from dosing.models import PlannedSession, RegisterEntry, SessionOutcome
from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Agency, Clinic, Phase
from hat_clinic.audit.models import AuditEvent
from outcomes import models
from outcomes.actions import cohort
from outcomes.actions.cohort import CohortRefused, ImportBusy, import_cohort
from patients.models import Episode, ImportRun, Incident, Person
from referrals.models import Referral
from tests.factories.cohort_folders import Files, a_good_folder, lines_of, with_cell
from tests.owner import as_owner

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


def laid_out(folder: Path, files: Files | None = None) -> Path:
    folder.mkdir()
    for name, content in (files or a_good_folder()).items():
        (folder / name).write_bytes(content)
    return folder


def typed(*words: str) -> tuple[str, str]:
    """What the command says on its two outputs; a refusal is raised."""
    said, problems = io.StringIO(), io.StringIO()
    try:
        call_command("import_cohort", *words, stdout=said, stderr=problems)
    except CommandError as refused:
        refused.add_note(problems.getvalue())
        raise
    return said.getvalue(), problems.getvalue()


def is_empty() -> bool:
    return not (Clinic.objects.exists() or Person.objects.exists() or ImportRun.objects.exists())


@pytest.mark.django_db
class TestAnImport:
    def test_stores_every_row_of_every_file(self, tmp_path):
        files = a_good_folder()

        said, _ = typed(str(laid_out(tmp_path / "folder", files)))

        stored = {
            "programme.csv": Clinic,
            "patients.csv": Person,
            "attendance.csv": SessionOutcome,
            "top.csv": models.OutcomeForm,
            "urine.csv": models.UrineTest,
            "offences.csv": models.Offence,
            "custody.csv": models.CustodyStay,
            "service_use.csv": models.ServiceUse,
            "housing.csv": models.HousingRecord,
            "support.csv": models.SupportSession,
            "events.csv": Incident,
            "costs.csv": models.ProgrammeCost,
            "phases.csv": Phase,
            "disruptions.csv": models.Disruption,
            "area.csv": models.AreaFigure,
            "need.csv": models.NeedEstimate,
            "own.csv": models.OwnAnswers,
        }
        assert stored.keys() == files.keys()
        counts = {name: model.objects.count() for name, model in stored.items()}
        assert counts == {name: len(lines_of(files, name)) - 1 for name in files}
        assert {f"{name}: {n} row{'s' * (n != 1)}" for name, n in counts.items()} <= set(said.splitlines())
        assert said.endswith("Imported.\n")

    def test_stores_what_the_cells_say(self, tmp_path):
        typed(str(laid_out(tmp_path / "folder")))

        form = models.OutcomeForm.objects.get(stage="start")
        answers = models.OwnAnswers.objects.get()
        closed = Referral.objects.get(person__imported_ref="A5")
        assert (form.opiates_days, form.other_days, form.sharing, form.assault) == (28, None, True, None)
        assert (answers.spend_week_pence, answers.family_contact) == (35000, "wanted_not")
        assert (closed.closed_reason, closed.is_eligible, closed.episode) == ("dropped_out", None, None)
        assert Episode.objects.get(person__imported_ref="A4").exit_reason == "declined"
        assert models.CustodyStay.objects.get(patient__imported_ref="A3").during.upper is None
        assert models.ProgrammeCost.objects.get(payer="public health").amount_pence == 100050
        assert Agency.objects.get().name == "Council"

    def test_is_history_and_never_a_dose(self, tmp_path):
        typed(str(laid_out(tmp_path / "folder")))

        assert not RegisterEntry.objects.exists()
        assert not PlannedSession.objects.filter(import_run=None).exists()
        assert not SessionOutcome.objects.exclude(injection=None).exists()

    def test_is_told_in_the_audit_trail(self, tmp_path):
        typed(str(laid_out(tmp_path / "folder")))

        event = AuditEvent.objects.get(event="outcomes.cohort_imported")
        assert event.clinic == Clinic.objects.get().id

    @pytest.mark.parametrize("words", [[], ["--invented"]])
    def test_marks_invented_people_where_asked(self, tmp_path, words):
        typed(str(laid_out(tmp_path / "folder")), *words)

        assert Clinic.objects.get().has_invented_people is bool(words)
        assert set(Person.objects.values_list("is_invented", flat=True)) == {bool(words)}

    def test_takes_a_path_from_where_the_caller_stands(self, tmp_path, monkeypatch):
        laid_out(tmp_path / "folder")
        monkeypatch.chdir(tmp_path)

        said, _ = typed("folder")

        assert said.endswith("Imported.\n")

    def test_only_checks_where_asked(self, tmp_path):
        said, _ = typed(str(laid_out(tmp_path / "folder")), "--check")

        assert said.endswith("Checked; nothing was stored.\n")
        assert is_empty()

    @pytest.mark.parametrize("words", [[], ["--check"]])
    def test_prints_every_problem_and_stores_nothing(self, tmp_path, words):
        files = with_cell(a_good_folder(), "urine.csv", 2, "result", "fine")
        files = with_cell(files, "patients.csv", 2, "sex", "woman")

        with pytest.raises(CommandError, match=r"^2 problems\. Nothing was stored\.") as refused:
            typed(str(laid_out(tmp_path / "folder", files)), *words)

        (printed,) = refused.value.__notes__
        assert "patients.csv" in printed
        assert "urine.csv" in printed
        assert is_empty()

    def test_takes_the_largest_cells_there_can_be(self, tmp_path):
        """Whatever the check lets pass, the tables hold."""
        number, money, text = "9" * 9, "999999999.99", "x" * 1000
        widest = {
            "programme.csv": {"clinic_code": "A" * 12, "clinic_name": text, "places": number},
            "patients.csv": {"area": text, "birth_year": "1900"},
            "service_use.csv": {"ambulance": number, "ae": number, "inpatient": number},
            "support.csv": {"minutes": number, "agency": text},
            "costs.csv": {"payer": text, "amount_gbp": money},
            "phases.csv": {"name": text, "places": number, "funded_by": text},
            "disruptions.csv": {"label": text},
            "area.csv": {"area": text, "count": number, "source": text},
            "need.csv": {"area": text, "people": number, "method": text, "source": text},
            "own.csv": {"spend_week_gbp": money},
        }
        files = a_good_folder()
        for file, cells in widest.items():
            for column, cell in cells.items():
                files = with_cell(files, file, 2, column, cell)
        for file in files:
            files[file] = files[file].replace(b"A1,", b"R" * 64 + b",")

        typed(str(laid_out(tmp_path / "folder", files)))

        assert models.OwnAnswers.objects.get().spend_week_pence == 99_999_999_999
        assert Person.objects.filter(imported_ref="R" * 64).exists()


@pytest.mark.django_db
class TestAPathThatIsNoFolder:
    def test_is_named_where_it_is_missing(self, tmp_path):
        with pytest.raises(CommandError, match="does not exist; name the folder of the files"):
            typed(str(tmp_path / "nowhere"))

    def test_is_named_where_it_is_a_file(self, tmp_path):
        (tmp_path / "patients.csv").touch()

        with pytest.raises(CommandError, match="is not a folder; name the folder of the files"):
            typed(str(tmp_path / "patients.csv"))

    def test_is_named_where_it_may_not_be_read(self, tmp_path, monkeypatch):
        def refuse(*args, **kwargs):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("outcomes.queries.cohort.os.open", refuse)
        with pytest.raises(CommandError, match="cannot be opened: Permission denied"):
            typed(str(tmp_path))

        assert is_empty()


@pytest.mark.django_db
class TestASecondImport:
    def test_of_the_same_folder_names_the_first(self, tmp_path):
        folder = laid_out(tmp_path / "folder")
        typed(str(folder))

        with pytest.raises(CommandError, match=r"^1 problem\.") as refused:
            typed(str(folder))

        run = ImportRun.objects.get()
        assert f"already imported into clinic TEST1 by import {str(run.id)[:8]}" in refused.value.__notes__[0]

    def test_of_the_same_folder_from_another_place_is_refused_too(self, tmp_path):
        typed(str(laid_out(tmp_path / "folder")))

        with pytest.raises(CommandError, match=r"^1 problem\."):
            typed(str(laid_out(tmp_path / "copy")))

        assert ImportRun.objects.count() == 1

    def test_of_other_people_adds_them_to_the_clinic(self, tmp_path):
        typed(str(laid_out(tmp_path / "first")))
        others = {name: a_good_folder()[name] for name in ("programme.csv", "patients.csv")}
        rows = "B1,,,2020-03-01,self,,,,,,\n"
        others["patients.csv"] = (lines_of(others, "patients.csv")[0] + "\n" + rows).encode()

        typed(str(laid_out(tmp_path / "second", others)))

        assert Clinic.objects.count() == 1
        assert Referral.objects.filter(clinic__code="TEST1").count() == 6

    def test_of_the_same_people_is_refused(self, tmp_path):
        typed(str(laid_out(tmp_path / "first")))
        files = a_good_folder()
        del files["phases.csv"], files["costs.csv"], files["attendance.csv"]

        with pytest.raises(CommandError, match=r"^5 problems\."):
            typed(str(laid_out(tmp_path / "second", files)))


@pytest.mark.race
class TestTwoImportsAtTheSameMoment:
    def import_at_once(self, *folders: Path) -> list[object]:
        """Each folder imported on a connection of its own, all let go together: rows, or what was raised."""
        answers: list[object] = []
        ready = threading.Barrier(len(folders))
        by = get_program(name="test", at=AT)

        def work(folder: Path) -> None:
            ready.wait()
            try:
                answers.append(import_cohort(folder=folder, is_invented=True, by=by, at=AT))
            except (CohortRefused, ImportBusy) as refused:
                answers.append(refused)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=[folder]) for folder in folders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def test_store_the_same_folder_once(self, own_database, tmp_path):
        folder = laid_out(tmp_path / "folder")

        answers = self.import_at_once(folder, folder, folder)

        refused = [answer for answer in answers if isinstance(answer, CohortRefused)]
        assert [len(answer.problems) for answer in refused] == [1, 1]
        assert ImportRun.objects.count() == 1
        assert Person.objects.count() == 5

    def test_store_the_same_people_once_though_the_folders_differ(self, own_database, tmp_path):
        fewer = a_good_folder()
        del fewer["phases.csv"], fewer["attendance.csv"]
        first, second = laid_out(tmp_path / "all"), laid_out(tmp_path / "fewer", fewer)

        answers = self.import_at_once(first, second)

        assert sum(isinstance(answer, CohortRefused) for answer in answers) == 1
        assert Person.objects.count() == 5

    def test_end_with_a_sentence_where_the_other_takes_too_long(self, own_database, tmp_path, monkeypatch):
        monkeypatch.setattr(cohort, "WAIT_FOR_OTHERS", "50ms")
        with as_owner(own_database) as other:
            other.execute("SELECT pg_advisory_lock(hashtextextended('cohort import', 0))")

            with pytest.raises(CommandError, match="Wait until that import has ended"):
                typed(str(laid_out(tmp_path / "folder")))

        assert is_empty()


@pytest.mark.race
class TestAnImportThatIsKilled:
    def test_leaves_nothing_and_can_be_run_again(self, own_database, tmp_path):
        folder = laid_out(tmp_path / "folder")
        login = settings.DATABASES["default"]
        database_url = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
        with (
            closing(
                psycopg2.connect(
                    dbname=own_database, host=login["HOST"], user=login["USER"], password=login["PASSWORD"]
                )
            ) as other,
            other.cursor() as cursor,
        ):
            # The import stops in its middle: it has stored the people, and waits for the agency.
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
            cursor.execute(
                "INSERT INTO accounts_agency (id, name, kind) VALUES (gen_random_uuid(), 'Council', 'other')"
            )
            killed = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "import_cohort", str(folder)],
                env={**os.environ, "DATABASE_URL": f"{database_url}/{own_database}"},
            )
            self.wait_until_it_waits(killed)
            killed.send_signal(signal.SIGKILL)
            assert killed.wait() == -signal.SIGKILL

        assert is_empty()
        assert typed(str(folder))[0].endswith("Imported.\n")

    def wait_until_it_waits(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert process.poll() is None
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone() != (0,):
                    return
            time.sleep(0.05)
        raise AssertionError("the import never came as far as the agency")
