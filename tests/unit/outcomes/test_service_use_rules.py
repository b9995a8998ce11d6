"""What may be recorded of health-service use over a period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from outcomes.models import ServiceUse
from outcomes.rules.cohort.columns import FORMAT_OF, USE_SOURCES
from outcomes.rules.service_use import COUNTS, MOST_TIMES, UseSaid, UseSource, may_record_use
from tests.factories.service_use import what_was_said

TODAY = date(2026, 11, 24)
BORN = date(1980, 3, 5)
A_DAY = timedelta(days=1)
YESTERDAY = TODAY - A_DAY


def codes(
    first_on: date = YESTERDAY,
    last_on: date = YESTERDAY,
    *,
    born_on: date | None = BORN,
    taken: UseSaid | None = None,
    **more: Any,
) -> list[str]:
    said = what_was_said(first_on, last_on, **more)
    return may_record_use(said, today=TODAY, born_on=born_on, taken=taken).refusal_codes


class TestTheCodes:
    def test_are_those_of_the_files_and_of_the_table(self):
        assert tuple(UseSource) == USE_SOURCES
        assert list(UseSource) == ServiceUse.Source.values

    def test_count_what_the_file_counts(self):
        assert [column.name for column in FORMAT_OF["service_use.csv"].columns][-3:] == list(COUNTS)

    def test_have_words_of_their_own(self):
        labels = {UseSource(what_was_said(TODAY, TODAY, source=s).source).label for s in UseSource}

        assert len(labels) == len(UseSource)
        assert what_was_said(TODAY, TODAY).source_label == "The person"


class TestWhatWasSaid:
    def test_ends_before_the_first_day_after_it(self):
        assert what_was_said(YESTERDAY, YESTERDAY).to_on == TODAY

    def test_is_told_in_words(self):
        assert what_was_said(YESTERDAY, YESTERDAY).days == "23 November 2026"
        assert what_was_said(date(2026, 10, 1), YESTERDAY).days == "1 October 2026 to 23 November 2026"

    def test_keeps_what_was_not_asked_apart_from_never(self):
        assert what_was_said(TODAY, TODAY).lines == [
            ("Ambulance called", 2),
            ("Went to A&E", 0),
            ("Admitted to hospital", None),
        ]


class TestAPeriod:
    def test_ends_yesterday_at_the_latest_and_begins_at_birth_at_the_earliest(self):
        assert codes(BORN, YESTERDAY) == []

    def test_is_over(self):
        assert codes(YESTERDAY, TODAY) == ["use_not_over"]

    def test_does_not_begin_before_birth(self):
        assert codes(BORN - A_DAY) == ["use_before_birth"]
        assert codes(BORN - A_DAY, born_on=None) == []

    def test_does_not_end_before_it_begins(self):
        assert codes(YESTERDAY, YESTERDAY - A_DAY) == ["use_ends_before"]

    def test_shares_no_day_with_another_of_its_source(self):
        said = what_was_said(YESTERDAY, YESTERDAY)

        (finding,) = may_record_use(said, today=TODAY, born_on=BORN, taken=said).refusals

        assert finding.code == "use_days_taken"
        assert "already tells of 23 November 2026, which shares days" in finding.message

    @pytest.mark.parametrize("name", COUNTS)
    def test_tells_at_least_one_number_and_nought_is_one(self, name):
        none = dict.fromkeys(COUNTS)

        assert codes(**none) == ["use_without_number"]
        assert codes(**none | {name: 0}) == []

    @pytest.mark.parametrize("name", COUNTS)
    def test_tells_no_number_that_cannot_be(self, name):
        assert codes(**{name: MOST_TIMES}) == []
        assert codes(**{name: MOST_TIMES + 1}) == [f"use_{name}_many"]
