"""What may be entered as a phase of the programme."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from outcomes.rules.phases import LONGEST_NAME, MOST_PLACES, PhaseSaid, may_record_phase

TODAY = date(2026, 11, 24)


def phase(first: int = 10, last: int | None = 12, **said: Any) -> PhaseSaid:
    given: dict[str, Any] = {
        "name": "First year",
        "first_on": date(2026, 11, first),
        "last_on": last and date(2026, 11, last),
        "places": 20,
        "sessions_per_day": 2,
        "funded_by": "",
        "funded_until": None,
    }
    return PhaseSaid(**given | said)


def codes(said: PhaseSaid, *standing: PhaseSaid) -> list[str]:
    return may_record_phase(said, today=TODAY, standing=standing).refusal_codes


class TestAPhase:
    def test_is_stored_to_the_day_after_its_last(self) -> None:
        assert phase(10, 12).to_on == date(2026, 11, 13)
        assert phase(10, None).to_on is None

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (phase(), []),
            (phase(10, 10), []),
            (phase(24, None), []),
            (phase(25, None), ["phase_in_future"]),
            (phase(10, 9), ["phase_ends_before"]),
            (phase(10, 24), []),
            (phase(10, 25), ["phase_end_in_future"]),
            (phase(name=""), ["no_name"]),
            (phase(name="x" * LONGEST_NAME), []),
            (phase(name="x" * (LONGEST_NAME + 1)), ["long_name"]),
            (phase(name="=x"), ["bad_name"]),
            (phase(funded_by="Invented Council"), []),
            (phase(funded_by="x" * (LONGEST_NAME + 1)), ["long_funder"]),
            (phase(funded_by="a\tb"), ["bad_funder"]),
            (phase(places=0), ["phase_places"]),
            (phase(places=1), []),
            (phase(places=MOST_PLACES), []),
            (phase(places=MOST_PLACES + 1), ["phase_places"]),
            (phase(sessions_per_day=0), ["phase_sessions"]),
            (phase(sessions_per_day=1), []),
            (phase(sessions_per_day=3), []),
            (phase(sessions_per_day=4), ["phase_sessions"]),
            (phase(funded_until=date(2026, 11, 10)), []),
            (phase(funded_until=date(2027, 11, 10)), []),
            (phase(funded_until=date(2026, 11, 9)), ["phase_funded_before"]),
            (
                phase(25, 9, name="", places=0),
                ["no_name", "phase_in_future", "phase_ends_before", "phase_places"],
            ),
        ],
    )
    def test_is_stored_or_refused_with_every_reason(self, said: PhaseSaid, expected: list[str]) -> None:
        assert codes(said) == expected

    @pytest.mark.parametrize(
        ("said", "other", "is_taken"),
        [
            (phase(10, 12), phase(5, 9), False),
            (phase(10, 12), phase(5, 10), True),
            (phase(10, 12), phase(5, None), True),
            (phase(10, 12), phase(12, 15), True),
            (phase(10, 12), phase(13, None), False),
            (phase(10, None), phase(13, None), True),
        ],
    )
    def test_shares_no_day_with_another(self, said: PhaseSaid, other: PhaseSaid, is_taken: bool) -> None:
        assert codes(said, other) == (["phase_known"] if is_taken else [])

    @pytest.mark.parametrize(
        ("last", "words"), [(12, "from 10 November 2026 to 12 November 2026"), (None, "on, and is not over")]
    )
    def test_says_which_one_has_the_days(self, last: int | None, words: str) -> None:
        (finding,) = may_record_phase(phase(), today=TODAY, standing=[phase(10, last)]).refusals

        assert finding.message.startswith("First year has some of these days")
        assert words in finding.message
