"""Asking for a report, by a person or by the schedule, and what the worker does with the asking."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Refused
from outcomes.models import ReportRequest, ReportRun
from outcomes.rules.evaluation.editions import Edition, may_build_report
from outcomes.rules.evaluation.schedule import (
    ABANDONED_AFTER,
    BY_SCHEDULE,
    MOST_TRIES,
    WORKER_GONE,
    Stage,
    may_ask_again,
    next_try,
)


class ReportRequestRefused(Refused):
    """The report cannot be built; the message gives every reason."""


@transaction.atomic(durable=True)
def request_report(
    *, clinic: Clinic, month: date, edition: Edition, by: User, at: datetime, reason: str = ""
) -> ReportRequest:
    """Ask for the report of one month (its first day); asking while one is being built returns that asking.

    A month that is built already is asked for with a reason, which the new issue prints. Raises ReportRequestRefused.
    """
    decision = may_build_report(
        edition=edition, month=month, opened_on=clinic.opened_on, today=london_date(at)
    )
    runs = ReportRun.objects.filter(clinic=clinic, month=month, edition=edition.value)
    decision |= may_ask_again(is_built=runs.exists(), reason=reason)
    if not decision.is_allowed:
        raise ReportRequestRefused(decision)
    asked, is_new = ReportRequest.objects.get_or_create(
        clinic=clinic,
        month=month,
        edition=edition,
        finished_at=None,
        defaults={"requested_by": by, "requested_at": at, "reason": reason.strip()},
    )
    if is_new:
        record(
            "outcomes.report_requested", by=by, at=at, clinic=clinic.id, thing=asked, month=month.isoformat()
        )
    return asked


@transaction.atomic(durable=True)
def schedule_report(
    *, clinic: Clinic, month: date, edition: Edition, by: User, at: datetime
) -> ReportRequest | None:
    """Ask for a report as the schedule does: once in all, whoever calls and however often; None when it was done.

    Two schedules at once follow each other at the clinic's lock, and the table refuses the second. While a person's
    asking waits nothing is asked for: tomorrow the schedule looks again.
    """
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    same = ReportRequest.objects.filter(clinic=clinic, month=month, edition=edition.value)
    if same.filter(Q(is_scheduled=True) | Q(finished_at__isnull=True)).exists():
        return None
    asked = ReportRequest.objects.create(
        clinic=clinic,
        month=month,
        edition=edition.value,
        requested_by=by,
        requested_at=at,
        reason=BY_SCHEDULE,
        is_scheduled=True,
    )
    record("outcomes.report_requested", by=by, at=at, clinic=clinic.id, thing=asked, month=month.isoformat())
    return asked


@transaction.atomic(durable=True)
def start_request(*, by: User, at: datetime) -> ReportRequest | None:
    """Take the oldest asking that waits and is due, for the worker; None when nothing is.

    One that was started and never finished waits again after ten minutes: its worker is gone. When that was its fifth
    try it ends as a failure, so that a report that stops every worker does not stop all the others.
    """
    abandoned = at - ABANDONED_AFTER
    waiting = list(
        ReportRequest.objects.select_for_update(skip_locked=True)
        .filter(
            Q(started_at__isnull=True) | Q(started_at__lt=abandoned),
            Q(not_before__isnull=True) | Q(not_before__lte=at),
            finished_at__isnull=True,
        )
        .order_by("requested_at")
    )
    for request in waiting:
        if request.tries >= MOST_TRIES:
            _finish(request, run=None, failure=WORKER_GONE, by=by, at=at)
            continue
        if request.started_at is not None:
            request.failure = WORKER_GONE
        request.started_at, request.stage = at, Stage.COUNTING
        request.tries += 1
        request.save(update_fields=["started_at", "stage", "tries", "failure"])
        record("outcomes.report_started", by=by, at=at, clinic=request.clinic_id, thing=request)
        return request
    return None


@transaction.atomic(durable=True)
def note_printing(*, request: ReportRequest, by: User, at: datetime) -> None:
    """Store that the figures are frozen and the pages are being printed, for whoever waits for them."""
    changed = ReportRequest.objects.filter(pk=request.pk, finished_at__isnull=True).update(
        stage=Stage.PRINTING
    )
    if changed:
        record("outcomes.report_counted", by=by, at=at, clinic=request.clinic_id, thing=request)


@transaction.atomic(durable=True)
def finish_request(
    *, request: ReportRequest, run: ReportRun | None, failure: str, by: User, at: datetime
) -> None:
    """Store what became of an asking: its report, or in one sentence why there is none. The first end stands."""
    locked = ReportRequest.objects.select_for_update().get(pk=request.pk)
    if locked.finished_at is None:
        _finish(locked, run=run, failure=failure, by=by, at=at)


@transaction.atomic(durable=True)
def put_off_request(*, request: ReportRequest, failure: str, by: User, at: datetime) -> None:
    """Store why a try failed and when the next one begins; after the fifth it ends with that failure."""
    locked = ReportRequest.objects.select_for_update().get(pk=request.pk)
    if locked.finished_at is not None:
        return
    again = next_try(tries=locked.tries, at=at)
    if again is None:
        _finish(locked, run=None, failure=failure, by=by, at=at)
        return
    locked.started_at, locked.stage = None, Stage.WAITING
    locked.not_before, locked.failure = again, failure[:300]
    locked.save(update_fields=["started_at", "stage", "not_before", "failure"])
    record(
        "outcomes.report_put_off",
        by=by,
        at=at,
        clinic=locked.clinic_id,
        thing=locked,
        refused=True,
        tries=locked.tries,
    )


def _finish(request: ReportRequest, *, run: ReportRun | None, failure: str, by: User, at: datetime) -> None:
    request.run = run
    request.failure = failure[:300]
    request.finished_at = at
    request.stage = Stage.DONE if run else Stage.WAITING
    request.save(update_fields=["run", "failure", "finished_at", "stage"])
    record(
        "outcomes.report_finished",
        by=by,
        at=at,
        clinic=request.clinic_id,
        thing=request,
        refused=run is None,
    )
