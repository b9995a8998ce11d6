"""What others published: each with its source and definition, beside ours and never mixed with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outcomes.rules.evaluation.benchmarks import BENCHMARKS, PUBLISHED_COSTS, Standing
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.pages.benchmarks import benchmarks_page
from outcomes.rules.evaluation.pages.blocks import found_of
from outcomes.rules.evaluation.words import NBSP
from tests.factories.report_figures import FIGURES

FOUND = found_of(list_indicators(FIGURES))


def tables_of(found=FOUND):
    return [block for block in benchmarks_page(found).blocks if block.kind == "table"]


def row_of(table, name):
    (row,) = [row for row in table.rows if row[0] == name]
    return [cell.replace(NBSP, " ") for cell in row]


class TestBenchmarks:
    @pytest.mark.parametrize("name", ["RIOTT", "Cochrane", "NDTMS", "Glasgow"])
    def test_hold_a_row_of(self, name):
        assert any(row.study.startswith(name) for row in BENCHMARKS)

    def test_name_whom_they_are_about_how_counted_and_where_read(self):
        for row in BENCHMARKS:
            assert all((row.about, row.counted, row.result, row.source, row.differs))
            assert row.standing is not Standing.NOT_CHECKED

    def test_name_only_figures_that_the_report_has(self):
        assert {row.ours for row in BENCHMARKS if row.ours} <= set(FOUND)

    def test_say_of_each_cost_what_it_covers_and_how_well_it_is_known(self):
        assert len({row.scope for row in PUBLISHED_COSTS}) == len(PUBLISHED_COSTS)
        (unread,) = [row for row in PUBLISHED_COSTS if row.standing is Standing.NOT_CHECKED]
        assert unread.sum == "£1.2 million"


class TestThePage:
    def test_prints_every_published_figure_with_its_definition(self):
        others = tables_of()[0]

        assert [row[0] for row in others.rows] == [row.study for row in BENCHMARKS]
        assert row_of(others, "RIOTT: responders")[2:] == [
            "At least half of the weekly urines of weeks 14 to 26 negative for street heroin; adjusted, "
            "with missing tests estimated",
            "66 % on heroin, 30 % on injected and 19 % on oral methadone",
            "RIOTT, Lancet 2010, abstract (published)",
        ]

    def test_sets_our_share_estimate_and_count_beside_them(self):
        ours = tables_of()[1]

        assert row_of(ours, "Glasgow: still in the service")[2] == "8 of 12 (67 %)"
        assert row_of(ours, "RIOTT: still in the treatment")[2].endswith(" %")
        assert row_of(ours, "Cochrane review: deaths")[2].isdigit()

    def test_has_a_dash_where_none_of_ours_is_near(self):
        row = row_of(tables_of()[1], "NDTMS: no heroin in the last 28 days")

        assert row[1:4] == ["no figure of the same kind", "–", "–"]

    def test_has_a_dash_for_an_estimate_that_cannot_be_made(self):
        none = replace(FOUND["retention.km_182"], value=None, interval=None, note="Nobody started.")
        ours = tables_of({**FOUND, "retention.km_182": none})[1]

        assert row_of(ours, "RIOTT: still in the treatment")[2:4] == ["–", "–"]

    def test_keeps_every_cost_apart_with_its_scope(self):
        costs = tables_of()[2]

        assert [row[1] for row in costs.rows][: len(PUBLISHED_COSTS)] == [row.sum for row in PUBLISHED_COSTS]
        assert (
            row_of(costs, "Setting a service up; which one is not told")[2]
            == "None read (not checked against its source)"
        )
        assert len(costs.rows) == len(PUBLISHED_COSTS) + 2

    def test_works_no_difference_out(self):
        text = repr(benchmarks_page(FOUND))

        assert "no comparison" in text and "saving" not in text and "net " not in text
