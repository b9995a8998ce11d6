"""What the outcome form asks, and what an answer becomes."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.rules.outcome_form import (
    ITEMS,
    PARTS,
    WEEKS,
    OutcomeSaid,
    answer_in_words,
    any_of,
    more_in_words,
    questions,
    to_you,
)
from tests.factories.outcome_forms import form_of

TODAY = date(2026, 6, 1)


def asked(*, in_parts: bool) -> list[str]:
    return [question.item for section in questions(in_parts=in_parts) for question in section.questions]


class TestTheQuestions:
    def test_ask_every_item_once_in_parts(self):
        parts = [part for group in PARTS.values() for part in group]

        assert sorted(asked(in_parts=True)) == sorted([*(set(ITEMS) - PARTS.keys()), *parts])

    def test_ask_every_item_of_earlier_records_once(self):
        assert sorted(asked(in_parts=False)) == sorted(ITEMS)

    def test_have_words_of_their_own(self):
        every = [question for section in questions(in_parts=True) for question in section.questions]

        assert (
            len({question.words for question in every}) == len({question.about for question in every}) == 24
        )

    def test_say_that_what_was_prescribed_does_not_count(self):
        hints = {
            question.item: question.hint
            for section in questions(in_parts=True)
            for question in section.questions
        }

        assert "does not count" in hints["opiates_days"]
        assert "does not count" in hints["injecting_days"]

    def test_ask_the_four_weeks_from_the_last(self):
        assert len(WEEKS) == 4
        assert WEEKS[0] == "In the last 7 days"


class TestAnyOf:
    @pytest.mark.parametrize(
        ("answers", "whole"),
        [
            ((False, False), False),
            ((True, False), True),
            ((None, True), True),
            ((None, False), None),
            ((None, None), None),
        ],
    )
    def test_is_yes_by_one_yes_and_no_only_by_every_no(self, answers, whole):
        assert any_of(*answers) is whole


class TestAForm:
    def test_adds_the_weeks_up_and_keeps_them(self):
        said = form_of(TODAY, weeks={"opiates_days": (7, 7, 7, 7), "crack_days": (1, 0, 2, 0)})

        assert (said.items["opiates_days"], said.items["crack_days"], said.items["alcohol_days"]) == (
            28,
            3,
            0,
        )
        assert said.weeks is not None
        assert said.weeks["crack_days"] == (1, 0, 2, 0)

    def test_keeps_unanswered_apart_from_nothing(self):
        said = form_of(
            TODAY, weeks={"opiates_days": None}, yes_no={"assault": None}, scores={"physical": None}
        )

        assert [said.items[item] for item in ("opiates_days", "assault", "physical")] == [None, None, None]
        assert said.weeks is not None
        assert "opiates_days" not in said.weeks
        assert not said.is_empty

    def test_makes_one_answer_of_parts(self):
        said = form_of(TODAY, yes_no={"shared_works": True, "defrauded": None})

        assert (said.items["sharing"], said.items["other_theft"]) == (True, None)
        assert said.parts["shared_works"] is True

    def test_is_empty_without_any_answer(self):
        said = OutcomeSaid(on=TODAY, stage="start", items=dict.fromkeys(ITEMS), weeks={}, parts={})

        assert said.is_empty


class TestWords:
    @pytest.mark.parametrize(
        ("item", "words"),
        [
            ("crack_days", "1 day"),
            ("opiates_days", "4 days"),
            ("alcohol_days", "0 days"),
            ("cocaine_days", "not answered"),
            ("physical", "10 of 20"),
            ("assault", "no"),
            ("shared_needle", "yes"),
            ("sharing", "yes"),
        ],
    )
    def test_tell_each_kind_of_answer(self, item, words):
        said = form_of(
            TODAY,
            weeks={"crack_days": (0, 0, 0, 1), "opiates_days": (1, 1, 1, 1), "cocaine_days": None},
            yes_no={"shared_needle": True},
        )

        assert answer_in_words(said, item) == words

    def test_tell_the_weeks_the_amount_and_the_name(self):
        said = form_of(
            TODAY,
            weeks=dict.fromkeys(("alcohol_days", "cannabis_days", "other_days", "crack_days"), (1, 2, 3, 4)),
            alcohol_units=9,
            cannabis_spliffs=3,
            other_drug="Ketamine",
        )

        assert more_in_words(said, "alcohol_days") == "weeks 1, 2, 3, 4; 9 units on a usual day"
        assert more_in_words(said, "cannabis_days").endswith("; 3 spliffs on a usual day")
        assert more_in_words(said, "other_days").endswith("; Ketamine")
        assert more_in_words(said, "crack_days") == "weeks 1, 2, 3, 4"

    def test_tell_nothing_more_of_no_day_and_of_earlier_records(self):
        earlier = OutcomeSaid(on=TODAY, stage="start", items=dict.fromkeys(ITEMS, 9), weeks=None, parts={})

        assert more_in_words(form_of(TODAY), "other_days") == ""
        assert more_in_words(earlier, "alcohol_days") == ""


class TestWordsOnATablet:
    @pytest.mark.parametrize(
        ("of_them", "to_them"),
        [
            ("Did they drink alcohol?", "Did you drink alcohol?"),
            ("They were given it, and it bothered them.", "You were given it, and it bothered you."),
            ("Were they at risk of losing their home?", "Were you at risk of losing your home?"),
            ("Other theft, then. The theme.", "Other theft, then. The theme."),
        ],
    )
    def test_are_said_to_the_person(self, of_them: str, to_them: str) -> None:
        assert to_you(of_them) == to_them
