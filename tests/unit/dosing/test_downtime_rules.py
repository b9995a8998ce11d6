"""For which session a paper pack is, how old it may be, and when the worker makes the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from dosing.rules.downtime import (
    FRESH_BEFORE,
    MADE_AT_LEAST,
    MADE_EVERY,
    MOST_AGE,
    NewestPack,
    PackSession,
    is_pack_due,
    paper_reference,
    session_of_pack,
    what_is_wrong_with_the_pack,
)
from dosing.rules.missed import Opening

OPENINGS = (
    Opening("am", 1, time(9, 0), time(12, 0)),
    Opening("pm", 2, time(17, 0), time(20, 0)),
)
DAY = date(2026, 11, 24)
SECOND = timedelta(seconds=1)


def at(hour: int, minute: int = 0) -> datetime:
    """Return a winter moment, when the clock in London is UTC."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


MORNING = PackSession(DAY, "am", at(9), at(12))


def made(when: datetime, *, slot: str = "am", on: date = DAY) -> NewestPack:
    """Return a pack of the morning unless told otherwise."""
    return NewestPack(on, slot, when)


class TestTheSession:
    @pytest.mark.parametrize(
        ("moment", "on", "slot"),
        [
            (at(0), DAY, "am"),
            (at(9), DAY, "am"),
            (at(12) - SECOND, DAY, "am"),
            (at(12), DAY, "pm"),
            (at(20) - SECOND, DAY, "pm"),
            (at(20), DAY + timedelta(days=1), "am"),
        ],
        ids=["night", "opens", "last second", "between", "evening's last", "over"],
    )
    def test_is_the_open_one_or_the_next(self, moment, on, slot) -> None:
        found = session_of_pack(OPENINGS, moment)

        assert found is not None
        assert (found.on, found.slot) == (on, slot)

    def test_is_none_where_none_is_held(self) -> None:
        assert session_of_pack((), at(9)) is None

    def test_is_looked_at_for_its_opening_until_it_opens(self) -> None:
        assert MORNING.judged_at(at(7)) == at(9)
        assert MORNING.judged_at(at(10)) == at(10)


class TestWhenTheNextIsMade:
    @pytest.mark.parametrize(
        "newest",
        [None, made(at(10), slot="pm"), made(at(10), on=DAY - timedelta(days=1))],
        ids=["none", "other session", "other day"],
    )
    def test_at_once_where_none_is_of_the_session(self, newest) -> None:
        assert is_pack_due(MORNING, newest, changed_at=None, at=at(10))

    @pytest.mark.parametrize(
        ("begun", "least"), [(at(10), MADE_EVERY), (at(9) - FRESH_BEFORE, MADE_EVERY), (at(2), MADE_AT_LEAST)]
    )
    def test_by_its_age(self, begun, least) -> None:
        assert is_pack_due(MORNING, made(begun - least), changed_at=None, at=begun)
        assert not is_pack_due(MORNING, made(begun - least + SECOND), changed_at=None, at=begun)

    def test_becomes_fresh_an_hour_before_the_opening(self) -> None:
        near = at(9) - FRESH_BEFORE
        old = made(near - MADE_EVERY)

        assert is_pack_due(MORNING, old, changed_at=None, at=near)
        assert not is_pack_due(MORNING, old, changed_at=None, at=near - SECOND)

    def test_when_an_order_changed_since(self) -> None:
        newest = made(at(10))

        assert is_pack_due(MORNING, newest, changed_at=at(10) + SECOND, at=at(10, 1))
        assert not is_pack_due(MORNING, newest, changed_at=at(10), at=at(10, 1))


class TestWhatIsSaid:
    def test_nothing_outside_session_hours(self) -> None:
        assert what_is_wrong_with_the_pack(None, None, at=at(10)) == ""
        assert what_is_wrong_with_the_pack(MORNING, None, at=at(9) - SECOND) == ""

    def test_that_there_is_none(self) -> None:
        none = "There is no paper pack of this session."

        assert what_is_wrong_with_the_pack(MORNING, None, at=at(9)) == none
        assert what_is_wrong_with_the_pack(MORNING, made(at(8), slot="pm"), at=at(9)) == none

    def test_its_age_once_it_is_over_fifteen_minutes(self) -> None:
        newest = made(at(10))

        assert what_is_wrong_with_the_pack(MORNING, newest, at=at(10) + MOST_AGE) == ""
        assert (
            what_is_wrong_with_the_pack(MORNING, newest, at=at(10) + MOST_AGE + SECOND)
            == "The paper pack is 15 minutes old."
        )
        assert (
            what_is_wrong_with_the_pack(MORNING, newest, at=at(10, 26)) == "The paper pack is 26 minutes old."
        )

    def test_the_next_try_leaves_time_for_two_more(self) -> None:
        assert MADE_EVERY * 3 <= MOST_AGE


class TestReferences:
    def test_name_pack_and_line(self) -> None:
        assert [paper_reference(12, 3), paper_reference(1, 120)] == ["P12-03", "P1-120"]

    def test_are_never_the_same_twice(self) -> None:
        found = {paper_reference(number, line) for number in range(1, 130) for line in range(1, 130)}

        assert len(found) == 129 * 129
