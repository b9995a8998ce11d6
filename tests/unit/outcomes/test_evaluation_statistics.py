"""The golden values of the indicator paper, and what must hold for any numbers."""

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from outcomes.rules.evaluation import statistics as s

# SciPy is loaded by the first interval: here, not within a test that Hypothesis times.
s.wilson(1, 2)
s.garwood_rate(1, 1.0)

EXITS = [21, 45, 60, 98, 130, 201, 290]


def close(value, expected, digits):
    return round(value, digits) == expected


class TestWilson:
    @pytest.mark.parametrize(
        ("k", "n", "low", "high"),
        [(7, 14, 0.2680, 0.7320), (6, 9, 0.3542, 0.8794), (0, 6, 0.0, 0.3903), (14, 14, 0.7847, 1.0)],
    )
    def test_gives_the_golden_values(self, k, n, low, high):
        interval = s.wilson(k, n)

        assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)

    def test_is_none_without_people(self):
        assert s.wilson(0, 0) is None

    def test_ends_exactly_at_nought_and_one(self):
        assert s.wilson(0, 13).low == 0
        assert s.wilson(25, 25).high == 1

    @pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3)])
    def test_refuses_a_part_outside_its_whole(self, k, n):
        with pytest.raises(ValueError, match="part"):
            s.wilson(k, n)

    @given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_holds_the_share_and_stays_within_nought_and_one(self, pair):
        k, n = pair

        interval = s.wilson(k, n)

        assert 0 <= interval.low <= k / n <= interval.high <= 1


class TestClopperPearson:
    def test_gives_the_golden_upper_limit_of_none_in_fourteen(self):
        assert close(s.clopper_pearson_upper(0, 14), 0.2316, 4)

    def test_gives_seven_of_fourteen(self):
        interval = s.clopper_pearson(7, 14)

        assert (round(interval.low, 3), round(interval.high, 3)) == (0.230, 0.770)

    def test_reaches_one_when_all_did(self):
        assert s.clopper_pearson(6, 6).high == 1

    def test_is_none_without_people(self):
        assert s.clopper_pearson_upper(0, 0) is None


class TestGarwoodRate:
    @pytest.mark.parametrize(("events", "low", "high"), [(0, 0, 3.69), (3, 0.62, 8.77), (4, 1.09, 10.24)])
    def test_gives_the_golden_values_per_hundred(self, events, low, high):
        rate, interval = s.garwood_rate(events, 100)

        assert rate == events / 100
        assert (round(interval.low * 100, 2), round(interval.high * 100, 2)) == (low, high)

    def test_is_none_without_person_time(self):
        assert s.garwood_rate(3, 0) == (None, None)

    def test_refuses_negative_time(self):
        with pytest.raises(ValueError, match="negative"):
            s.garwood_rate(1, -1)

    @given(st.integers(0, 5000), st.floats(0.001, 5000))
    def test_holds_the_rate_and_stays_finite(self, events, years):
        rate, interval = s.garwood_rate(events, years)

        assert 0 <= interval.low <= rate <= interval.high < math.inf


class TestRateRatio:
    @pytest.mark.parametrize(
        ("after", "time", "before", "time_before", "expected"),
        [
            (17, 1, 42, 1, (0.405, 0.216, 0.726)),
            (4, 1092, 2, 168, (0.308, 0.044, 3.401)),
            (0, 1092, 2, 168, (0, 0, 0.819)),
        ],
    )
    def test_gives_the_golden_values(self, after, time, before, time_before, expected):
        ratio, interval = s.rate_ratio(after, time, before, time_before)

        assert (round(ratio, 3), round(interval.low, 3), round(interval.high, 3)) == expected

    @pytest.mark.parametrize(("time", "before", "time_before"), [(0, 2, 1), (1, 2, 0), (1, 0, 1)])
    def test_is_none_without_time_or_without_an_event_before(self, time, before, time_before):
        assert s.rate_ratio(3, time, before, time_before) == (None, None)

    @given(st.integers(0, 500), st.floats(0.01, 500), st.integers(1, 500), st.floats(0.01, 500))
    def test_holds_the_ratio_and_stays_finite(self, after, time, before, time_before):
        ratio, interval = s.rate_ratio(after, time, before, time_before)

        assert 0 <= interval.low <= ratio <= interval.high < math.inf


class TestKaplanMeier:
    def test_gives_the_golden_value_when_all_were_followed_a_year(self):
        survival = s.kaplan_meier(EXITS + [365] * 7, [True] * 7 + [False] * 7, 364)

        assert round(survival.share, 3) == 0.5
        assert (round(survival.interval.low, 3), round(survival.interval.high, 3)) == (0.229, 0.722)
        assert survival.at_risk == 7

    def test_gives_the_golden_value_when_people_started_at_different_times(self):
        followed = [90, 180, 240, 300, 365, 365, 365]

        survival = s.kaplan_meier(EXITS + followed, [True] * 7 + [False] * 7, 364)

        assert round(survival.share, 3) == 0.431
        assert (round(survival.interval.low, 3), round(survival.interval.high, 3)) == (0.153, 0.685)
        assert survival.at_risk == 3

    def test_has_no_interval_while_nobody_has_left(self):
        survival = s.kaplan_meier([10, 20, 30], [False] * 3, 15)

        assert (survival.share, survival.interval, survival.at_risk) == (1.0, None, 2)

    def test_has_no_interval_when_all_have_left(self):
        survival = s.kaplan_meier([5, 10], [True, True], 10)

        assert (survival.share, survival.interval, survival.at_risk) == (0.0, None, 1)

    def test_counts_an_exit_on_the_day_itself(self):
        before = s.kaplan_meier([9, 10, 30], [True, True, False], 9)
        on_the_day = s.kaplan_meier([9, 10, 30], [True, True, False], 10)

        assert before.share == pytest.approx(2 / 3)
        assert on_the_day.share == pytest.approx(1 / 3)

    def test_is_none_when_nobody_was_followed_that_long(self):
        assert s.kaplan_meier([181], [False], 182).share is None
        assert s.kaplan_meier([182], [False], 182).share == 1.0

    def test_is_none_of_nobody(self):
        assert s.kaplan_meier([], [], 182) == s.Survival(day=182, share=None, interval=None, at_risk=0)

    def test_refuses_durations_without_their_ends(self):
        with pytest.raises(ValueError, match="duration"):
            s.kaplan_meier([1, 2], [True], 1)

    @given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=40), st.integers(0, 400))
    def test_is_finite_or_none_and_never_rises(self, people, at):
        durations, events = [p[0] for p in people], [p[1] for p in people]

        now, later = s.kaplan_meier(durations, events, at), s.kaplan_meier(durations, events, at + 30)

        if now.share is not None:
            assert 0 <= now.share <= 1
            if now.interval:
                assert 0 <= now.interval.low <= now.share <= now.interval.high <= 1
        if later.share is not None:
            assert later.share <= now.share


class TestMedian:
    def test_is_the_middle_value_or_the_mean_of_two(self):
        assert s.median([3, 1, 2]) == 2
        assert s.median([26, 39, 13, 52]) == 32.5

    def test_is_none_of_nothing(self):
        assert s.median([]) is None


class TestHodgesLehmann:
    def test_gives_the_shift_of_the_published_offence_counts(self):
        pre = [6, 5, 4, 3, 6, 5, 2, 2, 1, 2, 2, 3, 1, 0]
        post = [0, 0, 0, 0, 1, 2, 0, 1, 1, 1, 2, 3, 3, 3]

        assert s.hodges_lehmann([b - a for a, b in zip(pre, post, strict=True)]) == -2.0

    def test_is_none_of_nothing(self):
        assert s.hodges_lehmann([]) is None


class TestXmr:
    def test_gives_the_golden_limits(self):
        limits = s.xmr([58, 61, 55, 60, 57, 63, 59, 62, 56, 60, 61, 58])

        assert (round(limits.mean, 2), round(limits.low, 2), round(limits.high, 2)) == (59.17, 48.53, 69.81)

    @pytest.mark.parametrize("share", [3534 / 3720, 0.1, 1 / 3])
    def test_holds_months_that_are_all_the_same(self, share):
        limits = s.xmr([share] * 36)

        assert (limits.low, limits.mean, limits.high) == (share, share, share)

    def test_needs_two_months(self):
        assert s.xmr([58]) is None
        assert s.xmr([58, 60]) is not None


class TestBesideSciPysOwn:
    """SciPy's package of statistics, which a build does not load, gives the same numbers."""

    @given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_intervals_of_a_share(self, pair):
        k, n = pair
        beside = stats.binomtest(k, n)
        for found, method in ((s.wilson(k, n), "wilson"), (s.clopper_pearson(k, n), "exact")):
            limits = beside.proportion_ci(0.95, method=method)
            assert (found.low, found.high) == pytest.approx((limits.low, limits.high), rel=1e-9, abs=1e-12)

    @given(st.integers(0, 3000), st.floats(0.01, 5000))
    def test_intervals_of_a_rate(self, events, years):
        _, found = s.garwood_rate(events, years)
        low = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0
        high = stats.chi2.ppf(0.975, 2 * events + 2) / 2
        assert (found.low, found.high) == pytest.approx((low / years, high / years), rel=1e-9)

    @given(
        st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=60), st.integers(0, 40)
    )
    def test_curves(self, people, at):
        found = s.kaplan_meier([day for day, _ in people], [event for _, event in people], at)
        curve = stats.ecdf(
            stats.CensoredData(
                uncensored=[day for day, event in people if event],
                right=[day for day, event in people if not event],
            )
        ).sf
        if found.share is None:
            assert all(day < at for day, _ in people)
            return
        assert found.share == pytest.approx(float(curve.evaluate(at)) if any(e for _, e in people) else 1.0)
        if found.interval is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                limits = curve.confidence_interval(0.95, method="log-log")
            beside = (float(limits.low.evaluate(at)), float(limits.high.evaluate(at)))
            assert (found.interval.low, found.interval.high) == pytest.approx(beside, rel=1e-9)
