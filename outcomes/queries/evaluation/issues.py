"""Which issue of a month its readers had before another."""

from __future__ import annotations

from outcomes.models import ReportRun


def find_read_before(report: ReportRun) -> tuple[ReportRun | None, str]:
    """Return the last issue before a report that was signed off, and why each since was built, this one last.

    An issue that is replaced is never signed off any more, so the answer stands once the report is built.
    """
    before = ReportRun.objects.filter(
        clinic=report.clinic_id, month=report.month, edition=report.edition, issue__lt=report.issue
    ).defer("segments")
    last = before.filter(release__isnull=False).order_by("-issue").first()
    between = before.filter(issue__gt=last.issue if last else 0).order_by("issue")
    reasons = [*between.values_list("reason", flat=True), report.reason]
    return last, " ".join(dict.fromkeys(reason for reason in reasons if reason))
