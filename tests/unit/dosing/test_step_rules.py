"""Which step of a plan is told to a prescriber: the one that comes today, and the one that waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dosing.rules.limits import Step
from dosing.rules.steps import step_due
from tests.unit.dosing.test_history_rules import AT, dose

PLAN = (Step(day=1, max_mg=30, first_mg=15, repeat_mg=10), Step(day=2, max_mg=45), Step(day=4, max_mg=60))
TODAY = AT.date()
GIVEN = (dose(44, 15), dose(40, 30), dose(20, 45))


def test_nothing_is_told_before_the_first_dose_and_on_its_day() -> None:
    assert step_due(PLAN, (), today=TODAY) is None
    assert step_due(PLAN, (dose(1, 15),), today=TODAY) is None


def test_a_step_is_told_on_the_day_it_comes() -> None:
    due = step_due(PLAN, GIVEN[:2], today=(AT - timedelta(hours=20)).date())

    assert due is not None
    assert (due.number, due.max_mg, due.is_in_force) == (2, 45, True)


def test_a_step_that_was_taken_is_not_told_again() -> None:
    assert step_due(PLAN, (dose(48, 15), *GIVEN[1:]), today=TODAY) is None


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (dose(20, 45, is_tolerated=False), "the last dose was not tolerated"),
        (dose(20, 45, is_tolerated=None), "the last dose is still being watched"),
    ],
)
def test_a_step_waits_for_the_last_dose(last: object, why: str) -> None:
    due = step_due(PLAN, (*GIVEN[:2], last), today=TODAY + timedelta(days=1))  # type: ignore[arg-type]

    assert due is not None
    assert (due.number, due.is_in_force, due.waits_for) == (3, False, why)
    assert due.opens_on == TODAY + timedelta(days=1)


def test_a_step_waits_for_a_dose_at_the_step_before() -> None:
    due = step_due(PLAN, GIVEN[:2], today=TODAY + timedelta(days=5))

    assert due is not None
    assert due.waits_for == "no dose was given at the step before it"
    assert (due.opens_on, due.number) == (TODAY + timedelta(days=1), 3)
