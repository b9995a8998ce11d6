"""The area, the need and the cost of a place, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from outcomes.rules.evaluation import around
from outcomes.rules.evaluation.around import (
    BEFORE,
    LAST,
    AreaSum,
    AroundFacts,
    CohortShare,
    NeedFacts,
    last_twelve,
    list_around_indicators,
    year_before_opening,
)
from outcomes.rules.evaluation.disclosure import disclose
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.indicators import Indicator, Period
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.words import NBSP
from tests.factories.report_figures import CONTROL, FIGURES

PERIOD = Period(month=date(2025, 3, 1), opened_on=date(2024, 1, 15), as_of=date(2025, 4, 1))
WHOLE = AreaSum(total=1000, days=365, whole=365, has_overlap=False, sources=("Invented Police",))
SHARE = CohortShare(rows=60, started=12, offences=40, people=9, of_area=WHOLE)
NEED = NeedFacts(
    estimated_on=date(2024, 6, 1),
    people=60,
    areas=("Invented Town",),
    methods=("counted by hand",),
    sources=("Invented Council",),
)


def figures_of(facts: AroundFacts, *, pence: int | None = 36_525_00) -> dict[str, Indicator]:
    figures = list_around_indicators(facts, PERIOD, referred=14, started=12, running_pence=pence)
    return {figure.id: figure for figure in figures}


def page_of(facts: AroundFacts, key: str = "area", **changes: Any) -> str:
    figures = replace(FIGURES, around=facts, **changes)
    page = {page.key: page for page in list_pages(CONTROL, figures, list_indicators(figures))}[key]
    return (page.heading + " " + repr(page.blocks)).replace(NBSP, " ").replace("\\xa0", " ")


def facts(**changes: Any) -> AroundFacts:
    given: dict[str, Any] = {
        "sums": {("recorded_all", LAST): WHOLE, ("recorded_all", BEFORE): replace(WHOLE, total=1200)},
        "share": SHARE,
        "need": NEED,
        "place_days": 3650,
    }
    return AroundFacts(**given | changes)


class TestTheArea:
    def test_has_whole_months_as_its_windows(self):
        figures = figures_of(facts())

        assert figures["area.recorded_all.last_12m"].window == (date(2024, 4, 1), date(2025, 4, 1))
        assert figures["area.recorded_all.before_12m"].window == (date(2023, 1, 1), date(2024, 1, 1))
        assert figures["area.cohort_share"].window == (date(2023, 1, 15), date(2024, 1, 15))

    def test_ends_with_the_last_whole_month_while_a_month_goes_on(self):
        running = Period(month=date(2025, 3, 1), opened_on=date(2024, 1, 15), as_of=date(2025, 3, 20))

        assert last_twelve(running) == (date(2024, 3, 1), date(2025, 3, 1))
        assert year_before_opening(running)[1] == date(2024, 1, 15)

    def test_is_a_sum_with_the_days_that_no_count_covers(self):
        short = replace(WHOLE, days=300)

        figure = figures_of(facts(sums={("drug_deaths", LAST): short}))["area.drug_deaths.last_12m"]

        assert (figure.value, figure.missing) == (1000, 65)
        assert figure.note == "The published counts cover 300 of 365 days."
        assert str(figure.source) == "record"

    @pytest.mark.parametrize(
        ("sums", "note"),
        [
            ({}, around.NO_COUNT),
            ({("drug_deaths", LAST): replace(WHOLE, has_overlap=True)}, around.OVERLAP),
        ],
    )
    def test_is_null_with_a_sentence(self, sums, note):
        figure = figures_of(facts(sums=sums))["area.drug_deaths.last_12m"]

        assert (figure.value, figure.note) == (None, note)


class TestTheShareOfTheCohort:
    def test_is_of_the_same_days(self):
        figure = figures_of(facts())["area.cohort_share"]

        assert (figure.numerator, figure.denominator, figure.value) == (40, 1000, 0.04)
        assert figure.interval is not None
        assert figure.extras["people"] == 9

    @pytest.mark.parametrize(
        ("changes", "note"),
        [
            ({"started": 0}, around.NOBODY),
            ({"rows": 0}, around.NO_OFFENCES_OF_PEOPLE),
            ({"of_area": None}, around.NO_OFFENCES_OF_AREA),
            ({"of_area": replace(WHOLE, total=0)}, around.NO_OFFENCES_OF_AREA),
            ({"of_area": replace(WHOLE, has_overlap=True)}, around.OVERLAP),
        ],
    )
    def test_is_null_with_a_sentence(self, changes, note):
        figure = figures_of(facts(share=replace(SHARE, **changes)))["area.cohort_share"]

        assert (figure.value, figure.note) == (None, note)

    def test_is_never_more_than_the_whole_area(self):
        figure = figures_of(facts(share=replace(SHARE, offences=1001)))["area.cohort_share"]

        assert figure.value is None
        assert "More offences of these people" in str(figure.note)


class TestTheNeed:
    def test_is_the_estimate_and_who_came_of_it(self):
        figures = figures_of(facts())

        assert figures["need.estimate"].value == 60
        assert figures["need.referred"].value == 14 / 60
        assert figures["need.started"].value == 12 / 60
        assert figures["need.started"].interval is not None

    @pytest.mark.parametrize(
        ("need", "note"),
        [(NeedFacts(), around.NO_ESTIMATE), (replace(NEED, is_twice=True), around.TWICE)],
    )
    def test_is_null_with_a_sentence(self, need, note):
        figures = figures_of(facts(need=need))

        assert {
            (figures[f"need.{key}"].value, figures[f"need.{key}"].note) for key in ("estimate", "started")
        } == {(None, note)}

    @pytest.mark.parametrize(
        ("people", "value", "note"), [(13, 14 / 13, around.MORE_THAN_ESTIMATED), (0, None, around.NO_NEED)]
    )
    def test_has_no_interval_where_it_was_too_low(self, people, value, note):
        figure = figures_of(facts(need=replace(NEED, people=people)))["need.referred"]

        assert (figure.value, figure.note, figure.interval) == (value, note, None)


class TestAPlace:
    def test_costs_what_runs_it_for_a_year(self):
        figure = figures_of(facts(place_days=3652.5))["cost.running_per_place_year"]

        assert (figure.numerator, figure.denominator, figure.value) == (36525, 10, 3652.5)
        assert figure.note is None

    def test_says_that_days_of_no_phase_count_none(self):
        figure = figures_of(facts(gap_days=20))["cost.running_per_place_year"]

        assert (figure.missing, figure.note) == (20, around.GAP)

    @pytest.mark.parametrize(
        ("pence", "days", "note"), [(None, 365, around.NO_RUNNING_COST), (100, 0, around.NO_PLACES)]
    )
    def test_is_null_with_a_sentence(self, pence, days, note):
        figure = figures_of(facts(place_days=days), pence=pence)["cost.running_per_place_year"]

        assert (figure.value, figure.note) == (None, note)


class TestThePage:
    def test_sets_the_two_years_side_by_side_with_who_published_them(self):
        said = page_of(facts())

        assert "60 people are estimated to need this treatment: 14 were referred, 12 started" in said
        assert "['All recorded offences', '1,000', '1,200', 'Invented Police']" in said
        assert "['Recorded theft', 'not entered', 'not entered', '–']" in said
        assert "40 of 1,000 recorded offences of the area" in said
        assert "(4.0 %) were of 9 of the 12 people" in said
        assert "'14 of 60 (23 %)'" in said
        assert "As of 1 June 2024. Worked out: counted by hand. Published by: Invented Council." in said
        assert "No effect of the clinic is read off" in said

    def test_without_a_row_says_so(self):
        said = page_of(AroundFacts())

        assert "Nobody has entered a count of the area or an estimate of need" in said
        assert around.NO_COUNT in said
        assert around.NO_ESTIMATE in said

    def test_says_what_is_not_covered_and_what_cannot_be_added(self):
        sums = {
            ("recorded_all", LAST): replace(WHOLE, days=300),
            ("drug_deaths", LAST): replace(WHOLE, has_overlap=True),
        }
        said = page_of(
            facts(sums=sums, need=NeedFacts(), share=replace(SHARE, of_area=replace(WHOLE, days=300)))
        )

        assert "covers only one of the two times" in said
        assert said.count("The published counts cover 300 of 365 days.") == 2
        assert "cannot be added" in said
        assert around.OVERLAP in said

    def test_names_the_first_count_where_there_is_no_estimate(self):
        assert (
            "The area, all recorded offences: 1,000 in the last twelve months, 1,200 in the twelve before"
            in (page_of(facts(need=NeedFacts())))
        )

    def test_says_that_more_came_than_were_estimated(self):
        assert around.MORE_THAN_ESTIMATED in page_of(facts(need=replace(NEED, people=13)))

    def test_of_costs_names_what_a_place_costs(self):
        assert "for each place and year, taken or not" in page_of(facts(), "costs")
        assert around.GAP in page_of(facts(gap_days=3), "costs")
        assert around.NO_PLACES in page_of(facts(place_days=0), "costs")


class TestThePublicEdition:
    def test_keeps_the_areas_own_counts_and_rounds_people(self):
        shown = {figure.id: figure for figure in disclose(list(figures_of(facts()).values()))}

        assert shown["area.recorded_all.last_12m"].value == 1000
        assert shown["need.estimate"].value == 60
        assert (shown["need.referred"].numerator, shown["need.referred"].denominator) == (15, 60)
        assert shown["cost.running_per_place_year"].value is not None

    def test_holds_a_share_that_rests_on_few(self):
        few = replace(SHARE, offences=40, people=7)

        shown = {figure.id: figure for figure in disclose(list(figures_of(facts(share=few)).values()))}

        assert shown["area.cohort_share"].suppressed
