"""Asking for a report: taken once, refused in words, picked up again when its worker is gone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.actions.reports import (
    ReportRequestRefused,
    finish_request,
    request_report,
    start_request,
)
from outcomes.models import ReportRequest
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.schedule import ABANDONED_AFTER
from tests.factories.records import AT, Records

MARCH = date(2025, 3, 1)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def ask(records, month=MARCH, edition=Edition.RESTRICTED):
    return request_report(clinic=records.clinic, month=month, edition=edition, by=records.by, at=AT)


class TestRequestReport:
    def test_returns_the_same_asking_while_one_waits(self, records):
        assert ask(records) == ask(records) == ReportRequest.objects.get()

    def test_asks_anew_once_the_last_has_ended(self, records):
        first = ask(records)
        finish_request(request=first, run=None, failure="The disc is full.", by=records.by, at=AT)

        assert ask(records) != first

    @pytest.mark.parametrize(
        ("month", "edition", "sentence"),
        [
            (date(2026, 2, 1), Edition.RESTRICTED, "February 2026 has not begun"),
            (date(2024, 12, 1), Edition.RESTRICTED, "The clinic opened on"),
            (date(2025, 2, 1), Edition.PUBLIC, "made for quarters only"),
        ],
    )
    def test_says_why_not(self, records, month, edition, sentence):
        with pytest.raises(ReportRequestRefused, match=sentence):
            ask(records, month, edition)

        assert not ReportRequest.objects.exists()


class TestStartRequest:
    def test_takes_each_asking_once(self, records):
        asked = ask(records)

        assert start_request(by=records.by, at=AT) == asked
        assert start_request(by=records.by, at=AT) is None

    @pytest.mark.parametrize(("late", "again"), [(timedelta(0), False), (timedelta(seconds=1), True)])
    def test_takes_one_again_whose_worker_is_gone(self, records, late, again):
        asked = ask(records)
        start_request(by=records.by, at=AT)

        taken = start_request(by=records.by, at=AT + ABANDONED_AFTER + late)

        assert taken == (asked if again else None)


class TestFinishRequest:
    def test_keeps_what_fits_of_a_long_failure(self, records):
        asked = ask(records)

        finish_request(request=asked, run=None, failure="x" * 400, by=records.by, at=AT)

        asked.refresh_from_db()
        assert asked.failure == "x" * 300
        assert asked.finished_at == AT
