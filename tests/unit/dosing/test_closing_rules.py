"""Closing the day: what stands against it, and what is only listed."""

from __future__ import annotations

import uuid

import pytest

from dosing.rules.closing import ClosingFacts, as_of_now, may_close_day, may_count_for_closing
from dosing.rules.days import CheckFacts, CheckResult, CountState, count_state, next_round
from hat_clinic.core.decisions import Decision, Level

COUNTED = (CountState.AGREES, CountState.DIFFERS)
TWO = (uuid.uuid4(), uuid.uuid4())


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestADay:
    def test_is_closed_on_counts_that_have_ended(self) -> None:
        assert codes(may_close_day(ClosingFacts(is_open=True, counted=COUNTED))) == []

    def test_is_closed_where_nothing_can_be_counted(self) -> None:
        assert codes(may_close_day(ClosingFacts(is_open=True, counted=()))) == []

    @pytest.mark.parametrize("state", [CountState.TO_COUNT, CountState.FIRST_IS_IN, CountState.AGAIN])
    def test_waits_for_every_count(self, state: CountState) -> None:
        assert codes(may_close_day(ClosingFacts(is_open=True, counted=(*COUNTED, state)))) == [
            "count_is_missing"
        ]

    def test_waits_for_every_difference_to_be_classified(self) -> None:
        decision = may_close_day(ClosingFacts(is_open=True, counted=COUNTED, unclassified=1))

        assert codes(decision) == ["case_not_classified"]
        assert "not yet classified" in decision.refusals[0].message

    def test_that_was_not_opened_is_not_closed(self) -> None:
        assert codes(may_close_day(ClosingFacts(is_open=False, counted=COUNTED))) == ["day_is_not_open"]

    def test_says_every_reason(self) -> None:
        facts = ClosingFacts(is_open=False, counted=(CountState.TO_COUNT,), unclassified=2, open_draws=1)

        assert codes(may_close_day(facts)) == [
            "day_is_not_open",
            "count_is_missing",
            "case_not_classified",
            "open_draws",
        ]

    @pytest.mark.parametrize(
        ("listed", "words"),
        [
            ({"without_outcome": 1}, "1 session that is over has no outcome."),
            ({"without_outcome": 2}, "2 sessions that are over have no outcome."),
            ({"still_to_come": 1}, "1 session is still to come."),
            ({"still_to_come": 3}, "3 sessions are still to come."),
            ({"open_draws": 1}, "1 drawn dose has no ending."),
            ({"open_draws": 2}, "2 drawn doses have no ending."),
            ({"observed": 1}, "1 person is still being observed."),
            ({"observed": 2}, "2 people are still being observed."),
            ({"waiting_lines": 1}, "1 dose on paper has no register line yet."),
            ({"waiting_lines": 2}, "2 doses on paper have no register line yet."),
        ],
    )
    def test_lists_what_has_no_ending_and_is_not_stopped_by_it(
        self, listed: dict[str, int], words: str
    ) -> None:
        decision = may_close_day(ClosingFacts(is_open=True, counted=COUNTED, **listed))

        (finding,) = decision
        assert decision.is_allowed
        assert finding.level is Level.WARN
        assert finding.message == f"{words} Nothing is written for them by closing the day."


class TestAClosingCount:
    def test_is_made_while_the_day_is_open(self) -> None:
        assert codes(may_count_for_closing(is_open=True, is_closed=False)) == []
        assert codes(may_count_for_closing(is_open=False, is_closed=False)) == ["day_is_not_open"]
        assert codes(may_count_for_closing(is_open=True, is_closed=True)) == ["day_is_closed"]

    @pytest.mark.parametrize(
        ("in_round", "result"), [(1, CheckResult.AGREES), (2, CheckResult.AGREES), (2, CheckResult.DIFFERS)]
    )
    def test_with_a_result_is_made_anew_once_a_line_was_written(
        self, in_round: int, result: CheckResult
    ) -> None:
        last = CheckFacts(round=in_round, result=result, counted_by=TWO)

        assert as_of_now(last, has_moved=False) == last
        now = as_of_now(last, has_moved=True)
        assert count_state(now) is CountState.AGAIN
        assert next_round(now) == 1

    @pytest.mark.parametrize(
        ("in_round", "result"),
        [(2, None), (1, CheckResult.DIFFERS), (2, CheckResult.MOVED), (2, CheckResult.SET_ASIDE)],
    )
    def test_without_a_result_stays_what_it_was(self, in_round: int, result: CheckResult | None) -> None:
        last = CheckFacts(round=in_round, result=result, counted_by=TWO)

        assert as_of_now(last, has_moved=True) == last

    def test_that_nobody_began_is_none(self) -> None:
        assert as_of_now(None, has_moved=True) is None
