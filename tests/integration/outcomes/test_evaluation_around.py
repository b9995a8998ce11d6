"""What is frozen of the area, of need and of phases, and what is counted from it."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.rules.evaluation.around import OVERLAP, TWICE
from tests.factories import AreaFigureFactory, DisruptionFactory, NeedEstimateFactory, PhaseLineFactory
from tests.factories.records import Records

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)


@pytest.fixture
def records() -> Records:
    """A clinic that opened on 1 January 2025."""
    return Records()


def month_of(records: Records, month: date, count: int, until: date, **more):
    return AreaFigureFactory(clinic=records.clinic, from_on=month, to_on=until, count=count, **more)


class TestTheArea:
    def test_counts_what_lies_wholly_in_the_twelve_months_and_stands(self, records):
        inside = month_of(records, date(2024, 4, 1), 10, date(2024, 5, 1))
        month_of(records, date(2025, 3, 1), 20, date(2025, 4, 1))
        month_of(records, date(2024, 3, 31), 40, date(2024, 4, 30), area="Other")
        month_of(records, date(2025, 3, 2), 80, date(2025, 4, 2), area="Other")
        month_of(records, inside.from_on, 11, inside.to_on, amends=inside, correction="wrong_key")
        month_of(records, date(2024, 6, 1), 160, date(2024, 7, 1), measure="drug_deaths")

        figure = records.indicators(MARCH)["area.recorded_all.last_12m"]

        assert (figure.value, figure.missing) == (31, 365 - 30 - 31)

    def test_cannot_add_two_counts_of_the_same_days(self, records):
        month_of(records, date(2024, 6, 1), 10, date(2024, 7, 1))
        month_of(records, date(2024, 6, 30), 10, date(2024, 7, 5), source="another")

        figure = records.indicators(MARCH)["area.recorded_all.last_12m"]

        assert (figure.value, figure.note) == (None, OVERLAP)

    def test_adds_two_areas_and_expects_the_days_of_both(self, records):
        for area in ("North", "South"):
            month_of(records, date(2024, 4, 1), 10, date(2025, 4, 1), area=area)

        figure = records.indicators(MARCH)["area.recorded_all.last_12m"]

        assert (figure.value, figure.missing, figure.note) == (20, 0, None)

    def test_has_the_share_of_the_days_it_covers(self, records):
        person = records.person(started_on=date(2025, 1, 10))
        month_of(records, date(2024, 6, 1), 50, date(2024, 7, 1))
        for on in (date(2024, 5, 31), date(2024, 6, 1), date(2024, 6, 30), date(2024, 7, 1)):
            records.offence(person, on)

        figure = records.indicators(MARCH)["area.cohort_share"]

        assert (figure.numerator, figure.denominator, figure.extras["people"]) == (2, 50, 1)


class TestTheNeed:
    def test_is_the_latest_estimate_before_the_data_cut(self, records):
        records.person(started_on=date(2025, 1, 10))
        records.person()
        for on, people in ((date(2024, 1, 1), 10), (date(2025, 3, 31), 40), (date(2025, 4, 1), 90)):
            NeedEstimateFactory(clinic=records.clinic, as_of=on, people=people)

        figures = records.indicators(MARCH)

        assert figures["need.estimate"].value == 40
        assert (figures["need.referred"].value, figures["need.started"].value) == (2 / 40, 1 / 40)

    def test_is_added_over_areas_and_not_known_where_one_has_two(self, records):
        for area in ("North", "South"):
            NeedEstimateFactory(clinic=records.clinic, as_of=date(2025, 1, 1), people=40, area=area)
        assert records.indicators(MARCH)["need.estimate"].value == 80

        NeedEstimateFactory(clinic=records.clinic, as_of=date(2025, 1, 1), people=50, area="South")

        assert records.indicators(MARCH)["need.estimate"].note == TWICE


class TestAPlace:
    def test_is_counted_by_the_phase_of_the_day_as_it_stands(self, records):
        records.cost(date(2025, 1, 1), "staff", 1000)
        first = PhaseLineFactory(
            clinic=records.clinic, from_on=date(2024, 12, 1), to_on=date(2025, 1, 11), places=10
        )
        PhaseLineFactory(
            clinic=records.clinic,
            phase_id=first.phase_id,
            amends=first,
            correction="wrong_key",
            from_on=date(2024, 12, 1),
            to_on=date(2025, 1, 11),
            places=20,
        )
        PhaseLineFactory(clinic=records.clinic, from_on=date(2025, 3, 1), to_on=None, places=5)

        facts = records.figures(MARCH).around

        assert facts.place_days == 10 * 20 + 31 * 5
        assert facts.gap_days == 90 - 10 - 31

    def test_that_was_struck_out_counts_for_nothing(self, records):
        first = PhaseLineFactory(clinic=records.clinic, from_on=date(2025, 1, 1), to_on=None, places=10)
        PhaseLineFactory(
            clinic=records.clinic,
            phase_id=first.phase_id,
            amends=first,
            correction="entered_twice",
            from_on=date(2025, 1, 1),
            to_on=None,
            places=10,
        )

        facts = records.figures(MARCH).around

        assert (facts.place_days, facts.gap_days) == (90 * records.clinic.places, 0)


class TestWhatWasNotAsUsual:
    def test_counts_each_day_of_follow_up_once_and_what_stands(self, records):
        records.person(started_on=date(2025, 1, 10))
        records.person(started_on=date(2025, 3, 20), exited_on=date(2025, 3, 22))
        flood = DisruptionFactory(
            clinic=records.clinic, from_on=date(2025, 1, 5), to_on=date(2025, 1, 15), label="flood"
        )
        DisruptionFactory(
            clinic=records.clinic, from_on=date(2025, 1, 12), to_on=date(2025, 1, 20), kind="reduced"
        )
        DisruptionFactory(clinic=records.clinic, from_on=date(2025, 3, 30), kind="area_wide", label="strike")
        DisruptionFactory(clinic=records.clinic, from_on=date(2025, 4, 1), kind="closed")

        facts = records.figures(MARCH).disturbed

        assert [period.ends_on for period in facts.periods] == [date(2025, 1, 15), date(2025, 1, 20), None]
        assert facts.follow_days == 81 + 12
        assert facts.inside_days == 10 + 2 + 2

        DisruptionFactory(
            clinic=records.clinic,
            amends=flood,
            correction="entered_twice",
            from_on=flood.from_on,
            to_on=flood.to_on,
        )
        assert records.figures(MARCH).disturbed.inside_days == 8 + 2 + 2
