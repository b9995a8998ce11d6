"""The public issues that somebody can lay beside one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from hat_clinic.core.decisions import Decision
from outcomes.models import ReportRun
from outcomes.rules.evaluation.attack import may_release
from outcomes.rules.evaluation.editions import Edition


def list_public_figures_around(
    *, clinic: UUID, month: date, but: UUID | None = None
) -> list[Sequence[Mapping[str, Any]]]:
    """The figures of every public issue of this quarter, and of the nearest quarters before and after it that have one.

    Issues that were replaced count too: who has read them has them. `but` is left out.
    """
    runs = ReportRun.objects.filter(clinic_id=clinic, edition=Edition.PUBLIC.value)
    before = runs.filter(month__lt=month).order_by("-month").values_list("month", flat=True).first()
    after = runs.filter(month__gt=month).order_by("month").values_list("month", flat=True).first()
    months = [one for one in (before, month, after) if one]
    around = runs.filter(month__in=months).order_by("month", "issue")
    if but is not None:
        around = around.exclude(pk=but)
    return [figures["indicators"] for figures in around.values_list("figures", flat=True)]


def is_safe_to_release(run: ReportRun) -> Decision:
    """Whether the attack finds nothing in a report: a public one is attacked with every one beside it.

    The restricted edition goes to its signed agreements as it is, and is not attacked.
    """
    if run.edition != Edition.PUBLIC:
        return Decision.of([])
    around = list_public_figures_around(clinic=run.clinic_id, month=run.month, but=run.pk)
    return may_release(run.figures["indicators"], *around)
