"""Whether a titration may be signed: a first day, steps that climb, and days that follow each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.rules.history import DoseHistory
from dosing.rules.limits import OrderKind, Step
from dosing.rules.orders import OrderDraft
from tests.unit.dosing.test_order_rules import AT, DRAFT, FACTS, codes, tolerated


class TestATitration:
    PLAN = (Step(day=1, max_mg=30, first_mg=15, repeat_mg=15), Step(day=2, max_mg=45))
    FIRST = replace(FACTS, history=DoseHistory())

    def draft(self, *plan: Step) -> OrderDraft:
        top = max((step.max_mg for step in plan), default=30)
        return replace(
            DRAFT,
            kind=OrderKind.TITRATION,
            dose_mg=top,
            daily_max_mg=120,
            plan=plan,
            injections_per_session=2,
        )

    @pytest.mark.parametrize(("injections", "found"), [(1, {"repeat_needs_two"}), (2, set()), (3, set())])
    def test_with_a_repeat_allows_a_second_injection(self, injections: int, found: set[str]) -> None:
        draft = replace(self.draft(*self.PLAN), injections_per_session=injections)
        assert codes(draft, facts=self.FIRST) == found
        once = replace(draft, plan=(Step(day=1, max_mg=30, first_mg=15),))
        assert codes(once, facts=self.FIRST) == set()

    def test_begins_low_and_climbs_by_half(self) -> None:
        assert codes(self.draft(*self.PLAN), facts=self.FIRST) == set()

    @pytest.mark.parametrize(
        ("step", "found"),
        [
            (Step(day=1, max_mg=30, first_mg=16), "first_dose"),
            (Step(day=1, max_mg=16), "first_dose"),
            (Step(day=1, max_mg=30, first_mg=15, repeat_mg=16), "first_repeat"),
            (Step(day=1, max_mg=31, first_mg=15), "first_day"),
            (Step(day=2, max_mg=15), "plan_days"),
        ],
    )
    def test_has_a_first_day_within_its_limits(self, step: Step, found: str) -> None:
        assert codes(self.draft(step), facts=self.FIRST) == {found}

    @pytest.mark.parametrize(("mg", "found"), [(45, set()), (46, {"step"})])
    def test_has_no_step_over_half_of_the_one_before(self, mg: int, found: set[str]) -> None:
        plan = (self.PLAN[0], Step(day=2, max_mg=mg))
        assert codes(self.draft(*plan), facts=self.FIRST) == found

    def test_has_steps_in_their_order(self) -> None:
        plan = (self.PLAN[0], Step(day=3, max_mg=45), Step(day=3, max_mg=45))
        assert codes(self.draft(*plan), facts=self.FIRST) == {"plan_days"}

    def test_has_a_step(self) -> None:
        assert codes(self.draft(), facts=self.FIRST) == {"no_plan"}

    @pytest.mark.parametrize(("mg", "found"), [(150, set()), (151, {"step"})])
    def test_of_somebody_settled_begins_from_what_they_tolerated(self, mg: int, found: set[str]) -> None:
        facts = replace(FACTS, history=tolerated())
        draft = replace(self.draft(Step(day=1, max_mg=mg)), daily_max_mg=400)

        assert codes(draft, facts=facts) == found

    def test_is_what_a_restart_needs(self) -> None:
        moment = AT - timedelta(hours=80)
        history = tolerated(100, started_at=moment, ended_at=moment, given_on=moment.date())

        assert codes(self.draft(*self.PLAN), facts=replace(FACTS, history=history)) == set()
