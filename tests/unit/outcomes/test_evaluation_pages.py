"""The pages and charts of made-up months: what they say at the edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hat_clinic.core.clock import LONDON
from outcomes.rules.evaluation.charts import draw_charts
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.flow import FlowDoesNotClose
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.pages.blocks import Chart, found_of
from outcomes.rules.evaluation.pages.changes import Difference
from outcomes.rules.evaluation.retention import RetentionFacts
from outcomes.rules.evaluation.support import Booked, MonthOfSupport, SupportFacts
from outcomes.rules.evaluation.urine import PersonWeeks, Samples
from outcomes.rules.evaluation.words import NBSP
from tests.factories.report_figures import (
    CONTROL,
    FIGURES,
    MONTHS,
    NO_SESSIONS,
    OFFENCES,
    PERIOD,
    months,
)

FONTS = Path(__file__).resolve().parents[3] / "static" / "fonts" / "public-sans"


def pages_of(figures=FIGURES, control=CONTROL, differences=()):
    return {page.key: page for page in list_pages(control, figures, list_indicators(figures), differences)}


def said(page):
    return (page.heading + " " + repr(page.blocks)).replace(NBSP, " ").replace("\\xa0", " ")


def with_attendance(**changes):
    return replace(FIGURES, attendance=replace(FIGURES.attendance, **changes))


class TestTheCover:
    def test_says_nothing_of_invented_people_where_there_are_none(self):
        assert "Invented" not in said(pages_of()["cover"])
        assert "Invented people." in said(pages_of(control=replace(CONTROL, is_invented=True))["cover"])

    def test_says_why_it_is_provisional(self):
        whole = replace(CONTROL, is_provisional=True)
        last_hour = datetime(PERIOD.as_of.year, PERIOD.as_of.month, 1, tzinfo=LONDON) - timedelta(hours=1)

        assert "no recorded outcome yet" in said(pages_of(control=whole)["cover"])
        part = pages_of(control=replace(whole, built_at=last_hour))["cover"]
        assert "The month goes on" in said(part)

    def test_names_the_issue_it_replaces(self):
        assert "2, replaces issue 1" in said(pages_of(control=replace(CONTROL, issue=2, replaces=1))["cover"])


class TestAGlance:
    def test_has_eight_tiles(self):
        (tiles,) = [block for block in pages_of()["glance"].blocks if block.kind == "tiles"]

        assert len(tiles.tiles) == 8

    def test_counts_samples_without_a_result(self):
        assert "4 more were due: 2 not taken, 1 void and 1 without a result." in said(pages_of()["glance"])

    def test_says_when_every_sample_was_tested(self):
        tested = Samples(due=16, negative=12, positive=4, void=0, not_taken=0)
        figures = replace(FIGURES, urine=replace(FIGURES.urine, cumulative=tested))

        assert "All that were due were tested." in said(pages_of(figures)["glance"])

    def test_says_how_many_more_people_than_places(self):
        figures = replace(FIGURES, flow=replace(FIGURES.flow, places=7))

        assert "1 person more than places." in said(pages_of(figures)["glance"])

    def test_says_when_places_are_not_known(self):
        figures = replace(FIGURES, flow=replace(FIGURES.flow, places=None))

        assert "had no phase" in said(pages_of(figures)["glance"])
        assert "had no phase" in said(pages_of(figures)["flow"])

    def test_gives_no_ratio_without_offences_before(self):
        figures = replace(FIGURES, recorded=replace(OFFENCES, pre_total=0))

        assert "no ratio" in said(pages_of(figures)["glance"])

    def test_gives_no_severity_with_an_offence_that_has_no_weight(self):
        figures = replace(FIGURES, severity=replace(FIGURES.severity, post_not_weighted=2))

        assert "no weight for 2" in said(pages_of(figures)["glance"])
        assert "no weight for 2" in said(pages_of(figures)["offending"])

    def test_says_when_everybody_was_always_inside(self):
        figures = replace(FIGURES, followed=replace(FIGURES.followed, post_days=0))

        assert "No day at liberty" in said(pages_of(figures)["glance"])

    def test_says_how_long_people_were_followed(self):
        assert "4 in the year after." in said(pages_of()["glance"])
        shorter = replace(FIGURES, followed=replace(FIGURES.followed, full_followup=9))
        assert "shorter than a year for 3 of 12" in said(pages_of(shorter)["glance"])


class TestAttendance:
    def test_says_that_no_month_needs_an_explanation(self):
        assert "no single month needs an explanation" in said(pages_of()["attendance"])

    def test_says_which_kind_of_month_does(self):
        page = pages_of(with_attendance(months=months(*[0.9, 0.91] * 6, 0.9, 0.5)))["attendance"]

        assert page.heading == "Attendance in Feb 2025 was unusually low"
        assert "deserves an explanation of its own" in said(page)

    def test_says_when_there_are_too_few_months(self):
        page = pages_of(with_attendance(months=FIGURES.attendance.months[:5]))["attendance"]

        assert "With 5 months it cannot yet be said" in said(page)

    def test_says_when_nobody_was_offered_a_session_in_the_month(self):
        page = pages_of(with_attendance(month=NO_SESSIONS))["attendance"]

        assert "No session was offered in the month." in said(page)

    def test_names_the_flattering_figure_as_such(self):
        assert "so the first figure flatters" in said(pages_of()["attendance"])
        without = pages_of(with_attendance(retained=NO_SESSIONS))["attendance"]
        assert "Nobody who stayed 30 weeks" in said(without)

    def test_leaves_the_others_out_where_nobody_has_a_share(self):
        page = pages_of(with_attendance(median_person=None))["attendance"]

        assert "Everybody, since opening" not in said(page)

    def test_gives_the_dose_of_the_middle_person(self):
        assert "310 mg a day" in said(pages_of()["attendance"])


class TestOffending:
    def test_sets_recorded_beside_told(self):
        (columns,) = [block for block in pages_of()["offending"].blocks if block.kind == "columns"]

        captions = [table.caption for table in columns.tables]
        assert [caption.split(":")[0] for caption in captions] == ["Recorded by police", "Told by people"]

    def test_draws_nothing_where_nothing_was_recorded(self):
        none = replace(OFFENCES, rows=0, pre_total=0, post_total=0, earlier_total=0)
        page = pages_of(replace(FIGURES, recorded=none, self_reported=none))["offending"]

        assert not any(block.kind == "chart" for block in page.blocks)
        assert "more offences are known" not in said(page)

    def test_says_nothing_of_a_fall_that_is_not_there(self):
        page = pages_of(replace(FIGURES, recorded=replace(OFFENCES, post_total=19)))["offending"]

        assert "may have risen or fallen" in page.heading
        assert "part of the fall" not in said(page)

    def test_draws_no_rate_for_a_year_spent_in_custody(self):
        figures = replace(FIGURES, followed=replace(FIGURES.followed, pre_days=0))

        (chart,) = [block for block in pages_of(figures)["offending"].blocks if isinstance(block, Chart)]
        found = {indicator.id: indicator for indicator in list_indicators(figures)}
        (drawn,) = draw_charts(figures, found, {chart.name: chart.finding}, FONTS).values()

        (whole,) = draw_charts(
            FIGURES,
            {indicator.id: indicator for indicator in list_indicators(FIGURES)},
            {chart.name: chart.finding},
            FONTS,
        ).values()
        assert found["offending.recorded.pre_rate"].note == "No day at liberty in this window: no rate."
        assert drawn.count("<use") < whole.count("<use")


class TestSteadyResponders:
    def test_are_given_a_second_time_over_weeks_with_a_sample(self):
        assert "Leaving out weeks without a sample gives 10 of 10" in said(pages_of()["urine"])

    def test_are_given_once_where_nobody_has_a_valid_sample(self):
        untested = [PersonWeeks(negative=0, valid=0)] * 10
        figures = replace(FIGURES, urine=replace(FIGURES.urine, weeks=untested))

        page = said(pages_of(figures)["urine"])

        assert "0 of 10 were steady responders" in page
        assert "Leaving out weeks" not in page


class TestChanges:
    def page(self, number):
        difference = Difference(id="x", source="y", label="Figure", before="1", after="2")
        control = replace(CONTROL, issue=3, replaces=2, compared=1)
        return pages_of(control=control, differences=[difference] * number)["changes"]

    @pytest.mark.parametrize(
        ("number", "heading"),
        [
            (0, "No figure changed since issue 1"),
            (1, "One figure changed since issue 1"),
            (2, "2 figures changed since issue 1"),
        ],
    )
    def test_are_counted(self, number, heading):
        assert self.page(number).heading == heading

    def test_stand_beside_the_issue_that_readers_had(self):
        (table,) = (block for block in self.page(1).blocks if block.kind == "table")

        assert table.columns == ["Figure", "Issue 1", "Issue 3"]

    def test_are_not_listed_where_readers_had_no_earlier_issue(self):
        page = pages_of(control=replace(CONTROL, issue=2, replaces=1, reason="One came late."))["changes"]

        assert page.heading == "No earlier issue was signed off"
        assert [block.text for block in page.blocks] == [
            "Why it was built again: One came late.",
            "Readers of this report saw no earlier issue of this month, so no change is listed.",
        ]

    def test_have_no_page_in_a_first_issue(self):
        assert "changes" not in pages_of()


class TestSupport:
    def test_says_how_many_of_the_booked_sessions_were_attended(self):
        page = pages_of()["support"]

        assert page.heading == "10 of the 12 support sessions booked in the month were attended"
        assert "In the month 6 of 8 people in treatment came to at least one support session" in said(page)
        assert "come to 1.2 for each person in treatment" in said(page)

    def test_names_the_clinic_alone_and_each_agency(self):
        page = said(pages_of()["support"])

        assert "['The clinic alone', '3', '1', '3', '1.5']" in page
        assert "['Coast Homes', '7', '1', '4', '4.0']" in page

    def test_gives_no_hours_where_no_session_says_how_long_it_took(self):
        page = said(pages_of()["support"])

        assert "['Health', '2', '0', '2', '–']" in page
        assert "2 sessions do not say how long they took" in page

    def test_speaks_of_one_session_without_minutes_in_the_singular(self):
        one = {"health": Booked(attended=1, not_attended=0, people=1, minutes=0, without_minutes=1)}
        page = pages_of(replace(FIGURES, support=replace(FIGURES.support, by_domain=one)))["support"]

        assert "1 session does not say how long it took: hours leave it out." in said(page)

    def test_says_nothing_of_minutes_where_every_session_has_them(self):
        whole = {"housing": Booked(attended=1, not_attended=0, people=1, minutes=45, without_minutes=0)}
        page = pages_of(replace(FIGURES, support=replace(FIGURES.support, by_domain=whole)))["support"]

        assert "how long" not in said(page)

    def test_has_no_table_and_no_chart_in_a_first_month_without_a_session(self):
        first = [MonthOfSupport(month=MONTHS[0], attended=0, not_attended=0)]
        facts = replace(FIGURES.support, reached=0, by_domain={}, by_agency={}, months=first)
        page = pages_of(replace(FIGURES, support=facts))["support"]

        assert page.heading == "No support session was logged in the month"
        assert {block.kind for block in page.blocks} == {"paragraph", "aside"}
        assert "for each person in treatment" not in said(page)

    def test_says_why_where_nobody_is_in_treatment_any_more(self):
        facts = replace(FIGURES.support, in_treatment=0, reached=0)
        figures = {figure.id: figure for figure in list_indicators(replace(FIGURES, support=facts))}

        assert figures["support.people.month"].note == "Nobody was in treatment at the data cut."
        assert figures["support.per_person.month"].note == "Nobody was in treatment at the data cut."
        assert figures["support.sessions.housing.month"].value == 8

    def test_counts_nothing_where_nobody_ever_started(self):
        facts = SupportFacts(started=0, in_treatment=0, reached=0, by_domain={}, by_agency={}, months=[])
        figures = replace(FIGURES, support=facts)
        found = [figure for figure in list_indicators(figures) if figure.domain == "support"]

        assert {figure.value for figure in found} == {None}
        assert {figure.note for figure in found} == {"Nobody had started treatment by the data cut."}
        assert "Nobody had started treatment by the data cut." in said(pages_of(figures)["support"])


class TestCharts:
    def draw(self, figures=FIGURES):
        charts = [
            block for page in pages_of(figures).values() for block in page.blocks if isinstance(block, Chart)
        ]
        return draw_charts(
            figures,
            found_of(list_indicators(figures)),
            {chart.name: chart.finding for chart in charts},
            FONTS,
        )

    def test_carry_their_finding_as_title(self):
        for name, svg in self.draw().items():
            root = ET.fromstring(svg)  # noqa: S314 - drawn here
            title = root.find("{http://www.w3.org/2000/svg}title")
            assert title is not None, name
            assert title.text, name

    def test_are_those_of_this_report(self):
        months_and_rates = {"flow", "retention", "attendance", "urine", "offending", "support"}

        assert set(self.draw()) == months_and_rates | {
            "custody",
            "answers",
            "own",
            "health",
            "housing",
            "costs",
        }

    def test_are_the_same_bytes_again(self):
        assert self.draw() == self.draw()

    def test_keep_their_identifiers_apart(self):
        drawn = self.draw()

        ids = [{part.split('"')[0] for part in svg.split(' id="')[1:]} for svg in drawn.values()]
        assert sum(map(len, ids)) == len(set().union(*ids))

    def test_print_no_share_of_fewer_than_ten_people(self):
        few = RetentionFacts(durations=[40, 400, 400], has_left=[True, False, False])

        assert "at 26 weeks" in self.draw()["retention"].replace(NBSP, " ")
        assert "at 26 weeks" not in self.draw(replace(FIGURES, retention=few))["retention"]

    def test_draw_a_line_that_begins_with_an_exit_on_the_first_day(self):
        gone = RetentionFacts(durations=[0, 0, 400], has_left=[True, True, False])

        assert "<svg" in self.draw(replace(FIGURES, retention=gone))["retention"]

    def test_print_limits_from_twelve_months(self):
        assert "mean" in self.draw()["attendance"]
        five = with_attendance(months=FIGURES.attendance.months[:5])
        assert "mean" not in self.draw(five)["attendance"]

    def test_draw_no_limit_above_the_whole(self):
        year = with_attendance(months=months(*[0.99, 0.7] * 7))

        assert "upper" not in self.draw(year)["attendance"]

    def test_mark_no_week_that_nobody_reached(self):
        early = RetentionFacts(durations=[40] * 12, has_left=[False] * 12)

        assert "weeks</text>" not in self.draw(replace(FIGURES, retention=early))["retention"]

    def test_draw_a_share_of_one_without_an_interval(self):
        stayed = RetentionFacts(durations=[200] * 12, has_left=[False] * 12)

        assert "100 % at 26 weeks" in self.draw(replace(FIGURES, retention=stayed))["retention"].replace(
            NBSP, " "
        )


class TestFiguresThatCannotBe:
    def test_are_refused_when_people_in_treatment_and_gone_are_not_those_who_started(self):
        with pytest.raises(FlowDoesNotClose, match="in treatment"):
            list_indicators(replace(FIGURES, flow=replace(FIGURES.flow, in_treatment=9)))

    def test_have_no_ratio_without_time_at_liberty(self):
        figures = replace(FIGURES, followed=replace(FIGURES.followed, pre_days=0))
        ratio = {figure.id: figure for figure in list_indicators(figures)}["offending.recorded.rate_ratio"]

        assert (ratio.value, ratio.note) == (None, "No day at liberty in one of the windows: no ratio.")
