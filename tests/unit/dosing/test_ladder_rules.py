"""Where somebody stands on the ladder of missed sessions, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.rules.history import Gap, Row, Standing, standing_at
from dosing.rules.ladder import Ladder, ladder_of, rungs_of, why_it_binds
from dosing.rules.limits import GapDecision, LimitFacts, OrderKind
from dosing.rules.protocol import Protocol
from tests.unit.dosing.test_history_rules import AT, dose, history

LIMITS = Protocol()
FACTS = LimitFacts(
    history=history(dose(10)),
    protocol=LIMITS,
    routes=frozenset({"iv"}),
    sessions_per_day=2,
    at=AT,
    today=AT.date(),
)


def ladder(hours: float, *, kind: OrderKind = OrderKind.MAINTENANCE, **changes: object) -> Ladder:
    facts = replace(FACTS, history=history(dose(hours)), **changes)  # type: ignore[arg-type]  # a test's own
    return ladder_of(facts, kind=kind)


def standing(hours: float, missed: int) -> Standing:
    known = Gap(since=AT - timedelta(hours=hours), elapsed=timedelta(hours=hours), missed=missed)
    given = history(dose(hours), missed=tuple(0.1 + place / 100 for place in range(missed)))
    found = standing_at(given, LIMITS, at=AT)
    assert found.gap == known
    return found


class TestTheLadder:
    @pytest.mark.parametrize(
        ("hours", "found"),
        [
            (26, Ladder.NOTHING),
            (26 + 1 / 3600, Ladder.CAPPED),
            (50, Ladder.CAPPED),
            (50 + 1 / 3600, Ladder.DECIDE),
            (74, Ladder.DECIDE),
            (74 + 1 / 3600, Ladder.RESTART),
        ],
    )
    def test_is_climbed_by_the_hour(self, hours: float, found: Ladder) -> None:
        assert ladder(hours) is found

    def test_lets_a_dose_through_that_a_doctor_decided_on(self) -> None:
        decision = GapDecision(decided_at=AT - timedelta(hours=1), ceiling_mg=50)

        assert ladder(60, decision=decision) is Ladder.DECIDED

    def test_ends_with_a_titration_that_was_signed_in_its_last_row(self) -> None:
        signed = {"kind": OrderKind.TITRATION, "order_signed_at": AT - timedelta(hours=1)}

        assert ladder(80, **signed) is Ladder.BEGUN_ANEW  # type: ignore[arg-type]  # a test's own changes
        assert ladder(80, kind=OrderKind.TITRATION) is Ladder.RESTART

    def test_is_said_beside_a_name_where_it_asks_for_something(self) -> None:
        silent = {one for one in Ladder if not one.tag}

        assert silent == {Ladder.NOTHING, Ladder.BEGUN_ANEW}
        assert {one for one in Ladder if one.bars} == {Ladder.DECIDE, Ladder.RESTART}


class TestItsRows:
    def test_are_told_with_the_clinics_own_limits(self) -> None:
        rungs = rungs_of(standing(60, 4), replace(LIMITS, gap_cap_percent=70))

        assert [(rung.hours, rung.missed) for rung in rungs] == [
            ("up to 26\u00a0h", "up to 1"),
            ("over 26 to 50\u00a0h", "2 to 3"),
            ("over 50 to 74\u00a0h", "4 to 5"),
            ("over 74\u00a0h", "6 or more"),
        ]
        assert rungs[1].allows == "at most 70 %"
        assert [rung.row for rung in rungs if rung.binds] == [Row.DECIDE]

    def test_name_one_number_where_there_is_only_one(self) -> None:
        rungs = rungs_of(standing(60, 4), replace(LIMITS, gap_cap_missed=2))

        assert [rung.missed for rung in rungs] == ["up to 1", "2", "3 to 5", "6 or more"]

    def test_bind_nobody_who_had_no_dose_yet(self) -> None:
        nowhere = standing_at(history(), LIMITS, at=AT)

        assert not any(rung.binds for rung in rungs_of(nowhere, LIMITS))
        assert why_it_binds(nowhere, LIMITS) == ""

    @pytest.mark.parametrize(
        ("hours", "missed", "why"),
        [
            (60, 4, "Hours and sessions both stand in row 3."),
            (60, 2, "The hours stand in row 3, the sessions in row 2: the stricter binds."),
            (40, 4, "The sessions stand in row 3, the hours in row 2: the stricter binds."),
        ],
    )
    def test_bind_by_the_stricter(self, hours: int, missed: int, why: str) -> None:
        assert why_it_binds(standing(hours, missed), LIMITS) == why
