"""The pages of a clinic of years: what is shown month by month, and what is left to the workbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outcomes.rules.evaluation.attendance import MonthOfSessions
from outcomes.rules.evaluation.charts import draw_charts
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.pages.blocks import Chart, found_of
from outcomes.rules.evaluation.spreadsheet import list_files
from outcomes.rules.evaluation.support import MonthOfSupport
from outcomes.rules.evaluation.urine import MonthOfSamples, Samples
from tests.factories.report_figures import FIGURES
from tests.unit.outcomes.test_evaluation_pages import FONTS, pages_of, said


class TestManyMonths:
    """A clinic of years: each bar of a chart can be told from the next, and the rest is in the files."""

    LONG = [date(2016 + index // 12, index % 12 + 1, 1) for index in range(120)]

    @pytest.fixture
    def years(self):
        sessions = [MonthOfSessions(month=month, attended=95, offered=100, excused=0) for month in self.LONG]
        samples = [
            MonthOfSamples(month=month, samples=Samples(due=11, negative=8, positive=2, void=0, not_taken=1))
            for month in self.LONG
        ]
        support = [MonthOfSupport(month=month, attended=4, not_attended=1) for month in self.LONG]
        return replace(
            FIGURES,
            attendance=replace(FIGURES.attendance, months=sessions),
            urine=replace(FIGURES.urine, months=samples),
            support=replace(FIGURES.support, months=support),
        )

    def test_are_shown_of_the_last_two_years(self, years):
        pages = pages_of(years)

        for key in ("attendance", "urine", "support"):
            text = said(pages[key])
            assert "At most the last 24 months" in text
            assert "Jan 2024" in text
            assert "Dec 2025" in text
            assert "Dec 2023" not in text

    def test_are_drawn_of_the_last_two_years(self, years):
        findings = {"attendance": "a", "urine": "u", "support": "s"}

        charts = draw_charts(years, found_of(list_indicators(years)), findings, FONTS)

        for chart in charts.values():
            assert "2024" in chart
            assert "2023" not in chart

    def test_stand_whole_in_the_files(self, years):
        files = list_files({"indicators": []}, years)

        for name in ("attendance-by-month.csv", "urine-by-month.csv", "support-by-month.csv"):
            assert files[name][0].count("\n") == 121

    def test_in_which_nothing_happened_are_not_drawn_and_not_called_all_there_was(self, years):
        old, quiet = self.LONG[:60], self.LONG[60:]
        none = Samples(due=0, negative=0, positive=0, void=0, not_taken=0)
        over = replace(
            years,
            attendance=replace(
                years.attendance,
                months=[
                    *years.attendance.months[: len(old)],
                    *(MonthOfSessions(month=month, attended=0, offered=0, excused=0) for month in quiet),
                ],
            ),
            urine=replace(
                years.urine,
                months=[
                    *years.urine.months[: len(old)],
                    *(MonthOfSamples(month=month, samples=none) for month in quiet),
                ],
            ),
            support=replace(
                years.support,
                months=[
                    *years.support.months[: len(old)],
                    *(MonthOfSupport(month=month, attended=0, not_attended=0) for month in quiet),
                ],
            ),
        )

        pages = pages_of(over)

        assert pages["attendance"].heading == "No session was offered in the last 24 months"
        assert "None in the last 24 months." in said(pages["urine"])
        for key in ("attendance", "urine", "support"):
            assert not [block for block in pages[key].blocks if isinstance(block, Chart)]
            assert "by month" not in said(pages[key])

    def test_have_no_first_months_among_them(self, years):
        assert "First months cover few people" not in said(pages_of(years)["attendance"])
        assert "First months cover few people" in said(pages_of()["attendance"])

    def test_are_not_spoken_of_where_there_are_few(self):
        assert "At most the last" not in said(pages_of()["attendance"])
