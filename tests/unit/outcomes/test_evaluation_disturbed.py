"""What was not as usual: bands on the charts of months, and the days of follow-up in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from outcomes.models import Disruption
from outcomes.rules.evaluation.charts import draw_charts
from outcomes.rules.evaluation.disturbed import (
    KIND_WORDS,
    Disturbance,
    DisturbedFacts,
    bands_in_words,
    bands_of,
    follow_up_caution,
    with_bands,
)
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.pages.blocks import Chart, found_of
from outcomes.rules.evaluation.words import NBSP
from tests.factories.report_figures import CONTROL, FIGURES

FONTS = Path(__file__).resolve().parents[3] / "static" / "fonts" / "public-sans"
MONTHS = [date(2025, month, 1) for month in range(1, 7)]
FLOOD = Disturbance(starts_on=date(2025, 2, 28), ends_on=date(2025, 4, 1), kind="closed", label="Flood")
STRIKE = Disturbance(starts_on=date(2025, 5, 5), ends_on=None, kind="area_wide", label="Strike")
MONTHLY = ("attendance", "urine", "support")


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def in_pages(*periods: Disturbance):
    figures = replace(FIGURES, disturbed=DisturbedFacts(periods=periods, follow_days=4000, inside_days=300))
    indicators = list_indicators(figures)
    return figures, indicators, list_pages(CONTROL, figures, indicators)


class TestABand:
    def test_spans_the_months_that_a_period_touches(self):
        bands = bands_of([FLOOD, STRIKE], MONTHS)

        assert [(band.number, band.first, band.last) for band in bands] == [(1, 1, 2), (2, 4, 5)]

    @pytest.mark.parametrize(
        ("first", "until", "places"),
        [
            (date(2024, 12, 1), date(2025, 1, 1), None),
            (date(2024, 12, 1), date(2025, 1, 2), (0, 0)),
            (date(2025, 6, 30), date(2025, 7, 9), (5, 5)),
            (date(2025, 7, 1), None, None),
        ],
    )
    def test_is_none_outside_the_chart(self, first, until, places):
        bands = bands_of([replace(FLOOD, starts_on=first, ends_on=until)], MONTHS)

        assert [(band.first, band.last) for band in bands] == ([places] if places else [])

    def test_is_told_in_words_with_its_number(self):
        said = plain(bands_in_words(bands_of([FLOOD, STRIKE], MONTHS)))

        assert said == (
            "Striped months were not as usual: 1 Flood, 28 Feb 2025 to 31 Mar 2025 (the clinic was closed); "
            "2 Strike, from 5 May 2025 on (the whole area was disturbed)."
        )
        assert bands_in_words(()) == ""
        assert with_bands("It held", ()) == "It held"

    def test_of_one_day_names_it_once(self):
        one = replace(FLOOD, ends_on=date(2025, 3, 1))

        assert plain(one.words) == "Flood, 28 Feb 2025 (the clinic was closed)"

    def test_has_words_for_every_kind(self):
        assert list(KIND_WORDS) == Disruption.Kind.values


class TestTheCaution:
    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            (DisturbedFacts(), ""),
            (DisturbedFacts(periods=(FLOOD,)), "Flood: nobody was followed yet."),
            (
                DisturbedFacts(periods=(FLOOD, STRIKE), follow_days=10),
                "Flood and Strike: none of the 10 days of follow-up lies in them.",
            ),
            (
                DisturbedFacts(periods=(FLOOD, STRIKE, FLOOD), follow_days=10, inside_days=4),
                "4 of 10 days of follow-up lie in them: Flood and Strike. What changed then may be theirs.",
            ),
        ],
    )
    def test_counts_days_and_names_what_happened(self, facts, words):
        assert plain(follow_up_caution(facts)) == words


class TestTheReport:
    def test_tells_the_bands_beside_each_chart_of_months_and_in_the_caution(self):
        period = replace(FLOOD, starts_on=date(2024, 6, 3), ends_on=date(2024, 7, 1))
        _, _, pages = in_pages(period)

        charts = {b.name: b.finding for page in pages for b in page.blocks if isinstance(b, Chart)}
        said = {page.key: plain(repr(page.blocks)).replace("\\xa0", " ") for page in pages}
        for name in MONTHLY:
            assert "Striped months were not as usual: 1 Flood" in charts[name]
            assert "Not as usual." in said[name]
        assert "Striped" not in charts["retention"]
        assert "300 of 4,000 days of follow-up" in said["glance"]

    def test_without_a_disruption_has_no_band(self):
        _, _, pages = in_pages()

        assert "Striped" not in repr(pages)

    def test_draws_the_stripes_and_the_number(self):
        period = replace(FLOOD, starts_on=date(2024, 6, 3), ends_on=date(2024, 7, 1))
        figures, indicators, pages = in_pages(period)
        charts = {
            b.name: b.finding for p in pages for b in p.blocks if isinstance(b, Chart) and b.name in MONTHLY
        }

        with_band = draw_charts(figures, found_of(indicators), charts, FONTS)
        without = draw_charts(
            replace(figures, disturbed=DisturbedFacts()), found_of(indicators), charts, FONTS
        )

        for name in MONTHLY:
            assert with_band[name].count("<pattern") == without[name].count("<pattern") + 1
            assert "Striped months" in with_band[name].partition("</title>")[0]
