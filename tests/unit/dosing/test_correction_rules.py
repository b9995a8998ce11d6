"""What may be put right: the line that stands, on its own day, with a reason; both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from dosing.rules.corrections import Corrected, CorrectedFor, may_correct

TODAY = date(2026, 10, 12)
MAY = Corrected(stands=True, is_same=False, service_date=TODAY, today=TODAY)


def codes(facts: Corrected, reason: CorrectedFor = CorrectedFor.WRONG_KEY, words: str = "") -> set[str]:
    return {finding.code for finding in may_correct(facts, reason=reason, words=words).refusals}


class TestALine:
    def test_is_put_right_with_a_reason(self) -> None:
        assert may_correct(MAY, reason=CorrectedFor.WRONG_KEY, words="").is_allowed

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"stands": False}, "amended_meanwhile"),
            ({"is_same": True}, "nothing_changed"),
            ({"today": TODAY + timedelta(days=1)}, "day_is_past"),
            ({"today": TODAY - timedelta(days=1)}, "day_is_past"),
        ],
        ids=["branches", "same", "next day", "day before"],
    )
    def test_is_left_as_it_is(self, changes: dict[str, Any], code: str) -> None:
        assert codes(replace(MAY, **changes)) == {code}

    @pytest.mark.parametrize(("words", "found"), [("", {"no_words"}), (" ", {"no_words"}), ("so", set())])
    def test_for_another_reason_needs_words(self, words: str, found: set[str]) -> None:
        assert codes(MAY, CorrectedFor.OTHER, words) == found

    def test_is_told_every_reason_at_once(self) -> None:
        facts = Corrected(stands=False, is_same=True, service_date=TODAY, today=TODAY + timedelta(days=1))

        assert codes(facts, CorrectedFor.OTHER) == {
            "amended_meanwhile",
            "nothing_changed",
            "day_is_past",
            "no_words",
        }


class TestTheReasons:
    def test_offer_the_wrong_key_first(self) -> None:
        assert next(iter(CorrectedFor)).label == "Wrong key"
        assert all(why.label for why in CorrectedFor)
