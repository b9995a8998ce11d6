"""Reports on schedule, by a real worker over a real broker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic
from hat_clinic.celery import app
from hat_clinic.core.clock import now
from outcomes.actions.cohort import import_cohort
from outcomes.actions.reports import request_report
from outcomes.models import ReportFile, ReportRequest
from outcomes.rules.evaluation.editions import Edition
from outcomes.tasks import build_requested_reports

ROOT = Path(settings.BASE_DIR)
COHORT = ROOT / "hat_clinic" / "demo" / "cohorts" / "middlesbrough-year-one"
LONDON = ZoneInfo("Europe/London")


class TestTheSchedule:
    def test_names_jobs_that_exist(self) -> None:
        app.autodiscover_tasks(force=True)

        assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (datetime(2027, 1, 31, 23, 0, tzinfo=UTC), datetime(2027, 2, 1, 6, 0, tzinfo=LONDON)),
            (datetime(2027, 6, 30, 23, 0, tzinfo=UTC), datetime(2027, 7, 1, 6, 0, tzinfo=LONDON)),
        ],
        ids=["winter", "summer"],
    )
    def test_builds_last_month_on_the_1st_at_six_in_london(self, before: datetime, after: datetime) -> None:
        monthly = app.conf.beat_schedule["build-last-month"]["schedule"]
        monthly.nowfun = lambda: before.astimezone(LONDON)

        due = before + monthly.remaining_estimate(before)

        assert due.astimezone(UTC) == after.astimezone(UTC)


class TestTheWorker:
    def test_builds_and_prints_what_was_asked_for(self, own_database: str) -> None:
        at = now()
        program = get_program(name="test", at=at)
        import_cohort(folder=COHORT, is_invented=True, by=program, at=at)
        clinic = Clinic.objects.get(code="MBRO")
        asked = request_report(
            clinic=clinic, month=date(2020, 10, 1), edition=Edition.RESTRICTED, by=program, at=at
        )
        queue = f"test-{own_database}"
        words = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "hat_clinic.celery",
            "worker",
            "--pool",
            "solo",
            "-Q",
            queue,
        ]
        address = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{own_database}"
        with subprocess.Popen(words, cwd=ROOT, env={**os.environ, "DATABASE_URL": address}) as worker:
            try:
                build_requested_reports.apply_async(queue=queue)
                self._wait_for(asked)
            finally:
                worker.terminate()

        asked.refresh_from_db()
        assert asked.failure == ""
        pdf = ReportFile.objects.get(run=asked.run, kind="pdf")
        assert bytes(pdf.content).startswith(b"%PDF-")

    def _wait_for(self, asked: ReportRequest) -> None:
        end = time.monotonic() + 150
        while time.monotonic() < end:
            if ReportRequest.objects.filter(id=asked.id, finished_at__isnull=False).exists():
                return
            time.sleep(0.5)
        raise AssertionError("the worker did not build the report")
