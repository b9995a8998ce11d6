"""One figure through the months: its limits, what stands out, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from outcomes.rules.evaluation import series as s
from outcomes.rules.evaluation.disturbed import Disturbance
from outcomes.rules.evaluation.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, draw

GOLDEN = [58, 61, 55, 60, 57, 63, 59, 62, 56, 60, 61, 58]


def month(number: int) -> date:
    return date(2024 + number // 12, number % 12 + 1, 1)


def point(number: int, value: float | None, **changes: object) -> s.Point:
    content: dict[str, object] = {
        "month": month(number),
        "value": value,
        "numerator": value,
        "denominator": None,
        "missing": 0,
        "note": "" if value is not None else "Nobody had started.",
        "issue": 1,
        "is_provisional": False,
    }
    return s.Point(**(content | changes))  # type: ignore[arg-type]  # a test's own changes


def series_of(values: Sequence[float | None], *, unit: str = "sessions", is_monthly: bool = True) -> s.Series:
    return s.make_series(
        [point(number, value) for number, value in enumerate(values)], unit=unit, is_monthly=is_monthly
    )


class TestStripes:
    def test_cover_the_months_of_each_period_and_stay_inside_the_axes(self):
        flood = Disturbance(
            starts_on=date(2023, 1, 5), ends_on=date(2024, 1, 2), kind="closed", label="Flood"
        )
        strike = Disturbance(starts_on=date(2024, 6, 3), ends_on=None, kind="reduced", label="Strike")

        found = draw(series_of(GOLDEN), [flood, strike])

        assert found is not None
        gap = (WIDTH - LEFT - RIGHT) / 11
        assert [stripe.number for stripe in found.stripes] == [1, 2]
        assert (found.stripes[0].x, found.stripes[0].width) == (LEFT, pytest.approx(gap / 2, abs=0.1))
        assert found.stripes[1].x == pytest.approx(LEFT + 4.5 * gap, abs=0.1)
        assert found.stripes[1].x + found.stripes[1].width == pytest.approx(WIDTH - RIGHT, abs=0.1)

    def test_of_a_single_month_fill_the_chart(self):
        flood = Disturbance(starts_on=date(2024, 1, 5), ends_on=None, kind="closed", label="Flood")

        found = draw(series_of([5]), [flood])

        assert found is not None
        assert [(one.x, one.width) for one in found.stripes] == [(LEFT, WIDTH - LEFT - RIGHT)]

    def test_are_none_without_a_period(self):
        found = draw(series_of(GOLDEN))

        assert found is not None
        assert found.stripes == ()


def places(found: s.Series, words: str) -> list[int]:
    months = [each.month for each in found.points]
    return [months.index(at) for at, told in found.signals.items() if words in told]


class TestLimits:
    def test_are_those_of_the_golden_series(self) -> None:
        limits = series_of(GOLDEN).limits

        assert limits is not None
        assert (round(limits.mean, 2), round(limits.low, 2), round(limits.high, 2)) == (59.17, 48.53, 69.81)

    def test_are_not_drawn_of_fewer_than_twelve_months(self) -> None:
        found = series_of(GOLDEN[:11])

        assert found.limits is None
        assert "need 12 whole months" in found.why_no_limits and "There are 11." in found.why_no_limits
        assert found.signals == {}

    def test_are_not_drawn_of_what_covers_everything_since_opening(self) -> None:
        assert "everything since opening" in series_of(GOLDEN, is_monthly=False).why_no_limits

    def test_are_not_drawn_of_a_rare_count(self) -> None:
        assert "so rare a count" in series_of([1, 0, 2, 1, 0, 0, 1, 3, 0, 1, 0, 1]).why_no_limits

    def test_rest_on_whole_months_with_a_value(self) -> None:
        points = [point(number, value) for number, value in enumerate(GOLDEN)]
        points += [point(12, None), point(13, 400, is_provisional=True)]
        found = s.make_series(points, unit="sessions", is_monthly=True)

        assert found.limits == series_of(GOLDEN).limits
        assert len(found.points) == 14
        assert found.signals == {}

    def test_are_drawn_of_a_figure_that_counts_nothing(self) -> None:
        points = [point(number, value, numerator=None) for number, value in enumerate(GOLDEN)]

        assert s.make_series(points, unit="mg", is_monthly=True).limits is not None


class TestWhatStandsOut:
    def test_is_nothing_in_the_golden_series(self) -> None:
        assert series_of(GOLDEN).signals == {}

    def test_is_a_month_outside_the_limits(self) -> None:
        assert places(series_of([*GOLDEN, 90]), s.OUTSIDE) == [12]
        assert places(series_of([*GOLDEN, 20]), s.OUTSIDE) == [12]

    def test_is_seven_in_a_row_on_one_side_and_six_are_not(self) -> None:
        high, low = [62, 64, 62, 64, 62, 64, 62], [50, 52, 50, 52, 50, 52]

        assert places(series_of([*low, *high]), s.SHIFT) == list(range(6, 13))
        assert places(series_of([*low, *high[:6]]), s.SHIFT) == []

    def test_is_no_shift_across_a_month_on_the_mean(self) -> None:
        assert s._runs([1, 1, 1, 1, 0, 1, 1, 1], 7) == []
        assert s._runs([0] * 9, 7) == []

    def test_is_seven_that_all_rise_or_fall_and_six_are_not(self) -> None:
        flat = [60, 58, 60, 58, 60]
        rising = [51, 53, 55, 57, 59, 61, 63]

        assert places(series_of([*flat, 50, *rising[1:]]), s.TREND)[-7:] == list(range(5, 12))
        assert places(series_of([*flat, *reversed(rising)]), s.TREND)[-7:] == list(range(5, 12))
        assert s._trends([1, 2, 3, 4, 5, 6, 6]) == []
        assert s._trends([1, 2, 3, 4, 5, 6, 7]) == list(range(7))

    def test_is_two_of_three_near_one_limit(self) -> None:
        limits = series_of(GOLDEN).limits
        assert limits is not None
        near = limits.mean + (limits.high - limits.mean) * 0.7

        assert s._near([60, near, 60, near, 60], limits) == [1, 3]
        assert s._near([60, near, 60, 60, near], limits) == []
        assert s._near([60, near, 60, 2 * limits.mean - near], limits) == []


class TestWords:
    def test_of_a_share_never_give_a_percentage_of_few(self) -> None:
        few = point(0, 6 / 9, numerator=6, denominator=9)
        many = point(0, 7 / 14, numerator=7, denominator=14)

        assert s.value_words(few, s.PROPORTION) == "6\xa0of\xa09"
        assert s.value_words(many, s.PROPORTION) == "7\xa0of\xa014 (50\xa0%)"

    @pytest.mark.parametrize(
        ("value", "unit", "words"),
        [
            (None, "people", "–"),
            (12, "people", "12"),
            (1234.5, "GBP", "£1,234"),
            (-3, "GBP", "−£3"),
            (2.345, "per_100", "2.35"),
            (23.45, "mg", "23.4"),
        ],
    )
    def test_of_a_number(self, value: float | None, unit: str, words: str) -> None:
        assert s.value_words(point(0, value), unit) == words

    def test_tell_what_the_months_show(self) -> None:
        assert s.finding(series_of([])) == "No month has a value."
        assert "There are 1." in s.finding(series_of([58]))
        assert s.finding(series_of(GOLDEN)).endswith("No month stands out.")
        assert s.finding(series_of([*GOLDEN, 90])).endswith("1 month stands out: Jan\xa02025.")
        assert "13 months stand out, the latest: Nov" in s.finding(
            series_of([50, 52, 50, 52, 50, 52, 62, 64, 62, 64, 62, 64, 62])
        )
        assert "2 months stand out: Feb" in s.finding(series_of([*GOLDEN, 59, 90, 20]))

    def test_of_a_figure_that_an_issue_lacks_are_none(self) -> None:
        assert s.read_point(month=month(0), issue=1, is_provisional=False, figure=None) is None
        told = s.read_point(
            month=month(0),
            issue=2,
            is_provisional=True,
            figure={"value": 1, "numerator": None, "denominator": None, "missing": None, "note": None},
        )
        assert told == point(0, 1, numerator=None, note="", issue=2, is_provisional=True)


class TestTheChart:
    def test_is_none_without_a_value(self) -> None:
        assert draw(series_of([None, None])) is None

    def test_stands_within_its_box_with_the_limits_named(self) -> None:
        drawing = draw(series_of([*GOLDEN, 90]))

        assert drawing is not None
        assert len(drawing.marks) == 13
        assert [mark.is_signal for mark in drawing.marks] == [False] * 12 + [True]
        assert all(
            LEFT <= mark.x <= WIDTH - RIGHT and 0 < mark.y <= HEIGHT - BOTTOM for mark in drawing.marks
        )
        assert {line.kind for line in drawing.lines} == {"axis", "mean", "limit"}
        assert [line.words for line in drawing.lines if line.kind == "mean"] == ["mean 61.5"]

    def test_begins_at_nothing_and_reaches_the_whole_of_a_share(self) -> None:
        drawing = draw(series_of([0.2], unit=s.PROPORTION))

        assert drawing is not None
        words = [line.words for line in drawing.lines]
        assert (words[0], words[-1]) == ("0\xa0%", "100\xa0%")
        assert drawing.marks[0].x == LEFT + (WIDTH - LEFT - RIGHT) / 2

    def test_of_nothing_but_zeros_has_an_axis(self) -> None:
        drawing = draw(series_of([0, 0]))

        assert drawing is not None
        assert {mark.y for mark in drawing.marks} == {HEIGHT - BOTTOM}

    def test_leaves_a_limit_below_nothing_out(self) -> None:
        drawing = draw(series_of([10, 0, 12, 0, 15, 1, 10, 0, 12, 0, 15, 1]))

        assert drawing is not None
        assert [line.words.split()[0] for line in drawing.lines if line.kind == "limit"] == ["upper"]

    def test_reaches_below_nothing_where_a_value_does(self) -> None:
        drawing = draw(series_of([-40, 10], unit="GBP"))

        assert drawing is not None
        assert drawing.lines[0].words.startswith("−£")

    def test_of_ten_years_names_no_more_than_twelve_months(self) -> None:
        drawing = draw(series_of([float(number % 7 + 50) for number in range(120)]))

        assert drawing is not None
        assert len(drawing.labels) == 12
        assert [label.year for label in drawing.labels[:3]] == ["2024", "", "2025"] or drawing.labels[0].year
