"""One sample with its steps, locked, so that the next step is written once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from outcomes.models import UrineDraw, UrineStep
from outcomes.rules.urine import Assay, Sample, UrineState
from patients.models import Episode


class SampleUnknown(Exception):
    """There is no such sample in this clinic, or its day has not come: nothing was stored."""


class UrineKeyReused(Exception):
    """The same key came with other content: nothing was stored."""

    def __init__(self) -> None:
        super().__init__("This page was sent before with other answers. Open it again and look.")


@dataclass(frozen=True, slots=True)
class LockedSample:
    """One sample whose steps nobody else writes until the transaction ends."""

    draw: UrineDraw
    steps: list[UrineStep]

    @property
    def reference(self) -> str:
        """The number of its label, empty before it was taken."""
        return next((step.reference for step in reversed(self.steps) if step.reference), "")

    @property
    def sample(self) -> Sample:
        """What the rules know of it."""
        taken_on = next((step.taken_on for step in reversed(self.steps) if step.taken_on), None)
        state = UrineState(self.steps[-1].kind) if self.steps else UrineState.DUE
        return Sample(week_on=self.draw.week_on, due_on=self.draw.due_on, state=state, taken_on=taken_on)

    @property
    def known(self) -> frozenset[Assay]:
        """The tests that have a result."""
        return frozenset(Assay(step.assay) for step in self.steps if step.kind == UrineState.RESULT)

    def stored_under(self, key: uuid.UUID, *, by: User, said: dict[str, Any]) -> UrineStep | None:
        """Return the step that this key stored before, with the same content, by the same person; None for a new key.

        Raises UrineKeyReused for a key that was used for anything else.
        """
        stored = UrineStep.objects.filter(key=key).first()
        if stored is None:
            return None
        is_same = stored.draw_id == self.draw.id and stored.recorded_by_id == by.id
        if not is_same or any(getattr(stored, name) != value for name, value in said.items()):
            raise UrineKeyReused
        return stored

    def write(self, key: uuid.UUID, *, by: User, at: datetime, said: dict[str, Any]) -> UrineStep:
        """Add the next step."""
        step = UrineStep.objects.create(
            clinic_id=self.draw.clinic_id,
            draw=self.draw,
            number=len(self.steps) + 1,
            before=self.sample.state.value,
            key=key,
            recorded_by=by,
            recorded_at=at,
            **said,
        )
        self.steps.append(step)
        return step


def lock_samples(*, clinic: Clinic, draw_ids: Iterable[uuid.UUID], today: date) -> list[LockedSample]:
    """Lock the people whose samples these are, in one order, and return the samples with their steps.

    A day that has not come is unknown here like any other. Raises SampleUnknown.
    """
    wanted = set(draw_ids)
    draws = list(UrineDraw.objects.filter(clinic=clinic, id__in=wanted, due_on__lte=today).order_by("id"))
    if len(draws) != len(wanted):
        raise SampleUnknown("There is no such sample.")
    people = {draw.patient_id for draw in draws}
    list(
        Episode.objects.select_for_update(no_key=True)
        .filter(clinic=clinic, person_id__in=people)
        .order_by("id")
    )
    steps: dict[uuid.UUID, list[UrineStep]] = {draw.id: [] for draw in draws}
    for step in UrineStep.objects.filter(draw__in=draws).order_by("draw_id", "number"):
        steps[step.draw_id].append(step)
    return [LockedSample(draw, steps[draw.id]) for draw in draws]
