"""A frozen extract: the same for ever, shared where nothing changed."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.queries.evaluation.figures import get_figures
from tests.factories.records import Records

MARCH, APRIL = date(2025, 3, 1), date(2025, 4, 1)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


class TestAFrozenExtract:
    def test_gives_the_same_figures_after_the_records_changed(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        records.offence(person, date(2025, 2, 1))
        extract = records.freeze(MARCH)
        before = get_figures(segment_ids=extract.segment_ids, month=MARCH, as_of=APRIL)

        records.offence(person, date(2024, 6, 1))

        assert get_figures(segment_ids=extract.segment_ids, month=MARCH, as_of=APRIL) == before

    def test_is_the_same_when_frozen_again(self, records):
        records.person(started_on=date(2025, 1, 6))

        assert records.freeze(MARCH) == records.freeze(MARCH)

    def test_is_the_same_when_frozen_late(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        records.custody(person, date(2025, 2, 1), date(2025, 5, 1))
        on_the_day = records.freeze(MARCH)

        person.episodes.update(exited_on=date(2025, 4, 2), exit_reason="other")
        records.session(person, date(2025, 4, 1), "given")
        records.offence(person, date(2025, 4, 1))
        records.person(referred_on=date(2025, 4, 1))

        assert records.freeze(MARCH) == on_the_day

    def test_shares_every_segment_that_did_not_change(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        for month in (1, 2, 3):
            records.session(person, date(2025, month, 10), "given")
        march = set(records.freeze(MARCH).segment_ids)
        records.session(person, date(2025, 4, 10), "given")

        april = set(records.freeze(date(2025, 4, 1)).segment_ids)

        assert len(april - march) == 1
        assert march < april

    def test_takes_a_new_version_of_the_month_that_was_amended(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        for month in (1, 2, 3):
            records.session(person, date(2025, month, 10), "given")
        first = records.freeze(MARCH)

        records.session(person, date(2025, 2, 11), "missed")
        second = records.freeze(MARCH)

        assert second.sha256 != first.sha256
        assert len(set(second.segment_ids) - set(first.segment_ids)) == 1
        assert len(second.segment_ids) == len(first.segment_ids)
