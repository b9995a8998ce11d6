"""Building a report: freeze, count, store the figures; then print and store the files that people download.

Source: Indicators 1 and 4 (evaluation).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Refused
from hat_clinic.core.transactions import take_time
from outcomes.actions.evaluation.extract import Extract, freeze_extract
from outcomes.models import ReportFile, ReportRun
from outcomes.queries.evaluation.figures import get_figures_once
from outcomes.queries.evaluation.public import (
    find_last_public,
    list_justice_figures_around,
    list_public_figures_around,
)
from outcomes.queries.evaluation.runs import print_run
from outcomes.rules.evaluation.editions import Edition, may_build_report
from outcomes.rules.evaluation.figures import Figures, list_indicators
from outcomes.rules.evaluation.fingerprints import hash_of_document
from outcomes.rules.evaluation.indicators import Indicator, data_cut, document, is_over
from outcomes.rules.evaluation.justice import make_justice
from outcomes.rules.evaluation.public import make_public

# The first report after a change of how records are frozen reads every month again: ten years are some seconds.
LONGEST = "60s"


class ReportRefused(Refused):
    """No report was made; `decision` holds each reason in the words the person reads."""


def build_report(
    *,
    clinic: UUID,
    month: date,
    edition: Edition,
    by: User,
    at: datetime,
    reason: str = "",
    asked_at: datetime | None = None,
) -> ReportRun:
    """Build the report of one clinic, month and edition, and return its newest issue.

    Asked again, it answers with the issue that is there while the records before the data cut are the same;
    once they differ it makes a new issue that names the one it replaces and prints the `reason` it was asked for with.
    An issue that was frozen after `asked_at` and has no file yet is what that asking made before its worker stopped: it
    is the answer, whatever was recorded since, and no second one stands beside it. The clinic is locked while its
    records are frozen and while the issue is stored, not while it is counted. Raises ReportRefused.
    """
    day = london_date(at)
    run = None
    while run is None:
        with transaction.atomic(durable=True):
            house = _lock(clinic)
            decision = may_build_report(edition=edition, month=month, opened_on=house.opened_on, today=day)
            if not decision.is_allowed:
                raise ReportRefused(decision)
            as_of = data_cut(month, day)
            last = _last_issue(house, month, edition)
            if last and asked_at and last.built_at >= asked_at and not last.files.exists():
                return last
            extract = freeze_extract(clinic=clinic, as_of=as_of, by=by, at=at)
            if last and _still_stands(last, extract, as_of=as_of, day=day):
                return last
        figures = get_figures_once(extract.segment_ids, extract.sha256, month, as_of)
        run = _store(figures, extract, edition=edition, last=last, clinic=clinic, by=by, at=at, reason=reason)
    return run


def _store(
    figures: Figures,
    extract: Extract,
    *,
    edition: Edition,
    last: ReportRun | None,
    clinic: UUID,
    by: User,
    at: datetime,
    reason: str,
) -> ReportRun | None:
    """Store the issue after `last`; None, with nothing stored, when another one came after that meanwhile."""
    month, as_of = figures.period.month, figures.period.as_of
    with transaction.atomic(durable=True):
        house = _lock(clinic)
        if _last_issue(house, month, edition) != last:
            return None
        content = document(
            clinic=house.code,
            edition=edition.value,
            period=figures.period,
            version=settings.VERSION,
            extract_sha256=extract.sha256,
            indicators=_figures_of(edition, figures, clinic=clinic, month=month),
        )
        if edition is Edition.JUSTICE:
            content |= _justice(figures, clinic=clinic, month=month)
        run = ReportRun.objects.create(
            clinic=house,
            month=month,
            edition=edition.value,
            issue=last.issue + 1 if last else 1,
            replaces=last,
            as_of=as_of,
            is_provisional=figures.attendance.cumulative.open > 0 or not is_over(month, london_date(at)),
            version=settings.VERSION,
            extract_sha256=extract.sha256,
            segments=list(extract.segment_ids),
            figures=content,
            figures_sha256=hash_of_document(content),
            built_at=at,
            built_by=by,
            reason=reason if last else "",
        )
        record("outcomes.report_built", by=by, at=at, clinic=clinic, thing=run, issue=run.issue)
        return run


def _lock(clinic: UUID) -> Clinic:
    """Lock the clinic's row for the rest of the transaction, however long another build of it takes."""
    take_time(LONGEST)
    return Clinic.objects.select_for_update(no_key=True).get(pk=clinic)


def _last_issue(house: Clinic, month: date, edition: Edition) -> ReportRun | None:
    return (
        ReportRun.objects.filter(clinic=house, month=month, edition=edition.value).order_by("-issue").first()
    )


def _still_stands(last: ReportRun, extract: Extract, *, as_of: date, day: date) -> bool:
    """Whether an issue says what one built now would say: of the same rows, days and public issue, of a month as over.

    The data cut of the last day of a month is that of the month, and its issue says that the month goes on.
    """
    return (
        last.extract_sha256 == extract.sha256
        and last.as_of == as_of
        and is_over(last.month, london_date(last.built_at)) == is_over(last.month, day)
        and last.figures.get("public_issue") == _public_named(last)
    )


def _public_named(run: ReportRun) -> dict[str, Any] | None:
    """Which public issue a justice issue of this month would stand on now."""
    if run.edition != Edition.JUSTICE:
        return None
    public = find_last_public(clinic=run.clinic_id, month=run.month)
    return public.named if public else None


def _figures_of(edition: Edition, figures: Figures, *, clinic: UUID, month: date) -> Sequence[Indicator]:
    """The exact figures, or for the public those that tell nothing small beside what others have read."""
    exact = list_indicators(figures)
    if edition is Edition.PUBLIC:
        justice = list_justice_figures_around(clinic=clinic, month=month)
        return make_public(exact, *list_public_figures_around(clinic=clinic, month=month), justice=justice)
    return exact


def _justice(figures: Figures, *, clinic: UUID, month: date) -> dict[str, Any]:
    """What a justice issue says instead, and the public issue that it stands on, if there is one."""
    public = find_last_public(clinic=clinic, month=month)
    issue = make_justice(
        list_indicators(figures),
        period=figures.period,
        public=public.figures if public else None,
        public_around=list_public_figures_around(clinic=clinic, month=month),
        justice_around=list_justice_figures_around(clinic=clinic, month=month),
    )
    return {"indicators": issue, **({"public_issue": public.named} if public else {})}


def print_report(*, run: UUID, by: User, at: datetime) -> list[ReportFile]:
    """Store the files of one report, the PDF and the CSV of its figures; files that are there stay as they are.

    The printing, some seconds, happens before anything is locked.
    """
    stored = list(ReportFile.objects.filter(run_id=run).order_by("kind"))
    if len(stored) == len(ReportFile.Kind):
        return stored
    contents = print_run(run)
    with transaction.atomic(durable=True):
        report = ReportRun.objects.get(pk=run)
        _lock(report.clinic_id)
        for kind, content in contents.items():
            file, is_new = ReportFile.objects.get_or_create(
                run=report,
                kind=kind,
                defaults={
                    "content": content,
                    "sha256": sha256(content).hexdigest(),
                    "made_at": at,
                },
            )
            if is_new:
                record(
                    "outcomes.report_printed",
                    by=by,
                    at=at,
                    clinic=report.clinic_id,
                    thing=file,
                    kind=kind,
                )
        return list(ReportFile.objects.filter(run=report).order_by("kind"))
