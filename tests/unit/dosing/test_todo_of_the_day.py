"""What is still to be done before a day can be opened."""

from __future__ import annotations

import pytest

from dosing.rules.days import CountState, todo_sentence


class TestWhatIsStillToBeDone:
    @pytest.mark.parametrize(
        ("states", "says"),
        [
            ((), "open a register"),
            ((CountState.AGREES, CountState.DIFFERS), "The counts still differ"),
            ((CountState.AGREES,), "Still to do: open the day"),
            ((CountState.AGREES, CountState.FIRST_IS_IN), "the second count"),
        ],
    )
    def test_follows_from_where_each_count_stands(self, states: tuple[CountState, ...], says: str) -> None:
        assert says in todo_sentence(states)

    def test_is_the_check_by_two_where_nothing_was_counted(self) -> None:
        left = next(
            one
            for one in CountState
            if one not in (CountState.AGREES, CountState.DIFFERS, CountState.FIRST_IS_IN)
        )
        assert todo_sentence([left]) == "Still to do: morning balance check, two people."
