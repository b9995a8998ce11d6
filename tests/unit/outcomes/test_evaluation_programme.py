"""The figures of the programme around the clinic, by hand: deaths, custody, own questions, money for drugs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outcomes.rules.evaluation.candidates import CandidateFacts, list_candidate_indicators
from outcomes.rules.evaluation.custody import CustodyFacts, CustodyWindow, list_custody_indicators
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.indicators import NOBODY_STARTED, Indicator, Period
from outcomes.rules.evaluation.own import OwnFacts, list_own_indicators
from outcomes.rules.evaluation.pages import list_pages
from outcomes.rules.evaluation.safety import list_safety_indicators
from outcomes.rules.evaluation.words import NBSP
from tests.factories.report_figures import CONTROL, FIGURES

PERIOD = Period(month=date(2025, 3, 1), opened_on=date(2024, 1, 1), as_of=date(2025, 4, 1))
NOTHING = CustodyWindow(days=730, inside=0, stays=0, people=0)


def by_id(figures: list[Indicator]) -> dict[str, Indicator]:
    return {figure.id: figure for figure in figures}


def page_of(key: str, **changes):
    figures = replace(FIGURES, **changes)
    return {page.key: page for page in list_pages(CONTROL, figures, list_indicators(figures))}[key]


def said(page) -> str:
    return (page.heading + " " + repr(page.blocks)).replace(NBSP, " ").replace("\\xa0", " ")


class TestDeathRates:
    @pytest.mark.parametrize(("deaths", "low", "high"), [(0, 0, 3.69), (3, 0.62, 8.77)])
    def test_have_the_exact_interval_for_100_person_years(self, deaths, low, high):
        facts = replace(FIGURES.safety, deaths_in_treatment=deaths, days_in_treatment=36525)

        rate = by_id(list_safety_indicators(facts, PERIOD))["safety.deaths.in_treatment.rate"]

        assert rate.value == deaths
        assert (rate.numerator, rate.denominator, rate.unit) == (deaths, 100, "per 100 person-years")
        assert (rate.interval.low, rate.interval.high) == pytest.approx((low, high), abs=0.005)
        assert rate.interval.method == "garwood"

    def test_are_null_without_a_day_of_observation(self):
        facts = replace(FIGURES.safety, deaths_after_exit_later=1, days_after_exit_later=0)

        rate = by_id(list_safety_indicators(facts, PERIOD))["safety.deaths.after_exit_later.rate"]

        assert (rate.value, rate.interval, rate.numerator) == (None, None, 1)
        assert "no rate" in rate.note

    def test_before_a_start_are_of_everybody_referred(self):
        before = by_id(list_safety_indicators(FIGURES.safety, PERIOD))["safety.deaths.before_start"]

        assert "None of 14 people" in before.note
        assert before.group == "R"


class TestCustody:
    def figures(self, *, rows: int = 3, started: int = 2, **windows) -> dict[str, Indicator]:
        facts = {"pre": NOTHING, "post": NOTHING} | windows
        return by_id(list_custody_indicators(CustodyFacts(rows=rows, started=started, **facts), PERIOD))

    def test_gives_days_and_stays_for_each_person_year(self):
        figures = self.figures(pre=CustodyWindow(days=1461, inside=40, stays=3, people=2))

        days, stays = figures["custody.days.pre"], figures["custody.stays.pre_rate"]
        assert (days.numerator, days.denominator, days.value) == (40, 4, 10)
        assert (stays.numerator, stays.value) == (3, 0.75)
        assert (stays.interval.low * 4, stays.interval.high * 4) == pytest.approx((0.62, 8.77), abs=0.005)
        assert figures["custody.people.pre"].value == 2

    def test_of_nobody_inside_is_nought(self):
        figures = self.figures()

        assert {figure.value for figure in figures.values()} == {0}

    @pytest.mark.parametrize(
        ("rows", "started", "note"), [(0, 2, "No stay in custody is in the records"), (3, 0, NOBODY_STARTED)]
    )
    def test_is_null_where_nothing_is_known(self, rows, started, note):
        figures = self.figures(rows=rows, started=started)

        assert len(figures) == 6
        assert all(figure.value is None and figure.note.startswith(note) for figure in figures.values())

    def test_has_a_page_that_sets_before_beside_after(self):
        text = said(page_of("custody"))

        assert (
            "4 of 12 people were inside for 120 days in the year before the start, 2 for 30 days after it"
            in text
        )
        assert "['Days inside for each person-year', '10.0', '2.5']" in text
        assert "['People with any day inside', '4 of 12 (33 %)', '2 of 12 (17 %)']" in text

    def test_says_how_many_were_followed_for_less_than_a_year(self):
        shorter = replace(FIGURES.followed, full_followup=9)

        assert "3 of 12 people were followed for less than a year" in said(
            page_of("custody", followed=shorter)
        )

    @pytest.mark.parametrize(
        ("changes", "heading"),
        [
            ({"started": 0}, "Nobody had started treatment, so no day in custody is counted"),
            ({"rows": 0}, "No stay in custody is recorded"),
            ({"pre": NOTHING, "post": NOTHING}, "No day in custody is recorded in the year before the start"),
        ],
    )
    def test_heads_its_page_by_what_can_be_said(self, changes, heading):
        page = page_of("custody", custody=replace(FIGURES.custody, **changes))

        assert page.heading.startswith(heading)
        assert any(block.kind == "table" for block in page.blocks) == ("pre" in changes)


class TestCandidates:
    def test_are_a_count_of_what_was_detected(self):
        (figure,) = list_candidate_indicators(
            CandidateFacts(rows=60, referred=14, offences=41, people=9), PERIOD
        )

        assert (figure.id, figure.value, figure.extras["people"]) == ("candidates.offences_2y", 41, 9)
        assert figure.note.startswith("Detected only")

    @pytest.mark.parametrize(
        ("referred", "note"), [(3, "No offence recorded by police"), (0, "Nobody had been")]
    )
    def test_are_null_where_nothing_is_known(self, referred, note):
        (figure,) = list_candidate_indicators(
            CandidateFacts(rows=0, referred=referred, offences=0, people=0), PERIOD
        )

        assert figure.value is None
        assert figure.note.startswith(note)

    def test_stand_on_the_page_of_flow(self):
        text = said(page_of("flow"))

        assert (
            "41 offences in the two years before the referral, by 9 of 14 people referred. Detected only"
            in text
        )
        unknown = replace(FIGURES.candidates, rows=0, offences=0, people=0)
        assert "No offence recorded by police" in said(page_of("flow", candidates=unknown))


class TestFlow:
    def test_tells_who_referred_and_where_people_came_from(self):
        text = said(page_of("flow"))

        assert "['Police', '14', '12']" in text
        assert "['Northtown', '9'], ['Not recorded', '3']" in text

    def test_leaves_both_tables_out_where_nobody_came(self):
        flow = replace(FIGURES.flow, referred_by_source={}, started_by_area={})

        assert "Who referred them" not in said(page_of("flow", flow=flow))

    def test_has_no_line_for_areas_that_are_all_recorded(self):
        flow = replace(FIGURES.flow, started_by_area={"Northtown": 12})

        assert "Not recorded" not in said(page_of("flow", flow=flow))

    def test_keeps_an_area_with_the_name_of_a_source_apart(self):
        flow = replace(FIGURES.flow, started_by_area={"police": 12})
        ids = [figure.id for figure in list_indicators(replace(FIGURES, flow=flow))]

        assert ids.count("flow.started.police") == 1
        assert "flow.started.area police" in ids

    def test_says_who_was_accepted_against_criteria_and_who_was_not_held_against_any(self):
        text = said(page_of("flow"))

        assert "2 of 12 people who were held against written criteria were accepted although" in text
        assert "1 more person was found eligible and not held against criteria" in text

    @pytest.mark.parametrize(
        ("people", "sentence"), [(0, ""), (2, " 2 people were found eligible and not held")]
    )
    def test_says_so_where_nobody_was_held_against_criteria(self, people, sentence):
        flow = replace(
            FIGURES.flow,
            held_against_criteria=0,
            accepted_against_criteria=0,
            not_held_against_criteria=people,
        )
        text = said(page_of("flow", flow=flow))

        assert f"Nobody who was accepted was held against written criteria.{sentence}" in text
        assert ("found eligible and not held" in text) == bool(people)


class TestOwnQuestions:
    def figures(
        self, *, rows: int = 9, started: int = 5, not_asking: int = 0, **pairs
    ) -> dict[str, Indicator]:
        facts = OwnFacts(rows=rows, started=started, not_asking=not_asking, pairs=pairs)
        return by_id(list_own_indicators(facts, PERIOD))

    def test_give_pounds_of_the_middle_person_and_the_shift(self):
        figures = self.figures(spend_week_gbp=[(20000, 0), (35000, 5000), (10050, 2000)])

        start, latest, change = (
            figures[f"own.spend_week_gbp.{key}"] for key in ("start", "latest", "change")
        )
        assert (start.value, latest.value) == (200, 20)
        assert change.value == -195.125
        assert (start.missing, start.extras["people_paired"], start.extras["people_due"]) == (2, 3, 5)

    def test_give_shares_of_the_same_people_and_their_difference(self):
        figures = self.figures(public_injecting=[(1, 0), (1, 1), (0, 0), (1, 0)])

        start, change = figures["own.public_injecting.start"], figures["own.public_injecting.change"]
        assert (start.numerator, start.denominator, start.missing) == (3, 4, 1)
        assert (change.numerator, change.denominator, change.value) == (-2, 4, -0.5)
        assert start.source == "self_reported"

    def test_count_nobody_as_lacking_a_family_they_do_not_want(self):
        contact = self.figures(family_contact=[(0, 1)], not_asking=3)["own.family_contact.latest"]

        assert (contact.value, contact.denominator, contact.missing) == (1, 1, 1)
        assert contact.extras["not_asking"] == 3

    @pytest.mark.parametrize(
        ("rows", "started", "note"),
        [
            (0, 5, "have no answer in the records"),
            (9, 5, "Nobody has this answer"),
            (9, 0, "Nobody had started"),
        ],
    )
    def test_are_null_where_nobody_answered_twice(self, rows, started, note):
        figures = self.figures(rows=rows, started=started)

        assert len(figures) == 12
        assert all(figure.value is None and note in figure.note for figure in figures.values())

    def test_have_a_page(self):
        text = said(page_of("own"))

        assert "Injected in a public place: 5 of 8 at the start, 0 of the same people last" in text
        assert "['Injected in a public place', '5 of 8', '0 of 8', '−5', '4']" in text
        assert "'1 of 3', '2 of 3', '+1', '7'" in text
        assert "['Spent in a week', '3', '£200', '£20', '−£195', '9']" in text
        assert "2 people did not want it or it was not safe" in text

    @pytest.mark.parametrize(
        ("changes", "heading"),
        [
            ({"started": 0, "pairs": {}}, "Nobody had started treatment"),
            ({"pairs": {}}, "Nobody answered the clinic's own questions both at the start and later"),
            (
                {"pairs": {"spend_week_gbp": [(1, 2)]}, "not_asking": 0},
                "1 person told twice what they spend on street drugs in a week",
            ),
        ],
    )
    def test_head_their_page_by_what_can_be_said(self, changes, heading):
        page = page_of("own", own=replace(FIGURES.own, **changes))

        assert page.heading.startswith(heading)
        assert any(block.kind == "table" for block in page.blocks) == bool(changes["pairs"])


class TestMoneyForDrugs:
    def test_is_given_for_each_year_of_treatment(self):
        figure = by_id(list_indicators(FIGURES))["cost.drug_per_patient_year"]

        assert figure.value == pytest.approx(90_000 * 365.25 / 3820)
        assert "['Diamorphine and other drugs alone', '£8,605', '10.5']" in said(page_of("costs"))

    @pytest.mark.parametrize(
        ("spent", "note"), [({}, "No cost of the programme"), ({"staff": 1}, "No cost of this kind")]
    )
    def test_is_null_where_none_is_recorded(self, spent, note):
        costs = replace(FIGURES.costs, by_category=spent, by_payer={})
        figure = by_id(list_indicators(replace(FIGURES, costs=costs)))["cost.drug_per_patient_year"]

        assert figure.value is None
        assert figure.note.startswith(note)
