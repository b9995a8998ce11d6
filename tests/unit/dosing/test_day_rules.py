"""Who may count, what counts make, and what a day that is not open stops."""

from __future__ import annotations

import itertools
import uuid

import pytest

from dosing.rules.days import (
    CheckFacts,
    CheckResult,
    Count,
    CountState,
    DayFacts,
    compare,
    count_state,
    hides_balance,
    may_count,
    may_open_day,
    may_set_aside,
    may_supply,
    next_round,
    parse_count,
)
from hat_clinic.core.decisions import Decision, Level

GRACE, TOM = uuid.uuid4(), uuid.uuid4()


def ended(result: CheckResult, *, in_round: int = 1) -> CheckFacts:
    return CheckFacts(round=in_round, result=result, counted_by=(GRACE, TOM))


OPEN = CheckFacts(round=1, result=None, counted_by=(GRACE,))
OPEN_AGAIN = CheckFacts(round=2, result=None, counted_by=(GRACE,))
ALL = [
    None,
    OPEN,
    OPEN_AGAIN,
    *(ended(result, in_round=number) for result, number in itertools.product(CheckResult, (1, 2))),
]


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestACount:
    def test_is_five_to_a_box_and_the_loose_ones(self) -> None:
        assert Count(full_boxes=28, loose=2).ampoules == 142

    def test_of_nothing_is_a_count(self) -> None:
        assert Count(full_boxes=0, loose=0).ampoules == 0


class TestTheDigitsOfACount:
    @pytest.mark.parametrize(
        ("text", "number"), [("0", 0), ("28", 28), (" 7 ", 7), ("007", 7), ("9999", 9999)]
    )
    def test_are_read(self, text: str, number: int) -> None:
        assert parse_count(text) == number

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "1_000",
            "1e3",
            "１２",
            "٣",
            "²",
            "-1",
            "+1",
            "1.0",
            "1,0",
            "0x1",
            "10000",
            "1 2",
            "1\n",
            "\t1",
        ],
    )
    def test_are_all_that_is_read(self, text: str) -> None:
        assert parse_count(text) is None


class TestPreparing:
    def test_goes_on_when_the_day_is_open(self) -> None:
        assert codes(may_supply(DayFacts(is_open=True))) == []

    def test_lets_nothing_be_drawn_up_in_a_closed_session(self) -> None:
        decision = may_supply(DayFacts(is_open=True, closed="Closed: snow."))
        assert codes(decision) == ["session_closed"]
        assert not decision.is_allowed
        assert codes(may_supply(DayFacts(is_open=False, closed="Closed: snow."))) == [
            "session_closed",
            "day_not_open",
        ]

    def test_is_stopped_when_it_is_not(self) -> None:
        decision = may_supply(DayFacts(is_open=False))

        assert codes(decision) == ["day_not_open"]
        assert decision.findings[0].level is Level.STOP
        assert not decision.findings[0].opens_hold
        assert decision.findings[0].message.startswith(
            "Day not open: preparing needs the controlled-drug lead"
        )


class TestTheStateOfACount:
    @pytest.mark.parametrize(
        ("last", "state"),
        [
            (None, CountState.TO_COUNT),
            (OPEN, CountState.FIRST_IS_IN),
            (OPEN_AGAIN, CountState.FIRST_IS_IN),
            (ended(CheckResult.AGREES), CountState.AGREES),
            (ended(CheckResult.AGREES, in_round=2), CountState.AGREES),
            (ended(CheckResult.DIFFERS), CountState.AGAIN),
            (ended(CheckResult.DIFFERS, in_round=2), CountState.DIFFERS),
            (ended(CheckResult.MOVED), CountState.AGAIN),
            (ended(CheckResult.SET_ASIDE, in_round=2), CountState.AGAIN),
        ],
    )
    def test_follows_from_the_last_check(self, last: CheckFacts | None, state: CountState) -> None:
        assert count_state(last) is state

    @pytest.mark.parametrize(
        ("last", "number"),
        [
            (None, 1),
            (ended(CheckResult.DIFFERS), 2),
            (ended(CheckResult.MOVED), 1),
            (ended(CheckResult.MOVED, in_round=2), 2),
            (ended(CheckResult.SET_ASIDE), 1),
        ],
    )
    def test_leads_to_the_second_round_only_by_a_difference(
        self, last: CheckFacts | None, number: int
    ) -> None:
        assert next_round(last) == number


class TestTheBalance:
    def test_is_hidden_from_the_first_count_until_there_is_a_result(self) -> None:
        hidden = [last for last in ALL if hides_balance(last)]

        assert hidden == [
            OPEN,
            OPEN_AGAIN,
            ended(CheckResult.DIFFERS),
            ended(CheckResult.MOVED),
            ended(CheckResult.MOVED, in_round=2),
            ended(CheckResult.SET_ASIDE, in_round=2),
        ]


class TestComparing:
    def test_agrees_when_all_three_are_the_same(self) -> None:
        assert compare(Count(28, 2), Count(27, 7), expected=142, has_moved=False) is CheckResult.AGREES

    @pytest.mark.parametrize(
        ("first", "second", "expected"),
        [(142, 142, 141), (142, 142, 143), (141, 142, 142), (142, 141, 142), (0, 0, 1)],
    )
    def test_differs_by_a_single_ampoule(self, first: int, second: int, expected: int) -> None:
        result = compare(Count(0, first), Count(0, second), expected=expected, has_moved=False)

        assert result is CheckResult.DIFFERS

    def test_says_nothing_of_stock_that_moved(self) -> None:
        assert compare(Count(28, 2), Count(28, 2), expected=142, has_moved=True) is CheckResult.MOVED


class TestCounting:
    @pytest.mark.parametrize("last", [None, ended(CheckResult.DIFFERS), ended(CheckResult.MOVED)])
    def test_is_begun_by_anybody(self, last: CheckFacts | None) -> None:
        assert may_count(last, counter_id=GRACE, counter_name="Grace").is_allowed

    def test_is_ended_by_somebody_else(self) -> None:
        assert may_count(OPEN, counter_id=TOM, counter_name="Tom").is_allowed

    def test_is_not_ended_by_the_same_person(self) -> None:
        decision = may_count(OPEN, counter_id=GRACE, counter_name="Grace Okafor")

        assert codes(decision) == ["same_person"]
        assert decision.findings[0].message.startswith("Grace Okafor has counted already.")

    @pytest.mark.parametrize(
        ("last", "code"),
        [
            (ended(CheckResult.AGREES), "count_is_done"),
            (ended(CheckResult.DIFFERS, in_round=2), "count_differs"),
        ],
    )
    def test_is_over_when_there_is_a_result(self, last: CheckFacts, code: str) -> None:
        assert codes(may_count(last, counter_id=TOM, counter_name="Tom")) == [code]


class TestSettingACountAside:
    @pytest.mark.parametrize("last", ALL)
    def test_is_for_a_count_that_waits_for_its_second_half(self, last: CheckFacts | None) -> None:
        assert may_set_aside(last).is_allowed == (last in {OPEN, OPEN_AGAIN})


class TestOpeningTheDay:
    def test_rests_on_every_register(self) -> None:
        assert may_open_day((CountState.AGREES,)).is_allowed
        assert may_open_day((CountState.AGREES, CountState.AGREES)).is_allowed

    @pytest.mark.parametrize(
        ("states", "code"),
        [
            ((), "nothing_to_count"),
            ((CountState.TO_COUNT,), "count_is_missing"),
            ((CountState.AGREES, CountState.FIRST_IS_IN), "count_is_missing"),
            ((CountState.AGREES, CountState.AGAIN), "count_is_missing"),
            ((CountState.AGREES, CountState.DIFFERS), "count_differs"),
            ((CountState.TO_COUNT, CountState.DIFFERS), "count_differs"),
        ],
    )
    def test_is_refused_on_anything_less(self, states: tuple[CountState, ...], code: str) -> None:
        assert codes(may_open_day(states)) == [code]
