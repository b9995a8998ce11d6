"""The plan for somebody's leaving."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import datetime

from patients.models import LeavingPlan
from patients.rules.leaving import LeavingPlanContent, NaloxonePlan, missing_of_plan


@dataclass(frozen=True, slots=True)
class PlanLine:
    """The newest version of a plan, and what it does not say yet."""

    id: uuid.UUID
    number: int
    content: LeavingPlanContent
    missing: tuple[str, ...]
    written_by: str
    written_at: datetime


def get_plan(*, episode_id: uuid.UUID) -> PlanLine | None:
    """Return the newest plan of a treatment in one query, or None."""
    row = (
        LeavingPlan.objects.select_related("written_by")
        .filter(episode_id=episode_id)
        .order_by("-number")
        .first()
    )
    return _line(row) if row is not None else None


def list_missing_of_plans(*, episode_ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return by treatment what its plan does not say yet, everything where there is none; in one query."""
    newest: dict[uuid.UUID, LeavingPlan] = {}
    for row in LeavingPlan.objects.filter(episode__in=episode_ids).order_by("number"):
        newest[row.episode_id] = row
    return {key: missing_of_plan(content_of(newest[key]) if key in newest else None) for key in episode_ids}


def content_of(row: LeavingPlan) -> LeavingPlanContent:
    """Return a stored plan as the rule reads it."""
    known = {field.name: getattr(row, field.name) for field in fields(LeavingPlanContent)}
    return LeavingPlanContent(**known | {"naloxone": NaloxonePlan(row.naloxone) if row.naloxone else None})


def _line(row: LeavingPlan) -> PlanLine:
    content = content_of(row)
    return PlanLine(
        id=row.id,
        number=row.number,
        content=content,
        missing=missing_of_plan(content),
        written_by=row.written_by.full_name,
        written_at=row.written_at,
    )
