"""Which step of a titration has come, and whether it binds: what a prescriber is told of a plan each day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dosing.rules.history import GivenDose
from dosing.rules.limits import Step, step_in_force


@dataclass(frozen=True, slots=True)
class StepDue:
    """A step whose day has come: its number from 1, its milligrams, and in words why it does not bind yet."""

    number: int
    max_mg: int
    opens_on: date
    waits_for: str

    @property
    def is_in_force(self) -> bool:
        """Whether the next dose may be this high by the plan."""
        return not self.waits_for


def step_due(
    plan: tuple[Step, ...], doses: Iterable[GivenDose], *, today: date, began_on: date | None = None
) -> StepDue | None:
    """Return the last step whose day has come, where that is news: it comes today, or it waits.

    `doses` are those given on the order, the first one first; days count from `began_on`, or else from the first of
    them. None while nothing was given, on the first step, and on the days after a step was taken.
    Source: clinical rules 8, 9 and 7.11.
    """
    given = tuple(doses)
    if not given:
        return None
    began = began_on or given[0].given_on
    number, step = max(
        (number, step)
        for number, step in enumerate(plan, start=1)
        if number == 1 or began + timedelta(days=step.day - 1) <= today
    )
    opens_on = began + timedelta(days=step.day - 1)
    waits_for = (
        "" if step_in_force(plan, given, today=today, began_on=began) == step else _waits_for(given, today)
    )
    if number == 1 or not (waits_for or opens_on == today):
        return None
    return StepDue(number=number, max_mg=step.max_mg, opens_on=opens_on, waits_for=waits_for)


def _waits_for(given: tuple[GivenDose, ...], today: date) -> str:
    before = [dose for dose in given if dose.given_on < today]
    if before and before[-1].is_tolerated is False:
        return "the last dose was not tolerated"
    if before and before[-1].is_tolerated is None:
        return "the last dose is still being watched"
    return "no dose was given at the step before it"
