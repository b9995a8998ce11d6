"""Days of the clinic from end to end, in a database with real commits: given, when, then."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from dosing.models import Injection, RegisterEntry, SessionOutcome
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.presence import TERMINAL_COOKIE
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.models import ReportFile, ReportRequest
from outcomes.tasks import build_requested_reports
from patients.models import ImportRun, Person
from tests.factories.dose_pages import filled_injection, inject_address
from tests.factories.releases import sign_off
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_treatment_room,
)
from tests.owner import as_owner
from tests.second_factor import code_of

ROOT = Path(__file__).resolve().parents[2]
COHORT = ROOT / "hat_clinic" / "demo" / "cohorts" / "middlesbrough-year-one"
PASSWORD = "a long enough secret"


@pytest.fixture
def at_ten(own_database: str) -> None:
    """The clock of the database stands at ten in the morning, so that no session ends under the test."""
    with as_owner(own_database) as cursor:
        cursor.execute(
            "INSERT INTO clock_override"
            " SELECT (date_trunc('day', now() AT TIME ZONE 'Europe/London') + interval '10 hours')"
            " AT TIME ZONE 'Europe/London'"
        )


@pytest.fixture
def let_in(at_ten: None) -> Callable[..., Client]:
    """Return a function that signs a person in as they do it: password, then the code of their app."""

    def sign_in(user: User, terminal_secret: str = "") -> Client:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client = Client()
        client.cookies[TERMINAL_COOKIE] = terminal_secret
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        answer = client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
        assert answer.url == reverse("pages:home")
        return client

    return sign_in


def page(client: Client, name: str, clinic: Clinic, **more: object) -> str:
    answer = client.get(reverse(name, kwargs={"clinic_code": clinic.code, **more}))
    assert answer.status_code == 200
    return answer.content.decode()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]+)"', html)
    assert found is not None
    return found[1]


class TestTheFirstDose:
    def test_stands_in_board_register_attendance_and_report_alike(
        self, let_in: Callable[..., Client], tmp_path: Path
    ) -> None:
        # Given a clinic that opened today, with stock in the register and an order signed by its doctor
        room = a_treatment_room()
        nurse = let_in(room.nurse, room.terminal_secret)
        assert room.patient.full_name in page(nurse, "dosing:see_board", room.clinic)

        # When a nurse opens the person from the board and records the dose with a witness
        saved = self.record(nurse, room)

        # Then board, register, attendance and the month's report, still provisional, say the same
        session = Injection.objects.get().session_id
        assert saved == reverse("dosing:record_reading", args=[room.clinic.code, session])
        board = page(nurse, "dosing:see_board", room.clinic)
        assert re.search(rf"Being observed.*sessions/{session}/observe/", board, flags=re.DOTALL)
        inspector = let_in(a_member_of_staff(room.clinic, Role.INSPECTOR, name="Owen Pryce"))
        register = page(inspector, "dosing:see_register", room.clinic)
        assert "15 given, 5 wasted" in register
        assert "Whole: verified 10:00 today" in register
        entry = RegisterEntry.objects.get(kind="supplied")
        outcome = SessionOutcome.objects.get()
        assert outcome.injection_id == entry.injection_id
        assert (outcome.outcome, outcome.given_mg, entry.given_mg, entry.balance) == ("given", 15, 15, 48)
        figures = self.report_of_this_month(room, tmp_path)
        assert figures["attendance.pooled.month"]["numerator"] == 1
        assert figures["flow.started"]["value"] == 1
        acts = set(AuditEvent.objects.filter(person=room.patient.id).values_list("event", flat=True))
        assert {"dosing.injection_page_seen", "dosing.injection_recorded"} <= acts

    def record(self, nurse: Client, room: TreatmentRoom) -> str:
        address = inject_address(room)
        answer = nurse.post(address, filled_injection(nurse, address))
        assert answer.status_code == 302
        return answer.url

    def report_of_this_month(self, room: TreatmentRoom, folder: Path) -> dict[str, dict[str, object]]:
        output = folder / "report.json"
        call_command(
            "evaluation_report",
            clinic=room.clinic.code,
            month=f"{london_date(now()):%Y-%m}",
            edition="restricted",
            format="json",
            output=output,
            stdout=StringIO(),
        )
        return {figure["id"]: figure for figure in json.loads(output.read_text())["indicators"]}


class TestTheCohortOfAPublishedYear:
    def test_goes_in_as_files_and_comes_out_as_the_commissioners_report(
        self, let_in: Callable[..., Client]
    ) -> None:
        # Given the year's records, taken in from their folder
        said = StringIO()
        call_command("import_cohort", str(COHORT), "--invented", stdout=said)
        assert said.getvalue().endswith("Imported.\n")
        clinic = Clinic.objects.get(code="MBRO")
        manager = let_in(a_member_of_staff(clinic, Role.MANAGER, name="Morag Ellis"))
        commissioner = let_in(a_member_of_staff(clinic, Role.COMMISSIONER, name="Rhona Keir"))

        # When the manager asks for October 2020 and the worker builds it
        asked = manager.post(
            reverse("outcomes:request_report", kwargs={"clinic_code": "MBRO"}), {"month": "2020-10-01"}
        )
        assert asked.status_code == 302
        assert "October 2020 waits for the worker" in page(commissioner, "outcomes:list_reports", clinic)
        assert build_requested_reports() == 1

        # Then the commissioner finds it in the list once a clinical lead has signed it off, and takes home
        # the very bytes that were frozen
        run = ReportRequest.objects.get().run
        assert run is not None
        figures = {figure["id"]: figure for figure in run.figures["indicators"]}
        attended = figures["attendance.pooled.month"]
        assert (attended["numerator"], attended["denominator"]) == (415, 433)
        assert "October 2020" not in page(commissioner, "outcomes:list_reports", clinic)
        sign_off(run, by=a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Lena Hart"))
        shown = page(commissioner, "outcomes:list_reports", clinic)
        assert "October 2020" in shown
        assert "Invented people" in shown
        for kind in ("pdf", "csv"):
            address = reverse(
                "outcomes:download_report", kwargs={"clinic_code": "MBRO", "run_id": run.id, "kind": kind}
            )
            assert address in shown
            download = commissioner.get(address)
            assert download.content == bytes(ReportFile.objects.get(run=run, kind=kind).content)
            assert f"MBRO-2020-10-restricted-issue-1.{kind}" in download["Content-Disposition"]
        assert ReportFile.objects.get(run=run, kind="pdf").content[:4].tobytes() == b"%PDF"
        assert AuditEvent.objects.filter(
            event="outcomes.report_downloaded", actor__full_name="Rhona Keir"
        ).exists()

    def test_leaves_nothing_when_its_files_are_broken(self, at_ten: None, tmp_path: Path) -> None:
        # Given the same folder with a fault in each of two files
        folder = tmp_path / "broken"
        shutil.copytree(COHORT, folder)
        for name, right, wrong in (
            ("attendance.csv", ",given,", ",givven,"),
            ("patients.csv", "police", "polise"),
        ):
            text = (folder / name).read_text()
            assert right in text
            (folder / name).write_text(text.replace(right, wrong, 1))
        said = StringIO()

        # When somebody tries to take it in
        with pytest.raises(CommandError, match=r"^2 problems. Nothing was stored.$"):
            call_command("import_cohort", str(folder), "--invented", stdout=StringIO(), stderr=said)

        # Then both faults are named by file and line, and the database is as it was
        lines = said.getvalue().splitlines()
        assert len(lines) == 2
        assert any("attendance.csv" in line and "givven" in line for line in lines)
        assert any("patients.csv" in line and "polise" in line for line in lines)
        assert not Clinic.objects.exists()
        assert not Person.objects.exists()
        assert not ImportRun.objects.exists()
