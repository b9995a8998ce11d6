"""An oral dose put right: on its day, never refused for what it says, and what it asks for; both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.checks import Sedation
from dosing.rules.holds import HoldSeverity
from dosing.rules.oral_corrections import OralAsks, OralSaid, asked_by_amended_oral, may_say_of_oral

AT = datetime(2026, 10, 12, 11, 0, tzinfo=UTC)
SAID = OralSaid(mg=40, sedation=Sedation.ALERT, breaths=None, given_at=AT - timedelta(hours=1))


class TestAnOralDose:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, set()),
            ({"mg": 1}, set()),
            ({"mg": 0}, {"nothing_given"}),
            ({"given_at": AT}, set()),
            ({"given_at": AT + timedelta(seconds=1)}, {"in_the_future"}),
            ({"given_at": datetime(2026, 10, 11, 23, 0, tzinfo=UTC)}, set()),
            ({"given_at": datetime(2026, 10, 11, 22, 59, tzinfo=UTC)}, {"another_day"}),
            ({"sedation": Sedation.HARD_TO_ROUSE, "breaths": 4, "mg": 900}, set()),
        ],
        ids=["so", "one", "none", "now", "later", "midnight", "the day before", "whatever it says"],
    )
    def test_is_said_as_it_was(self, changes: dict[str, Any], found: set[str]) -> None:
        said = replace(SAID, **changes)
        was = replace(said, mg=min(said.mg, 1), given_at=said.given_at - timedelta(days=2))
        decision = may_say_of_oral(said, was, given_on=AT.date(), is_drawn=False, at=AT)

        assert {finding.code for finding in decision.refusals} == found

    def test_is_never_less_or_sooner_nor_beside_a_drawn_dose(self) -> None:
        for changes in ({"mg": 39}, {"given_at": SAID.given_at - timedelta(minutes=1)}):
            less = may_say_of_oral(replace(SAID, **changes), SAID, given_on=AT.date(), is_drawn=False, at=AT)
            assert {finding.code for finding in less.refusals} == {"less_or_sooner"}
        drawn = may_say_of_oral(replace(SAID, mg=41), SAID, given_on=AT.date(), is_drawn=True, at=AT)
        assert {finding.code for finding in drawn.refusals} == {"dose_is_drawn"}

    @pytest.mark.parametrize(
        ("changes", "day_mg", "asks"),
        [
            ({}, 40, None),
            ({}, 41, OralAsks(HoldSeverity.REVIEW, ("oral_over",))),
            ({"breaths": 12}, 40, None),
            ({"breaths": 11}, 40, OralAsks(HoldSeverity.HOLD, ("breathing",))),
            ({"sedation": Sedation.SLIGHTLY_DROWSY}, 40, None),
            ({"sedation": Sedation.DRIFTS_OFF}, 41, OralAsks(HoldSeverity.HOLD, ("sedation", "oral_over"))),
            ({"sedation": Sedation.ASLEEP}, 40, OralAsks(HoldSeverity.HOLD, ("sedation",))),
        ],
        ids=["nothing", "over", "breathing", "slowly", "drowsy", "drifts off", "asleep"],
    )
    def test_asks_for_what_it_says(self, changes: dict[str, Any], day_mg: int, asks: OralAsks | None) -> None:
        assert asked_by_amended_oral(replace(SAID, **changes), day_mg=day_mg, most_mg=40) == asks
