"""The pages of homes, forms, services, money and safety: what they say at the edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outcomes.rules.evaluation.costs import CostFacts
from outcomes.rules.evaluation.crime_cost import Costed
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.health import HealthFacts, Used, UseOfSource
from outcomes.rules.evaluation.housing import HousingFacts, Moment
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.legacy import LegacyFacts, MonthOne
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.pages.cells import pounds
from outcomes.rules.evaluation.safety import SafetyFacts
from outcomes.rules.evaluation.top import TopFacts
from outcomes.rules.evaluation.words import MINUS, NBSP
from tests.factories.report_figures import CONTROL, FIGURES

NO_EVENTS = SafetyFacts(
    referred=14,
    started=12,
    over_sedation=0,
    overdose_on_site=0,
    overdose_off_site=0,
    naloxone=0,
    deaths_before_start=0,
    deaths_in_treatment=0,
    deaths_after_exit_28d=0,
    deaths_after_exit_later=0,
    days_before_start=400,
    days_in_treatment=3820,
    days_after_exit_28d=84,
    days_after_exit_later=0,
)
NO_FORMS = TopFacts(started=12, with_start=0, asked_shoplifting=0, shoplifted_daily=0, compared=0, pairs={})
NO_COSTS = CostFacts(by_category={}, by_payer={}, started=12, treatment_days=3820)


def page_of(key: str, **changes):
    figures = replace(FIGURES, **changes)
    return {page.key: page for page in list_pages(CONTROL, figures, list_indicators(figures))}[key]


def said(page) -> str:
    return (page.heading + " " + repr(page.blocks)).replace(NBSP, " ").replace("\\xa0", " ")


class TestAnswers:
    def test_set_the_latest_answers_beside_those_at_the_start(self):
        text = said(page_of("answers"))

        assert "8 of 10 people who told of opiates at the start told of none in their latest form" in text
        assert "11 of 12 people who started have an outcome form" in text
        assert (
            "1 person who started has no answer both at the start and later, and cannot be compared at all."
            in text
        )
        assert "['Every day, at the start', '7 of 11 (64 %)', '35 to 85 %', '1']" in text
        assert "['Of these, none in the latest form', '5 of 6', '–', '1']" in text

    @pytest.mark.parametrize(
        ("pairs", "heading"),
        [
            ({}, "Nobody has an outcome form both at the start and later"),
            ({"alcohol_days": [(1, 1)]}, "Nobody asked twice told of opiates at the start"),
            ({"opiates_days": [(9, 0)]}, "who told of opiates at the start told of none last"),
            ({"opiates_days": [(9, 1)]}, "who told of opiates at the start still told of some last"),
        ],
    )
    def test_head_their_page_by_what_can_be_said(self, pairs, heading):
        assert heading in page_of("answers", top=replace(NO_FORMS, pairs=pairs)).heading

    def test_have_no_table_where_nobody_answered_twice(self):
        page = page_of("answers", top=NO_FORMS)

        assert {block.kind for block in page.blocks} == {"paragraph", "aside"}

    def test_count_nobody_before_anybody_started(self):
        text = said(page_of("answers", top=replace(NO_FORMS, started=0)))

        assert "nobody was asked twice" in text
        assert "Nobody had started treatment by the data cut." in text
        assert "compared" not in text

    def test_leave_nobody_out_where_all_answered_twice(self):
        assert "compared" not in said(
            page_of("answers", top=replace(NO_FORMS, started=1, compared=1, pairs={"physical": [(3, 4)]}))
        )


class TestHousing:
    def of(self, started: int, start: dict, latest: dict):
        people = {Moment.START: start, Moment.MONTH_1: {}, Moment.LATEST: latest}
        return page_of("housing", housing=HousingFacts(started=started, people=people, people_of_l30=people))

    def test_sets_the_latest_home_beside_the_first(self):
        text = said(page_of("housing"))

        assert "Without a home: 8 of 11 at the start, 1 of 12 in the latest record" in text
        assert "cannot be placed" not in text

    def test_says_what_is_not_recorded(self):
        assert "recorded of nobody who started" in self.of(3, {}, {}).heading
        assert self.of(0, {}, {}).heading == "Nobody had started treatment, so no home is counted"
        assert "3 people who started cannot be placed at all" in said(self.of(3, {}, {}))
        assert self.of(3, {}, {"own": 2}).heading.replace(NBSP, " ") == (
            "Without a home: 0 of 2 in the latest record"
        )


class TestServices:
    def test_head_their_page_by_the_source_that_knows(self):
        use = UseOfSource(pre={}, during={"ae": Used(events=1, days=30, people=1)}, people_in_both={})
        recorded = HealthFacts(started=2, by_source={Source.RECORD: use})

        assert "People told of 12 uses of other health services in 400 days" in said(page_of("health"))
        assert said(page_of("health", health=recorded)).startswith(
            "Services recorded 1 use of other health services since the start; nothing was asked of the time before"
        )

    @pytest.mark.parametrize(
        ("pre", "heading"),
        [
            ({}, "Nothing is known of other health services before the start or since"),
            (
                {"ae": Used(events=2, days=30, people=1)},
                "Services recorded 2 uses of other health services before the start; nothing was asked of the time since",
            ),
        ],
    )
    def test_say_of_which_time_nothing_was_asked(self, pre, heading):
        use = UseOfSource(pre=pre, during={}, people_in_both={})
        page = page_of("health", health=HealthFacts(started=2, by_source={Source.RECORD: use}))

        assert page.heading == heading

    @pytest.mark.parametrize(("started", "heading"), [(2, "No use of other"), (0, "Nobody had started")])
    def test_say_that_nothing_is_known(self, started, heading):
        page = page_of("health", health=HealthFacts(started=started, by_source={}))

        assert page.heading.startswith(heading)
        assert [block.kind for block in page.blocks] == ["aside"]


class TestSafety:
    def test_names_the_worst_first(self):
        assert page_of("safety").heading == (
            "Recorded since opening: 1 death in treatment, 1 later death, 1 overdose and 2 over-sedations"
        )

    def test_says_what_none_still_allows(self):
        page = page_of("safety", safety=NO_EVENTS)

        assert page.heading == "No death, no overdose and no over-sedation is recorded"
        assert "26.5 %" in said(page)

    def test_counts_nothing_of_nobody(self):
        page = page_of("safety", safety=replace(NO_EVENTS, started=0))

        assert page.heading == "Nobody had started treatment, so no event is counted"
        assert [row[1] for row in page.blocks[0].rows] == ["–"] * 4
        assert [row[0] for row in page.blocks[1].rows if row[1] != "–"] == ["Deaths before a start"]

    def test_names_a_death_of_somebody_who_never_started(self):
        page = page_of("safety", safety=replace(NO_EVENTS, started=0, deaths_before_start=1))

        assert page.heading == "Recorded since opening: 1 death before a start"

    def test_gives_deaths_for_100_person_years_with_their_interval(self):
        (row,) = [row for row in page_of("safety").blocks[1].rows if row[0] == "Deaths in treatment"]

        assert row[1:4] == ["1", "10.5", "9.56 (0.24 to 53.27)"]

    def test_gives_no_rate_of_a_time_nobody_was_in(self):
        (row,) = [
            row
            for row in page_of("safety", safety=NO_EVENTS).blocks[1].rows
            if row[0] == "Deaths 28 days or more after leaving"
        ]

        assert row[1:4] == ["0", "0.0", "–"]

    def test_has_the_state_of_the_records_on_a_page_of_its_own(self):
        assert "11 of 12 (92 %)" in said(page_of("quality"))
        assert "–" in said(page_of("quality", top=replace(NO_FORMS, started=0)))


class TestCosts:
    def test_stand_in_three_lines_with_the_cost_of_a_year(self):
        text = said(page_of("costs"))

        assert "A year of treatment cost £22,948, setting up left out" in text
        assert "'the prison group', '£100,000'" in text
        assert "'Sum over the offences with a unit cost', '£24,150', '£1,380'" in text
        assert "Not cash-releasing." in text

    def test_are_the_sum_so_far_where_a_year_cannot_be_reckoned(self):
        costs = replace(NO_COSTS, by_category={"setup": 100_00}, by_payer={"us": 100_00})

        assert page_of("costs", costs=costs).heading == "The programme cost £100 so far"

    def test_say_that_none_is_recorded(self):
        page = page_of("costs", costs=NO_COSTS)

        assert said(page).count("No cost of the programme is recorded") == 2

    def test_of_offences_say_the_same_note_once(self):
        nothing = Costed(gbp=0, costed=0, not_costed=0, verified=True)
        crime = replace(FIGURES.crime_cost, by_kind=dict.fromkeys(FIGURES.crime_cost.by_kind, nothing))

        assert said(page_of("costs", crime_cost=crime)).count("version abc") == 2

    def test_of_offences_say_which_line_a_note_is_about(self):
        costed = Costed(gbp=100, costed=1, not_costed=0, verified=True)
        by_kind = dict.fromkeys(FIGURES.crime_cost.by_kind, costed)
        by_kind["social", "post"] = replace(costed, verified=False)
        text = said(page_of("costs", crime_cost=replace(FIGURES.crime_cost, by_kind=by_kind)))

        assert (
            "A year before: Unit costs as in the offence table, version abc. Up to a year after: Unit costs as in the "
            "offence table, version abc; not yet verified by a named person."
        ) in text
        assert text.count("not yet verified") == 1


class TestLegacy:
    def test_stands_beside_the_better_figure(self):
        text = said(page_of("legacy"))

        assert "+233.3 %" in text
        assert "6 of 8" in text
        assert "'7 of 8'" in text
        assert "'+7 (3 people)'" in text
        assert "£62,107" in text
        assert "in lines that are not netted. Not cash-releasing." in text

    def test_prints_a_dash_where_there_is_nothing(self):
        legacy = LegacyFacts(people=0, known_before=0, recorded_after=0, people_none_after=0, scores={})

        text = said(page_of("legacy", legacy=legacy, top=NO_FORMS))

        assert "'0', '–', '–'" in text
        assert "Nobody had been treated for 30 weeks by the data cut." in text

    def test_prints_a_fall_without_a_plus(self):
        scores = {"physical": MonthOne(people=1, start=10, month1=5)}

        assert f"'{MINUS}50.0 %'" in said(page_of("legacy", legacy=replace(FIGURES.legacy, scores=scores)))


@pytest.mark.parametrize(("value", "printed"), [(1234.4, "£1,234"), (-7, f"{MINUS}£7"), (0, "£0")])
def test_pounds_are_whole_and_signed_before_the_sign_of_the_pound(value, printed):
    assert pounds(value) == printed
