"""Offences before and after each start, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.factories import CustodyStayFactory
from tests.factories.records import Records

MARCH = date(2025, 3, 1)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


class TestOffending:
    START = date(2025, 1, 6)

    def test_splits_offences_at_each_start(self, records):
        person = records.person(started_on=self.START)
        for on in (
            self.START - timedelta(days=366),
            self.START - timedelta(days=365),
            self.START - timedelta(days=1),
            self.START,
            date(2025, 3, 31),
            date(2025, 4, 1),
        ):
            records.offence(person, on)

        recorded = records.figures(MARCH).recorded

        assert (recorded.earlier_total, recorded.pre_total, recorded.post_total) == (1, 2, 2)

    def test_ends_the_follow_up_after_a_year(self, records):
        person = records.person(started_on=self.START)
        records.offence(person, self.START + timedelta(days=364))
        records.offence(person, self.START + timedelta(days=365))

        figures = records.figures(date(2026, 6, 1))

        assert figures.recorded.post_total == 1
        assert (figures.followed.full_followup, figures.followed.post_days) == (1, 365)

    def test_counts_days_in_custody_as_no_time_at_liberty(self, records):
        person = records.person(started_on=self.START)
        records.custody(person, self.START - timedelta(days=10), self.START - timedelta(days=5))
        records.custody(person, self.START - timedelta(days=400), self.START - timedelta(days=360))
        records.custody(person, date(2025, 3, 25), None)

        followed = records.figures(MARCH).followed

        assert followed.pre_days == 365 - 5 - 5
        assert followed.post_days == (date(2025, 3, 25) - self.START).days

    def test_counts_a_day_inside_once_whoever_told_it_and_only_the_line_that_stands(self, records):
        person = records.person(started_on=self.START)
        inside = DateRange(self.START - timedelta(days=10), self.START - timedelta(days=5))
        of_them = {"clinic": records.clinic, "patient": person}
        CustodyStayFactory(**of_them, during=inside)
        CustodyStayFactory(**of_them, during=inside, source="record")
        wrong = CustodyStayFactory(**of_them, during=DateRange(self.START, None))
        CustodyStayFactory(
            **of_them,
            during=DateRange(self.START, self.START + timedelta(days=1)),
            amends=wrong,
            correction="ended",
        )
        nobody = CustodyStayFactory(**of_them, during=DateRange(date(2024, 5, 1), date(2024, 6, 1)))
        CustodyStayFactory(**of_them, during=nobody.during, amends=nobody, correction="wrong_person")

        followed = records.figures(MARCH).followed

        assert followed.pre_days == 365 - 5
        assert followed.post_days == (date(2025, 4, 1) - self.START).days - 1

    def test_gives_no_rate_to_somebody_always_inside(self, records):
        person = records.person(started_on=self.START)
        records.custody(person, self.START, None)

        rate = records.indicators(MARCH)["offending.recorded.post_rate"]

        assert (rate.value, rate.interval) == (None, None)
        assert "No day at liberty" in rate.note

    def test_gives_nought_with_an_interval_when_all_were_before(self, records):
        person = records.person(started_on=self.START)
        records.offence(person, self.START - timedelta(days=1))

        ratio = records.indicators(MARCH)["offending.recorded.rate_ratio"]

        assert ratio.value == 0
        assert ratio.interval.low == 0 < ratio.interval.high

    def test_gives_no_ratio_without_an_offence_before(self, records):
        person = records.person(started_on=self.START)
        records.offence(person, self.START)

        ratio = records.indicators(MARCH)["offending.recorded.rate_ratio"]

        assert (ratio.value, ratio.interval) == (None, None)
        assert "nothing to compare with" in ratio.note

    def test_never_adds_what_was_told_to_what_was_recorded(self, records):
        person = records.person(started_on=self.START)
        records.offence(person, self.START - timedelta(days=1))
        records.offence(person, self.START - timedelta(days=2), source="self_reported")
        records.offence(person, self.START - timedelta(days=3), source="self_reported")

        figures = records.indicators(MARCH)

        assert figures["offending.recorded.pre_total"].value == 1
        assert figures["offending.self_reported.pre_total"].value == 2
        assert figures["offending.self_reported.pre_total"].note is None

    def test_gives_no_median_where_an_offence_has_no_weight(self, records):
        person = records.person(started_on=self.START)
        records.offence(person, self.START - timedelta(days=1), "public_order")

        figures = records.indicators(MARCH)

        pre, post = figures["offending.severity.pre_median"], figures["offending.severity.post_median"]
        assert (pre.value, pre.extras["not_weighted"]) == (None, 1)
        assert "no weight for 1" in pre.note
        assert (post.value, post.extras["not_weighted"]) == (0, 0)

    def test_counts_by_group_of_the_offence_table(self, records):
        person = records.person(started_on=self.START)
        records.offence(person, self.START - timedelta(days=1), "drug_supply")

        figures = records.indicators(MARCH)

        assert figures["offending.recorded.drug.pre_total"].value == 1
        assert figures["offending.recorded.acquisitive.pre_total"].value == 0

    def test_leaves_out_people_who_did_not_start(self, records):
        records.offence(records.person(), MARCH)

        assert records.figures(MARCH).recorded.post_total == 0
