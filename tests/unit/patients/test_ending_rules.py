"""When a treatment may be ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from patients.rules.endings import EndingFacts, may_end_treatment

TODAY = date(2026, 10, 12)
RUNS = EndingFacts(
    today=TODAY,
    accepted_on=TODAY,
    started_on=None,
    is_ended=False,
    reason_is_known=True,
    plan_is_whole=True,
    goes_without_plan=False,
)


class TestATreatment:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"started_on": TODAY}, []),
            ({"started_on": date(2026, 10, 13)}, ["not_begun"]),
            ({"accepted_on": date(2026, 10, 13)}, ["not_begun"]),
            ({"is_ended": True}, ["treatment_ended"]),
            ({"reason_is_known": False}, ["no_reason"]),
            ({"plan_is_whole": False}, ["without_plan"]),
            ({"plan_is_whole": False, "goes_without_plan": True}, []),
        ],
    )
    def test_ends_where_it_runs_and_for_a_reason(self, changes: dict[str, Any], found: list[str]) -> None:
        decision = may_end_treatment(replace(RUNS, **changes))
        assert [finding.code for finding in decision.refusals] == found
