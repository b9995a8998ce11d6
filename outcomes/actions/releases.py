"""Signing a report off."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Permission, may
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import ReportFile, ReportNotice, ReportRelease, ReportRequest, ReportRun
from outcomes.queries.evaluation.public import is_safe_to_release
from outcomes.queries.notices import list_readers_of
from outcomes.rules.releases import ReleaseFacts, may_release_report


class ReleaseRefused(Refused):
    """The report was not signed off; `decision` holds every reason."""


class ReleaseKeyReused(Exception):
    """The same key came for another report or from somebody else: nothing was stored."""


def release_report(
    *,
    clinic: Clinic,
    run: uuid.UUID,
    figures_sha256: str,
    is_read: bool,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> ReportRelease:
    """Sign one report off, named by the hash of its figures: from now on its recipients read it, and each is told.

    The same key from the same person for the same report stores nothing new. Raises ReleaseRefused with every reason
    (the refusal is in the trail), ReleaseKeyReused, and ReportRun.DoesNotExist for a report of another clinic.
    """

    def work() -> ReportRelease | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        report = ReportRun.objects.defer("figures", "segments").get(pk=run, clinic=clinic)
        stored = ReportRelease.objects.filter(key=key).first()
        if stored is not None:
            if (stored.run_id, stored.released_by_id) != (report.pk, by.pk):
                raise ReleaseKeyReused("This form was sent before for another report. Open the report again.")
            return stored
        decision = may_release_report(
            _facts(report, figures_sha256=figures_sha256, is_read=is_read, by=by, at=at)
        ) | is_safe_to_release(report)
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "run": str(report.pk),
            "edition": report.edition,
            "month": f"{report.month:%Y-%m}",
            "issue": report.issue,
            "sha256": report.figures_sha256,
        }
        if not decision.is_allowed:
            record("outcomes.report_released", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        release = ReportRelease.objects.create(
            run=report,
            extract_sha256=report.extract_sha256,
            figures_sha256=report.figures_sha256,
            key=key,
            released_at=at,
            released_by=by,
        )
        ReportNotice.objects.bulk_create(
            ReportNotice(release=release, reader=reader) for reader in list_readers_of(report, at=at)
        )
        record("outcomes.report_released", thing=release, **trail)
        return release

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ReleaseRefused(answer)
    return answer


def _facts(report: ReportRun, *, figures_sha256: str, is_read: bool, by: User, at: datetime) -> ReleaseFacts:
    return ReleaseFacts(
        may_sign=may(roles_of(user=by, clinic=report.clinic, at=at), Permission.RELEASE_REPORT),
        has_built=report.built_by_id == by.pk,
        has_asked=ReportRequest.objects.filter(run=report, requested_by=by).exists(),
        is_newest=not ReportRun.objects.filter(replaces=report).exists(),
        is_released=ReportRelease.objects.filter(run=report).exists(),
        is_printed=ReportFile.objects.filter(run=report, kind=ReportFile.Kind.PDF).exists(),
        is_same=report.figures_sha256 == figures_sha256,
        is_read=is_read,
    )
