"""When answers may be stored, and what the clinic's own four questions say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from outcomes.rules.askings import (
    DAYS_BEFORE_ACCEPTANCE,
    STAGE_IN_ADDRESS,
    Asking,
    FormStage,
    may_store_answers,
)
from outcomes.rules.own_answers import FamilyContact, OwnSaid, answers_in_words

ACCEPTED, TODAY = date(2026, 3, 2), date(2026, 6, 1)
A_DAY = timedelta(days=1)
FINE = Asking(
    on=TODAY,
    stage="review",
    today=TODAY,
    treated_since=ACCEPTED,
    left_on=None,
    is_empty=False,
    day_is_taken=False,
)
SAID = OwnSaid(
    on=TODAY,
    stage="review",
    spend_week_pence=None,
    public_injecting=None,
    unsafe_disposal=None,
    family_contact="",
)


def codes(**changes: object) -> list[str]:
    return may_store_answers(replace(FINE, **changes)).refusal_codes


class TestStoringAnswers:
    def test_is_fine_today_and_at_the_earliest_day(self):
        assert codes() == []
        assert codes(on=ACCEPTED - DAYS_BEFORE_ACCEPTANCE * A_DAY) == []

    def test_is_refused_the_day_before_the_earliest(self):
        assert codes(on=ACCEPTED - (DAYS_BEFORE_ACCEPTANCE + 1) * A_DAY) == ["asked_long_before"]

    def test_is_refused_tomorrow(self):
        assert codes(on=TODAY + A_DAY) == ["asked_in_future"]

    @pytest.mark.parametrize(
        ("left", "refused"), [(None, True), (TODAY, True), (TODAY + A_DAY, True), (TODAY - A_DAY, False)]
    )
    def test_after_leaving_waits_until_somebody_left(self, left, refused):
        assert codes(stage="post_exit", left_on=left) == ["asked_after_leaving_too_soon"] * refused

    @pytest.mark.parametrize("stage", ["start", "review"])
    def test_at_the_start_and_for_a_review_ends_with_leaving(self, stage):
        assert codes(stage=stage, left_on=TODAY - A_DAY) == ["asked_after_leaving"]
        assert codes(stage=stage, left_on=TODAY) == codes(stage=stage, left_on=None) == []
        left = may_store_answers(replace(FINE, stage=stage, left_on=TODAY - A_DAY))
        assert "31 May 2026" in left.refusals[0].message

    def test_at_leaving_does_not_ask_whether_somebody_left(self):
        assert codes(stage="exit", left_on=TODAY - A_DAY) == codes(stage="exit", left_on=None) == []

    def test_is_refused_on_a_day_that_is_taken_and_without_an_answer_with_both_reasons(self):
        assert codes(day_is_taken=True, is_empty=True) == ["asked_day_taken", "asked_nothing_answered"]
        assert "1 June 2026" in may_store_answers(replace(FINE, day_is_taken=True)).refusals[0].message

    def test_knows_every_point_by_a_word_for_its_address_and_one_for_people(self):
        assert set(STAGE_IN_ADDRESS.values()) == set(FormStage)
        assert [stage.label for stage in FormStage] == ["Start", "Review", "Leaving", "After leaving"]


class TestOwnAnswers:
    def test_say_not_answered_and_are_empty_where_nothing_was_answered(self):
        assert SAID.is_empty
        assert {answer for _, answer in answers_in_words(SAID)} == {"not answered"}

    @pytest.mark.parametrize(
        ("changes", "place", "words"),
        [
            ({"spend_week_pence": 0}, 0, "£0"),
            ({"spend_week_pence": 123_450}, 0, "£1,234.50"),
            ({"spend_week_pence": 4_000}, 0, "£40"),
            ({"public_injecting": False}, 1, "no"),
            ({"unsafe_disposal": True}, 2, "yes"),
            ({"family_contact": "not_safe"}, 3, "not safe"),
        ],
    )
    def test_tell_nothing_and_no_from_not_answered(self, changes, place, words):
        said = replace(SAID, **changes)

        assert not said.is_empty
        assert answers_in_words(said)[place][1] == words

    def test_ask_first_whether_contact_is_wanted_and_safe(self):
        assert FamilyContact.WANTED_HAS.label == "Wanted and safe, and they have it"
