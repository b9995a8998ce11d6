"""Records for an evaluator: two people stand for them, only who agreed is in them, and they count the same again."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.urls import reverse

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.demo.actions import make_demo
from outcomes.actions.cohort import import_cohort
from outcomes.actions.evaluation.build import build_report
from outcomes.actions.exports import (
    ExportKeyReused,
    ExportRefused,
    approve_export,
    ask_for_export,
    make_export,
)
from outcomes.models import CohortExport, CohortExportApproval, CohortExportMade
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.exports import ExportSaid
from patients.models import Person
from patients.rules.consents import Purpose
from tests.factories import ClinicFactory
from tests.factories.cohort_folders import a_good_folder
from tests.factories.exports import (
    CohortExportApprovalFactory,
    CohortExportFactory,
    CohortExportMadeFactory,
)
from tests.factories.patients import ConsentFactory, ConsentWithdrawalFactory
from tests.factories.random_cohorts import RandomCohort
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
MIDDLESBROUGH = ROOT / "hat_clinic" / "demo" / "cohorts" / "middlesbrough-year-one"
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
KEY = b"k" * 32


def somebody_came(seed: int) -> bool:
    """Whether an invented history has anybody before its data cut."""
    cohort = RandomCohort(seed)
    return any(row[1] < cohort.as_of for row in cohort.rows["patients.csv"])


SEEDS = [seed for seed in range(100) if somebody_came(seed)][:12]


@pytest.fixture
def clinic():
    return ClinicFactory()


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD, "lead")


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def said(**changes) -> ExportSaid:
    asked = {
        "recipient": "Invented  University",
        "purpose": "The second year",
        "agreement": "Invented agreement 7",
        "as_of": london_date(now()),
    }
    return ExportSaid(**(asked | changes))


def ask(clinic, by, *, key: uuid.UUID | None = None, **changes) -> CohortExport:
    return ask_for_export(clinic=clinic, said=said(**changes), key=key or uuid.uuid4(), by=by, at=now())


def approve(clinic, export, by, *, is_confirmed: bool = True) -> CohortExportApproval:
    return approve_export(clinic=clinic, export=export.pk, is_confirmed=is_confirmed, by=by, at=now())


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def imported(folder: Path, *, at: datetime = AT) -> Clinic:
    import_cohort(folder=folder, is_invented=True, by=get_program(name="test", at=AT), at=at)
    code = (folder / "programme.csv").read_text().splitlines()[1].split(",")[0]
    return Clinic.objects.get(code=code)


def agree(people) -> None:
    for person in people:
        ConsentFactory(person=person, purpose=Purpose.EVALUATION, given_at=AT, recorded_at=AT)


def written(clinic, lead, *, as_of: date, recipient: str = "Invented University") -> dict[str, bytes]:
    """The files of an export that two people stand for."""
    export = CohortExportFactory(clinic=clinic, as_of=as_of, recipient=recipient)
    approve(clinic, export, lead)
    found: dict[str, bytes] = {}
    make_export(
        clinic=clinic,
        export=export.pk,
        key=KEY,
        write=found.update,
        by=get_program(name="x", at=AT),
        at=now(),
    )
    return found


def figures_of(clinic: Clinic, month: date, *, at: datetime = AT) -> dict[str, dict]:
    run = build_report(
        clinic=clinic.id, month=month, edition=Edition.RESTRICTED, by=get_program(name="test", at=AT), at=at
    )
    return {f"{one['id']}@{one.get('source')}": one for one in run.figures["indicators"]}


def as_another_clinic(files: dict[str, bytes], code: str) -> dict[str, bytes]:
    header, row = files["programme.csv"].decode().splitlines()
    cells = row.split(",")
    return files | {"programme.csv": "\n".join([header, ",".join([code, *cells[1:]]), ""]).encode()}


class TestAsking:
    def test_is_stored_once_and_told(self, clinic, lead):
        key = uuid.uuid4()
        asked = ask(clinic, lead, key=key)

        assert ask(clinic, lead, key=key) == asked
        assert asked.recipient == "Invented University"
        assert AuditEvent.objects.filter(event="outcomes.export_asked", outcome="done").count() == 1
        with pytest.raises(ExportKeyReused):
            ask(clinic, lead, key=key, purpose="Another")

    def test_is_refused_with_every_reason(self, clinic, lead):
        with pytest.raises(ExportRefused) as refusal:
            ask(
                clinic, lead, recipient=" ", purpose="", agreement="", as_of=london_date(now()) + timedelta(1)
            )

        assert len(refusal.value.decision.refusals) == 4
        assert AuditEvent.objects.get(event="outcomes.export_asked").outcome == "refused"
        assert not CohortExport.objects.exists()

    def test_is_approved_once_by_another_who_read_it(self, clinic, lead, manager, make_member):
        asked = ask(clinic, lead)
        for by, confirmed in ((lead, True), (manager, False)):
            with pytest.raises(ExportRefused):
                approve(clinic, asked, by, is_confirmed=confirmed)

        assert approve(clinic, asked, manager) == approve(clinic, asked, manager)
        with pytest.raises(ExportRefused, match="approved already"):
            approve(clinic, asked, make_member(clinic, Role.MANAGER, "second"))
        with pytest.raises(CohortExport.DoesNotExist):
            approve(ClinicFactory(), asked, manager)


class TestMaking:
    @pytest.fixture
    def history(self, tmp_path) -> Clinic:
        return imported(laid_out(tmp_path / "in", as_another_clinic(dict(a_good_folder()), "GOOD")))

    @pytest.mark.parametrize("why", ["unapproved", "old", "made", "no key", "nobody"])
    def test_is_refused_and_writes_nothing(self, history, lead, why):
        if why != "nobody":
            agree(Person.objects.all())
        export = CohortExportFactory(clinic=history)
        if why != "unapproved":
            days = 31 if why == "old" else 0
            CohortExportApprovalFactory(export=export, approved_at=now() - timedelta(days=days))
        if why == "made":
            CohortExportMadeFactory(export=export)
        found: dict[str, bytes] = {}

        with pytest.raises(ExportRefused) as refusal:
            make_export(
                clinic=history,
                export=export.pk,
                key=b"" if why == "no key" else KEY,
                write=found.update,
                by=lead,
                at=now(),
            )

        assert len(refusal.value.decision.refusals) == 1
        assert not found
        assert AuditEvent.objects.get(event="outcomes.export_made").outcome == "refused"

    def test_leaves_out_who_did_not_agree_and_who_took_it_back(self, history, lead):
        stays, never, gone = Person.objects.order_by("imported_ref")[:3]
        agree([stays, gone])
        consent = gone.consents.get(purpose=Purpose.EVALUATION)
        as_of = london_date(now())
        before = written(history, lead, as_of=as_of)
        ConsentWithdrawalFactory(consent=consent, withdrawn_at=now())
        after = written(history, lead, as_of=as_of)

        assert len(before["patients.csv"].splitlines()) == 3
        assert len(after["patients.csv"].splitlines()) == 2
        made = CohortExportMade.objects.order_by("-made_at").first()
        assert (made.people, made.left_out) == (1, Person.objects.count() - 1)
        told = AuditEvent.objects.filter(event="outcomes.export_told_of")
        assert {one.person for one in told} == {stays.pk, gone.pk}
        everything = b"".join(before.values())
        for person in (stays, never, gone):
            assert str(person.pk).encode() not in everything
            assert person.imported_ref.encode() + b"," not in everything

    def test_of_two_recipients_share_no_name_and_of_one_all(self, history, lead):
        agree(Person.objects.all())
        as_of = london_date(now())

        def names(recipient: str) -> set[bytes]:
            lines = written(history, lead, as_of=as_of, recipient=recipient)["patients.csv"].splitlines()[1:]
            return {line.split(b",")[0] for line in lines}

        ours = names("Invented University")
        assert len(ours) == Person.objects.count()
        assert ours == names("invented  university")
        assert not ours & names("Another University")

    def test_that_cannot_be_written_is_not_made(self, history, lead):
        agree(Person.objects.all())
        export = CohortExportFactory(clinic=history)
        approve(history, export, lead)

        def full(files):
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space"):
            make_export(clinic=history, export=export.pk, key=KEY, write=full, by=lead, at=now())
        assert not CohortExportMade.objects.exists()


class TestTheRoundTrip:
    """Exported, taken in by an empty clinic and counted: every figure is the same."""

    def again(self, clinic, lead, tmp_path, *, as_of: date, at: datetime = AT) -> Clinic:
        files = as_another_clinic(written(clinic, lead, as_of=as_of), "AGAIN")
        return imported(laid_out(tmp_path / "out", files), at=at)

    def compare(self, before: dict[str, dict], after: dict[str, dict]) -> None:
        assert len(before) > 200
        assert list(before) == list(after)
        assert [(before[key], after[key]) for key in before if before[key] != after[key]] == []

    def test_of_middlesbrough(self, lead, tmp_path):
        clinic, month = imported(MIDDLESBROUGH), date(2020, 10, 1)
        agree(Person.objects.all())
        again = self.again(clinic, lead, tmp_path, as_of=date(2020, 11, 1))

        self.compare(figures_of(clinic, month), figures_of(again, month))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_of_invented_histories(self, lead, tmp_path, seed):
        cohort = RandomCohort(seed)
        files = {name: text.encode() for name, text in cohort.files().items()}
        clinic = imported(laid_out(tmp_path / "in", files))
        agree(Person.objects.all())
        again = self.again(clinic, lead, tmp_path, as_of=cohort.as_of)

        self.compare(figures_of(clinic, cohort.month), figures_of(again, cohort.month))

    def test_of_the_demo_clinic(self, lead, tmp_path, settings):
        """Our own records and not an imported history: what the pages wrote."""
        settings.IS_DEMO = True
        clinic = make_demo(by=None, at=now())
        month, as_of = london_date(now()).replace(day=1), london_date(now()) + timedelta(days=1)
        known = Person.objects.exclude(consents__purpose=Purpose.EVALUATION, consents__withdrawal=None)
        agree(known)
        again = self.again(clinic, lead, tmp_path, as_of=as_of, at=now())

        before, after = (figures_of(one, month, at=now()) for one in (clinic, again))
        # Who was referred and is no patient yet has no consent, so what counts everybody referred differs.
        of_all_referred = ("flow.", "candidates.", "need.", "quality.", "safety.deaths.before_start")
        told = [key for key in before if not key.startswith(of_all_referred)]
        assert (
            len(told) > 150 and figures_of(clinic, month, at=now())["flow.started@clinic_record"]["value"] > 2
        )
        # A sample that is due and has no result yet has no words in the files; the export counts it.
        differ = {key for key in told if before[key] != after.get(key)}
        assert differ <= {
            "urine.negative_samples.month@laboratory",
            "urine.negative_samples.cumulative@laboratory",
        }
        assert all(before[key]["value"] == after[key]["value"] for key in differ)

    def test_of_some_is_the_report_of_those_alone(self, lead, tmp_path):
        month = date(2020, 10, 1)
        clinic = imported(MIDDLESBROUGH)
        refs = sorted(Person.objects.values_list("imported_ref", flat=True))[::2]
        agree(Person.objects.filter(imported_ref__in=refs))
        again = self.again(clinic, lead, tmp_path, as_of=date(2020, 11, 1))
        alone = {
            path.name: b"".join(
                line
                for number, line in enumerate(path.read_bytes().splitlines(keepends=True))
                if number == 0
                or not path.read_bytes().startswith(b"patient_ref")
                or line.split(b",")[0].decode() in refs
            )
            for path in MIDDLESBROUGH.glob("*.csv")
        }
        those = imported(laid_out(tmp_path / "alone", as_another_clinic(alone, "ALONE")))

        self.compare(figures_of(those, month), figures_of(again, month))
        whole, some = figures_of(clinic, month), figures_of(again, month)
        assert whole != some


class TestTheCommand:
    @pytest.fixture
    def history(self, tmp_path, settings) -> Clinic:
        settings.EXPORT_KEY = KEY
        clinic = imported(laid_out(tmp_path / "in", as_another_clinic(dict(a_good_folder()), "GOOD")))
        agree(Person.objects.all()[:2])
        return clinic

    def typed(self, *words: str) -> str:
        said = io.StringIO()
        call_command("export_cohort", *words, stdout=said, stderr=io.StringIO())
        return said.getvalue()

    def test_writes_what_was_approved_once(self, history, lead, tmp_path):
        approve(history, CohortExportFactory(clinic=history), lead)

        told = self.typed(history.code, str(tmp_path / "out"))

        assert f"2 people are in it; {Person.objects.count() - 2} were left out" in told
        assert "patients.csv: 2 rows" in told
        assert (tmp_path / "out" / "patients.csv").stat().st_mode & 0o777 == 0o640
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
        with pytest.raises(CommandError, match="No approved export"):
            self.typed(history.code, str(tmp_path / "twice"))

    def test_asks_which_of_two(self, history, lead, tmp_path):
        first, second = CohortExportFactory(clinic=history), CohortExportFactory(clinic=history)
        for one in (first, second):
            approve(history, one, lead)

        with pytest.raises(CommandError, match=str(second.pk)):
            self.typed(history.code, str(tmp_path / "out"))
        self.typed(history.code, str(tmp_path / "out"), "--export", str(second.pk))
        assert CohortExportMade.objects.get().export == second

    @pytest.mark.parametrize(
        ("clinic", "folder", "words"),
        [("NONE", "out", "No clinic"), ("", "in", "is there already"), ("", "a/out", "There is no folder")],
    )
    def test_says_what_is_wrong(self, history, tmp_path, clinic, folder, words):
        with pytest.raises(CommandError, match=words):
            self.typed(clinic or history.code, str(tmp_path / folder))

    def test_needs_the_key(self, history, lead, tmp_path, settings):
        settings.EXPORT_KEY = None
        approve(history, CohortExportFactory(clinic=history), lead)

        with pytest.raises(CommandError, match="HAT_EXPORT_KEY"):
            self.typed(history.code, str(tmp_path / "out"))

    def test_refuses_records_that_nobody_could_take_in(self, history, lead, tmp_path, monkeypatch):
        approve(history, CohortExportFactory(clinic=history), lead)
        monkeypatch.setattr("outcomes.actions.exports.list_offence_codes", frozenset)

        with pytest.raises(CommandError, match="could not be taken in anywhere"):
            self.typed(history.code, str(tmp_path / "out"))
        assert not (tmp_path / "out").exists() and not CohortExportMade.objects.exists()


class TestInTheDatabase:
    def test_nobody_approves_their_own(self):
        export = CohortExportFactory()
        with refused_by("cohort_export_is_approved_by_another"):
            CohortExportApprovalFactory(export=export, approved_by=export.asked_by)

    @pytest.mark.parametrize("days", [None, 31])
    def test_nothing_is_written_without_an_approval_or_with_an_old_one(self, days):
        export = CohortExportFactory()
        if days:
            CohortExportApprovalFactory(export=export, approved_at=now() - timedelta(days=days))
        with refused_by("cohort_export_is_made_once_approved"):
            CohortExportMadeFactory(export=export)

    def test_an_export_says_for_whom_and_a_form_counts_once(self):
        with refused_by("cohort_export_says_for_whom"):
            CohortExportFactory(agreement="")
        stored = CohortExportFactory()
        with refused_by("one_cohort_export_per_key"):
            CohortExportFactory(key=stored.key)
        CohortExportApprovalFactory(export=stored)
        with pytest.raises(IntegrityError), transaction.atomic():
            CohortExportApprovalFactory(export=stored)


class TestThePages:
    def test_ask_and_let_a_colleague_approve(self, client, clinic, lead, manager, sign_in):
        sign_in(client, manager)
        page = client.get(reverse("outcomes:see_exports", args=[clinic.code]))
        assert "Nobody has asked for an export." in page.text
        form = client.get(reverse("outcomes:ask_for_export", args=[clinic.code]))
        answers = hidden_fields(form) | {
            "recipient": "Invented University",
            "purpose": "The second year",
            "agreement": "Invented agreement 7",
            "as_of": f"{london_date(now()):%d/%m/%Y}",
        }

        wrong = client.post(reverse("outcomes:ask_for_export", args=[clinic.code]), answers | {"purpose": ""})
        assert "Write what they are evaluated for." in wrong.text and "Invented agreement 7" in wrong.text
        client.post(reverse("outcomes:ask_for_export", args=[clinic.code]), answers)

        export = CohortExport.objects.get()
        assert "Waits for a colleague" in client.get(reverse("outcomes:see_exports", args=[clinic.code])).text
        address = reverse("outcomes:approve_export", args=[clinic.code, export.pk])
        own = client.post(address, hidden_fields(client.get(address)) | {"is_confirmed": "on"})
        assert "Somebody else approves it." in own.text
        sign_in(client, lead)
        client.post(address, hidden_fields(client.get(address)) | {"is_confirmed": "on"})
        assert export.approval.approved_by == lead
        assert "Not yet" in client.get(reverse("outcomes:see_exports", args=[clinic.code])).text
