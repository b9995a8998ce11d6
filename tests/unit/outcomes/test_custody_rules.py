"""What may be recorded of stays in custody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.models import CustodyStay
from outcomes.rules.cohort.columns import USE_SOURCES
from outcomes.rules.custody import (
    CustodyKind,
    CustodySaid,
    CustodySource,
    last_day,
    may_end_custody,
    may_record_custody,
)

TODAY = date(2026, 11, 24)
BORN = date(1980, 3, 5)
A_DAY = timedelta(days=1)


def stay(first_on: date = TODAY, last_on: date | None = None, **more: str) -> CustodySaid:
    return CustodySaid(first_on=first_on, last_on=last_on, **{"kind": "prison", "source": "record", **more})


def codes(
    first_on: date = TODAY,
    last_on: date | None = None,
    *,
    born_on: date | None = BORN,
    taken: CustodySaid | None = None,
) -> list[str]:
    said = stay(first_on, last_on)
    return may_record_custody(said, today=TODAY, born_on=born_on, taken=taken).refusal_codes


def codes_of_end(stands: CustodySaid, last_on: date, *, is_struck: bool = False) -> list[str]:
    return may_end_custody(stands, last_on, is_struck=is_struck, today=TODAY).refusal_codes


class TestTheCodes:
    def test_are_those_of_the_table(self):
        assert list(CustodyKind) == CustodyStay.Kind.values
        assert list(CustodySource) == CustodyStay.Source.values

    def test_tell_the_sources_as_the_files_do(self):
        assert tuple(CustodySource) == USE_SOURCES


class TestTheDays:
    def test_end_on_the_first_day_out(self):
        assert stay(TODAY, TODAY).out_on == TODAY + A_DAY
        assert last_day(TODAY + A_DAY) == TODAY

    def test_go_on_without_a_last_day(self):
        assert stay().out_on is None
        assert last_day(None) is None

    @pytest.mark.parametrize(
        ("last_on", "words"),
        [
            (None, "since 1 November 2026, still in"),
            (date(2026, 11, 1), "on 1 November 2026"),
            (date(2026, 11, 2), "from 1 November 2026 to 2 November 2026"),
        ],
    )
    def test_are_told_in_words(self, last_on, words):
        assert stay(date(2026, 11, 1), last_on).days == words

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            (stay(), ("Prison", "Another service, such as police, prison or probation")),
            (
                stay(kind="police", source="self_reported"),
                ("Police custody (an arrest)", "The person"),
            ),
            (stay(kind="", source=""), ("Custody, which one was not recorded", "Not recorded")),
        ],
    )
    def test_say_which_custody_and_who_told(self, said, words):
        assert (said.kind_label, said.source_label) == words


class TestAStay:
    @pytest.mark.parametrize("first_on", [TODAY, BORN])
    def test_begins_today_at_the_latest_and_at_birth_at_the_earliest(self, first_on):
        assert codes(first_on) == []

    def test_does_not_begin_tomorrow(self):
        assert codes(TODAY + A_DAY) == ["custody_in_future"]

    def test_does_not_begin_before_birth(self):
        assert codes(BORN - A_DAY) == ["custody_before_birth"]
        assert codes(BORN - A_DAY, born_on=None) == []

    def test_may_last_one_day_that_is_today(self):
        assert codes(TODAY, TODAY) == []

    def test_does_not_end_tomorrow(self):
        assert codes(TODAY, TODAY + A_DAY) == ["custody_end_in_future"]

    def test_does_not_end_before_it_begins(self):
        assert codes(TODAY, TODAY - A_DAY) == ["custody_ends_before"]

    def test_shares_no_day_with_another_of_its_source(self):
        (finding,) = may_record_custody(
            stay(), today=TODAY, born_on=BORN, taken=stay(TODAY - A_DAY, TODAY)
        ).refusals

        assert finding.code == "custody_days_taken"
        assert finding.message == (
            "The same source already tells of custody from 23 November 2026 to 24 November 2026. "
            "Correct that one instead."
        )

    def test_says_to_end_an_open_one_first(self):
        (finding,) = may_record_custody(stay(), today=TODAY, born_on=BORN, taken=stay(TODAY - A_DAY)).refusals

        assert "since 23 November 2026, still in. If they have come out, write that there first." in (
            finding.message
        )

    def test_is_told_every_reason_at_once(self):
        assert codes(TODAY + 2 * A_DAY, TODAY + A_DAY, taken=stay()) == [
            "custody_in_future",
            "custody_end_in_future",
            "custody_days_taken",
        ]


class TestAnEnd:
    @pytest.mark.parametrize("last_on", [TODAY - A_DAY, TODAY])
    def test_is_from_the_first_day_to_today(self, last_on):
        assert codes_of_end(stay(TODAY - A_DAY), last_on) == []

    def test_is_not_before_the_first_day(self):
        assert codes_of_end(stay(TODAY), TODAY - A_DAY) == ["custody_ends_before"]

    def test_is_not_tomorrow(self):
        assert codes_of_end(stay(), TODAY + A_DAY) == ["custody_end_in_future"]

    def test_comes_once(self):
        assert codes_of_end(stay(TODAY, TODAY), TODAY) == ["custody_not_open"]

    def test_is_of_no_line_that_counts_for_nothing(self):
        assert codes_of_end(stay(), TODAY, is_struck=True) == ["custody_struck"]
