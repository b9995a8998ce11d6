"""The axis of a line of time: which days, and where a moment stands, on both days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dosing.rules.orders import LONDON
from dosing.rules.timeline.axis import (
    Axis,
    Window,
    days_asked,
    midnight,
    scale_of,
    ticks_of,
    widths_of,
    window_of,
)

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)


def axis(days: int, *, last_on: date = TODAY) -> Axis:
    return Axis(Window(last_on - (days - 1) * A_DAY, last_on), 100, 1100)


class TestTheDaysAskedFor:
    @pytest.mark.parametrize(
        ("text", "days"),
        [("14", 14), ("28", 28), ("84", 84), ("all", None), ("", 14), ("15", 14), ("-1", 14), ("１４", 14)],
    )
    def test_are_one_of_four(self, text: str, days: int | None) -> None:
        assert days_asked(text) == days

    def test_end_with_today(self) -> None:
        window = window_of(14, known_since=TODAY, at=AT)

        assert (window.first_on, window.last_on, window.days) == (date(2026, 11, 11), TODAY, 14)

    @pytest.mark.parametrize(
        ("since", "first"), [(date(2026, 2, 2), date(2026, 2, 2)), (date(2026, 12, 1), TODAY)]
    )
    def test_that_are_all_begin_with_the_first_known(self, since: date, first: date) -> None:
        assert window_of(None, known_since=since, at=AT).first_on == first

    def test_are_london_days(self) -> None:
        just_after = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

        window = window_of(14, known_since=TODAY, at=just_after)

        assert window.last_on == date(2026, 7, 2)
        assert window.ends_at == datetime(2026, 7, 2, 23, 0, tzinfo=UTC)


class TestAPlace:
    def test_follows_from_the_time_that_went_by(self) -> None:
        one = axis(10)

        assert one.x_of(one.window.starts_at) == 100
        assert one.x_of(one.window.starts_at + 5 * A_DAY) == 600
        assert one.x_of(one.window.ends_at) == 1100

    @pytest.mark.parametrize(("far", "x"), [(-A_DAY, 100), (40 * A_DAY, 1100)])
    def test_outside_the_window_is_the_edge(self, far: timedelta, x: float) -> None:
        one = axis(10)

        assert one.x_of(one.window.starts_at + far) == x

    @pytest.mark.parametrize(
        ("change", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
    )
    def test_on_a_day_of_a_clock_change_is_as_far_as_its_hours(self, change: date, hours: int) -> None:
        one = axis(3, last_on=change + A_DAY)
        whole = (one.window.ends_at - one.window.starts_at) / timedelta(hours=1)

        width = one.x_of(midnight(change + A_DAY)) - one.x_of(midnight(change))

        assert whole == 48 + hours
        assert width == pytest.approx(1000 * hours / whole, abs=0.1)

    def test_tells_the_hour_that_comes_twice_apart(self) -> None:
        one = axis(1, last_on=date(2026, 10, 25))
        first = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=0)
        second = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1)

        assert one.x_of(second) - one.x_of(first) == pytest.approx(1000 / 25)

    @pytest.mark.parametrize(("change", "hours"), [(date(2026, 3, 29), 8), (date(2026, 10, 25), 10)])
    def test_of_nine_in_the_morning_counts_the_hours_since_midnight(self, change: date, hours: int) -> None:
        one = axis(1, last_on=change)
        nine = datetime(2026, change.month, change.day, 9, tzinfo=LONDON)

        assert one.x_of(nine) == pytest.approx(100 + 1000 * hours / (14 + hours + 1), abs=0.1)


class TestTheTicks:
    @pytest.mark.parametrize(
        ("days", "labels"),
        [
            (14, ["Wed 11", "Thu 12", "Fri 13"]),
            (28, ["28 Oct", "29", "30", "31", "1 Nov", "2"]),
            (84, ["2 Sep", "7 Sep", "14 Sep"]),
            (300, ["Feb 2026", "Mar 2026", "Apr 2026"]),
            (2000, ["2021", "2022"]),
        ],
    )
    def test_are_as_fine_as_there_is_room(self, days: int, labels: list[str]) -> None:
        ticks = ticks_of(axis(days), today=TODAY)

        assert [tick.label for tick in ticks if tick.label][: len(labels)] == labels
        assert sum(tick.width for tick in ticks) == pytest.approx(1000, abs=3)
        assert [tick.is_shaded for tick in ticks[:3]] == [True, False, True]

    def test_leave_a_label_out_where_its_stretch_is_too_narrow(self) -> None:
        ticks = ticks_of(axis(80), today=TODAY)

        assert (ticks[0].label, ticks[1].label) == ("", "7 Sep")

    @pytest.mark.parametrize(("days", "marked"), [(14, True), (28, True), (84, False)])
    def test_mark_today_where_a_tick_is_a_day(self, days: int, marked: bool) -> None:
        ticks = ticks_of(axis(days), today=TODAY)

        assert (ticks[-1].is_today, any(tick.is_today for tick in ticks[:-1])) == (marked, False)

    def test_say_am_and_pm_where_there_is_room(self) -> None:
        wide, narrow = ticks_of(axis(14), today=TODAY)[0], ticks_of(axis(28), today=TODAY)[0]

        assert wide.x < wide.halves[0] < wide.middle < wide.halves[1] < wide.x + wide.width
        assert narrow.halves == ()


class TestWidths:
    def test_of_nothing_are_none(self) -> None:
        assert widths_of([], most=24, least=2) == []

    @pytest.mark.parametrize(
        ("xs", "widths"),
        [
            ([10], [24]),
            ([10, 110], [24, 24]),
            ([10, 20], [7.5, 7.5]),
            ([10, 10.5], [2, 2]),
            # the lone one is no wider than the others
            ([10, 20, 40, 50, 300], [7.5, 7.5, 7.5, 7.5, 7.5]),
            # one pair close together narrows only itself
            ([10, 14, 60, 110, 160], [2, 2, 24, 24, 24]),
        ],
    )
    def test_keep_clear_of_both_neighbours(self, xs: list[float], widths: list[float]) -> None:
        assert widths_of(xs, most=24, least=2) == widths


class TestAScale:
    @pytest.mark.parametrize(
        ("most", "top", "lines"),
        [
            (0, 5, ()),
            (1, 5, (5,)),
            (15, 15, (5, 10, 15)),
            (20, 20, (5, 10, 15, 20)),
            (21, 30, (10, 20, 30)),
            (180, 200, (50, 100, 150, 200)),
            (201, 300, (100, 200, 300)),
            (450, 500, (250, 500)),
        ],
    )
    def test_has_even_steps_and_four_lines_at_most(self, most: int, top: int, lines: tuple) -> None:
        assert scale_of(most) == (top, lines)
