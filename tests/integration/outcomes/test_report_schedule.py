"""The schedule asks once, tries again later each time, and never leaves half a report; a new issue says why."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import build_report
from outcomes.actions.reports import (
    ReportRequestRefused,
    finish_request,
    note_printing,
    put_off_request,
    request_report,
    schedule_report,
    start_request,
)
from outcomes.models import ReportFile, ReportRequest, ReportRun
from outcomes.queries.evaluation.runs import print_run
from outcomes.queries.reports import get_reports_page
from outcomes.rules.evaluation.editions import QUARTER_ENDS, Edition
from outcomes.rules.evaluation.indicators import last_month
from outcomes.rules.evaluation.schedule import (
    ABANDONED_AFTER,
    BY_SCHEDULE,
    MOST_TRIES,
    WORKER_GONE,
    Stage,
)
from outcomes.rules.releases import Audience
from outcomes.tasks import build_last_month, build_missed_months, build_requested_reports
from tests.factories import (
    ReportFileFactory,
    ReportReleaseFactory,
    ReportRequestFactory,
    ReportRunFactory,
)
from tests.factories.records import AT, Records
from tests.refusals import refused_by

MARCH = date(2025, 3, 1)
SECOND = timedelta(seconds=1)
INSIDE = Audience(is_inside=True, editions=frozenset())


@pytest.fixture
def records(db: None) -> Records:
    return Records()


@pytest.fixture
def printed(monkeypatch):
    """Printing takes seconds and has tests of its own: here every report prints as two words."""
    files = {"pdf": b"%PDF", "csv": b"id"}
    monkeypatch.setattr("outcomes.actions.evaluation.build.print_run", lambda run: files)


def schedule(records: Records, **more: Any) -> ReportRequest | None:
    given = {"month": MARCH, "edition": Edition.RESTRICTED, "by": records.by, "at": AT, **more}
    return schedule_report(clinic=records.clinic, **given)


def editions_of(month: date) -> int:
    """How many editions are built of a month: a quarter's end has a public one besides."""
    return 3 if month.month in QUARTER_ENDS else 2


def ask(records: Records, reason: str = "") -> ReportRequest:
    given = {"month": MARCH, "edition": Edition.RESTRICTED, "by": records.by, "at": AT}
    return request_report(clinic=records.clinic, reason=reason, **given)


class TestTheSchedule:
    def test_asks_once_for_a_report_in_all(self, records):
        asked = schedule(records)
        finish_request(request=asked, run=None, failure="The disc is full.", by=records.by, at=AT)

        assert asked.is_scheduled
        assert asked.reason == BY_SCHEDULE
        assert schedule(records) is None

    def test_waits_while_a_person_asks(self, records):
        ask(records)

        assert schedule(records) is None
        assert ReportRequest.objects.count() == 1

    def test_is_refused_twice_by_the_table(self, records):
        first = ReportRequestFactory(clinic=records.clinic, is_scheduled=True)
        finish_request(request=first, run=None, failure="The disc is full.", by=records.by, at=AT)

        with refused_by("one_scheduled_request_per_report"):
            ReportRequestFactory(clinic=records.clinic, is_scheduled=True)

    @pytest.mark.usefixtures("printed")
    def test_builds_what_was_missed_and_nothing_twice(self, records):
        month = last_month(london_date(now()))
        before = last_month(month), last_month(last_month(month))
        first = build_last_month()
        missed = build_missed_months()

        # A month has its restricted and justice editions, and one that ends a quarter its public one too.
        due, overdue = editions_of(month), sum(map(editions_of, before))
        assert (first, missed, build_missed_months(), build_last_month()) == (due, overdue, 0, 0)
        assert set(ReportRun.objects.values_list("month", flat=True)) == {month, *before}


@pytest.mark.race
class TestTwoSchedules:
    def test_ask_once(self, own_database):
        records = Records()
        ready, asked = threading.Barrier(2), []

        def work():
            try:
                ready.wait()
                asked.append(schedule(records))
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(asked) == 2
        assert sum(one is not None for one in asked) == 1
        assert ReportRequest.objects.count() == 1


class TestATryThatFailed:
    def test_is_put_off_with_its_reason_and_begins_when_its_time_has_come(self, records):
        ask(records)
        request = start_request(by=records.by, at=AT)

        put_off_request(request=request, failure="The disc is full.", by=records.by, at=AT)

        assert start_request(by=records.by, at=AT + timedelta(seconds=119)) is None
        waiting = get_reports_page(clinic=records.clinic, at=AT, audience=INSIDE).waiting[0]
        assert (waiting.failure, waiting.tries_left) == ("The disc is full.", MOST_TRIES - 1)
        assert waiting.again_at == AT + timedelta(minutes=2)
        assert start_request(by=records.by, at=AT + timedelta(minutes=2)) == request
        put_off = AuditEvent.objects.get(event="outcomes.report_put_off")
        assert (put_off.outcome, put_off.detail["tries"]) == ("refused", 1)

    def test_ends_after_the_fifth(self, records):
        ask(records)
        at = AT
        for _ in range(MOST_TRIES):
            request = start_request(by=records.by, at=at)
            put_off_request(request=request, failure="The disc is full.", by=records.by, at=at)
            at += timedelta(hours=1)

        assert start_request(by=records.by, at=at) is None
        stored = ReportRequest.objects.get()
        assert (stored.failure, stored.finished_at is not None) == ("The disc is full.", True)
        page = get_reports_page(clinic=records.clinic, at=AT, audience=INSIDE)
        assert [row.failure for row in page.failed] == ["The disc is full."]
        assert not page.waiting

    def test_ends_when_the_fifth_worker_is_gone_and_the_next_asking_goes_on(self, records):
        ReportRequestFactory(
            clinic=records.clinic, month=date(2025, 2, 1), requested_at=AT, started_at=AT, tries=MOST_TRIES
        )
        other = ask(records)

        taken = start_request(by=records.by, at=AT + ABANDONED_AFTER + timedelta(seconds=1))

        assert taken == other
        assert ReportRequest.objects.get(month=date(2025, 2, 1)).failure == WORKER_GONE

    def test_is_no_sixth(self, records):
        with refused_by("report_request_is_tried_five_times_at_most"):
            ReportRequestFactory(clinic=records.clinic, tries=MOST_TRIES + 1)

    def test_changes_nothing_that_has_ended(self, records):
        request = ask(records)
        finish_request(request=request, run=None, failure="First.", by=records.by, at=AT)

        finish_request(request=request, run=None, failure="Second.", by=records.by, at=AT)
        put_off_request(request=request, failure="Third.", by=records.by, at=AT)
        note_printing(request=request, by=records.by, at=AT)

        request.refresh_from_db()
        assert (request.failure, request.stage) == ("First.", Stage.WAITING)

    def test_leaves_no_half_report(self, records, monkeypatch):
        def half(run):
            yield "pdf", b"%PDF"
            raise OSError("no space left")

        class Half(dict):
            def items(self):
                return half(None)

        monkeypatch.setattr("outcomes.actions.evaluation.build.print_run", lambda run: Half())
        ask(records)

        with pytest.raises(OSError, match="no space"):
            build_requested_reports()

        assert not ReportFile.objects.exists()
        request = ReportRequest.objects.get()
        assert (request.run, request.finished_at, request.stage) == (None, None, Stage.WAITING)

    @pytest.mark.usefixtures("printed")
    def test_goes_through_its_stages(self, records, monkeypatch):
        seen = []

        def look(run):
            seen.append(ReportRequest.objects.get().stage)
            return {"pdf": b"%PDF", "csv": b"id"}

        monkeypatch.setattr("outcomes.actions.evaluation.build.print_run", look)
        ask(records)
        build_requested_reports()

        assert seen == [Stage.PRINTING]
        assert ReportRequest.objects.get().stage == Stage.DONE


class TestAWorkerThatIsGone:
    def on_the_page(self, records, at) -> Any:
        (row,) = get_reports_page(clinic=records.clinic, at=at, audience=INSIDE).waiting
        return row

    def test_is_said_to_be_gone_after_ten_minutes_and_its_report_to_begin_again(self, records):
        ask(records)
        start_request(by=records.by, at=AT)

        building = self.on_the_page(records, AT + ABANDONED_AFTER)
        stopped = self.on_the_page(records, AT + ABANDONED_AFTER + SECOND)

        assert (building.is_stopped, building.is_said_stopped_at) == (False, AT + ABANDONED_AFTER)
        assert (stopped.is_stopped, stopped.failure, stopped.tries_left) == (
            True,
            WORKER_GONE,
            MOST_TRIES - 1,
        )

    def test_is_told_of_while_the_next_one_builds(self, records):
        ask(records)
        start_request(by=records.by, at=AT)
        later = AT + ABANDONED_AFTER + SECOND
        start_request(by=records.by, at=later)

        row = self.on_the_page(records, later)

        assert (row.is_stopped, row.again_at, row.failure) == (False, None, WORKER_GONE)

    def test_is_read_on_the_page(self, records, make_member, sign_in):
        at = now()
        ReportRequestFactory(
            clinic=records.clinic, month=MARCH, started_at=at - timedelta(minutes=11), tries=1
        )
        begun = {"started_at": at, "tries": 2, "failure": WORKER_GONE, "stage": Stage.PRINTING}
        ReportRequestFactory(clinic=records.clinic, month=date(2025, 2, 1), **begun)
        ReportRunFactory(clinic=records.clinic, month=date(2025, 1, 1))
        browser = sign_in(Client(), make_member(records.clinic, Role.MANAGER))

        page = browser.get(reverse("outcomes:list_reports", args=[records.clinic.code])).content.decode()

        assert (
            "March 2025, restricted, is not built yet: The worker stopped in the middle of it. It is begun again as "
            "soon as a worker is there; tries left: 4." in page
        )
        assert "If its worker stops, this page says so at" in page
        assert "The try before failed: The worker stopped in the middle of it." in page
        assert "not printed yet" in page

    def test_leaves_the_issue_that_the_next_one_prints_whatever_was_recorded_since(self, records):
        first = build(records, asked_at=AT)
        records.person(referred_on=date(2025, 2, 1))

        assert build(records, asked_at=AT) == first
        ReportFileFactory(run=first)
        assert build(records, asked_at=AT).issue == 2

    def test_leaves_no_answer_to_a_later_asking(self, records):
        build(records, asked_at=AT)
        records.person(referred_on=date(2025, 2, 1))

        assert build(records, asked_at=AT + SECOND).issue == 2


class TestANewIssue:
    def test_is_asked_for_with_a_reason(self, records):
        build(records)

        with pytest.raises(ReportRequestRefused, match="Write why it is built again"):
            ask(records)

        assert ask(records, " Late results. ").reason == "Late results."

    def test_keeps_the_reason_and_prints_it_with_what_changed(self, records, render):
        first = build(records, reason="No first issue has one.")
        release(first)
        records.person(referred_on=date(2025, 2, 1))
        second = build(records, reason="A referral came in late.")

        printed = render(second)

        assert (first.reason, second.reason) == ("", "A referral came in late.")
        assert "A referral came in late." in str(printed["changes"]["blocks"][0])
        content, told = printed["files"]["changes.csv"]
        assert "flow.referred,clinic_record" in content
        assert "A referral came in late." in content
        assert told == "Every figure that changed since issue 1"

    def test_compares_with_the_last_that_was_signed_off_and_tells_every_reason_since(self, records, render):
        release(build(records))
        for number in (2, 3):
            records.person(referred_on=date(2025, 2, number))
            last = build(records, reason=f"Referral {number} came in late.")

        printed = render(last)

        assert printed["control"].replaces == 2
        assert printed["changes"]["heading"].endswith("since issue 1")
        assert "Referral 2 came in late. Referral 3 came in late." in str(printed["changes"]["blocks"][0])
        rows = dict(line.split(",")[0:5:4] for line in printed["files"]["changes.csv"][0].splitlines()[1:])
        assert int(rows["flow.referred"]) == int(figure(last, "flow.referred"))

        release(last)

        again = render(last)
        assert (again["files"], again["changes"]) == (printed["files"], printed["changes"])

    def test_lists_nothing_where_none_was_signed_off(self, records, render):
        build(records)
        records.person(referred_on=date(2025, 2, 1))
        second = build(records, reason="A referral came in late.")

        printed = render(second)

        assert printed["changes"]["heading"] == "No earlier issue was signed off"
        assert "saw no earlier issue of this month" in str(printed["changes"]["blocks"][1])
        assert "changes.csv" not in printed["files"]


@pytest.fixture
def render(monkeypatch):
    """Print a report, and return what would stand in its PDF instead of the file."""

    def printed(run: ReportRun) -> dict[str, Any]:
        given: dict[str, Any] = {}

        def keep(**more: Any) -> bytes:
            given.update(more)
            return b"%PDF"

        monkeypatch.setattr("outcomes.queries.evaluation.runs.render_pdf", keep)
        print_run(run.pk)
        return given | {"changes": next(page for page in given["pages"] if page["key"] == "changes")}

    return printed


def release(run: ReportRun) -> None:
    ReportFileFactory(run=run, kind="pdf")
    ReportReleaseFactory(run=run)


def figure(run: ReportRun, name: str) -> float:
    return next(one["value"] for one in run.figures["indicators"] if one["id"] == name)


def build(records: Records, **more: Any) -> ReportRun:
    given = {"month": MARCH, "edition": Edition.RESTRICTED, "by": records.by, "at": AT, **more}
    return build_report(clinic=records.clinic.id, **given)
