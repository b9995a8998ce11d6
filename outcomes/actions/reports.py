"""Asking for a report, and what the worker does with the asking."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from outcomes.models import ReportRequest, ReportRun
from outcomes.rules.evaluation.editions import Edition, may_build_report

ABANDONED_AFTER = timedelta(minutes=10)


class ReportRequestRefused(Exception):
    """The report cannot be built; the message gives every reason."""


@transaction.atomic(durable=True)
def request_report(*, clinic: Clinic, month: date, edition: Edition, by: User, at: datetime) -> ReportRequest:
    """Ask for the report of one month (its first day); asking while one is being built returns that asking.

    Raises ReportRequestRefused for an edition or a month that cannot be built.
    """
    decision = may_build_report(
        edition=edition, month=month, opened_on=clinic.opened_on, today=london_date(at)
    )
    if not decision.is_allowed:
        raise ReportRequestRefused(" ".join(finding.message for finding in decision.refusals))
    asked, is_new = ReportRequest.objects.get_or_create(
        clinic=clinic,
        month=month,
        edition=edition,
        finished_at=None,
        defaults={"requested_by": by, "requested_at": at},
    )
    if is_new:
        record(
            "outcomes.report_requested", by=by, at=at, clinic=clinic.id, thing=asked, month=month.isoformat()
        )
    return asked


@transaction.atomic(durable=True)
def start_request(*, by: User, at: datetime) -> ReportRequest | None:
    """Take the oldest asking that waits, for the worker; None when nothing waits.

    One that was started and never finished waits again after ten minutes: its worker is gone.
    """
    abandoned = at - ABANDONED_AFTER
    waiting = (
        ReportRequest.objects.select_for_update(skip_locked=True)
        .filter(Q(started_at__isnull=True) | Q(started_at__lt=abandoned), finished_at__isnull=True)
        .order_by("requested_at")
        .first()
    )
    if waiting is None:
        return None
    waiting.started_at = at
    waiting.save(update_fields=["started_at"])
    record("outcomes.report_started", by=by, at=at, clinic=waiting.clinic_id, thing=waiting)
    return waiting


@transaction.atomic(durable=True)
def finish_request(
    *, request: ReportRequest, run: ReportRun | None, failure: str, by: User, at: datetime
) -> None:
    """Store what became of an asking: its report, or in one sentence why there is none."""
    request.run = run
    request.failure = failure[:300]
    request.finished_at = at
    request.save(update_fields=["run", "failure", "finished_at"])
    record(
        "outcomes.report_finished",
        by=by,
        at=at,
        clinic=request.clinic_id,
        thing=request,
        refused=run is None,
    )
