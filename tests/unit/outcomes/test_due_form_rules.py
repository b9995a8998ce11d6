"""When an outcome form is due, and what became of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.rules.askings import FormStage
from outcomes.rules.due_forms import PROPOSED, DueForm, Schedule, Schedules, due_forms

STARTED = date(2026, 1, 5)
SCHEDULE = Schedules(((date.min, Schedule(every_days=84, window_days=14, basis="Approved.")),))


def day(number: int) -> date:
    """Return a day of the treatment; 0 is the first."""
    return STARTED + timedelta(days=number)


def due(
    *given: tuple[str, int],
    today: int,
    left: int | None = None,
    started: date | None = STARTED,
    schedules: Schedules = SCHEDULE,
    **more: bool,
) -> tuple[DueForm, ...]:
    return due_forms(
        started_on=started,
        left_on=None if left is None else day(left),
        given=[(stage, day(number)) for stage, number in given],
        today=day(today),
        schedules=schedules,
        **more,
    )


def states(
    *given: tuple[str, int], today: int, left: int | None = None, **more: bool
) -> list[tuple[str, int, str]]:
    return [
        (form.stage.value, (form.due_on - STARTED).days, form.state.value)
        for form in due(*given, today=today, left=left, **more)
    ]


class TestTheDueDays:
    def test_are_none_before_the_first_dose(self):
        assert due(today=0, started=None) == ()

    @pytest.mark.parametrize(("today", "reviews"), [(69, []), (70, [84]), (153, [84]), (154, [84, 168])])
    def test_are_the_start_and_each_84th_day_once_its_window_is_open(self, today, reviews):
        assert [number for _, number, _ in states(today=today)] == [0, *reviews]

    @pytest.mark.parametrize(
        ("left", "points"), [(97, [0, 97]), (98, [0, 84, 98]), (0, [0, 0]), (30, [0, 30])]
    )
    def test_end_with_leaving_which_stands_for_a_review_within_its_window(self, left, points):
        assert [number for _, number, _ in states(today=300, left=left)] == points
        assert due(today=300, left=left)[-1].stage == FormStage.EXIT

    def test_open_and_close_fourteen_days_around(self):
        review = due(today=84)[1]

        assert (review.opens_on, review.due_on, review.closes_on) == (day(70), day(84), day(98))


class TestWhatBecameOfAForm:
    @pytest.mark.parametrize(
        ("today", "state"),
        [(70, "due"), (84, "due"), (98, "due"), (99, "overdue"), (126, "overdue"), (127, "missed")],
    )
    def test_that_nobody_asked_depends_on_today(self, today, state):
        assert states(today=today)[1] == ("review", 84, state)

    @pytest.mark.parametrize(
        ("on", "state"),
        [(43, "early"), (69, "early"), (70, "in_time"), (98, "in_time"), (99, "late"), (126, "late")],
    )
    def test_that_was_given_depends_on_its_day(self, on, state):
        assert states(("review", on), today=126)[1] == ("review", 84, state)

    @pytest.mark.parametrize("on", [42, 127])
    def test_nearer_to_another_due_day_is_not_of_this_one(self, on):
        assert states(("review", on), today=127)[1] == ("review", 84, "missed")

    def test_is_the_nearest_of_two(self):
        assert due(("review", 60), ("review", 80), ("review", 110), today=126)[1].given_on == day(80)
        assert due(("review", 80), ("review", 88), today=126)[1].given_on == day(80)

    def test_of_another_point_does_not_count(self):
        assert states(("start", 84), ("exit", 84), today=99)[1] == ("review", 84, "overdue")

    @pytest.mark.parametrize(
        ("given", "state"), [((), "due"), ((("start", -10),), "in_time"), ((("start", 20),), "late")]
    )
    def test_at_the_start_counts_from_before_the_first_dose(self, given, state):
        assert states(*given, today=10)[0] == ("start", 0, state)

    def test_at_the_start_counts_whatever_its_age(self):
        assert states(("start", -43), ("start", -60), today=10)[0] == ("start", 0, "early")
        assert due(("start", -43), ("start", -60), today=10)[0].given_on == day(-43)
        assert states(("start", 60), today=90)[0] == ("start", 0, "late")

    def test_is_missed_from_leaving_on_but_for_the_one_at_leaving(self):
        assert states(today=109, left=110)[1:] == [("review", 84, "overdue"), ("exit", 110, "due")]
        assert states(today=110, left=110)[1:] == [("review", 84, "missed"), ("exit", 110, "due")]
        assert states(today=6, left=5) == [("start", 0, "missed"), ("exit", 5, "due")]
        assert states(("review", 90), today=130, left=110)[1] == ("review", 84, "in_time")

    def test_is_not_asked_of_somebody_who_died_nor_due_at_a_leaving_by_death(self):
        died = {"today": 90, "left": 90, "ended_by_death": True, "has_died": True}
        assert states(**died) == [("start", 0, "missed")]
        assert states(("start", 1), **died) == [("start", 0, "in_time")]
        assert states(today=40, left=30, has_died=True) == [("start", 0, "missed"), ("exit", 30, "missed")]

    def test_at_leaving_waits_for_a_leaving_that_is_set_for_later(self):
        assert states(today=10, left=60)[-1] == ("exit", 60, "not_yet")
        assert states(("exit", 58), today=60, left=60)[-1] == ("exit", 60, "in_time")


class TestTheNumbers:
    def test_say_that_nobody_has_verified_them(self):
        assert "every 84 days" in PROPOSED.words
        assert "nobody has verified them" in PROPOSED.words
        assert "nobody has verified them" not in SCHEDULE.on(STARTED).words

    def test_are_the_proposal_before_the_first_of_ones_own(self):
        assert Schedules().on(STARTED) == PROPOSED
        assert Schedules(((day(1), Schedule(28, 7, "X.")),)).on(STARTED) == PROPOSED

    def test_change_no_day_that_was_due(self):
        """28 days from day 100 on: the review of day 84 leads to one by the old numbers, and that one by the new."""
        changing = Schedules(((STARTED, Schedule(84, 14, "X.")), (day(100), Schedule(28, 7, "Y."))))

        points = [(form.due_on - STARTED).days for form in due(today=230, schedules=changing)]
        windows = [(form.closes_on - form.due_on).days for form in due(today=230, schedules=changing)]

        assert points == [0, 84, 168, 196, 224]
        assert windows == [14, 14, 7, 7, 7]

    def test_of_one_day_are_the_last(self):
        twice = Schedules(((STARTED, Schedule(84, 14, "X.")), (STARTED, Schedule(28, 7, "Y."))))

        assert twice.on(STARTED).every_days == 28
