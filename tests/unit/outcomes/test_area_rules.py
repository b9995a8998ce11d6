"""What is known of the area: what may be stored, with every reason against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outcomes.models import AreaFigure
from outcomes.rules.area import (
    MEASURE_WORDS,
    MOST,
    AreaSaid,
    NeedSaid,
    may_record_area_figure,
    may_record_need,
)

TODAY = date(2026, 3, 31)
COUNT = AreaSaid(
    area="Invented Town",
    first_on=date(2026, 3, 1),
    last_on=TODAY,
    measure="recorded_all",
    count=0,
    source="Invented office, 2026",
)
NEED = NeedSaid(
    as_of=TODAY, area="Invented Town", people=60, method="Counted", source="Invented office, 2026"
)


class TestACount:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"count": MOST, "area": "x" * 120, "source": "x" * 300}, []),
            ({"area": ""}, ["no_area"]),
            ({"area": "x" * 121}, ["long_area"]),
            ({"area": "=1+1"}, ["bad_area"]),
            ({"source": ""}, ["no_source"]),
            ({"source": "x" * 301}, ["long_source"]),
            ({"last_on": date(2026, 2, 28)}, ["area_ends_before"]),
            ({"last_on": date(2026, 4, 1)}, ["area_in_future"]),
            ({"count": -1}, ["area_count"]),
            ({"count": MOST + 1}, ["area_count"]),
            ({"area": "", "count": -1}, ["no_area", "area_count"]),
        ],
    )
    def test_is_stored_or_refused_with_every_reason(self, changes, codes):
        decision = may_record_area_figure(replace(COUNT, **changes), today=TODAY, is_known=False)

        assert [finding.code for finding in decision.refusals] == codes

    def test_that_is_known_is_refused(self):
        decision = may_record_area_figure(COUNT, today=TODAY, is_known=True)

        assert [finding.code for finding in decision.refusals] == ["area_known"]

    def test_ends_with_its_last_day(self):
        assert COUNT.to_on == date(2026, 4, 1)

    def test_is_of_what_the_files_know(self):
        assert set(MEASURE_WORDS) == set(AreaFigure.Measure.values)


class TestAnEstimate:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"area": ""}, ["no_area"]),
            ({"method": ""}, ["no_method"]),
            ({"source": ""}, ["no_source"]),
            ({"method": "x" * 301}, ["long_method"]),
            ({"as_of": date(2026, 4, 1)}, ["need_in_future"]),
            ({"people": -1}, ["need_people"]),
        ],
    )
    def test_is_stored_or_refused_with_every_reason(self, changes, codes):
        decision = may_record_need(replace(NEED, **changes), today=TODAY, is_known=False)

        assert [finding.code for finding in decision.refusals] == codes

    def test_that_is_known_is_refused(self):
        assert not may_record_need(NEED, today=TODAY, is_known=True).is_allowed
