"""A frozen extract: the same for ever, shared where nothing changed."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import ProgrammingError, transaction

from outcomes.models import SegmentTally
from outcomes.queries.evaluation.figures import get_figures
from tests.factories.outcomes import ExtractSegmentFactory, SupportSessionFactory
from tests.factories.records import Records
from tests.factories.urine import UrineDrawFactory, steps_of

JANUARY, MARCH, APRIL = (date(2025, month, 1) for month in (1, 3, 4))


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


class TestASegment:
    def test_is_counted_by_the_database(self, records):
        one, other = records.person(started_on=JANUARY), records.person(started_on=JANUARY)
        for day in (7, 8, 9):
            records.session(one, date(2025, 1, day), "given")
        records.session(one, date(2025, 1, 10), "missed")
        records.session(other, date(2025, 1, 7), None)
        records.urine(one, date(2025, 1, 7), "negative")
        records.urine(one, date(2025, 1, 7), "void", assay="cocaine")
        steps_of(UrineDrawFactory(clinic=records.clinic, patient=other, due_on=date(2025, 1, 9)), "taken")
        UrineDrawFactory(clinic=records.clinic, patient=other, due_on=date(2025, 1, 16))
        for attended in (True, True, False):
            SupportSessionFactory(
                clinic=records.clinic,
                patient=one,
                booked_on=date(2025, 1, 8),
                attended=attended,
                done=["talked"] if attended else [],
                minutes=30 if attended else None,
            )
        found = records.freeze(MARCH).segment_ids

        counted = {
            (tally.segment.table_name, tally.person, tally.assay, tally.state): tally.number
            for tally in SegmentTally.objects.filter(segment_id__in=found).select_related("segment")
        }

        first, second, marker = str(one.id), str(other.id), "street_heroin_marker"
        assert counted == {
            ("attendance", first, "", "given"): 3,
            ("attendance", first, "", "missed"): 1,
            ("attendance", second, "", ""): 1,
            ("support", first, "", "attended"): 2,
            ("support", first, "", "not_attended"): 1,
            ("urine", first, marker, "negative"): 1,
            ("urine", first, "cocaine", "void"): 1,
            ("urine", second, marker, "at_laboratory"): 1,
            ("urine", second, marker, ""): 1,
        }

    def test_is_counted_by_nobody_else(self, records):
        segment = ExtractSegmentFactory(rows=[])

        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            SegmentTally.objects.create(segment=segment, person="P", assay="", state="given", number=1)

    def test_of_the_month_in_the_middle_of_which_the_clinic_opened_counts_from_that_day(self, db):
        records = Records(opened_on=date(2025, 1, 10))
        person = records.person(started_on=date(2025, 1, 6))
        for month, day in ((1, 9), (1, 10), (1, 11), (2, 1), (3, 1)):
            records.session(person, date(2025, month, day), "given")
            records.urine(person, date(2025, month, day), "negative")
            SupportSessionFactory(clinic=records.clinic, patient=person, booked_on=date(2025, month, day))

        figures = records.figures(MARCH)

        assert figures.attendance.cumulative.attended == 4
        assert [month.attended for month in figures.attendance.months] == [2, 1, 1]
        assert figures.urine.cumulative.negative == 4
        assert [month.samples.negative for month in figures.urine.months] == [2, 1, 1]
        assert [month.attended for month in figures.support.months] == [2, 1, 1]
