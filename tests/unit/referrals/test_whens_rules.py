"""Dates known to the year, the month or the day."""

from __future__ import annotations

from datetime import date

import pytest

from referrals.rules.whens import When, check_period, least_months, read_kept, read_when

TODAY = date(2026, 11, 28)
BORN = date(1986, 5, 4)


class TestReadWhen:
    @pytest.mark.parametrize(
        ("text", "when"),
        [
            ("2024", When(2024)),
            (" 2024 ", When(2024)),
            ("3/2024", When(2024, 3)),
            ("03.2024", When(2024, 3)),
            ("14/3/2024", When(2024, 3, 14)),
            ("29/2/2024", When(2024, 2, 29)),
            ("1960", When(1960)),
            ("2999", When(2999)),
        ],
    )
    def test_takes_what_is_known(self, text, when):
        assert read_when(text) == when

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "24",
            "1959",
            "3000",
            "13/2024",
            "0/2024",
            "0/3/2024",
            "30/2/2024",
            "2024-03",
            "٢٠٢٤",
            "spring 2024",
            "0000",
        ],
    )
    def test_refuses_anything_else(self, text):
        assert read_when(text) is None


class TestReadKept:
    @pytest.mark.parametrize("when", [When(2024), When(2024, 3), When(2024, 3, 14)])
    def test_reads_what_was_kept(self, when):
        assert read_kept(when.kept) == when

    @pytest.mark.parametrize("text", ["", "2024-3", "2024-02-30", "1959", "3/2024", "2024-13"])
    def test_refuses_anything_else(self, text):
        assert read_kept(text) is None


class TestWhen:
    @pytest.mark.parametrize(
        ("when", "first", "last", "words"),
        [
            (When(2024), date(2024, 1, 1), date(2024, 12, 31), "2024"),
            (When(2024, 2), date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
            (When(2024, 2, 9), date(2024, 2, 9), date(2024, 2, 9), "9 February 2024"),
        ],
    )
    def test_means_from_a_day_to_a_day(self, when, first, last, words):
        assert (when.first, when.last, when.words) == (first, last, words)


class TestCheckPeriod:
    def codes(self, started, ended, born_on=BORN):
        found = check_period("Methadone", started, ended, born_on=born_on, today=TODAY)
        return [finding.code for finding in found]

    @pytest.mark.parametrize(
        ("started", "ended"),
        [
            (None, None),
            (When(2024), When(2024)),
            (When(2024, 6), When(2024)),
            (When(1986), None),
            (None, When(2026, 11, 28)),
        ],
    )
    def test_lets_possible_dates_pass(self, started, ended):
        assert self.codes(started, ended) == []

    def test_refuses_the_future_by_one_day(self):
        assert self.codes(None, When(2026, 11, 29)) == ["treatment_ended"]
        assert self.codes(When(2027), None) == ["treatment_began"]

    def test_refuses_what_lies_before_birth_and_asks_nothing_without_one(self):
        assert self.codes(When(1986, 5, 4), None) == ["treatment_began"]
        assert self.codes(When(1986, 5, 5), None) == []
        assert self.codes(When(1970), None, born_on=None) == []

    def test_refuses_an_end_before_the_beginning(self):
        assert self.codes(When(2024, 4), When(2024, 3)) == ["treatment_ended"]
        assert self.codes(When(2024, 4), When(2024, 4)) == []


class TestLeastMonths:
    @pytest.mark.parametrize(
        ("started", "ended", "months"),
        [
            (When(2024, 1, 1), When(2024, 7, 1), 6),
            (When(2024, 1, 2), When(2024, 7, 1), 5),
            (When(2023), When(2024), 0),
            (When(2022), When(2024), 12),
            (When(2024, 1), When(2024, 8), 6),
            (When(2024), When(2024), 0),
            (None, When(2024), None),
            (When(2024), None, None),
        ],
    )
    def test_counts_only_what_is_sure(self, started, ended, months):
        assert least_months(started, ended) == months
