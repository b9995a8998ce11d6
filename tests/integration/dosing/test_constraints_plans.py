"""What the tables of an order's plans, and of a doctor's decision on a gap, refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dosing.models import GapDecision, OrderSlot, OrderStep
from tests.factories import NINE, LicenceFactory, OrderFactory, UserFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestAnOrder:
    @pytest.mark.parametrize(
        ("least", "refused"), [(None, False), (1, False), (179, False), (180, True), (0, True)]
    )
    def test_has_a_range_that_goes_up(self, least: int | None, refused: bool) -> None:
        if not refused:
            assert OrderFactory(dose_mg=180, daily_max_mg=360, least_mg=least).pk
            return
        with refused_by("order_range_goes_up"):
            OrderFactory(dose_mg=180, daily_max_mg=360, least_mg=least)

    @pytest.mark.parametrize("percent", [None, 1, 75])
    def test_may_plan_stricter_for_missed_sessions(self, percent: int | None) -> None:
        assert OrderFactory(gap_cap_percent=percent).pk

    def test_never_plans_looser_for_missed_sessions(self) -> None:
        with refused_by("order_gap_plan_is_stricter"):
            OrderFactory(gap_cap_percent=76)

    @pytest.mark.parametrize(
        "changes",
        [
            {"dose_mg": 180, "sessions_per_day": 2, "daily_max_mg": 359},
            {"dose_mg": 180, "sessions_per_day": 2, "day_mg": 300, "daily_max_mg": 299},
            {"dose_mg": 180, "sessions_per_day": 2, "day_mg": 179, "daily_max_mg": 300},
            {"dose_mg": 180, "least_mg": 90, "daily_max_mg": 179},
            {"dose_mg": 45, "kind": "titration", "daily_max_mg": 44},
        ],
    )
    def test_fits_its_own_day(self, changes: dict[str, Any]) -> None:
        with refused_by("order_dose_is_whole_and_within_its_day"):
            OrderFactory(**changes)

    @pytest.mark.parametrize(
        "changes",
        [
            {"dose_mg": 180, "sessions_per_day": 2, "day_mg": 300, "daily_max_mg": 300},
            {"dose_mg": 180, "least_mg": 90, "daily_max_mg": 180},
            {"dose_mg": 45, "kind": "titration", "daily_max_mg": 45},
        ],
    )
    def test_need_not_have_the_same_dose_in_every_session(self, changes: dict[str, Any]) -> None:
        assert OrderFactory(**changes).pk


class TestAStep:
    def test_is_one_for_a_day(self) -> None:
        order = OrderFactory()
        OrderStep.objects.create(order=order, day=1, max_mg=30, first_mg=15, repeat_mg=15)
        OrderStep.objects.create(order=order, day=2, max_mg=45)

        with refused_by("one_step_of_an_order_for_a_day"):
            OrderStep.objects.create(order=order, day=2, max_mg=45)

    @pytest.mark.parametrize("changes", [{"day": 0}, {"max_mg": 0}, {"max_mg": 451}])
    def test_is_within_the_ceiling(self, changes: dict[str, int]) -> None:
        with refused_by("order_step_is_within_the_ceiling"):
            OrderStep.objects.create(**{"order": OrderFactory(), "day": 1, "max_mg": 450} | changes)

    @pytest.mark.parametrize("first", [{"first_mg": 15}, {"repeat_mg": 15}])
    def test_of_a_later_day_has_no_first_dose(self, first: dict[str, int]) -> None:
        with refused_by("first_dose_of_a_plan_is_on_its_first_day"):
            OrderStep.objects.create(order=OrderFactory(), day=2, max_mg=45, **first)


class TestADoseOfASession:
    def test_is_one(self) -> None:
        order = OrderFactory()
        OrderSlot.objects.create(order=order, slot="am", dose_mg=100)
        OrderSlot.objects.create(order=order, slot="pm", dose_mg=100)

        with refused_by("one_dose_of_an_order_for_a_session"):
            OrderSlot.objects.create(order=order, slot="am", dose_mg=90)

    @pytest.mark.parametrize("mg", [0, 451])
    def test_is_within_the_ceiling(self, mg: int) -> None:
        with refused_by("dose_of_a_session_is_within_the_ceiling"):
            OrderSlot.objects.create(order=OrderFactory(), slot="am", dose_mg=mg)


class TestADecisionOnAGap:
    @pytest.mark.parametrize("changes", [{"ceiling_mg": 0}, {"ceiling_mg": 451}, {"reason": ""}])
    def test_has_a_ceiling_and_a_reason(self, changes: dict[str, Any]) -> None:
        order = OrderFactory()
        decision: dict[str, Any] = {
            "patient": order.patient,
            "episode": order.episode,
            "ceiling_mg": 50,
            "reason": "Seen, and well.",
            "seen": "a gap",
            "licence": LicenceFactory(),
            "decided_by": UserFactory(),
            "decided_at": NINE + timedelta(hours=1),
        }
        assert GapDecision.objects.create(**decision).pk

        with refused_by("gap_decision_has_a_ceiling_and_a_reason"):
            GapDecision.objects.create(**decision | changes)
