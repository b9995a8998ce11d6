"""The issues that somebody can lay beside one another: public ones, and justice ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from hat_clinic.core.decisions import Decision
from outcomes.models import ReportRun
from outcomes.rules.evaluation.attack import may_release
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.justice import stands_as_public
from outcomes.rules.evaluation.justice_attack import find_leaks_beside, may_release_beside

Figures = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PublicIssue:
    """One public issue that was signed off: which, and what it says."""

    named: dict[str, Any]
    figures: Figures


def list_public_figures_around(*, clinic: UUID, month: date, but: UUID | None = None) -> list[Figures]:
    """The figures of every public issue of this quarter, and of the nearest quarters before and after it that have one.

    Issues that were replaced count too: who has read them has them. `but` is left out.
    """
    return _around(Edition.PUBLIC, clinic=clinic, month=month, but=but)


def list_justice_figures_around(*, clinic: UUID, month: date, but: UUID | None = None) -> list[Figures]:
    """The figures of every justice issue of this month, and of the nearest months before and after that have one."""
    return _around(Edition.JUSTICE, clinic=clinic, month=month, but=but)


def find_last_public(*, clinic: UUID, month: date) -> PublicIssue | None:
    """The newest public issue that was signed off, of this month or an earlier one; None where there is none."""
    runs = ReportRun.objects.filter(
        clinic_id=clinic, edition=Edition.PUBLIC.value, month__lte=month, release__isnull=False
    )
    run = runs.order_by("-month", "-issue").first()
    if run is None:
        return None
    named = {"month": f"{run.month:%Y-%m}", "issue": run.issue, "figures_sha256": run.figures_sha256}
    return PublicIssue(named, run.figures["indicators"])


def is_safe_to_release(run: ReportRun) -> Decision:
    """Whether the attack finds nothing in a report: alone, beside the issues of its edition, and in the pair.

    The restricted edition goes to its signed agreements as it is, and is not attacked.
    """
    clinic, month, figures = run.clinic_id, run.month, run.figures["indicators"]
    if run.edition == Edition.RESTRICTED:
        return Decision.of([])
    public = list_public_figures_around(clinic=clinic, month=month, but=run.pk)
    justice = list_justice_figures_around(clinic=clinic, month=month, but=run.pk)
    if run.edition == Edition.PUBLIC:
        return may_release(figures, *public) | may_release_beside(figures, *justice)
    decision = stands_as_public(figures, _public_of(run))
    for issue in public:
        known = find_leaks_beside(issue, *justice)
        decision |= may_release_beside(issue, figures, *justice, known=known)
    return decision


def _public_of(run: ReportRun) -> Figures | None:
    """The public issue that a justice issue says it stands on; None where it says that there was none."""
    named = run.figures.get("public_issue")
    if named is None:
        return None
    found = ReportRun.objects.filter(
        clinic=run.clinic_id,
        edition=Edition.PUBLIC.value,
        figures_sha256=named["figures_sha256"],
        release__isnull=False,
    ).first()
    return found.figures["indicators"] if found else ()


def _around(edition: Edition, *, clinic: UUID, month: date, but: UUID | None) -> list[Figures]:
    runs = ReportRun.objects.filter(clinic_id=clinic, edition=edition.value)
    before = runs.filter(month__lt=month).order_by("-month").values_list("month", flat=True).first()
    after = runs.filter(month__gt=month).order_by("month").values_list("month", flat=True).first()
    months = [one for one in (before, month, after) if one]
    around = runs.filter(month__in=months).order_by("month", "issue")
    if but is not None:
        around = around.exclude(pk=but)
    return [figures["indicators"] for figures in around.values_list("figures", flat=True)]
