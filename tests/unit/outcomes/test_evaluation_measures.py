"""Homes, forms, services, events and money: what each figure says at its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outcomes.rules.evaluation.costs import CostFacts, list_cost_indicators
from outcomes.rules.evaluation.crime_cost import (
    KINDS,
    WINDOWS,
    Costed,
    CrimeCostFacts,
    list_crime_cost_indicators,
)
from outcomes.rules.evaluation.health import HealthFacts, Used, UseOfSource, list_health_indicators
from outcomes.rules.evaluation.housing import HousingFacts, Moment, list_housing_indicators
from outcomes.rules.evaluation.indicators import NOBODY_STARTED, Indicator, Period, Source
from outcomes.rules.evaluation.legacy import LegacyFacts, MonthOne, list_legacy_indicators
from outcomes.rules.evaluation.offending import OffendingFacts
from outcomes.rules.evaluation.safety import SafetyFacts, list_safety_indicators
from outcomes.rules.evaluation.top import TopFacts, list_top_indicators

PERIOD = Period(month=date(2025, 3, 1), opened_on=date(2025, 1, 15), as_of=date(2025, 4, 1))


def by_id(indicators: list[Indicator]) -> dict[str, Indicator]:
    return {indicator.id: indicator for indicator in indicators}


def limits(indicator: Indicator) -> tuple[float, float] | None:
    return indicator.interval and (indicator.interval.low, indicator.interval.high)


class TestHousing:
    def figures(self, started: int, **start: int) -> dict[str, Indicator]:
        people = {Moment.START: start, Moment.MONTH_1: {}, Moment.LATEST: {}}
        return by_id(
            list_housing_indicators(
                HousingFacts(started=started, people=people, people_of_l30=people), PERIOD
            )
        )

    def test_gives_each_state_of_those_recorded(self):
        figures = self.figures(9, rough=1, sofa=2, own=3)

        own, homeless = figures["housing.own.start"], figures["housing.homeless.start"]
        assert (own.numerator, own.denominator, own.missing) == (3, 6, 3)
        assert (homeless.numerator, homeless.denominator) == (3, 6)
        assert own.label == "Home at the start: own home"

    def test_says_why_there_is_no_share(self):
        assert self.figures(9)["housing.own.start"].note == "Nobody who started has such a housing record."
        assert self.figures(0)["housing.own.start"].note == NOBODY_STARTED
        assert self.figures(0)["quality.housing_start"].value is None


class TestForms:
    def figures(self, pairs=None, **counts: int) -> dict[str, Indicator]:
        facts = {"started": 0, "with_start": 0, "asked_shoplifting": 0, "shoplifted_daily": 0, "compared": 0}
        facts |= counts
        return by_id(list_top_indicators(TopFacts(pairs=pairs or {}, **facts), PERIOD))

    def test_give_six_of_nine_who_stopped_with_the_interval_of_wilson(self):
        pairs = {"shoplifting_days": [(28, 0)] * 6 + [(28, 3)] * 3}
        to_zero = self.figures(pairs, started=14, with_start=14, asked_shoplifting=14, shoplifted_daily=9)[
            "top.shoplifting_days.daily_to_zero"
        ]

        assert (to_zero.numerator, to_zero.denominator) == (6, 9)
        assert limits(to_zero) == pytest.approx((0.3542, 0.8794), abs=5e-5)

    def test_of_nobody_say_that_nobody_started(self):
        figures = self.figures()

        assert {figure.note for figure in figures.values()} == {NOBODY_STARTED}

    def test_of_people_without_forms_say_which_are_wanting(self):
        figures = self.figures(started=3)

        assert figures["top.sharing.start"].note == figures["top.physical.change"].note
        assert figures["top.sharing.start"].missing == 3
        assert figures["top.shoplifting_days.daily_at_start"].note == "No start form says on how many days."
        assert "Nobody paired shoplifted" in figures["top.shoplifting_days.daily_to_zero"].note
        assert figures["quality.top_start"].value == 0


class TestServices:
    def figures(self, pre: Used, during: Used, *, source: Source = Source.RECORD) -> dict[str, Indicator]:
        use = UseOfSource(pre={"ae": pre}, during={"ae": during}, people_in_both={"ae": 2})
        return by_id(list_health_indicators(HealthFacts(started=6, by_source={source: use}), PERIOD))

    def test_give_the_ratio_with_its_exact_interval(self):
        figures = self.figures(
            Used(events=2, days=168, people=6),
            Used(events=4, days=1092, people=6),
            source=Source.SELF_REPORTED,
        )

        ratio = figures["health.ae.rate_ratio"]
        assert ratio.value == pytest.approx(0.308, abs=5e-4)
        assert limits(ratio) == pytest.approx((0.044, 3.401), abs=5e-4)
        assert ratio.source is Source.SELF_REPORTED

    def test_name_their_source(self):
        figure = self.figures(Used(events=1, days=10, people=1), Used())["health.ae.pre_rate"]

        assert (figure.source, figure.missing) == (Source.RECORD, 5)
        assert figure.label == "Visits to A&E, as the service recorded, per person-year before the start"

    def test_give_no_rate_where_nothing_was_asked(self):
        figures = self.figures(Used(events=1, days=10, people=1), Used())

        assert figures["health.ae.during_rate"].value is None
        assert (
            figures["health.ae.during_rate"].note
            == "Nothing was asked or looked up since the start: no rate."
        )
        assert figures["health.ae.rate_ratio"].note.startswith("Nothing was asked or looked up in one")

    def test_give_no_ratio_to_no_event(self):
        ratio = self.figures(Used(days=10, people=1), Used(events=2, days=10, people=1))[
            "health.ae.rate_ratio"
        ]

        assert ratio.note == "No event before the start: nothing to compare with."

    def test_give_a_ratio_of_nought_an_interval(self):
        ratio = self.figures(Used(events=2, days=168, people=2), Used(days=1092, people=2))[
            "health.ae.rate_ratio"
        ]

        assert ratio.value == 0
        assert ratio.interval.low == 0
        assert ratio.interval.high == pytest.approx(0.8192, abs=5e-5)

    @pytest.mark.parametrize(("started", "words"), [(0, NOBODY_STARTED), (3, "No use of health services")])
    def test_that_nobody_told_of_are_null_once_each(self, started, words):
        figures = list_health_indicators(HealthFacts(started=started, by_source={}), PERIOD)

        assert len(figures) == 9
        assert all(figure.value is None and figure.note.startswith(words) for figure in figures)


class TestSafety:
    def figures(self, started: int, over_sedation: int = 0) -> dict[str, Indicator]:
        facts = SafetyFacts(
            referred=0 if not started else started + 2,
            started=started,
            over_sedation=over_sedation,
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
        return by_id(list_safety_indicators(facts, PERIOD))

    def test_says_what_none_of_14_people_still_allows(self):
        deaths = self.figures(14)["safety.deaths.in_treatment"]

        assert deaths.value == 0
        assert deaths.extras["upper_if_zero"] == pytest.approx(0.2316, abs=5e-5)
        assert "None of 14 people" in deaths.note
        assert "23.2" in deaths.note

    def test_says_so_of_one_person(self):
        assert "None of one person" in self.figures(1)["safety.naloxone"].note

    def test_adds_nothing_to_a_count(self):
        figure = self.figures(14, over_sedation=2)["safety.over_sedation"]

        assert (figure.value, figure.note, dict(figure.extras)) == (2, None, {})

    def test_counts_nothing_of_nobody(self):
        figures = self.figures(0)
        before = "safety.deaths.before_start"

        assert {figures.pop(id).note for id in (before, f"{before}.rate")} == {
            "Nobody had been referred by the data cut."
        }
        assert {figure.note for figure in figures.values()} == {NOBODY_STARTED}


class TestCosts:
    def figures(self, started: int = 2, days: int = 731, **pence: int) -> dict[str, Indicator]:
        facts = CostFacts(
            by_category=pence,
            by_payer={"public health": sum(pence.values())} if pence else {},
            started=started,
            treatment_days=days,
        )
        return by_id(list_cost_indicators(facts, PERIOD))

    def test_give_pounds_and_the_running_cost_of_a_year(self):
        figures = self.figures(setup=500_00, drug=1000_50, staff=0)

        assert figures["cost.programme.setup"].value == 500
        assert figures["cost.programme.staff"].value == 0
        assert figures["cost.programme.other"].value is None
        assert figures["cost.programme.other"].note == "No cost of this kind is recorded."
        assert figures["cost.payer.public health"].value == 1500.5
        each = figures["cost.per_patient_year"]
        assert (each.numerator, each.denominator) == (1000.5, 731 / 365.25)
        assert each.value == pytest.approx(1000.5 * 365.25 / 731)

    def test_without_any_row_are_null(self):
        figures = self.figures()

        assert len(figures) == 7
        assert {figure.note for figure in figures.values()} == {"No cost of the programme is recorded."}

    def test_of_setting_up_alone_say_nothing_of_a_year(self):
        figures = self.figures(setup=500_00)

        assert figures["cost.per_patient_year"].note == "No cost other than setting up is recorded."

    @pytest.mark.parametrize(("started", "note"), [(0, NOBODY_STARTED), (1, "Nobody had a day of treatment")])
    def test_without_a_day_of_treatment_say_nothing_of_a_year(self, started, note):
        each = self.figures(started=started, days=0, drug=100)["cost.per_patient_year"]

        assert each.value is None
        assert each.note.startswith(note)


class TestCostOfCrime:
    def figures(self, costed: Costed, *, started: int = 3, **others: Costed) -> dict[str, Indicator]:
        by_kind = {(kind, key): others.get(kind, costed) for kind in KINDS for key in WINDOWS}
        facts = CrimeCostFacts(started=started, by_kind=by_kind, table_version="abc")
        return by_id(list_crime_cost_indicators(facts, PERIOD))

    def test_is_the_sum_over_what_is_costed_and_says_what_is_not(self):
        cost = self.figures(Costed(gbp=1380, costed=1, not_costed=2, verified=False))["crime_cost.social.pre"]

        assert (cost.value, cost.missing, dict(cost.extras)) == (1380, 2, {"not_costed": 2, "costed": 1})
        assert "version abc; not yet verified by a named person." in cost.note
        assert "2 more offences have no unit cost" in cost.note

    def test_carries_the_mark_of_its_own_unit_costs_alone(self):
        verified = Costed(gbp=1380, costed=1, not_costed=0, verified=True)
        figures = self.figures(verified, response=replace(verified, verified=False))

        assert figures["crime_cost.social.pre"].note == "Unit costs as in the offence table, version abc."
        assert "not yet verified" in figures["crime_cost.response.pre"].note

    def test_is_null_where_no_offence_is_costed(self):
        cost = self.figures(Costed(gbp=0, costed=0, not_costed=42, verified=False))["crime_cost.response.pre"]

        assert (cost.value, cost.extras["not_costed"]) == (None, 42)
        assert "any of these 42 offences" in cost.note

    def test_is_nought_only_where_there_is_no_offence(self):
        assert (
            self.figures(Costed(gbp=0, costed=0, not_costed=0, verified=False))[
                "crime_cost.response.post"
            ].value
            == 0
        )

    def test_is_null_of_nobody(self):
        figures = self.figures(Costed(gbp=0, costed=0, not_costed=0, verified=False), started=0)

        assert {figure.note for figure in figures.values()} == {NOBODY_STARTED}


class TestLegacy:
    def figures(
        self, *, people: int = 6, started: int = 14, pre: int = 42, scores=None, homes=None
    ) -> dict[str, Indicator]:
        moments = {moment: homes or {} for moment in Moment}
        return by_id(
            list_legacy_indicators(
                LegacyFacts(
                    people=people,
                    known_before=541,
                    recorded_after=3,
                    people_none_after=4 if people else 0,
                    scores=scores or {},
                ),
                HousingFacts(started=started, people=moments, people_of_l30=moments),
                OffendingFacts(
                    rows=1,
                    pre_total=pre,
                    post_total=17,
                    earlier_total=0,
                    people_none_post=0,
                    pre_by_group={},
                    post_by_group={},
                ),
                PERIOD,
            )
        )

    def test_gives_the_figures_of_the_first_reports(self):
        figures = self.figures(scores={"psychological": MonthOne(people=6, start=18, month1=65)})

        assert figures["legacy.known_before"].value == 541
        assert (figures["legacy.none_after"].numerator, figures["legacy.none_after"].denominator) == (4, 6)
        assert figures["legacy.psychological_change_percent"].value == pytest.approx(261.11, abs=0.005)
        assert figures["legacy.offending_change_percent"].value == pytest.approx(-59.52, abs=0.005)
        assert figures["legacy.saving_gbp"].value == pytest.approx(25 * 2_100_000 / 541)

    def test_gives_none_of_six_without_a_home_its_interval(self):
        homeless = self.figures(homes={"own": 6})["legacy.homeless_month1"]

        assert (homeless.value, homeless.missing) == (0, 0)
        assert limits(homeless) == pytest.approx((0, 0.3903), abs=5e-5)

    def test_tells_who_had_a_secure_home_and_who_slept_rough_at_the_start(self):
        figures = self.figures(homes={"own": 1, "supported": 1, "rough": 2, "institution": 1})

        secure, rough = figures["legacy.secure_start"], figures["legacy.rough_start"]
        assert (secure.numerator, rough.numerator, rough.denominator, rough.missing) == (2, 2, 5, 1)

    def test_of_nobody_treated_so_long_is_null(self):
        figures = self.figures(people=0)

        assert figures["legacy.known_before"].note == "Nobody had been treated for 30 weeks by the data cut."
        assert figures["legacy.homeless_month1"].note == figures["legacy.none_after"].note
        assert figures["legacy.physical_change_percent"].note == figures["legacy.none_after"].note
        assert figures["legacy.saving_gbp"].value is not None

    def test_of_nobody_started_is_null_throughout(self):
        assert {figure.note for figure in self.figures(people=0, started=0).values()} == {NOBODY_STARTED}

    def test_says_which_answers_and_homes_are_wanting(self):
        figures = self.figures()

        assert figures["legacy.physical_change_percent"].note.startswith("None of them has this answer")
        assert figures["legacy.physical_change_percent"].missing == 6
        assert figures["legacy.homeless_month1"].note == "None of them has such a housing record."

    def test_gives_no_percentage_of_nought(self):
        figures = self.figures(pre=0, scores={"physical": MonthOne(people=2, start=0, month1=9)})

        assert figures["legacy.physical_change_percent"].note.startswith("The sum at the start is nought")
        assert figures["legacy.offending_change_percent"].value is None
        assert figures["legacy.saving_gbp"].value < 0
