"""Which reports somebody reads, one report before it is signed off, and who took which file home."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.queries import Staff
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.models import AuditEvent
from outcomes.models import ReportRequest, ReportRun
from outcomes.queries.evaluation.issues import find_read_before
from outcomes.queries.evaluation.workbook import figures_ods
from outcomes.queries.readers import get_grants
from outcomes.rules.evaluation.pages.changes import (
    Difference,
    changes_csv,
    list_changes_files,
    list_differences,
)
from outcomes.rules.releases import Audience

MOST_DOWNLOADS = 200
DOWNLOADED, CHANGES_DOWNLOADED = "outcomes.report_downloaded", "outcomes.changes_downloaded"


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """One report that waits to be signed off, or was; `replaces` is the issue that its readers had before it."""

    run_id: uuid.UUID
    month: date
    edition: str
    issue: int
    is_first: bool
    replaces: int | None
    is_provisional: bool
    built_at: datetime
    asked_by: tuple[str, ...]
    extract_sha256: str
    figures_sha256: str
    kinds: tuple[str, ...]
    reason: str
    differences: tuple[Difference, ...]
    released_by: str
    released_at: datetime | None
    is_own: bool
    is_newest: bool


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What a new issue of a month changed, and why it was built again."""

    run_id: uuid.UUID
    month: date
    edition: str
    issue: int
    replaces: int
    reason: str
    differences: tuple[Difference, ...]
    clinic: str
    built_at: datetime
    figures_sha256: str
    replaced_sha256: str

    def file_name(self, kind: str) -> str:
        """What the changes are called as a file."""
        return f"{self.clinic}-{self.month:%Y-%m}-{self.edition}-issue-{self.issue}-changes.{kind}"

    def file(self, kind: str) -> bytes:
        """The changes as comma-separated rows or, for `ods`, as a workbook that says what is compared."""
        if kind == "csv":
            return changes_csv(self.differences, reason=self.reason).encode()
        about = [
            ("Clinic", self.clinic),
            ("Month", f"{self.month:%B %Y}"),
            ("Edition", self.edition),
            ("Issue", f"issue {self.issue}"),
            ("Compared with", f"issue {self.replaces}"),
            ("Hash of the figures", self.figures_sha256),
            ("Hash of those before", self.replaced_sha256),
        ]
        files = list_changes_files(self.differences, reason=self.reason, about=about)
        title = f"Changes of {self.clinic} in {self.month:%B %Y}, issue {self.issue}"
        return figures_ods(files, title=title, at=self.built_at)


@dataclass(frozen=True, slots=True)
class DownloadRow:
    """One file that somebody took home."""

    at: datetime
    who: str
    month: date
    edition: str
    issue: int
    kind: str
    sha256: str


def audience_of(staff: Staff, *, today: date) -> Audience:
    """Return which reports a member of a clinic reads: who may sign them off sees all of them.

    Anybody else reads what the classes of readers that their roles put them in are given today.
    """
    grants = get_grants([staff.clinic.pk])[staff.clinic.pk]
    return Audience(
        is_inside=staff.may(Permission.RELEASE_REPORT), editions=grants.editions(staff.roles, today)
    )


def runs_shown(*, clinic: Clinic, audience: Audience) -> QuerySet[ReportRun]:
    """Return the reports of a clinic that somebody reads, released or not as they may."""
    shown = ReportRun.objects.filter(clinic=clinic)
    if audience.is_inside:
        return shown
    return shown.filter(Q(release__isnull=False), edition__in=[one.value for one in audience.editions])


def get_release_page(*, clinic: Clinic, run_id: uuid.UUID, reader: uuid.UUID) -> ReleasePage | None:
    """Return one report of the clinic for whoever may sign it off, or None; `reader` is their number."""
    run = (
        ReportRun.objects.select_related("release__released_by", "built_by")
        .defer("segments")
        .filter(clinic=clinic, pk=run_id)
        .first()
    )
    if run is None:
        return None
    before, reason = find_read_before(run)
    askings = list(ReportRequest.objects.filter(run=run).select_related("requested_by"))
    asked = {one.requested_by_id: one.requested_by.full_name for one in askings}
    asked.setdefault(run.built_by_id, run.built_by.full_name)
    release = getattr(run, "release", None)
    return ReleasePage(
        run_id=run.pk,
        month=run.month,
        edition=run.edition,
        issue=run.issue,
        is_first=run.replaces_id is None,
        replaces=before.issue if before else None,
        is_provisional=run.is_provisional,
        built_at=run.built_at,
        asked_by=tuple(sorted(asked.values())),
        extract_sha256=run.extract_sha256,
        figures_sha256=run.figures_sha256,
        kinds=tuple(run.files.order_by("-kind").values_list("kind", flat=True)),
        reason=reason,
        differences=tuple(list_differences(before.figures, run.figures)) if before else (),
        released_by=release.released_by.full_name if release else "",
        released_at=release.released_at if release else None,
        is_own=reader in asked,
        is_newest=not ReportRun.objects.filter(replaces=run).exists(),
    )


def get_changes(*, clinic: Clinic, run_id: uuid.UUID, audience: Audience) -> ChangesPage | None:
    """Return what an issue changed since the last one they read, or None when it is their first or not theirs to read.

    Whoever signs reports off reads every issue. Others compare with the last that was signed off, and read the reasons
    of every issue since.
    """
    shown = runs_shown(clinic=clinic, audience=audience).defer("segments")
    run = shown.filter(pk=run_id).first()
    if run is None:
        return None
    same = shown.filter(month=run.month, edition=run.edition, issue__lt=run.issue)
    before = same.order_by("-issue").first()
    if before is None:
        return None
    since = ReportRun.objects.filter(
        clinic=clinic, month=run.month, edition=run.edition, issue__gt=before.issue, issue__lte=run.issue
    )
    reasons = since.exclude(reason="").order_by("issue").values_list("reason", flat=True)
    return ChangesPage(
        run_id=run.pk,
        month=run.month,
        edition=run.edition,
        issue=run.issue,
        replaces=before.issue,
        reason=" ".join(dict.fromkeys(reasons)),
        differences=tuple(list_differences(before.figures, run.figures)),
        clinic=clinic.code,
        built_at=run.built_at,
        figures_sha256=run.figures_sha256,
        replaced_sha256=before.figures_sha256,
    )


def list_downloads(*, clinic: Clinic) -> tuple[DownloadRow, ...]:
    """Return who took which file of the clinic's reports home, what an issue changed too; the last 200, latest first."""
    events = AuditEvent.objects.filter(
        clinic=clinic.pk, event__in=[DOWNLOADED, CHANGES_DOWNLOADED], detail__has_key="run"
    )
    told = list(events.select_related("actor").order_by("-at", "-id")[:MOST_DOWNLOADS])
    ids = {one.detail["run"] for one in told}
    runs = {
        str(run.pk): run
        for run in ReportRun.objects.filter(clinic=clinic, pk__in=ids).defer("figures", "segments")
    }
    return tuple(
        DownloadRow(
            at=one.at,
            who=one.actor.full_name if one.actor else "",
            month=runs[one.detail["run"]].month,
            edition=runs[one.detail["run"]].edition,
            issue=runs[one.detail["run"]].issue,
            kind=f"{'changes, ' if one.event == CHANGES_DOWNLOADED else ''}{one.detail['kind'].upper()}",
            sha256=one.detail.get("sha256", ""),
        )
        for one in told
    )
