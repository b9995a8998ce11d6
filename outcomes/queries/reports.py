"""The list of a clinic's reports, and one file of one report."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from outcomes.models import ReportFile, ReportRequest, ReportRun
from outcomes.queries.releases import runs_shown
from outcomes.rules.evaluation.schedule import (
    ABANDONED_AFTER,
    MOST_TRIES,
    STEPS,
    WORKER_GONE,
    Stage,
    is_abandoned,
)
from outcomes.rules.evaluation.web_body import body_of
from outcomes.rules.releases import Audience


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One issue of one month, as the list prints it; `replaced` are the earlier ones, which stay readable.

    `is_newest` is False where a newer issue was built, even when the reader does not see that one yet.
    """

    run_id: uuid.UUID
    month: date
    edition: str
    issue: int
    is_provisional: bool
    built_at: datetime
    extract_sha256: str
    kinds: tuple[str, ...]
    is_released: bool
    is_newest: bool
    replaced: tuple[ReportRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One asking that is not done, or that failed.

    `is_stopped`: a worker began it and is gone; while one builds it, `is_said_stopped_at` is when it is taken to be.
    """

    month: date
    edition: str
    requested_at: datetime
    words: str
    step: int
    failure: str
    again_at: datetime | None
    is_stopped: bool
    is_said_stopped_at: datetime | None
    tries: int

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return STEPS

    @property
    def tries_left(self) -> int:
        """How often it is still tried."""
        return MOST_TRIES - self.tries


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """Every report of a clinic, newest month first, the last issue of each; and what is being built."""

    clinic: Clinic
    reports: tuple[ReportRow, ...]
    waiting: tuple[RequestRow, ...]
    failed: tuple[RequestRow, ...]
    months: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report to be read: which issue it is, and its pages as they were frozen."""

    clinic: Clinic
    month: date
    edition: str
    issue: int
    body: SafeString


@dataclass(frozen=True, slots=True)
class ReportDownload:
    """One stored file: its bytes as they were frozen, and the name it is saved under."""

    run: ReportRun
    kind: str
    content: bytes
    sha256: str
    name: str


def get_reports_page(*, clinic: Clinic, at: datetime, audience: Audience) -> ReportsPage:
    """Return the list of a clinic's reports that somebody reads, in a fixed number of queries."""
    runs = (
        runs_shown(clinic=clinic, audience=audience)
        .select_related("release", "replaced_by")
        .defer("figures", "segments", "replaced_by__figures", "replaced_by__segments")
        .order_by("-month", "edition", "-issue")
    )
    kinds: dict[uuid.UUID, list[str]] = {}
    for run_id, kind in ReportFile.objects.filter(run__clinic=clinic).values_list("run_id", "kind"):
        kinds.setdefault(run_id, []).append(kind)
    issues = (
        ReportRow(
            run_id=run.id,
            month=run.month,
            edition=run.edition,
            issue=run.issue,
            is_provisional=run.is_provisional,
            built_at=run.built_at,
            extract_sha256=run.extract_sha256,
            kinds=tuple(kind for kind in ReportFile.Kind.values if kind in kinds.get(run.id, ())),
            is_released=hasattr(run, "release"),
            is_newest=not hasattr(run, "replaced_by"),
        )
        for run in runs
    )
    reports = tuple(
        replace(newest, replaced=tuple(earlier))
        for _, (newest, *earlier) in groupby(issues, key=lambda row: (row.month, row.edition))
    )
    requests = list(ReportRequest.objects.filter(clinic=clinic).order_by("-requested_at")[:50])
    return ReportsPage(
        clinic=clinic,
        reports=reports,
        waiting=tuple(_row(request, at) for request in requests if request.finished_at is None),
        failed=tuple(_last_failures(requests, at)),
        months=list_months(clinic.opened_on, london_date(at)),
    )


def get_report_page(*, clinic: Clinic, run_id: uuid.UUID, audience: Audience) -> ReportPage | None:
    """Return one of the clinic's reports as it was frozen for reading, or None; also for one that is not theirs."""
    file = get_report_file(clinic=clinic, run_id=run_id, kind=ReportFile.Kind.HTML, audience=audience)
    if file is None:
        return None
    return ReportPage(
        clinic=clinic,
        month=file.run.month,
        edition=file.run.edition,
        issue=file.run.issue,
        # Written by our own template from numbers and our own words, which it escapes, and frozen with a hash.
        body=mark_safe(body_of(file.content.decode())),  # noqa: S308
    )


def get_report_file(
    *, clinic: Clinic, run_id: uuid.UUID, kind: str, audience: Audience
) -> ReportDownload | None:
    """Return one stored file of one of the clinic's reports, or None; also for a report that is not theirs to read."""
    file = (
        ReportFile.objects.select_related("run")
        .defer("run__figures", "run__segments")
        .filter(run__in=runs_shown(clinic=clinic, audience=audience).filter(pk=run_id), kind=kind)
        .first()
    )
    if file is None:
        return None
    run = file.run
    name = f"{clinic.code}-{run.month:%Y-%m}-{run.edition}-issue-{run.issue}.{kind}"
    return ReportDownload(run=run, kind=kind, content=bytes(file.content), sha256=file.sha256, name=name)


def _last_failures(requests: list[ReportRequest], at: datetime) -> Iterator[RequestRow]:
    """Yield a month's last asking where that one failed."""
    seen: set[tuple[date, str]] = set()
    for request in requests:
        report = (request.month, request.edition)
        if report not in seen and request.failure and request.finished_at is not None:
            yield _row(request, at)
        seen.add(report)


def _row(request: ReportRequest, at: datetime) -> RequestRow:
    is_stopped = request.finished_at is None and is_abandoned(started_at=request.started_at, at=at)
    return RequestRow(
        month=request.month,
        edition=request.edition,
        requested_at=request.requested_at,
        words=Stage(request.stage).words,
        step=Stage(request.stage).step,
        failure=WORKER_GONE if is_stopped else request.failure,
        again_at=request.not_before if request.failure and request.started_at is None else None,
        is_stopped=is_stopped,
        is_said_stopped_at=request.started_at + ABANDONED_AFTER if request.started_at else None,
        tries=request.tries,
    )


def list_months(opened_on: date, today: date) -> tuple[date, ...]:
    """Return the first day of every month of the clinic's life, the newest first."""
    return tuple(_months(opened_on, today))


def _months(opened_on: date, today: date) -> Iterator[date]:
    """Yield the first day of every month of the clinic's life, the newest first."""
    month = today.replace(day=1)
    while month >= opened_on.replace(day=1):
        yield month
        month = (month.replace(day=15) - timedelta(days=30)).replace(day=1)
