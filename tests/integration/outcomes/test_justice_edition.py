"""The justice edition of a month: built of the frozen extract and the last public issue, and attacked with it."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from outcomes.actions.evaluation.build import ReportRefused, build_report, print_report
from outcomes.actions.releases import ReleaseRefused, release_report
from outcomes.models import ReportRelease, ReportRun
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.justice import NO_PUBLIC
from outcomes.rules.evaluation.justice_attack import find_leaks_beside
from tests.factories import ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.justice import leaking
from tests.factories.records import AT, Records
from tests.printed import failures

MARCH, APRIL = date(2025, 3, 1), date(2025, 4, 1)
START = date(2025, 1, 6)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


@pytest.fixture
def lead(records, make_member):
    return make_member(records.clinic, Role.CLINICAL_LEAD)


def a_clinic(records, people=23):
    """Nine left, two of them to prison; most with offences, every second with a sample."""
    for number in range(people):
        gone = number < 9
        person = records.person(
            started_on=START,
            exited_on=date(2025, 2, 20) if gone else None,
            exit_reason=("prison" if number < 2 else "completed") if gone else "",
        )
        records.urine(person, date(2025, 2, 10), "negative" if number % 2 else "positive")
        for offence in range(number % 4 if number > 2 else 0):
            records.offence(person, START - timedelta(days=30 + offence))


def build(records, month=APRIL, edition=Edition.JUSTICE, at=AT, **more):
    return build_report(clinic=records.clinic.id, month=month, edition=edition, by=records.by, at=at, **more)


def signed_off(run):
    ReportFileFactory(run=run, kind="pdf", content=b"pdf", sha256="ab" * 32)
    ReportReleaseFactory(run=run)
    return run


def sign(run, by):
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


def by_id(run):
    return {figure["id"]: figure for figure in run.figures["indicators"]}


class TestBuilding:
    def test_without_a_public_issue_gives_exact_totals_and_a_sentence_elsewhere(self, records):
        a_clinic(records)
        figures = by_id(build(records))

        assert (figures["flow.started"]["value"], figures["flow.exited"]["value"]) == (23, 9)
        assert figures["offending.recorded.pre_total"]["value"] == 30
        assert figures["urine.negative_samples.cumulative"]["value"] is None
        assert figures["urine.negative_samples.cumulative"]["note"] == NO_PUBLIC
        assert "flow.exited.prison" not in figures

    def test_takes_the_rest_from_the_last_public_issue_that_was_signed_off(self, records):
        a_clinic(records)
        public = signed_off(build(records, MARCH, Edition.PUBLIC))
        run = build(records)
        ours, theirs = by_id(run), by_id(public)

        assert run.figures["public_issue"] == {
            "month": "2025-03",
            "issue": 1,
            "figures_sha256": public.figures_sha256,
        }
        assert ours["urine.negative_samples.cumulative"] == theirs["urine.negative_samples.cumulative"]
        assert ours["flow.started"]["value"] == 23 and theirs["flow.started"]["value"] == 25
        assert find_leaks_beside(public.figures["indicators"], run.figures["indicators"]) == []

    def test_again_gives_the_same_issue_until_another_public_one_is_signed_off(self, records):
        a_clinic(records)
        first = build(records)
        public = build(records, MARCH, Edition.PUBLIC)

        assert build(records) == first
        signed_off(public)
        second = build(records, reason="A public issue is out")

        assert (second.issue, second.replaces, second.reason) == (2, first, "A public issue is out")
        assert build(records) == second

    def test_of_an_earlier_month_does_not_look_ahead(self, records):
        a_clinic(records)
        signed_off(build(records, MARCH, Edition.PUBLIC))

        assert "public_issue" not in build(records, date(2025, 2, 1)).figures

    def test_comes_first_and_the_public_issue_is_made_beside_it(self, records):
        a_clinic(records)
        justice = build(records, MARCH)
        public = build(records, MARCH, Edition.PUBLIC)

        assert find_leaks_beside(public.figures["indicators"], justice.figures["indicators"]) == []

    def test_is_refused_while_the_month_goes_on(self, records):
        with pytest.raises(ReportRefused, match="made when the month is over"):
            build(records, at=datetime(2025, 4, 20, 9, tzinfo=UTC))


class TestPrinting:
    def test_says_in_every_format_what_is_exact_and_what_is_not(self, records):
        a_clinic(records)
        signed_off(build(records, MARCH, Edition.PUBLIC))
        run = build(records)
        files = {file.kind: bytes(file.content) for file in print_report(run=run.id, by=records.by, at=AT)}

        reader = pypdf.PdfReader(io.BytesIO(files["pdf"]))
        text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        assert failures(files["pdf"]) == []
        assert "Justice edition: offences, custody, costs" in text
        assert "People who started treatment 23" in text
        assert "Public issue, data cut 1 April 2025." in text.replace("\u00a0", " ")
        assert "95 % interval" in text
        assert set(reader.attachments) == {"figures.csv", "who-pays.csv"}
        assert "Justice edition" in files["html"].decode()
        rows = {row["id"]: row for row in csv.DictReader(io.StringIO(files["csv"].decode()))}
        assert (rows["flow.started"]["numerator"], rows["flow.exited"]["numerator"]) == ("23", "9")
        assert files["ods"] and files["json"]


class TestSigningOff:
    def test_lets_an_issue_out_that_gives_nothing_away(self, records, lead):
        a_clinic(records)
        signed_off(build(records, MARCH, Edition.PUBLIC))

        assert sign(build(records), lead).run.edition == ReportRun.Edition.JUSTICE

    def test_refuses_exact_numbers_that_are_not_for_justice(self, records, lead):
        a_clinic(records)
        exact = build(records, edition=Edition.RESTRICTED).figures
        run = ReportRunFactory(clinic=records.clinic, month=APRIL, edition="justice", figures=exact)

        with pytest.raises(ReleaseRefused) as refused:
            sign(run, lead)

        assert refused.value.decision.refusal_codes == ["report_differs_from_public"]
        assert not ReportRelease.objects.filter(run=run).exists()

    def test_refuses_one_that_stands_on_a_public_issue_that_nobody_signed_off(self, records, lead):
        a_clinic(records)
        signed_off(build(records, MARCH, Edition.PUBLIC))
        figures = build(records).figures
        figures["public_issue"]["figures_sha256"] = "0" * 64
        run = ReportRunFactory(
            clinic=records.clinic, month=APRIL, edition="justice", issue=9, figures=figures
        )

        with pytest.raises(ReleaseRefused) as refused:
            sign(run, lead)

        assert "report_differs_from_public" in refused.value.decision.refusal_codes

    @pytest.mark.parametrize("edition", ["justice", "public"])
    def test_refuses_the_second_of_a_pair_that_tells_a_blank(self, records, lead, edition):
        _, _, public, justice = leaking()
        given = {"public": public, "justice": justice}
        runs = {
            name: ReportRunFactory(
                clinic=records.clinic, month=MARCH, edition=name, figures={"indicators": figures}
            )
            for name, figures in given.items()
        }

        with pytest.raises(ReleaseRefused) as refused:
            sign(runs[edition], lead)

        assert "report_pair_gives_people_away" in refused.value.decision.refusal_codes
