"""Who is told of a report, what is new for somebody, and which letters wait."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_members, roles_of
from hat_clinic.accounts.rules import Permission, may
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date
from outcomes.models import ReportNotice, ReportRun
from outcomes.queries.readers import get_grants
from outcomes.queries.releases import runs_shown
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.notices import TRIED_FOR, Telling, is_given_up, is_late
from outcomes.rules.releases import Audience

# What somebody does with a report that makes it no longer new for them.
OPENED = ("outcomes.report_downloaded", "outcomes.report_read")


@dataclass(frozen=True, slots=True)
class NewReport:
    """One report that its reader has not opened yet."""

    run_id: uuid.UUID
    month: date
    edition: str
    issue: int


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One reader who is told of a report, and what became of the letter."""

    who: str
    is_sent: bool
    is_not_needed: bool
    settled_at: datetime | None
    is_late: bool
    is_given_up: bool


@dataclass(frozen=True, slots=True)
class LateLetters:
    """How many letters wait too long, and since when the oldest does."""

    letters: int
    since: datetime


def list_readers_of(run: ReportRun, *, at: datetime) -> list[User]:
    """Return who reads a report only once it is signed off: those of a class that is given its edition, by name."""
    grants, today = get_grants([run.clinic_id])[run.clinic_id], london_date(at)
    return [
        staff.user
        for staff in list_members(clinic=run.clinic, at=at)
        if staff.may(Permission.SEE_REPORTS)
        and not staff.may(Permission.RELEASE_REPORT)
        and Edition(run.edition) in grants.editions(staff.roles, today)
    ]


def still_reads(*, user: User, run: ReportRun, at: datetime) -> bool:
    """Return whether somebody who was to be told of a report may read it now."""
    roles = roles_of(user=user, clinic=run.clinic, at=at)
    editions = get_grants([run.clinic_id])[run.clinic_id].editions(roles, london_date(at))
    return user.is_active and may(roles, Permission.SEE_REPORTS) and Edition(run.edition) in editions


def list_new_reports(*, clinic: Clinic, reader: uuid.UUID, audience: Audience) -> tuple[NewReport, ...]:
    """Return the reports that somebody was told of and has not opened, the latest first; replaced ones left out."""
    told = (
        ReportNotice.objects.filter(
            reader=reader,
            release__run__in=runs_shown(clinic=clinic, audience=audience),
            release__run__replaced_by__release__isnull=True,
        )
        .select_related("release__run")
        .defer("release__run__figures", "release__run__segments")
        .order_by("-release__released_at")
    )
    opened = set(
        AuditEvent.objects.filter(
            actor=reader, clinic=clinic.pk, event__in=OPENED, detail__has_key="run"
        ).values_list("detail__run", flat=True)
    )
    runs = [notice.release.run for notice in told]
    return tuple(
        NewReport(run.pk, run.month, run.edition, run.issue) for run in runs if str(run.pk) not in opened
    )


def list_waiting_notices(*, at: datetime) -> list[uuid.UUID]:
    """Return the notices whose letter is still to be sent, the oldest first."""
    waiting = ReportNotice.objects.filter(
        letter__isnull=True, release__released_at__gt=at - TRIED_FOR, release__released_at__lte=at
    )
    return list(waiting.order_by("release__released_at", "pk").values_list("pk", flat=True))


def list_notices(*, run_id: uuid.UUID, at: datetime) -> tuple[NoticeRow, ...]:
    """Return who is told of a report, by name."""
    notices = ReportNotice.objects.filter(release__run=run_id).select_related("reader", "release", "letter")
    return tuple(_row(notice, at) for notice in notices.order_by("reader__full_name", "pk"))


def find_late_letters(*, clinic: Clinic, at: datetime) -> LateLetters | None:
    """Return what waits too long of the clinic's letters, or None."""
    waiting = ReportNotice.objects.filter(release__run__clinic=clinic, letter__isnull=True)
    since = [
        released
        for released in waiting.values_list("release__released_at", flat=True)
        if is_late(released_at=released, at=at)
    ]
    return LateLetters(len(since), min(since)) if since else None


def _row(notice: ReportNotice, at: datetime) -> NoticeRow:
    letter, released_at = getattr(notice, "letter", None), notice.release.released_at
    return NoticeRow(
        who=notice.reader.full_name,
        is_sent=letter is not None and letter.outcome == Telling.SENT,
        is_not_needed=letter is not None and letter.outcome == Telling.NOT_NEEDED,
        settled_at=letter.settled_at if letter else None,
        is_late=letter is None and is_late(released_at=released_at, at=at),
        is_given_up=letter is None and is_given_up(released_at=released_at, at=at),
    )
