"""Whether a doctor may decide on a gap, and how much at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.rules.gaps import GapFacts, gap_ceiling_mg, may_begin_gap_decision, may_decide_gap
from dosing.rules.history import standing_at
from dosing.rules.protocol import Protocol
from tests.unit.dosing.test_history_rules import AT, dose, history

LIMITS = Protocol()


def facts(hours: float = 60, **changes: object) -> GapFacts:
    known = GapFacts(
        standing=standing_at(history(dose(hours, 101)), LIMITS, at=AT),
        reference_mg=101,
        decider_is_doctor=True,
        licence_ends_at=AT + timedelta(days=1),
    )
    return replace(known, **changes)  # type: ignore[arg-type]  # a test's own changes


class TestADecision:
    @pytest.mark.parametrize(
        ("mg", "found"), [(0, {"no_ceiling"}), (1, set()), (50, set()), (51, {"over_ceiling"})]
    )
    def test_has_a_ceiling_of_half_at_most(self, mg: int, found: set[str]) -> None:
        decision = may_decide_gap(facts(), LIMITS, ceiling_mg=mg, reason="Seen, and well.")
        assert {finding.code for finding in decision} == found

    def test_has_a_reason(self) -> None:
        decision = may_decide_gap(facts(), LIMITS, ceiling_mg=50, reason=" ")
        assert [finding.code for finding in decision] == ["no_reason"]

    def test_rounds_its_ceiling_down(self) -> None:
        assert gap_ceiling_mg(facts(), LIMITS) == 50
        assert gap_ceiling_mg(facts(reference_mg=None), LIMITS) == 0

    @pytest.mark.parametrize(
        ("hours", "code"), [(50, "no_gap"), (50.01, None), (74, None), (74.01, "restart")]
    )
    def test_is_made_in_the_third_row_alone(self, hours: float, code: str | None) -> None:
        assert [finding.code for finding in may_begin_gap_decision(facts(hours))] == ([code] if code else [])

    @pytest.mark.parametrize("changes", [{"decider_is_doctor": False}, {"licence_ends_at": None}])
    def test_is_of_a_doctor_licensed_here(self, changes: dict[str, object]) -> None:
        assert [finding.code for finding in may_begin_gap_decision(facts(**changes))] == ["not_licensed"]

    @pytest.mark.parametrize(
        ("changes", "code"), [({"has_protocol": False}, "no_protocol"), ({"has_order": False}, "no_order")]
    )
    def test_rests_on_limits_and_an_order(self, changes: dict[str, object], code: str) -> None:
        assert [finding.code for finding in may_begin_gap_decision(facts(**changes))] == [code]

    def test_rests_on_what_was_tolerated_before(self) -> None:
        decision = may_decide_gap(facts(reference_mg=None), LIMITS, ceiling_mg=1, reason="Seen.")
        assert [finding.code for finding in decision] == ["nothing_tolerated"]
