"""What is built by itself, when it is tried again, and when somebody may ask once more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.schedule import (
    ABANDONED_AFTER,
    MOST_TRIES,
    STEPS,
    Stage,
    is_abandoned,
    is_put_off,
    list_due,
    may_ask_again,
    next_try,
)
from tests.factories.records import AT

OPENED = date(2025, 10, 20)
ONLY = (Edition.RESTRICTED,)


class TestListDue:
    def test_is_the_month_that_has_ended(self):
        due = list(list_due(opened_on=OPENED, today=date(2026, 1, 1), editions=ONLY))

        assert due == [(date(2025, 12, 1), Edition.RESTRICTED)]

    def test_goes_back_to_the_opening_and_no_further(self):
        due = list(list_due(opened_on=OPENED, today=date(2026, 1, 15), months=5, editions=ONLY))

        assert [month for month, _ in due] == [date(2025, 12, 1), date(2025, 11, 1), date(2025, 10, 1)]

    @pytest.mark.parametrize(("opened_on", "months"), [(date(2025, 12, 31), 1), (date(2026, 1, 1), 0)])
    def test_leaves_out_a_month_before_the_opening(self, opened_on, months):
        due = list(list_due(opened_on=opened_on, today=date(2026, 1, 1), editions=ONLY))

        assert len(due) == months

    def test_leaves_out_an_edition_that_is_not_made_of_the_month(self):
        due = list(list_due(opened_on=OPENED, today=date(2025, 12, 1)))

        assert due == [(date(2025, 11, 1), Edition.RESTRICTED), (date(2025, 11, 1), Edition.JUSTICE)]


class TestNextTry:
    def test_waits_longer_each_time_and_ends(self):
        waits = [next_try(tries=tries, at=AT) for tries in range(1, MOST_TRIES + 1)]

        assert waits == [*(AT + timedelta(minutes=minutes) for minutes in (2, 4, 8, 16)), None]

    @pytest.mark.parametrize(
        ("tries", "late", "put_off"),
        [
            (1, timedelta(minutes=2) - timedelta(seconds=1), True),
            (1, timedelta(minutes=2), False),
            (2, timedelta(minutes=2), True),
            (MOST_TRIES, timedelta(days=365), True),
        ],
    )
    def test_is_put_off_until_then_and_for_ever_after_the_last(self, tries, late, put_off):
        assert is_put_off(tries=tries, failed_at=AT, at=AT + late) == put_off


class TestAWorker:
    @pytest.mark.parametrize(("late", "is_gone"), [(timedelta(0), False), (timedelta(seconds=1), True)])
    def test_is_taken_to_be_gone_after_ten_minutes(self, late, is_gone):
        assert is_abandoned(started_at=AT, at=AT + ABANDONED_AFTER + late) == is_gone
        assert not is_abandoned(started_at=None, at=AT)


class TestStages:
    def test_count_up_to_the_last_step(self):
        assert [stage.step for stage in Stage] == [0, 1, 2, STEPS]
        assert all(stage.words for stage in Stage)


class TestMayAskAgain:
    @pytest.mark.parametrize(
        ("is_built", "reason", "allowed"),
        [(False, "", True), (True, " ", False), (True, "Late results.", True)],
    )
    def test_asks_why_when_it_is_built(self, is_built, reason, allowed):
        assert may_ask_again(is_built=is_built, reason=reason).is_allowed is allowed
