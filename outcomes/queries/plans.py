"""A person's recovery plan, and which goals are to be looked at again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from outcomes.models import Goal, GoalStep
from outcomes.queries.following import list_case_workers
from outcomes.rules.plans import GoalEnd
from outcomes.rules.support import Domain
from patients.models import Episode

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Reviewed(TypedDict):
        review: date

    _Goal = WithAnnotations[Goal, _Reviewed]


@dataclass(frozen=True, slots=True)
class StepShown:
    """How it went, as it was noted and signed."""

    words: str
    noted_by: str
    noted_at: datetime
    ended: str


@dataclass(frozen=True, slots=True)
class GoalShown:
    """One goal with its steps, the newest first. `owner` is empty where the person sees to it themself."""

    id: uuid.UUID
    about: str
    words: str
    owner: str
    review_on: date
    today: date
    set_by: str
    set_at: datetime
    steps: tuple[StepShown, ...]

    @property
    def ended(self) -> str:
        """Why it ended, empty while it stands."""
        return next((step.ended for step in self.steps if step.ended), "")

    @property
    def is_due(self) -> bool:
        """Whether it is to be looked at today or was before."""
        return not self.ended and self.review_on <= self.today


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One person's plan: the goals that stand, those that ended, and who may see to one."""

    person_id: uuid.UUID
    name: str
    today: date
    standing: tuple[GoalShown, ...]
    ended: tuple[GoalShown, ...]
    case_workers: tuple[tuple[str, str], ...]

    @property
    def day_ahead(self) -> date:
        """The example beside a day to come."""
        return self.today + timedelta(days=28)


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """One goal that is to be looked at with the person today or was before."""

    goal_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    about: str
    words: str
    due_on: date
    is_late: bool


def get_plan_page(*, clinic: Clinic, person_id: uuid.UUID, at: datetime) -> PlanPage | None:
    """Return one person's plan, or None for somebody never accepted here."""
    episode = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if episode is None:
        return None
    today = london_date(at)
    rows = (
        _goals(clinic)
        .filter(patient_id=person_id)
        .select_related("owner", "set_by")
        .prefetch_related("steps__noted_by")
        .order_by("review", "set_at", "id")
    )
    goals = [_shown(row, row.review, today) for row in rows]
    return PlanPage(
        person_id=person_id,
        name=episode.person.full_name,
        today=today,
        standing=tuple(goal for goal in goals if not goal.ended),
        ended=tuple(goal for goal in goals if goal.ended),
        case_workers=list_case_workers(clinic=clinic, at=at),
    )


def list_reviews_due(*, clinic: Clinic, people: Iterable[uuid.UUID], today: date) -> tuple[ReviewDue, ...]:
    """Return the goals of some people that are to be looked at, the longest due first, in one query."""
    rows = (
        _goals(clinic)
        .filter(~Exists(GoalStep.objects.filter(goal=OuterRef("pk")).exclude(ended="")))
        .filter(patient_id__in=list(people), review__lte=today)
        .select_related("patient")
        .order_by("review", "set_at", "id")
    )
    return tuple(
        ReviewDue(
            goal_id=row.id,
            person_id=row.patient_id,
            name=row.patient.full_name,
            about=Domain(row.domain).label,
            words=row.words,
            due_on=row.review,
            is_late=row.review < today,
        )
        for row in rows
    )


def _goals(clinic: Clinic) -> QuerySet[_Goal]:
    """Return the goals of a clinic, each with the day that was last said to look at it: `review`."""
    said = GoalStep.objects.filter(goal=OuterRef("pk"), review_on__isnull=False).order_by("-noted_at", "-id")
    return Goal.objects.filter(clinic=clinic).annotate(
        review=Coalesce(Subquery(said.values("review_on")[:1]), F("review_on"))
    )


def _shown(row: Goal, review_on: date, today: date) -> GoalShown:
    steps = sorted(row.steps.all(), key=lambda step: step.noted_at, reverse=True)
    return GoalShown(
        id=row.id,
        about=Domain(row.domain).label,
        words=row.words,
        owner=row.owner.full_name if row.owner else "",
        review_on=review_on,
        today=today,
        set_by=row.set_by.full_name,
        set_at=row.set_at,
        steps=tuple(
            StepShown(
                step.words,
                step.noted_by.full_name,
                step.noted_at,
                GoalEnd(step.ended).label if step.ended else "",
            )
            for step in steps
        ),
    )
