"""What a goal may say, and how it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from outcomes.rules.plans import (
    FURTHEST_REVIEW,
    GoalEnd,
    GoalSaid,
    StepSaid,
    may_note_step,
    may_set_goal,
)

TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)
FLAT = GoalSaid(domain="housing", words="A flat of my own", review_on=TODAY + 28 * A_DAY)
FAMILY = replace(FLAT, domain="family", words="See my sister", wanted=True, safe=True)
STEP = StepSaid(words="Saw two places", review_on=TODAY + A_DAY, ended="")
END = StepSaid(words="Moved in", review_on=None, ended="reached")

WORDS_AND_REVIEWS = [
    ({}, []),
    ({"words": " "}, ["goal_says_nothing"]),
    ({"words": "x" * 120}, []),
    ({"words": "x" * 121}, ["goal_long_line"]),
    ({"review_on": None}, ["goal_without_review"]),
    ({"review_on": TODAY}, ["goal_review_not_ahead"]),
    ({"review_on": TODAY + A_DAY}, []),
    ({"review_on": TODAY + FURTHEST_REVIEW}, []),
    ({"review_on": TODAY + FURTHEST_REVIEW + A_DAY}, ["goal_review_far_away"]),
]


class TestAGoal:
    @pytest.mark.parametrize(("changes", "found"), WORDS_AND_REVIEWS)
    def test_says_what_and_when_to_look_again(self, changes, found):
        decision = may_set_goal(replace(FLAT, **changes), today=TODAY, owner_is_here=True)

        assert decision.refusal_codes == found

    @pytest.mark.parametrize(
        ("wanted", "safe", "found"),
        [
            (True, True, []),
            (False, True, ["goal_family_not_wanted"]),
            (None, True, ["goal_family_not_wanted"]),
            (True, False, ["goal_family_not_safe"]),
            (True, None, ["goal_family_not_safe"]),
            (None, None, ["goal_family_not_wanted", "goal_family_not_safe"]),
        ],
    )
    def test_about_the_family_is_wanted_and_safe(self, wanted, safe, found):
        said = replace(FAMILY, wanted=wanted, safe=safe)

        assert may_set_goal(said, today=TODAY, owner_is_here=True).refusal_codes == found

    def test_is_seen_to_by_somebody_here(self):
        found = may_set_goal(FLAT, today=TODAY, owner_is_here=False).refusal_codes

        assert found == ["goal_owner_elsewhere"]


class TestAStep:
    @pytest.mark.parametrize(("changes", "found"), WORDS_AND_REVIEWS)
    def test_of_a_goal_that_goes_on_says_when_to_look_again(self, changes, found):
        assert may_note_step(replace(STEP, **changes), today=TODAY, has_ended=False).refusal_codes == found

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"words": ""}, ["goal_says_nothing"]),
            ({"review_on": TODAY + A_DAY}, ["goal_end_with_review"]),
        ],
    )
    def test_that_ends_a_goal_says_why_and_looks_no_further(self, changes, found):
        assert may_note_step(replace(END, **changes), today=TODAY, has_ended=False).refusal_codes == found

    @pytest.mark.parametrize("said", [STEP, END])
    def test_comes_not_after_the_end(self, said):
        assert may_note_step(said, today=TODAY, has_ended=True).refusal_codes == ["goal_has_ended"]

    def test_has_words_for_every_end(self):
        assert [end.label for end in GoalEnd] == [
            "Reached",
            "The person dropped it",
            "No longer wanted",
            "Written by mistake",
        ]
