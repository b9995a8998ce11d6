"""Which drawn dose a dose on paper is, and what stands against it, on both sides of each boundary."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.paper import DoseOnPaper
from dosing.rules.paper_book import DrawnUp, is_drawn_up, speaks_against_drawn

START = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DOSE = DoseOnPaper(
    given_mg=180,
    wasted_mg=0,
    ampoules=2,
    batch_id=uuid.UUID(int=1),
    route="iv",
    site="left_arm",
    started_at=START,
    ended_at=START + MINUTE,
    giver_id=uuid.UUID(int=2),
    witness_id=uuid.UUID(int=3),
    is_identified=False,
)
DRAWN = DrawnUp(
    batch_id=uuid.UUID(int=1),
    ampoules=2,
    drawn_mg=200,
    dose_mg=180,
    prepared_by_id=uuid.UUID(int=2),
    witness_id=uuid.UUID(int=3),
    prepared_at=START,
    expires_at=START,
    order_is_in_force=True,
)


class TestADoseOnPaper:
    @pytest.mark.parametrize(
        "changes", [{}, {"given_mg": 1}, {"ampoules": 1}], ids=["whole", "least", "too few"]
    )
    def test_is_the_drawn_one(self, changes: dict[str, Any]) -> None:
        assert is_drawn_up(replace(DOSE, **changes), DRAWN, strength_mg=100)

    @pytest.mark.parametrize(
        "changes",
        [
            {"batch_id": uuid.UUID(int=9)},
            {"giver_id": uuid.UUID(int=3), "witness_id": uuid.UUID(int=2)},
            {"witness_id": uuid.UUID(int=9)},
            {"ampoules": 3},
            {"given_mg": 181},
            {"started_at": START - SECOND},
        ],
        ids=["batch", "two changed places", "witness", "ampoules", "one mg more", "before it was drawn"],
    )
    def test_is_another(self, changes: dict[str, Any]) -> None:
        assert not is_drawn_up(replace(DOSE, **changes), DRAWN, strength_mg=100)


class TestWhatSpeaksAgainstADrawnDose:
    def test_is_told_with_when_it_was_drawn(self) -> None:
        (found,) = speaks_against_drawn(DOSE, DRAWN)
        assert found.code == "ends_drawn_dose"
        assert "180 mg that was drawn up with the computer at 09:00" in found.message

    @pytest.mark.parametrize(
        ("dose", "drawn", "code"),
        [
            ({}, {"order_is_in_force": False}, "order_changed"),
            ({}, {"expires_at": START - SECOND}, "syringe_expired"),
            ({}, {"emergency_at": START + MINUTE - SECOND}, "emergency_since_drawn"),
            ({"wasted_mg": 1}, {}, "waste_is_not_the_rest"),
            ({"wasted_mg": 19}, {}, "waste_is_not_the_rest"),
        ],
        ids=["order", "syringe", "emergency", "one mg", "one mg less than all of it"],
    )
    def test_bars_it(self, dose: dict[str, Any], drawn: dict[str, Any], code: str) -> None:
        found = speaks_against_drawn(replace(DOSE, **dose), replace(DRAWN, **drawn))
        assert [one.code for one in found.refusals] == [code]

    @pytest.mark.parametrize(
        ("dose", "drawn"),
        [
            ({"wasted_mg": 20}, {}),
            ({"given_mg": 100, "wasted_mg": 80}, {}),
            ({"given_mg": 100, "wasted_mg": 100}, {}),
            ({}, {"emergency_at": START + MINUTE}),
        ],
        ids=["waste of the draw too", "the rest of the syringe", "all of the rest", "an emergency after it"],
    )
    def test_does_not_bar_it(self, dose: dict[str, Any], drawn: dict[str, Any]) -> None:
        assert speaks_against_drawn(replace(DOSE, **dose), replace(DRAWN, **drawn)).is_allowed
