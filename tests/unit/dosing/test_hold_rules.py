"""When doses may be held by hand, and when a hold may be lifted: every condition from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.holds import (
    HoldReason,
    HoldSeverity,
    LiftingFacts,
    PlacingFacts,
    may_lift_hold,
    may_place_hold,
)
from hat_clinic.core.decisions import Decision

AT = datetime(2026, 2, 2, 10, 0, tzinfo=UTC)
PLACING = PlacingFacts(
    at=AT,
    today=date(2026, 2, 2),
    person_is_in_treatment=True,
    reason=HoldReason.ILL,
    words="Fell on the stairs, waits for an X-ray.",
    happened_at=None,
    review_on=None,
)
WELL = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=72)
ANSWERS = CheckAnswers(
    readings=WELL,
    alcohol_ug=0,
    took_other_drugs=False,
    oral_as_ordered=True,
    is_intoxicated=False,
    sites_are_well=True,
)
LIFTING = LiftingFacts(
    severity=HoldSeverity.HOLD,
    latest_check=ANSWERS,
    is_made_after_hold=True,
    is_ordered_since=False,
    is_licensed=True,
    is_own=False,
    is_by_hand=False,
    is_lifted=False,
)


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision.refusals]


def lifted(*, reason: str = "Seen, and well.", **changes: Any) -> list[str]:
    return codes(may_lift_hold(replace(LIFTING, **changes), reason=reason))


def lifted_after(readings: dict[str, Any] | None = None, **answers: Any) -> list[str]:
    check = replace(ANSWERS, readings=replace(WELL, **(readings or {})), **answers)
    return lifted(latest_check=check)


class TestPlacing:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"person_is_in_treatment": False}, ["not_in_treatment"]),
            ({"words": " \n"}, ["no_words"]),
            ({"reason": HoldReason.OVERDOSE_AWAY}, ["no_moment"]),
            ({"reason": HoldReason.OVERDOSE_AWAY, "happened_at": AT}, []),
            (
                {"reason": HoldReason.OVERDOSE_AWAY, "happened_at": AT + timedelta(seconds=1)},
                ["in_the_future"],
            ),
            ({"review_on": date(2026, 2, 2)}, []),
            ({"review_on": date(2026, 2, 1)}, ["review_is_over"]),
            ({"words": "", "person_is_in_treatment": False}, ["not_in_treatment", "no_words"]),
        ],
    )
    def test_asks_for(self, changes: dict[str, Any], found: list[str]) -> None:
        assert codes(may_place_hold(replace(PLACING, **changes))) == found

    def test_every_reason_and_severity_is_in_words(self) -> None:
        assert all(reason.label for reason in HoldReason)
        assert {severity.label for severity in HoldSeverity} == {"Hold", "Suspension", "Review"}
        assert "new order" in HoldSeverity.SUSPENSION.lifted_by
        assert "new order" not in HoldSeverity.HOLD.lifted_by


class TestLifting:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"is_licensed": False}, ["no_licence"]),
            ({"reason": "  "}, ["no_reason"]),
            ({"is_lifted": True}, ["already_lifted"]),
            ({"is_own": True}, ["own_hold"]),
            ({"is_own": True, "is_by_hand": True}, []),
            ({"severity": HoldSeverity.SUSPENSION}, ["no_new_order"]),
            ({"severity": HoldSeverity.SUSPENSION, "is_ordered_since": True}, []),
            ({"latest_check": None}, ["no_new_check"]),
            ({"is_made_after_hold": False}, ["no_new_check"]),
            ({"is_licensed": False, "latest_check": None}, ["no_licence", "no_new_check"]),
        ],
    )
    def test_asks_for(self, changes: dict[str, Any], found: list[str]) -> None:
        assert lifted(**changes) == found

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"sedation": Sedation.DRIFTS_OFF}, "standing_sedation"),
            ({"sedation": Sedation.ASLEEP}, "standing_asleep"),
            ({"breaths": 11}, "standing_breathing"),
            ({"oxygen": 93}, "standing_oxygen"),
        ],
    )
    def test_is_never_done_over_a_reading_that_stands(self, changes: dict[str, Any], code: str) -> None:
        assert lifted_after(changes) == [code]

    @pytest.mark.parametrize("changes", [{"breaths": 12}, {"oxygen": 94}, {"oxygen": None}, {"pulse": None}])
    def test_leaves_the_edge_and_the_unknown_to_the_doctor(self, changes: dict[str, Any]) -> None:
        assert lifted_after(changes) == []

    @pytest.mark.parametrize("changes", [{"is_intoxicated": True}, {"alcohol_ug": 60}])
    def test_leaves_judgement_and_alcohol_to_the_doctor(self, changes: dict[str, Any]) -> None:
        assert lifted_after(**changes) == []
