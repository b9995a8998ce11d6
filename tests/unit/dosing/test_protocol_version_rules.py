"""Drafts and versions of limits: digits, ceilings, which version stands when, and what a change means."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.protocol import LIMITS, NOT_OVER, Protocol, against_the_ceilings, limit_of, numbers_of
from dosing.rules.protocol_versions import (
    GROUPS,
    NEITHER,
    STRICTER_WHEN_MORE,
    Change,
    Direction,
    DraftFacts,
    Period,
    changes_between,
    limit_meant,
    may_draft_protocol,
    parse_limit,
    periods_of,
    with_unit,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBERS = numbers_of(Protocol())
FACTS = DraftFacts(reason="The yearly review.", writer_may_draft=True)


def codes(numbers: dict[str, int], facts: DraftFacts = FACTS) -> list[str]:
    return [finding.code for finding in may_draft_protocol(numbers, facts).refusals]


class TestAWrittenNumber:
    @pytest.mark.parametrize(
        ("text", "number"), [("0", 0), ("1", 1), ("9999", 9999), ("180", 180), (" 180 ", 180)]
    )
    def test_is_read_from_plain_digits(self, text: str, number: int) -> None:
        assert parse_limit(text) == number

    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", "1_000", "1,000", "1 000", "1e3", "+5", "-5", "-0", "5.0", "5.", ".5", "5 mg", "5mg"),
            *("007", "00", "10000", "0x10", "½", "²", "\t5", "5\n", "five", "5%"),
            *("５００", "٥٠٠", "۵۰۰", "५००", "１"),
        ],
    )
    def test_is_refused_and_never_cleaned(self, text: str) -> None:
        assert parse_limit(text) is None


class TestADraft:
    def test_of_the_starting_values_may_be_written_and_names_no_confirmation(self) -> None:
        assert codes(NUMBERS) == []

    @pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
    def test_leaves_no_range(self, limit) -> None:
        outside = f"outside_{limit.name}"

        assert outside not in codes(NUMBERS | {limit.name: limit.least})
        assert outside not in codes(NUMBERS | {limit.name: limit.most})
        assert outside in codes(NUMBERS | {limit.name: limit.least - 1})
        assert outside in codes(NUMBERS | {limit.name: limit.most + 1})

    def test_is_told_every_problem_at_once(self) -> None:
        wrong = NUMBERS | {"daily_block_mg": 1001, "interval_block_minutes": 179, "single_warn_mg": 450}
        wrong["single_block_mg"] = 449

        assert codes(wrong, DraftFacts(reason=" ", writer_may_draft=False)) == [
            "outside_daily_block_mg",
            "outside_interval_block_minutes",
            "over_single_block_mg",
            "reason",
            "may_not_draft",
        ]

    def test_without_a_number_is_refused_and_the_others_are_still_judged(self) -> None:
        numbers = {name: number for name, number in NUMBERS.items() if name != "single_block_mg"}

        assert codes(numbers | {"step_percent": 51}) == ["outside_step_percent", "missing_single_block_mg"]

    @pytest.mark.parametrize(("smaller", "larger"), NOT_OVER)
    def test_one_of_a_pair_alone_is_not_compared(self, smaller: str, larger: str) -> None:
        assert against_the_ceilings({smaller: limit_of(smaller).most}) == ()
        assert against_the_ceilings({larger: limit_of(larger).least}) == ()


class TestANumberWithItsUnit:
    @pytest.mark.parametrize(
        ("name", "number", "words"),
        [
            ("gap_full_missed", 0, "0 sessions"),
            ("gap_full_missed", 1, "1 session"),
            ("observation_minutes", 1, "1 minute"),
            ("order_days_max", 1, "1 day"),
            ("gap_full_hours", 26, "26 hours"),
            ("single_block_mg", 1, "1 mg"),
        ],
    )
    def test_is_said_as_it_is_read(self, name: str, number: int, words: str) -> None:
        assert with_unit(limit_of(name), number) == words


class TestAFindingOfALimit:
    def test_is_put_right_at_that_limit(self) -> None:
        assert limit_meant("outside_step_percent") == "step_percent"
        assert limit_meant("missing_daily_warn_mg") == "daily_warn_mg"
        assert limit_meant("unconfirmed_single_stop_mg") == "single_stop_mg"
        assert [limit_meant(f"over_{larger}") for _, larger in NOT_OVER] == [one for one, _ in NOT_OVER]

    @pytest.mark.parametrize(
        "code", ["reason", "may_not_draft", "starts_in_the_past", "outside_x", "over_first_dose_mg"]
    )
    def test_of_none_is_of_the_whole(self, code: str) -> None:
        assert limit_meant(code) == ""


class TestTheGroups:
    def test_hold_every_limit_once(self) -> None:
        laid_out = [name for _, names in GROUPS for name in names]

        assert sorted(laid_out) == sorted(limit.name for limit in LIMITS)


class TestAChange:
    def test_is_listed_for_each_number_that_differs_and_no_other(self) -> None:
        after = NUMBERS | {"daily_block_mg": 1000, "observation_minutes": 30, "concentration_mg_per_ml": 50}

        changes = changes_between(NUMBERS, after)

        assert [(one.limit.name, one.before, one.after, one.direction) for one in changes] == [
            ("daily_block_mg", 900, 1000, Direction.LOOSER),
            ("observation_minutes", 20, 30, Direction.STRICTER),
            ("concentration_mg_per_ml", 100, 50, Direction.OTHER),
        ]
        assert changes_between(NUMBERS, NUMBERS) == ()

    @pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
    def test_is_stricter_the_longer_one_waits_and_the_less_one_may(self, limit) -> None:
        more, less = Change(limit, 20, 21).direction, Change(limit, 21, 20).direction

        if limit.name in NEITHER:
            assert more is less is Direction.OTHER
        elif limit.unit == "minutes":
            assert limit.name in STRICTER_WHEN_MORE
            assert (more, less) == (Direction.STRICTER, Direction.LOOSER)
        else:
            assert limit.name not in STRICTER_WHEN_MORE
            assert (more, less) == (Direction.LOOSER, Direction.STRICTER)

    def test_is_said_in_words(self) -> None:
        assert [direction.label for direction in Direction] == [
            "Stricter",
            "Looser",
            "Neither stricter nor looser",
        ]


class TestTheVersionInForce:
    def test_is_the_newest_that_has_begun_whatever_the_order_of_the_starts(self) -> None:
        moments = [AT + hours * HOUR for hours in range(4)]
        for starts in itertools.product(moments, repeat=4):
            periods = periods_of(enumerate(starts, 1))
            for at in (AT - HOUR, *moments, AT + 9 * HOUR):
                begun = [number for number, start in enumerate(starts, 1) if start <= at]
                standing = [number for number, period in periods.items() if period.holds(at)]

                assert standing == ([max(begun)] if begun else [])

    def test_that_a_newer_one_overtakes_never_begins(self) -> None:
        periods = periods_of([(1, AT), (2, AT + 7 * HOUR), (3, AT + HOUR)])

        assert periods[1] == Period(AT, AT + HOUR)
        assert periods[2].never_begins and not periods[2].holds(AT + 8 * HOUR)
        assert periods[3] == Period(AT + HOUR, None)
        assert not periods[3].never_begins

    def test_at_the_same_moment_is_the_newer(self) -> None:
        periods = periods_of([(1, AT), (2, AT)])

        assert periods[1].never_begins
        assert periods[2].holds(AT)

    def test_is_half_open(self) -> None:
        period = Period(AT, AT + HOUR)

        assert period.holds(AT) and not period.holds(AT + HOUR)
        assert not period.holds(AT - timedelta(microseconds=1))

    def test_of_none_is_none(self) -> None:
        assert periods_of([]) == {}
