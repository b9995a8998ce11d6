"""Building a report: once, again only when the records changed, and refused in words."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import ReportRefused, build_report
from outcomes.actions.reports import request_report
from outcomes.models import ReportRequest, ReportRun
from outcomes.queries.evaluation.figures import get_figures_once
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.fingerprints import hash_of_document
from outcomes.rules.evaluation.indicators import last_month
from outcomes.tasks import build_last_month, build_requested_reports
from tests.factories.records import AT, Records

MARCH = date(2025, 3, 1)


def build(records, *, month=MARCH, edition=Edition.RESTRICTED, at=AT):
    return build_report(clinic=records.clinic.id, month=month, edition=edition, by=records.by, at=at)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


class TestBuildReport:
    def test_stores_the_figures_with_what_they_rest_on(self, records):
        run = build(records)

        assert (run.issue, run.replaces, run.as_of) == (1, None, date(2025, 4, 1))
        assert run.figures["extract_sha256"] == run.extract_sha256
        assert run.figures_sha256 == hash_of_document(run.figures)
        assert run.figures["clinic"] == records.clinic.code

    def test_gives_exactly_the_keys_of_the_schema(self, records):
        document = build(records).figures

        assert set(document) == {
            "schema",
            "clinic",
            "edition",
            "period",
            "version",
            "extract_sha256",
            "indicators",
        }
        assert document["period"] == {"from": "2025-03-01", "to": "2025-04-01"}
        required = {
            "id", "label", "domain", "set", "source", "window", "numerator", "denominator",
            "value", "unit", "interval", "missing", "suppressed", "note",
        }  # fmt: skip
        assert all(required <= set(figure) for figure in document["indicators"])
        assert document["indicators"][0]["window"] == {"from": "2025-01-01", "to": "2025-04-01"}

    def test_tells_the_audit_trail(self, records):
        run = build(records)

        events = AuditEvent.objects.filter(clinic=records.clinic.id).order_by("id")
        assert [event.event for event in events] == ["outcomes.extract_frozen", "outcomes.report_built"]
        assert events[1].object_id == str(run.id)

    def test_answers_with_the_same_issue_while_nothing_changed(self, records):
        assert build(records).id == build(records).id
        assert ReportRun.objects.count() == 1

    def test_makes_a_new_issue_that_names_the_old_when_records_changed(self, records):
        first = build(records)
        records.person(referred_on=date(2025, 2, 1))

        second = build(records)

        assert (second.issue, second.replaces_id) == (2, first.id)

    def test_leaves_the_old_issue_as_it_was(self, records):
        first = build(records)
        records.person(referred_on=date(2025, 2, 1))
        build(records)

        first.refresh_from_db()

        assert first.figures_sha256 == hash_of_document(first.figures)

    def test_is_provisional_while_a_session_has_no_outcome(self, records):
        person = records.person(started_on=MARCH)
        records.session(person, MARCH, None)

        assert build(records).is_provisional

    def test_is_not_provisional_when_every_session_has_one(self, records):
        person = records.person(started_on=MARCH)
        records.session(person, MARCH, "given")

        assert not build(records).is_provisional

    def test_counts_up_to_today_while_the_month_goes_on(self, records):
        person = records.person(started_on=date(2026, 1, 5))
        for day in (14, 15, 16):
            records.session(person, date(2026, 1, day), "given")

        run = build(records, month=date(2026, 1, 1))

        (pooled,) = [f for f in run.figures["indicators"] if f["id"] == "attendance.pooled.month"]
        assert run.is_provisional
        assert (run.as_of, pooled["denominator"]) == (date(2026, 1, 16), 2)

    def test_is_provisional_on_the_last_day_of_the_month_and_replaced_when_that_is_over(self, records):
        last_hour = datetime(2025, 3, 31, 22, 30, tzinfo=UTC)  # half past eleven in London

        during, again, after = (
            build(records, at=last_hour + timedelta(minutes=minutes)) for minutes in (0, 10, 40)
        )

        assert (during.is_provisional, during.as_of) == (True, date(2025, 4, 1))
        assert again == during
        assert (after.is_provisional, after.replaces_id) == (False, during.id)

    def test_replaces_the_issue_of_an_earlier_day_of_the_month(self, records):
        first = build(records, month=date(2026, 1, 1))
        second = build(records, month=date(2026, 1, 1), at=AT + timedelta(days=1))

        assert second.replaces_id == first.id

    def test_refuses_a_month_that_has_not_begun_and_stores_nothing(self, records):
        with pytest.raises(ReportRefused, match="February 2026 has not begun"):
            build(records, month=date(2026, 2, 1))

        assert not ReportRun.objects.exists()
        assert not AuditEvent.objects.exists()


@pytest.mark.race
class TestTwoAtOnce:
    def test_build_one_report(self, own_database):
        records = Records()
        records.person(started_on=date(2025, 1, 6))
        ready, runs = threading.Barrier(2), []

        def work():
            try:
                ready.wait()
                runs.append(build(records).id)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(runs) == 2
        assert len(set(runs)) == 1
        assert ReportRun.objects.count() == 1

    def test_wait_for_each_other_longer_than_a_page_may(self, own_database):
        records = Records()
        with closing(connection.copy()) as other, connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
            other.set_autocommit(False)
            with other.cursor() as holding:
                holding.execute("SELECT FROM accounts_clinic WHERE id = %s FOR UPDATE", [records.clinic.id])
            release = threading.Timer(1, other.connection.rollback)
            release.start()

            run = build(records)

            release.join()
        assert run.issue == 1

    def test_begin_anew_when_the_other_one_stored_an_issue_meanwhile(self, records, monkeypatch):
        stored = []

        def count_slowly(*asked):
            if not stored:
                stored.append(None)
                records.person(referred_on=date(2025, 2, 1))
                stored.append(build(records, at=AT + timedelta(seconds=1)))
                records.person(referred_on=date(2025, 2, 2))
            return get_figures_once(*asked)

        monkeypatch.setattr("outcomes.actions.evaluation.build.get_figures_once", count_slowly)

        run = build(records)

        assert (run.issue, run.replaces) == (2, stored[1])
        (referred,) = [f for f in run.figures["indicators"] if f["id"] == "flow.referred"]
        assert referred["value"] == 2


@pytest.fixture
def printed(monkeypatch):
    """Printing takes seconds and has tests of its own: here every report prints as two words."""
    monkeypatch.setattr(
        "outcomes.actions.evaluation.build.print_run", lambda run: {"pdf": b"%PDF", "csv": b"id\r\n"}
    )


def ask(records, reason=""):
    """Ask for March as a person does, and let the worker look."""
    request_report(
        clinic=records.clinic, month=MARCH, edition=Edition.RESTRICTED, by=records.by, at=AT, reason=reason
    )
    return build_requested_reports()


@pytest.mark.usefixtures("printed")
class TestTheWorker:
    def test_builds_and_prints_what_was_asked_for(self, records):
        done = ask(records)

        request = ReportRequest.objects.get()
        assert done == 1
        assert request.failure == ""
        assert {file.kind for file in request.run.files.all()} == {"pdf", "csv"}

    def test_builds_last_month_for_every_clinic_that_was_open(self, records):
        done = build_last_month()

        runs = ReportRun.objects.all()
        assert {run.month for run in runs} == {last_month(london_date(now()))}
        assert {run.edition for run in runs} >= {"restricted", "justice"}
        assert done == runs.count()

    def test_leaves_out_a_clinic_that_opened_since(self, db):
        Records(opened_on=datetime.now(UTC).date().replace(day=1))

        assert build_last_month() == 0

    def test_prints_a_report_once(self, records):
        ask(records)
        ask(records, "Late results.")

        assert ReportRequest.objects.count() == 2
        assert ReportRun.objects.get().files.count() == 2

    def test_does_nothing_when_nothing_is_asked_for(self, records):
        assert build_requested_reports() == 0

    def test_says_in_one_sentence_when_the_program_failed(self, records, monkeypatch):
        def fail(run):
            raise RuntimeError(str(uuid4()))

        monkeypatch.setattr("outcomes.actions.evaluation.build.print_run", fail)

        with pytest.raises(RuntimeError):
            ask(records)

        assert "The program failed while building it." in ReportRequest.objects.get().failure
