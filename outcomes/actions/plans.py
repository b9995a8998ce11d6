"""Setting the goals of a recovery plan, noting how they go, and ending them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, TypeVar

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.support import NotInTreatmentHere
from outcomes.models import Goal, GoalStep
from outcomes.queries.following import is_case_worker_here
from outcomes.rules.plans import GoalSaid, StepSaid, may_note_step, may_set_goal
from patients.models import Episode
from patients.queries.people import lock_person


class GoalRefused(Refused):
    """The goal was not set; `decision` holds every reason."""


class GoalStepRefused(Refused):
    """The step was not noted; `decision` holds every reason."""


class PlanKeyReused(Exception):
    """The same key came with other content or from somebody else: nothing was stored."""


Row = TypeVar("Row", Goal, GoalStep)
SENT_BEFORE = "This form was sent before with other answers. Open a new one and write it there."


def set_goal(
    *,
    clinic: Clinic,
    person: uuid.UUID,
    said: GoalSaid,
    owner: uuid.UUID | None,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Goal:
    """Set one goal of a person, once. `owner` None means that the person sees to it themself.

    Raises GoalRefused with every reason (the refusal is in the trail), PlanKeyReused and NotInTreatmentHere.
    """

    def work() -> Goal | Decision:
        lock_person(person_id=person)
        if not Episode.objects.filter(clinic=clinic, person_id=person).exists():
            raise NotInTreatmentHere("This person was not accepted in this clinic.")
        fields = {
            "clinic_id": clinic.id,
            "patient_id": person,
            "domain": str(said.domain),
            "words": said.words.strip(),
            "owner_id": owner,
            "review_on": said.review_on,
            "wanted": said.wanted,
            "safe": said.safe,
            "set_by_id": by.id,
        }
        if stored := Goal.objects.filter(key=key).first():
            return _same(stored, fields)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person}
        decision = may_set_goal(
            said,
            today=london_date(at),
            owner_is_here=owner in (None, by.id)
            or is_case_worker_here(clinic=clinic, user_id=owner or by.id, at=at),
        )
        if not decision.is_allowed:
            record("outcomes.goal_set", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        goal = Goal.objects.create(key=key, set_at=at, **fields)
        record("outcomes.goal_set", thing=goal, domain=goal.domain, **trail)
        return goal

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise GoalRefused(answer)
    return answer


def note_goal_step(
    *, clinic: Clinic, goal: uuid.UUID, said: StepSaid, key: uuid.UUID, by: User, at: datetime
) -> GoalStep:
    """Note how a goal went, once: with the next day to look at it, or with why it ends.

    Raises Goal.DoesNotExist for one of another clinic, GoalStepRefused (in the trail) and PlanKeyReused.
    """

    def work() -> GoalStep | Decision:
        asked = Goal.objects.get(id=goal, clinic=clinic)
        lock_person(person_id=asked.patient_id)
        fields = {
            "goal_id": asked.id,
            "words": said.words.strip(),
            "review_on": said.review_on,
            "ended": str(said.ended),
            "noted_by_id": by.id,
        }
        if stored := GoalStep.objects.filter(key=key).first():
            return _same(stored, fields)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": asked.patient_id}
        has_ended = asked.steps.exclude(ended="").exists()
        decision = may_note_step(said, today=london_date(at), has_ended=has_ended)
        if not decision.is_allowed:
            record("outcomes.goal_step_noted", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        step = GoalStep.objects.create(key=key, noted_at=at, **fields)
        record("outcomes.goal_step_noted", thing=step, goal=str(asked.id), ended=step.ended, **trail)
        return step

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise GoalStepRefused(answer)
    return answer


def _same(stored: Row, fields: dict[str, Any]) -> Row:
    if any(getattr(stored, name) != value for name, value in fields.items()):
        raise PlanKeyReused(SENT_BEFORE)
    return stored
