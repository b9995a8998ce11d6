"""Moments in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dosing.rules.moments import (
    days_ago,
    days_in_words,
    end_in_words,
    end_of_day,
    ends_when,
    exact_moment,
    moment_in_words,
)

AT = datetime(2026, 7, 1, 8, 44, 7, tzinfo=UTC)


class TestAMoment:
    def test_is_said_in_london(self) -> None:
        assert moment_in_words(AT) == "1 July 2026 at 09:44"

    def test_is_said_to_the_second_where_it_must_be_exact(self) -> None:
        assert exact_moment(AT) == "1 July 2026 at 09:44:07"


class TestAnEnd:
    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), "the end of 1 July 2026"),
            (datetime(2026, 12, 9, 0, 0, tzinfo=UTC), "the end of 8 December 2026"),
            (AT, "1 July 2026 at 09:44"),
        ],
    )
    def test_at_midnight_is_of_the_day_before(self, moment: datetime, words: str) -> None:
        assert end_in_words(moment) == words

    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            (datetime(2026, 12, 9, 0, 0, tzinfo=UTC), "at the end of 8 December 2026"),
            (AT, "on 1 July 2026 at 09:44"),
        ],
    )
    def test_has_its_preposition(self, moment: datetime, words: str) -> None:
        assert ends_when(moment) == words

    def test_of_a_day_is_the_next_midnight_in_london(self) -> None:
        assert end_of_day(date(2026, 7, 1)) == datetime(2026, 7, 1, 23, 0, tzinfo=UTC)


class TestHowLongAgo:
    @pytest.mark.parametrize(
        ("ago", "words"),
        [
            (timedelta(minutes=-5), "0 min"),
            (timedelta(minutes=59, seconds=59), "59 min"),
            (timedelta(hours=1), "1 h"),
            (timedelta(hours=47, minutes=59), "47 h"),
            (timedelta(hours=48), "2 days"),
        ],
    )
    def test_is_said_in_one_unit(self, ago: timedelta, words: str) -> None:
        assert days_ago(AT - ago, AT) == words


class TestDaysFromOneToAnother:
    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            (date(2026, 11, 29), date(2026, 11, 29), "29 November 2026"),
            (date(2026, 11, 30), date(2026, 12, 2), "30 November to 2 December 2026"),
            (date(2026, 12, 30), date(2027, 1, 2), "30 December 2026 to 2 January 2027"),
        ],
    )
    def test_name_the_year_once_where_it_is_the_same(self, first: date, last: date, said: str) -> None:
        assert days_in_words(first, last) == said
