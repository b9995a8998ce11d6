"""The public edition of a quarter: built from the frozen extract, printed by itself, attacked before its release."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.evaluation.build import ReportRefused, build_report, print_report
from outcomes.actions.releases import ReleaseRefused, release_report
from outcomes.models import ReportRelease, ReportRun
from outcomes.queries.evaluation.public import list_public_figures_around
from outcomes.rules.evaluation.attack import find_leaks
from outcomes.rules.evaluation.disclosure import HELD
from outcomes.rules.evaluation.editions import Edition
from tests.factories import ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.records import AT, Records
from tests.printed import failures

MARCH, JUNE = date(2025, 3, 1), date(2025, 6, 1)
START = date(2025, 1, 6)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def a_clinic(records, people=22):
    """Some left, two of them to prison; all but three with offences, one alone with an overdose."""
    for number in range(people):
        gone = number < 9
        person = records.person(
            started_on=START,
            exited_on=date(2025, 2, 20) if gone else None,
            exit_reason=("prison" if number < 2 else "completed") if gone else "",
        )
        for day in range(3):
            records.session(
                person, START + timedelta(days=day), "missed" if number == day else "given", reason="ill"
            )
        records.urine(person, date(2025, 2, 10), "negative" if number % 2 else "positive")
        for offence in range(number % 4 if number > 2 else 0):
            records.offence(person, START - timedelta(days=30 + offence))
    records.person(eligible=False)


def build(records, month=MARCH, edition=Edition.PUBLIC, at=AT):
    return build_report(clinic=records.clinic.id, month=month, edition=edition, by=records.by, at=at)


def by_id(run):
    return {figure["id"]: figure for figure in run.figures["indicators"]}


class TestBuilding:
    def test_makes_public_figures_of_the_same_extract(self, records):
        a_clinic(records)
        exact, public = build(records, edition=Edition.RESTRICTED), build(records)

        assert public.extract_sha256 == exact.extract_sha256
        assert (by_id(exact)["flow.started"]["value"], by_id(public)["flow.started"]["value"]) == (22, 20)
        assert by_id(exact)["flow.exited.prison"]["value"] == 2
        assert "flow.exited.prison" not in by_id(public)
        assert by_id(public)["flow.not_eligible"]["note"] == HELD
        assert by_id(public)["flow.exited"]["value"] == 10
        assert find_leaks(public.figures["indicators"]) == []

    def test_names_the_people_behind_offences(self, records):
        a_clinic(records)
        records.offence(records.person(started_on=START), START - timedelta(days=4), source="self_reported")
        figures = by_id(build(records, edition=Edition.RESTRICTED))

        assert figures["offending.recorded.pre_total"]["people"] == 14
        assert figures["offending.self_reported.pre_total"]["people"] == 1
        assert figures["urine.negative_samples.cumulative"]["people"] == 22
        assert figures["legacy.known_before"]["people"] == 0

    def test_again_gives_the_same_issue(self, records):
        a_clinic(records)

        assert build(records) == build(records)

    def test_of_a_later_quarter_or_issue_is_made_beside_the_others(self, records):
        a_clinic(records)
        first = build(records)
        records.person(started_on=date(2025, 3, 3))
        second, third = build(records), build(records, JUNE)

        assert (second.issue, second.replaces) == (2, first)
        around = list_public_figures_around(clinic=records.clinic.id, month=MARCH, but=first.pk)
        assert around == [second.figures["indicators"], third.figures["indicators"]]
        assert find_leaks(third.figures["indicators"], first.figures["indicators"]) == []
        assert find_leaks(second.figures["indicators"], first.figures["indicators"]) == []

    def test_is_refused_while_the_quarter_goes_on(self, records):
        with pytest.raises(ReportRefused, match="made when the quarter is over"):
            build(records, at=datetime(2025, 3, 20, 9, tzinfo=UTC))


class TestPrinting:
    def test_says_the_public_figures_in_every_format(self, records):
        a_clinic(records)
        run = build(records)
        files = {file.kind: bytes(file.content) for file in print_report(run=run.id, by=records.by, at=AT)}

        reader = pypdf.PdfReader(io.BytesIO(files["pdf"]))
        text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        assert failures(files["pdf"]) == []
        assert "Public edition: no number of people from 1 to 7 is in it" in text
        assert "People who started treatment 20" in text
        assert "People found not eligible not shown" in text
        assert set(reader.attachments) == {"figures.csv", "who-pays.csv"}
        assert "not shown" in files["html"].decode()
        rows = list(csv.DictReader(io.StringIO(files["csv"].decode())))
        (started,) = [row for row in rows if row["id"] == "flow.started"]
        (held,) = [row for row in rows if row["id"] == "flow.not_eligible"]
        assert (started["numerator"], held["numerator"], held["suppressed"]) == ("20", "", "yes")
        assert files["ods"] and files["json"]

    def test_of_a_later_issue_says_what_changed(self, records):
        a_clinic(records)
        first = build(records)
        ReportFileFactory(run=first, kind="pdf", content=b"pdf", sha256="ab" * 32)
        ReportReleaseFactory(run=first)
        for _ in range(9):
            records.person(started_on=date(2025, 3, 3))
        run = build(records)
        files = {file.kind: bytes(file.content) for file in print_report(run=run.id, by=records.by, at=AT)}

        assert "changed since issue 1" in files["html"].decode()


class TestSigningOff:
    @pytest.fixture
    def lead(self, records, make_member):
        return make_member(records.clinic, Role.CLINICAL_LEAD)

    def sign(self, run, by):
        ReportFileFactory(run=run, kind="pdf", content=b"pdf", sha256="ab" * 32)
        return release_report(
            clinic=run.clinic,
            run=run.pk,
            figures_sha256=run.figures_sha256,
            is_read=True,
            key=uuid.uuid4(),
            by=by,
            at=now(),
        )

    def test_lets_an_issue_out_that_gives_nothing_away(self, records, lead):
        a_clinic(records)

        assert self.sign(build(records), lead).run.edition == ReportRun.Edition.PUBLIC

    def test_refuses_one_that_does_and_says_which_figure(self, records, lead):
        a_clinic(records)
        figures = build(records, edition=Edition.RESTRICTED).figures
        run = ReportRunFactory(
            clinic=records.clinic, month=MARCH, edition=ReportRun.Edition.PUBLIC, figures=figures
        )

        with pytest.raises(
            ReleaseRefused, match=r"seven people or fewer could be worked out.*concerns: "
        ) as refused:
            self.sign(run, lead)

        assert "report_gives_people_away" in refused.value.decision.refusal_codes
        assert not ReportRelease.objects.exists()
        event = AuditEvent.objects.filter(event="outcomes.report_released").last()
        assert "report_gives_people_away" in event.detail["codes"]
