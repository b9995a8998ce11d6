"""Where people lived, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.models import ExtractSegment, HousingRecord
from tests.factories.records import Records

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
            records.own_home(person, on, "supported", amends=line, correction=correction)

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


MONTH_1 = START + timedelta(days=28)


class TestALineOfOurOwn:
    @pytest.mark.parametrize(("days", "recorded"), [(-4000, 1), (-15, 1), (0, 1), (1, 0), (14, 0)])
    def test_counts_from_its_day_on(self, records, days, recorded):
        records.own_home(records.person(started_on=START), START + timedelta(days=days), "own")

        figures = records.indicators(MARCH)

        assert figures["housing.own.start"].denominator == recorded
        assert figures["quality.housing_start"].numerator == recorded

    def test_holds_until_the_next_begins(self, records):
        person = records.person(started_on=START)
        records.own_home(person, START - timedelta(days=100), "rough")
        records.own_home(person, START + timedelta(days=1), "sofa")
        records.own_home(person, MONTH_1, "own")

        assert shares(records, "start") == {"rough": (1, 1), "homeless": (1, 1)}
        assert shares(records, "month1") == {"own": (1, 1)}

    def test_leaves_a_gap_before_the_first(self, records):
        person = records.person(started_on=START)
        records.own_home(person, START + timedelta(days=3), "own")

        assert shares(records, "start") == {}
        assert shares(records, "month1") == {"own": (1, 1)}

    def test_counts_as_its_last_correction_says(self, records):
        person = records.person(started_on=START)
        first = records.own_home(person, START + timedelta(days=2), "rough")
        second = records.own_home(person, START, "sofa", amends=first, correction="wrong_key")
        records.own_home(person, START - timedelta(days=60), "own", amends=second, correction="wrong_key")

        assert shares(records, "start") == shares(records, "month1") == {"own": (1, 1)}

    def test_that_was_struck_ends_no_other(self, records):
        person = records.person(started_on=START)
        records.own_home(person, START - timedelta(days=60), "own")
        slip = records.own_home(person, START, "rough")
        records.own_home(person, START, "rough", amends=slip, correction="wrong_person")

        assert shares(records, "start") == shares(records, "month1") == {"own": (1, 1)}

    @pytest.mark.parametrize(
        ("left_after", "began", "recorded"), [(27, 0, 0), (28, 0, 1), (20, 13, 0), (20, 14, 1), (20, 25, 1)]
    )
    def test_tells_of_a_day_after_they_left_only_when_it_began_shortly_before(
        self, records, left_after, began, recorded
    ):
        person = records.person(
            started_on=START, exited_on=START + timedelta(days=left_after), exit_reason="dropped_out"
        )
        records.own_home(person, START + timedelta(days=began), "own")

        assert records.indicators(MARCH)["housing.own.month1"].denominator == recorded

    @pytest.mark.parametrize(("started_on", "recorded"), [(date(2025, 3, 3), 1), (date(2025, 3, 4), 0)])
    def test_tells_of_no_day_after_the_data_cut(self, records, started_on, recorded):
        records.own_home(records.person(started_on=started_on), started_on, "own")

        assert records.indicators(MARCH)["housing.own.month1"].denominator == recorded

    def test_beside_imported_ones_is_ended_by_them_and_is_not_their_neighbour(self, records):
        ended, later = records.person(started_on=START), records.person(started_on=START)
        records.own_home(ended, START - timedelta(days=40), "rough")
        records.housing(ended, START - timedelta(days=20), "own")
        records.housing(later, START - timedelta(days=10), "sofa")
        records.own_home(later, START + timedelta(days=1), "own")

        assert shares(records, "start") == {"sofa": (1, 1), "homeless": (1, 1)}
        assert shares(records, "month1") == {"own": (1, 1)}

    def test_in_force_goes_before_an_imported_one_that_is_near(self, records):
        person = records.person(started_on=START)
        records.own_home(person, START - timedelta(days=10), "own")
        records.housing(person, START + timedelta(days=1), "rough")

        assert shares(records, "start") == {"own": (1, 1)}

    def test_that_corrects_an_imported_one_tells_of_its_day_only(self, records):
        person = records.person(started_on=START)
        told = records.housing(person, START + timedelta(days=5), "rough")
        once = records.own_home(
            person, START + timedelta(days=5), "sofa", amends=told, correction="wrong_key"
        )
        records.own_home(person, START + timedelta(days=5), "own", amends=once, correction="wrong_key")

        assert shares(records, "start") == {"own": (1, 1)}
        assert shares(records, "month1") == {}

    def test_is_frozen_as_one_that_holds_and_an_imported_one_as_before(self, records):
        one, two = records.person(started_on=START), records.person(started_on=START)
        records.own_home(one, START, "own")
        records.housing(two, START, "own")

        records.indicators(MARCH)

        assert sorted(ExtractSegment.objects.get(table_name="housing").rows, key=len) == [
            {"person": str(two.id), "date": "2025-01-20", "state": "own"},
            {"person": str(one.id), "date": "2025-01-20", "state": "own", "holds": True},
        ]
