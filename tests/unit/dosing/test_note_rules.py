"""Notes before a dose: each is ticked as it stands, those of the check among them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dosing.rules.preparations import may_begin_further, may_prepare, unread, unread_as_shown
from hat_clinic.core.decisions import Decision, note
from tests.unit.dosing.test_injection_rules import ATTEMPT, FACTS, ORDER, VISIT


class TestANoteThatNobodyTicked:
    def test_bars_the_act_until_it_is(self) -> None:
        facts = replace(FACTS, order=replace(ORDER, dose_mg=310, daily_max_mg=900))
        decision = may_prepare(facts, VISIT, replace(ATTEMPT, dose_mg=310, ampoules=4))

        assert {finding.code for finding in unread(decision, frozenset())} == {"unread_high_single"}
        assert unread(decision, frozenset({"high_single"})).is_allowed

    def test_is_one_whose_words_changed_since_they_were_shown(self) -> None:
        facts = replace(FACTS, order=replace(ORDER, dose_mg=310, daily_max_mg=900))
        decision = may_prepare(facts, VISIT, replace(ATTEMPT, dose_mg=310, ampoules=4))
        (shown,) = decision

        assert unread_as_shown(decision, {"high_single": shown.message}).is_allowed
        for read in ({}, {"high_single": f"{shown.message} Once."}, {"high_day": shown.message}):
            assert {one.code for one in unread_as_shown(decision, read)} == {"unread_high_single"}

    @pytest.mark.parametrize("code", ["other_drugs", "oral_not_as_ordered", "sites_of_concern"])
    def test_is_one_of_the_check_too_before_each_injection(self, code: str) -> None:
        noted = replace(VISIT, notes=Decision((note(code, "As found.", "clinical rule 17"),)))
        further = may_begin_further(FACTS, replace(noted, since=None))

        assert [one.code for one in may_prepare(FACTS, noted, ATTEMPT)] == [code]
        assert code in {one.code for one in further}

    def test_is_not_told_beside_a_refusal(self) -> None:
        facts = replace(FACTS, session_is_open=False)
        assert unread(may_prepare(facts, VISIT, ATTEMPT), frozenset()).findings == ()
