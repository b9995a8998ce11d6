"""The charts of what was measured of people: what they draw, and what they leave out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from outcomes.rules.evaluation.charts import draw_charts
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.health import HealthFacts
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.pages.blocks import Chart, found_of
from outcomes.rules.evaluation.words import NBSP
from tests.factories.report_figures import CONTROL, FIGURES

FONTS = Path(__file__).resolve().parents[3] / "static" / "fonts" / "public-sans"


def charts_of(key: str, **changes) -> list[Chart]:
    figures = replace(FIGURES, **changes)
    pages = {page.key: page for page in list_pages(CONTROL, figures, list_indicators(figures))}
    return [block for block in pages[key].blocks if isinstance(block, Chart)]


def words_of(name: str, **changes) -> list[str]:
    """Every text that a chart shows, its title first."""
    figures = replace(FIGURES, **changes)
    svg = draw_charts(figures, found_of(list_indicators(figures)), {name: "the finding"}, FONTS)[name]
    return [text.strip().replace(NBSP, " ") for text in re.findall(r">([^<>]+)<", svg) if text.strip()]


class TestChartsOfMeasures:
    @pytest.mark.parametrize("key", ["custody", "answers", "own", "health", "housing", "costs"])
    def test_tell_the_finding_of_their_page(self, key):
        (chart,) = charts_of(key)

        page = {page.key: page for page in list_pages(CONTROL, FIGURES, list_indicators(FIGURES))}[key]
        assert (chart.name, chart.finding) == (key, page.heading)

    @pytest.mark.parametrize(
        ("key", "changes"),
        [
            ("custody", {"custody": replace(FIGURES.custody, rows=0)}),
            ("answers", {"top": replace(FIGURES.top, pairs={"physical": [(3, 4)]})}),
            ("own", {"own": replace(FIGURES.own, pairs={"spend_week_gbp": [(1, 2)]})}),
            ("health", {"health": HealthFacts(started=3, by_source={})}),
            ("costs", {"costs": replace(FIGURES.costs, by_category={}, by_payer={})}),
        ],
    )
    def test_are_not_there_where_they_would_be_empty(self, key, changes):
        assert charts_of(key, **changes) == []

    def test_give_stays_with_two_decimals_below_one(self):
        words = words_of("custody")

        assert {"Before the start", "After the start", "0.50", "0.17"} <= set(words)

    def test_leave_a_line_without_a_rate_empty(self):
        nothing = replace(FIGURES.health.by_source["self_reported"], during={})
        health = replace(FIGURES.health, by_source={"self_reported": nothing})

        whole, half = words_of("health"), words_of("health", health=health)

        assert "Ambulance calls, told, since" in half
        assert len(half) < len(whole)

    def test_name_shares_of_people_as_n_of_n_and_never_in_per_cent(self):
        words = words_of("housing")

        assert {"none", "half", "all", "6 of 11", "8 of 11", "1 of 12"} <= set(words)
        assert not any("%" in word for word in words)

    def test_mark_once_what_did_not_change(self):
        same = words_of("answers", top=replace(FIGURES.top, pairs={"alcohol_days": [(5, 5)]}))
        changed = words_of("answers", top=replace(FIGURES.top, pairs={"alcohol_days": [(5, 3)]}))

        assert (same.count("5"), changed.count("5"), changed.count("3")) == (1, 1, 1)

    def test_leave_out_what_nobody_answered_twice(self):
        words = words_of("own")

        assert "Injected in a public place" in words
        assert "5 of 8" in words

    def test_say_what_nobody_entered(self):
        words = words_of("costs")

        assert words.count("not entered") == 2
        assert "£150,000" in words
