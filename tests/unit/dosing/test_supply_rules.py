"""How much a prescription of any order comes to: every kind, from both sides of each day on which it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.limits import Step
from dosing.rules.orders import LONDON, Product
from dosing.rules.supply import Part, PrescribedOrder, Standing, prescription_of
from dosing.rules.words import number_in_words

TODAY = date(2026, 2, 2)
CLIMB = (Step(day=1, max_mg=30, first_mg=15, repeat_mg=15), Step(day=3, max_mg=45), Step(day=5, max_mg=60))


def day(number: int) -> date:
    """Return a day of the order, its first being day 1."""
    return TODAY + timedelta(days=number - 1)


def midnight(on: date) -> datetime:
    """Return the first moment of a Europe/London day, in UTC."""
    return datetime(on.year, on.month, on.day, tzinfo=LONDON).astimezone(UTC)


def an_order(*, days: int = 7, starts: date = TODAY, **changes: object) -> PrescribedOrder:
    """Return an order of 60 mg twice a day, in force from nine o'clock on its first day."""
    order = PrescribedOrder(
        version=1,
        product=Product.DIAMORPHINE,
        dose_mg=60,
        sessions_per_day=2,
        daily_max_mg=900,
        starts_at=midnight(starts) + timedelta(hours=9),
        ends_at=midnight(starts + timedelta(days=days)),
        standing=Standing.LIVE,
    )
    return replace(order, **changes)  # type: ignore[arg-type]  # a test's own changes


def amounts(order: PrescribedOrder, first_on: date = TODAY) -> list[tuple[int, int]]:
    """Return how many instalments there are of each amount, part by part."""
    return [(part.instalments, part.instalment_mg) for part in prescription_of(order, first_on).parts]


class TestAnOrderOfOneDose:
    def test_is_one_part(self) -> None:
        made = prescription_of(an_order(), TODAY)

        assert made.parts == (Part(120, TODAY, day(7)),)
        assert (made.instalments, made.instalment_mg, made.total_mg) == (7, 120, 840)
        assert not made.is_at_most


class TestAnOrder:
    @pytest.mark.parametrize(
        ("changes", "is_one"),
        [({}, True), ({"least_mg": 20}, False), ({"slots": (("am", 60),)}, False), ({"plan": CLIMB}, False)],
        ids=["one dose", "range", "sessions", "plan"],
    )
    def test_is_of_one_dose_or_of_several(self, changes: dict[str, object], is_one: bool) -> None:
        assert an_order(**changes).is_one_dose is is_one


class TestARange:
    def test_counts_with_its_most(self) -> None:
        made = prescription_of(an_order(least_mg=1), TODAY)

        assert (made.instalment_mg, made.total_mg, made.is_at_most) == (120, 840, True)

    @pytest.mark.parametrize(("daily_max_mg", "instalment"), [(119, 119), (120, 120), (121, 120)])
    def test_never_holds_more_than_the_orders_own_day(self, daily_max_mg: int, instalment: int) -> None:
        assert amounts(an_order(least_mg=20, daily_max_mg=daily_max_mg)) == [(7, instalment)]


class TestADoseForEachSession:
    def test_counts_with_the_sum_of_a_day(self) -> None:
        order = an_order(
            dose_mg=200, sessions_per_day=3, slots=(("am", 200), ("pm", 90), ("eve", 151)), daily_max_mg=441
        )

        made = prescription_of(order, TODAY)
        assert (made.instalment_mg, made.total_mg, made.is_at_most) == (441, 3087, False)


class TestAPlan:
    def test_counts_each_step_from_its_day_on(self) -> None:
        order = an_order(plan=CLIMB, plan_begins_on=TODAY)

        made = prescription_of(order, TODAY)
        assert amounts(order) == [(2, 60), (2, 90), (3, 120)]
        assert (made.total_mg, made.is_at_most) == (660, True)
        assert [(part.first_on, part.last_on) for part in made.parts] == [
            (day(1), day(2)),
            (day(3), day(4)),
            (day(5), day(7)),
        ]

    @pytest.mark.parametrize(("number", "mg"), [(1, 60), (2, 60), (3, 90), (4, 90), (5, 120), (7, 120)])
    def test_holds_a_steps_amount_from_its_own_day_and_not_before(self, number: int, mg: int) -> None:
        assert an_order(plan=CLIMB, plan_begins_on=TODAY).mg_on(day(number)) == mg

    def test_has_a_first_day_of_its_first_dose_its_repeat_and_the_rest(self) -> None:
        small = (Step(day=1, max_mg=30, first_mg=10, repeat_mg=5), Step(day=4, max_mg=30))

        assert amounts(an_order(plan=small, plan_begins_on=TODAY, days=3)) == [(1, 45), (2, 60)]

    def test_without_a_repeat_has_a_smaller_first_day(self) -> None:
        assert an_order(plan=(Step(day=1, max_mg=30, first_mg=15),), plan_begins_on=TODAY).mg_on(TODAY) == 45

    def test_at_one_session_has_a_first_day_of_the_first_dose_and_its_repeat(self) -> None:
        assert an_order(sessions_per_day=1, plan=CLIMB, plan_begins_on=TODAY).mg_on(TODAY) == 30

    def test_that_states_no_first_dose_counts_whole_sessions(self) -> None:
        assert an_order(plan=(Step(day=1, max_mg=100),)).mg_on(TODAY) == 200

    def test_not_begun_may_still_have_its_first_day_later(self) -> None:
        plan = (Step(day=1, max_mg=20, first_mg=15, repeat_mg=15),)

        assert amounts(an_order(plan=plan, plan_begins_on=TODAY)) == [(7, 50)]
        assert amounts(an_order(plan=plan, plan_begins_on=TODAY, plan_has_begun=True)) == [(1, 50), (6, 40)]

    def test_counts_days_from_its_first_dose(self) -> None:
        order = an_order(plan=CLIMB, plan_begins_on=day(3), plan_has_begun=True)

        assert amounts(order, day(3)) == [(2, 60), (2, 90), (1, 120)]

    def test_that_goes_down_counts_with_the_step_that_may_still_hold(self) -> None:
        down = (Step(day=1, max_mg=100), Step(day=3, max_mg=50))

        assert amounts(an_order(plan=down)) == [(7, 200)]

    @pytest.mark.parametrize(("daily_max_mg", "expected"), [(119, 119), (120, 120)])
    def test_never_holds_more_than_the_orders_own_day(self, daily_max_mg: int, expected: int) -> None:
        assert an_order(plan=CLIMB, daily_max_mg=daily_max_mg).mg_on(day(6)) == expected

    def test_printed_for_days_before_it_could_begin_counts_its_first_day(self) -> None:
        assert an_order(plan=CLIMB, plan_begins_on=day(3)).mg_on(day(1)) == 60

    @pytest.mark.parametrize("starts", [date(2026, 3, 27), date(2026, 10, 23)], ids=["spring", "autumn"])
    def test_counts_calendar_days_across_a_clock_change(self, starts: date) -> None:
        order = an_order(plan=CLIMB, starts=starts)

        assert amounts(order, starts) == [(2, 60), (2, 90), (3, 120)]


@st.composite
def any_order(draw: st.DrawFn) -> PrescribedOrder:
    """Return an order of any kind, of 1 to 28 days."""
    sessions = draw(st.integers(1, 3))
    most = draw(st.integers(2, 450))
    changes: dict[str, object] = {
        "dose_mg": most,
        "sessions_per_day": sessions,
        "daily_max_mg": draw(st.integers(most, 1000)),
    }
    kind = draw(st.sampled_from(["one", "range", "slots", "plan"]))
    if kind == "range":
        changes["least_mg"] = draw(st.integers(1, most - 1))
    if kind == "slots":
        slots = ["am", "pm", "eve"][:sessions]
        changes["slots"] = tuple((slot, draw(st.integers(1, most))) for slot in slots)
    if kind == "plan":
        days = draw(st.lists(st.integers(2, 28), unique=True, max_size=6).map(sorted))
        first = Step(
            day=1,
            max_mg=draw(st.integers(1, most)),
            first_mg=draw(st.none() | st.integers(1, 15)),
            repeat_mg=draw(st.none() | st.integers(1, 15)),
        )
        changes["plan"] = (first, *(Step(day=on, max_mg=draw(st.integers(1, most))) for on in days))
        changes["plan_begins_on"] = day(draw(st.integers(1, 28)))
        changes["plan_has_begun"] = draw(st.booleans())
    return an_order(days=draw(st.integers(1, 28)), **changes)


class TestAnyPrescription:
    @given(any_order(), st.data())
    def test_is_the_sum_of_its_instalments_one_for_each_day(
        self, order: PrescribedOrder, data: st.DataObject
    ) -> None:
        days = (order.last_on - order.first_on).days + 1
        first_on = day(data.draw(st.integers(1, days)))

        made = prescription_of(order, first_on)

        covered = [
            part.first_on + timedelta(days=number)
            for part in made.parts
            for number in range(part.instalments)
        ]
        assert covered == [first_on + timedelta(days=n) for n in range((order.last_on - first_on).days + 1)]
        assert made.total_mg == sum(order.mg_on(on) for on in covered)
        assert made.instalments == len(covered)
        assert (made.first_on, made.last_on) == (covered[0], covered[-1])
        assert all(one.instalment_mg != other.instalment_mg for one, other in pairwise(made.parts))

    @given(any_order())
    def test_holds_at_most_the_orders_own_day_and_can_be_said_in_words(self, order: PrescribedOrder) -> None:
        made = prescription_of(order, TODAY)

        assert all(1 <= part.instalment_mg <= order.daily_max_mg for part in made.parts)
        assert number_in_words(made.total_mg)

    @given(any_order(), st.lists(st.integers(1, 6), min_size=28, max_size=28), st.integers(1, 28))
    def test_of_a_plan_is_enough_whichever_steps_were_held(
        self, order: PrescribedOrder, held: list[int], first_dose: int
    ) -> None:
        began = day(first_dose)
        order = replace(order, plan_begins_on=order.first_on, plan_has_begun=False)
        for number in range(28):
            on = day(number + 1)
            if not order.plan or on < began or on > order.last_on:
                continue
            reachable = [step for step in order.plan if step.day <= (on - began).days + 1]
            step = reachable[min(held[number], len(reachable)) - 1]
            most = step.max_mg * order.sessions_per_day
            if on == began and step.first_mg is not None:
                most += step.first_mg + (step.repeat_mg or 0) - step.max_mg
            assert min(most, order.daily_max_mg) <= order.mg_on(on)
