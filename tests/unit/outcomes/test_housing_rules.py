"""What may be recorded of where somebody lives."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.models import HousingRecord
from outcomes.rules.cohort.columns import HOUSING_STATES
from outcomes.rules.housing import HousingSaid, HousingState, may_record_housing

TODAY = date(2026, 11, 24)
BORN = date(1980, 3, 5)
A_DAY = timedelta(days=1)


def codes(on: date, *, born_on: date | None = BORN, day_is_taken: bool = False) -> list[str]:
    said = HousingSaid(on=on, state="own")
    return may_record_housing(said, today=TODAY, born_on=born_on, day_is_taken=day_is_taken).refusal_codes


class TestTheStates:
    def test_are_those_of_the_files_and_of_the_table(self):
        assert tuple(HousingState) == HOUSING_STATES
        assert list(HousingState) == HousingRecord.State.values

    @pytest.mark.parametrize("state", HousingState)
    def test_have_words_of_their_own(self, state):
        assert len([other for other in HousingState if other.label == state.label]) == 1


class TestALine:
    @pytest.mark.parametrize("on", [TODAY, BORN])
    def test_begins_today_at_the_latest_and_at_birth_at_the_earliest(self, on):
        assert codes(on) == []

    def test_does_not_begin_tomorrow(self):
        assert codes(TODAY + A_DAY) == ["housing_in_future"]

    def test_does_not_begin_before_birth(self):
        assert codes(BORN - A_DAY) == ["housing_before_birth"]

    def test_of_somebody_whose_birth_is_unknown_has_no_earliest_day(self):
        assert codes(BORN - A_DAY, born_on=None) == []

    def test_does_not_begin_on_the_day_of_another(self):
        assert codes(TODAY, day_is_taken=True) == ["housing_day_taken"]

    def test_is_refused_with_every_reason(self):
        assert codes(TODAY + A_DAY, day_is_taken=True) == ["housing_in_future", "housing_day_taken"]
