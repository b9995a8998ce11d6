"""Bringing in the files of the programme: all lines or none, once, and the page."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import Phase
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.programme_files import ProgrammeFilesRefused, import_programme_files
from outcomes.models import AreaFigure, Disruption, NeedEstimate, PhaseLine, ProgrammeFile
from tests.factories import ClinicFactory, DisruptionFactory, ProgrammeFileFactory
from tests.refusals import refused_by
from tests.unit.outcomes.test_programme_files_rules import GOOD

pytestmark = pytest.mark.django_db
TABLES = (PhaseLine, Disruption, AreaFigure, NeedEstimate)


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 15))


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def bring_in(clinic, by, **changes: str) -> dict[str, int]:
    files = {**GOOD, **{f"{name}.csv": text for name, text in changes.items()}}
    return import_programme_files(
        clinic=clinic,
        files={name: text.encode() for name, text in files.items() if text},
        by=by,
        at=now(),
    )


def stored() -> list[int]:
    return [table.objects.count() for table in TABLES]


class TestBringingIn:
    def test_stores_every_line_as_entered_by_whoever_did_and_tells_the_trail(self, clinic, manager):
        counts = bring_in(clinic, manager)

        assert counts == {"phases.csv": 2, "disruptions.csv": 2, "area.csv": 2, "need.csv": 1}
        assert stored() == [2, 2, 2, 1]
        assert {row.recorded_by for table in TABLES for row in table.objects.all()} == {manager}
        assert [phase.places for phase in Phase.objects.order_by("during")] == [10, 20]
        event = AuditEvent.objects.get(event="outcomes.programme_files_imported")
        assert event.detail["lines"] == [f"{name} {number}" for name, number in counts.items()]

    def test_of_a_problem_stores_nothing_of_any_file_and_tells_the_trail(self, clinic, manager):
        with pytest.raises(ProgrammeFilesRefused) as refused:
            bring_in(clinic, manager, need="as_of,area,people,method,source\n2025-01-01,Town,x,y,z\n")

        assert [str(problem)[:27] for problem in refused.value.problems] == ['need.csv line 2, people: "x']
        assert stored() == [0, 0, 0, 0]
        assert not ProgrammeFile.objects.exists()
        assert (
            AuditEvent.objects.get(event="outcomes.programme_files_imported", outcome="refused").detail[
                "problems"
            ]
            == 1
        )

    def test_refuses_a_file_of_the_same_content(self, clinic, manager):
        bring_in(clinic, manager, phases="", disruptions="", area="")

        with pytest.raises(ProgrammeFilesRefused) as refused:
            bring_in(clinic, manager)

        assert [problem.file for problem in refused.value.problems] == ["need.csv"]
        assert stored() == [0, 0, 0, 1]

    def test_holds_it_against_what_stands_here_alone(self, clinic, manager):
        DisruptionFactory(from_on=date(2025, 3, 1))
        bring_in(clinic, manager)

        other = ClinicFactory()
        assert bring_in(other, manager)


class TestTheTable:
    def test_holds_each_content_once(self):
        first = ProgrammeFileFactory()

        with refused_by("one_programme_file_of_a_content"):
            ProgrammeFileFactory(clinic=first.clinic)

    @pytest.mark.parametrize("changes", [{"name": "costs.csv"}, {"lines": 0}, {"sha256": "x" * 64}])
    def test_holds_one_of_the_four_with_lines(self, changes):
        with refused_by("programme_file_is_known_and_has_lines"):
            ProgrammeFileFactory(**changes)

    def test_only_grows(self):
        ProgrammeFileFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM outcomes_programmefile")


class TestThePage:
    @pytest.fixture
    def client(self, manager, sign_in) -> Client:
        return sign_in(Client(), manager)

    def sent(self, client: Client, clinic, *, seal: str = "", **files: str):
        address = reverse("outcomes:import_programme_files", args=[clinic.code])
        page = client.get(address).content.decode()
        found = re.search(r'name="seal" value="([^"]+)"', page)
        assert found is not None
        content = {
            name: SimpleUploadedFile(f"{name}.csv", text.encode(), "text/csv") for name, text in files.items()
        }
        answer = client.post(address, {"seal": seal or found[1], **content}, follow=True)
        return answer.content.decode()

    def test_brings_in_what_was_chosen_and_lists_it(self, client, clinic, manager):
        text = self.sent(client, clinic, area=GOOD["area.csv"], need=GOOD["need.csv"])

        assert "Lines brought in: area.csv 2, need.csv 1." in text
        assert f"area.csv, 2 lines: {manager.full_name}" in text
        assert stored() == [0, 0, 2, 1]

    def test_names_every_problem_by_file_line_and_column(self, client, clinic):
        text = self.sent(client, clinic, phases=GOOD["phases.csv"] + "x,2025-01-01,,0,9,\n", need="")

        assert "things to put right" in text
        for words in ("phases.csv", "Line 4", "sessions_per_day", "need.csv", "The file is empty."):
            assert words in text
        assert stored() == [0, 0, 0, 0]

    def test_asks_for_a_file_that_is_not_too_large_and_for_its_own_form(self, client, clinic):
        assert "Choose at least one file." in self.sent(client, clinic)
        assert "larger than 1 MB" in self.sent(client, clinic, area="x" * (1024 * 1024 + 1))
        assert "opened by somebody else" in self.sent(client, clinic, seal="x", area=GOOD["area.csv"])
        assert stored() == [0, 0, 0, 0]
