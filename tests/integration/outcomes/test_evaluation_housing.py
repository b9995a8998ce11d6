"""Where people lived, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.models import HousingRecord
from tests.factories.records import AT, Records

MARCH = date(2025, 3, 1)
START = date(2025, 1, 20)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def shares(records: Records, moment: str) -> dict[str, tuple[int, int]]:
    """Numerator and denominator by state, of the states somebody is in."""
    figures = records.indicators(MARCH)
    return {
        id.split(".")[1]: (figure.numerator, figure.denominator)
        for id, figure in figures.items()
        if id.startswith("housing.") and id.endswith(f".{moment}") and figure.numerator
    }


class TestHousing:
    @pytest.mark.parametrize(("days", "recorded"), [(-15, 0), (-14, 1), (0, 1), (14, 1), (15, 0)])
    def test_at_the_start_is_recorded_within_14_days_either_side(self, records, days, recorded):
        person = records.person(started_on=START)
        records.housing(person, START + timedelta(days=days), "own")

        figure = records.indicators(MARCH)["housing.own.start"]

        assert (figure.denominator, figure.missing) == (recorded, 1 - recorded)

    @pytest.mark.parametrize(("days", "recorded"), [(13, 0), (14, 1), (42, 1), (43, 0)])
    def test_a_month_later_is_recorded_within_14_days_of_day_28(self, records, days, recorded):
        person = records.person(started_on=START)
        records.housing(person, START + timedelta(days=days), "own")

        assert records.indicators(MARCH)["housing.own.month1"].denominator == recorded

    def test_is_the_nearest_record_and_of_two_as_near_the_earlier(self, records):
        one, two = records.person(started_on=START), records.person(started_on=START)
        for person, days, state in (
            (one, -2, "rough"),
            (one, 2, "own"),
            (two, -3, "rough"),
            (two, 2, "sofa"),
        ):
            records.housing(person, START + timedelta(days=days), state)

        assert shares(records, "start") == {"rough": (1, 2), "sofa": (1, 2), "homeless": (2, 2)}

    @pytest.mark.parametrize(("day", "state"), [(date(2025, 3, 31), "own"), (date(2025, 4, 1), "rough")])
    def test_is_latest_before_the_data_cut(self, records, day, state):
        person = records.person(started_on=START)
        records.housing(person, START, "rough")
        records.housing(person, day, "own")

        assert shares(records, "latest")[state] == (1, 1)

    def test_is_not_asked_of_people_who_have_not_started(self, records):
        records.housing(records.person(), START, "own")

        assert records.indicators(MARCH)["housing.own.latest"].denominator == 0

    def test_counts_no_home_as_rough_emergency_or_sofa(self, records):
        for state in HousingRecord.State.values:
            records.housing(records.person(started_on=START), START, state)

        assert records.indicators(MARCH)["housing.homeless.start"].numerator == 3

    def test_counts_a_corrected_line_as_its_correction_says_and_a_struck_one_not(self, records):
        person = records.person(started_on=START)
        for on, state, correction in (
            (START, "rough", "wrong_key"),
            (START + timedelta(days=30), "own", "wrong_person"),
        ):
            line = records.housing(person, on, state)
            HousingRecord.objects.create(
                clinic=records.clinic,
                patient=person,
                recorded_on=on,
                state="supported",
                amends=line,
                correction=correction,
                key=line.id,
                recorded_by=records.by,
                recorded_at=AT,
            )

        assert shares(records, "start") == {"supported": (1, 1)}
        assert shares(records, "latest") == {"supported": (1, 1)}

    def test_of_nobody_recorded_is_null_and_says_why(self, records):
        records.person(started_on=START)

        figures = records.indicators(MARCH)

        assert figures["housing.homeless.start"].value is None
        assert figures["housing.homeless.start"].note == "Nobody who started has such a housing record."
        assert figures["quality.housing_start"].value == 0

    def test_says_how_many_starts_have_a_record(self, records):
        records.person(started_on=START)
        records.housing(records.person(started_on=START), START, "own")

        quality = records.indicators(MARCH)["quality.housing_start"]

        assert (quality.numerator, quality.denominator, quality.missing) == (1, 2, 1)
