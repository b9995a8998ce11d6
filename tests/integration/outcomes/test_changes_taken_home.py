"""What a new issue changed, as a workbook and as rows: for whoever reads both issues, safe to open, and logged."""

from __future__ import annotations

import io
import uuid
from hashlib import sha256
from html import unescape
from typing import Any

import odfdo
import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from tests.factories import ClinicFactory, ReportFileFactory, ReportReleaseFactory, ReportRunFactory

pytestmark = pytest.mark.django_db


def figures(value: int, label: str) -> dict[str, Any]:
    held = {"missing": 0, "suppressed": False, "interval": None, "note": None, "unit": "people"}
    figure = {"id": "flow.referred", "source": "clinic_record", "label": label, **held}
    return {"indicators": [figure | {"numerator": value, "denominator": None, "value": value}]}


@pytest.fixture
def clinic():
    return ClinicFactory()


@pytest.fixture
def issues(clinic):
    """Two issues of a month that are signed off, the second with words that a spreadsheet would run."""

    def issue(number: int, value: int, **more: Any) -> Any:
        run = ReportRunFactory(clinic=clinic, issue=number, figures=figures(value, "=1+1"), **more)
        ReportFileFactory(run=run, kind="pdf")
        ReportReleaseFactory(run=run)
        return run

    first = issue(1, 7, figures_sha256="1" * 64)
    return first, issue(2, 9, replaces=first, reason='=HYPERLINK("x")', figures_sha256="2" * 64)


@pytest.fixture
def take(clinic, sign_in):
    """Take a file home as somebody."""
    browsers: dict[Any, Client] = {}

    def go(who: Any, run: Any, kind: str):
        browser = browsers.setdefault(who.pk, sign_in(Client(), who))
        given = {"clinic_code": clinic.code, "run_id": run.pk, "table_kind": kind}
        return browser.get(reverse("outcomes:download_changes", kwargs=given))

    return go


class TestTheChangesTakenHome:
    def test_are_a_workbook_with_numbers_as_numbers_and_no_formula(self, take, clinic, issues, make_member):
        answer = take(make_member(clinic, Role.COMMISSIONER), issues[1], "ods")

        book = odfdo.Document(io.BytesIO(answer.content))
        changes, about = book.body.get_tables()
        assert [changes.name, about.name] == ["changes", "about"]
        assert changes.get_values() == [
            ["id", "source", "label", "before", "after", "why"],
            ["flow.referred", "clinic_record", "=1+1", 7, 9, '=HYPERLINK("x")'],
        ]
        assert [changes.get_cell((column, 1)).formula for column in range(6)] == [None] * 6
        told = dict(about.get_values()[1:])
        assert (told["Issue"], told["Compared with"], told["Figures that changed"]) == (
            "issue 2",
            "issue 1",
            1,
        )
        assert (told["Hash of the figures"], told["Hash of those before"]) == ("2" * 64, "1" * 64)
        assert answer["Content-Type"] == "application/vnd.oasis.opendocument.spreadsheet"
        assert f'"{clinic.code}-2026-01-restricted-issue-2-changes.ods"' in answer["Content-Disposition"]

    def test_are_rows_that_no_spreadsheet_runs(self, take, clinic, issues, make_member):
        answer = take(make_member(clinic, Role.COMMISSIONER), issues[1], "csv")

        assert answer.content.decode().splitlines() == [
            "id,source,label,before,after,why",
            'flow.referred,clinic_record,\'=1+1,7,9,"\'=HYPERLINK(""x"")"',
        ]

    def test_are_told_with_their_hash_and_listed(self, take, clinic, issues, make_member, sign_in):
        manager = make_member(clinic, Role.MANAGER)
        answer = take(manager, issues[1], "ods")

        event = AuditEvent.objects.get(event="outcomes.changes_downloaded")
        assert (event.detail["kind"], event.detail["sha256"]) == ("ods", sha256(answer.content).hexdigest())
        listed = sign_in(Client(), manager).get(
            reverse("outcomes:list_downloads", kwargs={"clinic_code": clinic.code})
        )
        page = unescape(listed.content.decode())
        assert "changes, ODS" in page
        assert event.detail["sha256"][:12] in page

    def test_are_not_there_for_a_first_issue_a_stranger_or_an_edition_not_theirs(
        self, take, clinic, issues, make_member
    ):
        commissioner = make_member(clinic, Role.COMMISSIONER)
        board = make_member(clinic, Role.BOARD, "board")
        elsewhere = ReportRunFactory(issue=1)

        for who, run in ((commissioner, issues[0]), (commissioner, elsewhere), (board, issues[1])):
            assert take(who, run, "ods").status_code == 404
        assert take(commissioner, type("Nothing", (), {"pk": "-" * 36}), "ods").status_code == 404
        assert take(commissioner, type("Nobody", (), {"pk": uuid.uuid4()}), "csv").status_code == 404
        assert not AuditEvent.objects.filter(event="outcomes.changes_downloaded").exists()
