"""The sentences of the report: each template, and the edge where one gives way to the next."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from outcomes.rules.evaluation import words
from outcomes.rules.evaluation.attendance import MonthOfSessions, attendance_limits
from outcomes.rules.evaluation.findings import (
    Change,
    attendance_finding,
    change_of_ratio,
    flow_finding,
    offending_finding,
    retention_finding,
    self_report_finding,
    support_finding,
    urine_finding,
)
from outcomes.rules.evaluation.offending import OffendingFacts
from outcomes.rules.evaluation.retention import RetentionFacts
from outcomes.rules.evaluation.statistics import Interval
from outcomes.rules.evaluation.support import Booked, SupportFacts
from outcomes.rules.evaluation.urine import Samples

DAY = date(2025, 4, 1)


def plain(text):
    return text.replace(words.NBSP, " ")


def interval(low, high):
    return Interval(low=low, high=high, method="made up")


def months(*shares):
    """Months of 1000 sessions offered; None is a month without any."""
    return [
        MonthOfSessions(
            month=date(2024 + index // 12, index % 12 + 1, 1),
            attended=round((share or 0) * 1000),
            offered=0 if share is None else 1000,
            excused=0,
        )
        for index, share in enumerate(shares)
    ]


def offences(pre, post, rows=None):
    return OffendingFacts(
        rows=pre + post if rows is None else rows,
        pre_total=pre,
        post_total=post,
        earlier_total=0,
        people_none_post=0,
        pre_by_group={},
        post_by_group={},
    )


class TestWords:
    def test_print_a_share_of_fewer_than_ten_people_without_a_percentage(self):
        assert plain(words.share_of_people(6, 9)) == "6 of 9"
        assert plain(words.share_of_people(6, 10)) == "6 of 10 (60 %)"

    def test_print_a_dash_where_there_is_no_interval(self):
        assert words.percent_range(None) == words.number_range(None) == "–"

    def test_print_numbers_people_and_lists(self):
        assert words.whole(1234) == "1,234"
        assert words.decimal(-2.25, 1) == "−2.2"
        assert (words.people(1), words.people(2)) == ("1 person", "2 people")
        assert words.joined([]) == ""
        assert words.joined(["a", "b", "c"]) == "a, b and c"


class TestChangeOfRatio:
    @pytest.mark.parametrize(
        ("ratio", "low", "high", "events", "change"),
        [
            (0.5, 0.3, 0.99, 20, Change.FELL),
            (0.5, 0.3, 1.0, 20, Change.UNCLEAR),
            (2.0, 1.01, 4, 20, Change.ROSE),
            (2.0, 1.0, 4, 20, Change.UNCLEAR),
            (0.5, 0.3, 0.9, 5, Change.FELL),
            (0.5, 0.3, 0.9, 4, Change.TOO_FEW),
            (0.5, 0.3, 0.9, 0, Change.NONE),
        ],
    )
    def test_says_rose_or_fell_only_where_the_interval_holds_no_change(
        self, ratio, low, high, events, change
    ):
        assert change_of_ratio(ratio, interval(low, high), events) is change

    def test_says_too_few_without_a_ratio(self):
        assert change_of_ratio(None, None, 20) is Change.TOO_FEW


class TestFlowFinding:
    @pytest.mark.parametrize(
        ("referred", "started", "in_treatment", "sentence"),
        [
            (0, 0, 0, "Nobody had been referred by 1 April 2025"),
            (2, 0, 0, "2 people had been referred and nobody had started by 1 April 2025"),
            (1, 1, 1, "The one person referred had started and was in treatment on 1 April 2025"),
            (1, 1, 0, "The one person referred had started and was no longer in treatment on 1 April 2025"),
            (3, 2, 1, "2 of 3 people referred had started, 1 of them in treatment on 1 April 2025"),
            (3, 2, 0, "2 of 3 people referred had started, none of them in treatment on 1 April 2025"),
        ],
    )
    def test_tells_who_came(self, referred, started, in_treatment, sentence):
        flow = SimpleNamespace(referred=referred, started=started, in_treatment=in_treatment)

        assert plain(flow_finding(flow, DAY)) == sentence


class TestRetentionFinding:
    @pytest.mark.parametrize(
        ("has_left", "sentence"),
        [
            ([], "Nobody had started treatment by 1 April 2025"),
            ([False], "The one person who started was still in treatment on 1 April 2025"),
            ([True], "The one person who started was no longer in treatment on 1 April 2025"),
            ([False, False], "All 2 people who started were still in treatment on 1 April 2025"),
            ([True, True], "None of the 2 people who started were in treatment on 1 April 2025"),
            ([True, False, False], "2 of the 3 people who started were still in treatment on 1 April 2025"),
        ],
    )
    def test_tells_who_stayed(self, has_left, sentence):
        facts = RetentionFacts(durations=[10] * len(has_left), has_left=has_left)

        assert plain(retention_finding(facts, DAY)) == sentence


class TestAttendanceFinding:
    def test_tells_of_no_session(self):
        assert attendance_finding(months(None, None), None) == "No session had been offered"

    def test_tells_one_month_in_counts(self):
        assert plain(attendance_finding(months(None, 0.9), None)) == (
            "900 of 1,000 sessions were attended in February 2024"
        )

    def test_says_nothing_of_limits_before_twelve_months(self):
        eleven = months(*[0.9, 0.92] * 5, 0.5)

        assert plain(attendance_finding(eleven, attendance_limits(eleven))) == (
            "Attendance was between 50 % and 92 % in the first 11 months"
        )

    def test_says_that_it_held(self):
        year = months(*[0.9, 0.92] * 6)

        assert plain(attendance_finding(year, attendance_limits(year))) == (
            "Attendance held between 90 % and 92 % in every month"
        )

    @pytest.mark.parametrize(("odd", "word"), [(0.5, "low"), (0.999, "high")])
    def test_names_the_one_unusual_month(self, odd, word):
        year = months(*[0.8, 0.81] * 10, odd)

        assert attendance_finding(year, attendance_limits(year)) == (
            f"Attendance in Sep 2025 was unusually {word}"
        )

    def test_counts_several_unusual_months(self):
        year = months(*[0.8, 0.81] * 20, 0.5, 0.5)

        assert attendance_finding(year, attendance_limits(year)) == "Attendance was unusual in 2 months"


class TestUrineFinding:
    @pytest.mark.parametrize(
        ("due", "negative", "positive", "sentence"),
        [
            (0, 0, 0, "No urine sample was due"),
            (2, 0, 0, "No urine sample that was due has a valid result"),
            (2, 2, 0, "All 2 urine samples tested were free of street heroin"),
            (2, 0, 2, "None of the 2 urine samples tested were free of street heroin"),
            (4, 2, 1, "2 of the 3 urine samples tested were free of street heroin"),
        ],
    )
    def test_tells_the_share(self, due, negative, positive, sentence):
        samples = Samples(
            due=due, negative=negative, positive=positive, void=0, not_taken=due - negative - positive
        )

        assert urine_finding(samples) == sentence


class TestOffendingFinding:
    @pytest.mark.parametrize(
        ("facts", "ratio", "limits", "started", "sentence"),
        [
            (offences(0, 0), None, None, 0, "Nobody had started treatment, so there is no before and after"),
            (
                offences(0, 0),
                None,
                None,
                1,
                "No offence was recorded in the year before the start or after it",
            ),
            (offences(2, 2), 1.0, (0.5, 2), 1, "Too few recorded offences to say whether they rose or fell"),
            (
                offences(9, 8),
                0.9,
                (0.5, 2),
                1,
                "Recorded offending may have risen or fallen: the interval holds no change",
            ),
            (
                offences(42, 17),
                0.48,
                (0.26, 0.86),
                1,
                "Recorded offending fell to 0.48 of its rate before treatment",
            ),
            (
                offences(9, 30),
                3.1,
                (1.5, 6),
                1,
                "Recorded offending rose to 3.10 of its rate before treatment",
            ),
        ],
    )
    def test_claims_no_more_than_the_interval(self, facts, ratio, limits, started, sentence):
        assert offending_finding(facts, ratio, limits and interval(*limits), started=started) == sentence


class TestSelfReportFinding:
    def test_tells_silence_from_nought(self):
        assert "nothing can be said" in self_report_finding(offences(0, 0), started=3)
        assert self_report_finding(offences(0, 0, rows=1), started=3) == (
            "People told of 0 offences in the year before the start and 0 after it."
        )

    def test_needs_somebody_who_started(self):
        assert self_report_finding(offences(0, 0), started=0) == "Nobody had started treatment."


class TestSupportFinding:
    @pytest.mark.parametrize(
        ("started", "attended", "not_attended", "sentence"),
        [
            (0, 0, 0, "Nobody had started treatment, so no support is counted"),
            (1, 0, 0, "No support session was logged in the month"),
            (1, 1, 0, "The one support session booked in the month was attended"),
            (1, 0, 1, "The one support session booked in the month was not attended"),
            (1, 2, 0, "All 2 support sessions booked in the month were attended"),
            (1, 0, 2, "None of the 2 support sessions booked in the month were attended"),
            (1, 2, 1, "2 of the 3 support sessions booked in the month were attended"),
        ],
    )
    def test_is_chosen_by_the_counts(self, started, attended, not_attended, sentence):
        booked = {"housing": Booked(attended=attended, not_attended=not_attended)}
        facts = SupportFacts(
            started=started, in_treatment=1, reached=0, by_domain=booked, by_agency={}, months=[]
        )

        assert support_finding(facts) == sentence
