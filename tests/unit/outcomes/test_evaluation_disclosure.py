"""The rules of the public edition, each by itself: what is rounded, what is left blank, what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from types import MappingProxyType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hat_clinic.scenarios.proofs.cohort_figures import QUARTERS, figures_of
from hat_clinic.scenarios.proofs.cohorts import make_people
from outcomes.rules.evaluation.definitions import DEFINITIONS, definition_of
from outcomes.rules.evaluation.disclosure import (
    HELD,
    NOT_COMPUTED,
    disclose,
    is_about_nobody,
    is_small,
    round_count,
    two_figures,
)
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.indicators import Window, make
from outcomes.rules.evaluation.people import PeopleBehind
from tests.factories.report_figures import FIGURES, PERIOD

MANY = PeopleBehind(
    offences={
        **{
            f"{source}.{part}": 9
            for source in ("recorded", "self_reported")
            for part in ("pre", "post", "either")
        },
        **{f"recorded.acquisitive.{part}": 9 for part in ("pre", "post")},
        **{f"{kind}.{part}": 9 for kind in ("response", "social") for part in ("pre", "post")},
        "recorded.earlier": 9,
        "long.before": 9,
        "long.after": 9,
    },
    events={"over_sedation": 9},
    samples_due=12,
    samples_valid=12,
    sessions=12,
    services={
        f"health.{service}.{part}@self_reported": 9
        for service in ("ambulance", "ae", "inpatient")
        for part in ("pre", "during")
    },
)


def public(figures=FIGURES, **changed):
    """The public figures by id of the made-up month, some of whose facts are changed."""
    whole = replace(figures, people=MANY)
    for part, facts in changed.items():
        whole = replace(whole, **{part: replace(getattr(whole, part), **facts)})
    return {figure.id: figure for figure in disclose(list_indicators(whole))}


def is_blank(figure):
    return figure.suppressed and figure.value is None and figure.numerator is None and figure.note == HELD


class TestACount:
    @pytest.mark.parametrize(
        ("exact", "shown"),
        [(0, 0), (1, None), (7, None), (8, 10), (9, 10), (12, 10), (13, 15), (14, 15), (17, 15), (18, 20)],
    )
    def test_is_rounded_or_blank(self, exact, shown):
        assert round_count(exact) == shown

    def test_is_small_from_one_to_seven(self):
        assert [number for number in range(-1, 10) if is_small(number)] == list(range(1, 8))
        assert not is_small(None)

    def test_stands_as_numerator_and_value(self):
        found = public()

        assert (found["flow.referred"].numerator, found["flow.referred"].value) == (15, 15)
        assert (found["flow.undecided"].value, found["flow.undecided"].suppressed) == (0, False)
        assert is_blank(found["flow.not_eligible"])

    def test_beside_a_figure_is_treated_as_one(self):
        found = public(
            urine={"cumulative": replace(FIGURES.urine.cumulative, due=40, negative=21, positive=9)}
        )

        figure = found["urine.negative_samples.cumulative"]
        assert (figure.numerator, figure.denominator, figure.missing) == (20, 30, 10)
        assert dict(figure.extras) == {"due": 40, "void": None, "not_taken": None, "people": 10}

    def test_of_nobody_started_is_null_and_not_blank(self):
        found = public(top={"started": 0, "with_start": 0, "pairs": {}})

        assert found["quality.top_start"].value is None
        assert not found["quality.top_start"].suppressed


class TestAShare:
    def test_is_that_of_the_rounded_counts(self):
        figure = public(retention={"durations": [300] * 27, "has_left": [True] * 9 + [False] * 18})[
            "retention.snapshot"
        ]
        found = public(
            flow={"started": 27, "in_treatment": 18, "exited": 9, "referred": 29},
            retention={"durations": [300] * 27, "has_left": [True] * 9 + [False] * 18},
        )["retention.snapshot"]

        assert is_blank(figure)  # rule (6): by the flow 4 people left
        assert (found.numerator, found.denominator, found.value) == (20, 25, 0.8)

    @pytest.mark.parametrize(("weeks", "blank"), [(10, False), (7, True)])
    def test_is_blank_where_the_whole_is_small(self, weeks, blank):
        found = public(urine={"weeks": FIGURES.urine.weeks[:weeks]})

        assert is_blank(found["urine.responders"]) is blank

    @pytest.mark.parametrize(("none_post", "blank"), [(12, False), (11, True), (4, True)])
    def test_is_blank_where_the_rest_or_the_part_is_small(self, none_post, blank):
        found = public(recorded={"people_none_post": none_post})

        assert is_blank(found["offending.recorded.none_post"]) is blank

    @pytest.mark.parametrize(("places", "shown"), [(15, 10 / 15), (12, 10 / 12)])
    def test_of_the_places_may_have_a_small_rest_and_places_are_as_they_are(self, places, shown):
        flow = {"started": 18, "in_treatment": 10, "exited": 8, "referred": 20, "places": places}

        figure = public(flow=flow, retention={"durations": [9] * 18, "has_left": [True] * 8 + [False] * 10})[
            "flow.occupancy"
        ]
        assert (figure.numerator, figure.denominator, figure.value) == (10, places, shown)

    def test_without_places_is_null(self):
        flow = {"started": 18, "in_treatment": 10, "exited": 8, "referred": 20, "places": None}

        assert public(flow=flow)["flow.occupancy"].value is None


class TestWhatIsReckonedFromCounts:
    def test_means_changes_and_savings_use_the_rounded_ones(self):
        found = public(recorded={"pre_total": 41, "post_total": 13})

        assert found["offending.recorded.pre_mean"].value == 40 / 10
        assert found["legacy.offending_change_percent"].value == 100 * (15 - 40) / 40
        assert found["legacy.saving_gbp"].value == two_figures(25 * 2_100_000 / 541)

    @pytest.mark.parametrize("totals", [{"pre_total": 7}, {"post_total": 7}])
    def test_is_blank_where_one_of_them_is(self, totals):
        found = public(recorded={"pre_total": 41, "post_total": 13, **totals})

        for identifier in (
            "offending.recorded.rate_ratio",
            "legacy.saving_gbp",
            "legacy.offending_change_percent",
        ):
            assert is_blank(found[identifier])

    def test_rates_and_medians_have_two_figures_and_no_interval(self):
        found = public(recorded={"pre_total": 41, "post_total": 13})

        assert found["offending.recorded.pre_rate"].value == two_figures(41 / (4380 / 365.25)) == 3.4
        assert found["offending.recorded.pre_rate"].denominator is None
        assert found["attendance.median_person.cumulative"].value == 0.92
        assert all(figure.interval is None for figure in found.values())

    def test_scores_change_by_rounded_sums(self):
        scores = {
            key: replace(score, people=9, start=51, month1=38) for key, score in FIGURES.legacy.scores.items()
        }
        figure = public(legacy={"people": 9, "scores": scores})["legacy.physical_change_percent"]

        assert (figure.numerator, figure.denominator, figure.value) == (-10, 50, -20.0)

    def test_a_change_of_nothing_is_null(self):
        scores = {
            key: replace(score, people=9, start=0, month1=38) for key, score in FIGURES.legacy.scores.items()
        }
        figure = public(legacy={"people": 9, "scores": scores})["legacy.physical_change_percent"]

        assert (figure.value, figure.suppressed) == (None, False)

    def test_crime_costs_are_those_of_a_rounded_number_of_offences(self):
        costs = {
            key: replace(cost, gbp=13 * 690, costed=13, not_costed=0)
            for key, cost in FIGURES.crime_cost.by_kind.items()
        }
        none = {key: replace(cost, gbp=0, costed=0, not_costed=0) for key, cost in costs.items()}

        assert public(crime_cost={"by_kind": costs})["crime_cost.social.pre"].value == two_figures(15 * 690)
        assert public(crime_cost={"by_kind": none})["crime_cost.social.pre"].value == 0

    @pytest.mark.parametrize(("costed", "left"), [(7, 20), (20, 7)])
    def test_crime_costs_are_blank_where_few_are_costed_or_not(self, costed, left):
        costs = {
            key: replace(cost, gbp=9000, costed=costed, not_costed=left)
            for key, cost in FIGURES.crime_cost.by_kind.items()
        }

        assert is_blank(public(crime_cost={"by_kind": costs})["crime_cost.response.post"])

    def test_the_money_of_the_programme_is_as_it_is(self):
        figure = public()["cost.programme.staff"]

        assert (figure.value, figure.suppressed) == (150000, False)
        assert is_about_nobody("area.recorded_all.last_12m") and not is_about_nobody("area.cohort_share")


class TestTheClinicsOwnQuestions:
    PAIRS = {"public_injecting": [(1, 0)] * 13 + [(1, 1)] * 9 + [(0, 0)] * 19}

    def test_change_by_the_shares_that_are_shown(self):
        found = public(own={"started": 50, "pairs": self.PAIRS})

        assert found["own.public_injecting.start"].value == 20 / 40
        figure = found["own.public_injecting.change"]
        assert (figure.numerator, figure.denominator, figure.value) == (-10, 40, -0.25)

    def test_are_null_where_nobody_was_asked_twice(self):
        assert public(own={"pairs": {}})["own.public_injecting.change"].value is None

    def test_are_blank_where_one_of_the_shares_is(self):
        found = public(own={"pairs": {"public_injecting": [(1, 0)] * 13 + [(0, 0)] * 19 + [(1, 1)]}})

        assert is_blank(found["own.public_injecting.latest"])
        assert is_blank(found["own.public_injecting.change"])


class TestDeaths:
    def test_are_blank_with_their_rates(self):
        found = public(safety={"deaths_in_treatment": 3})

        assert is_blank(found["safety.deaths.in_treatment"])
        assert is_blank(found["safety.deaths.in_treatment.rate"])

    def test_that_did_not_happen_are_nought(self):
        assert public()["safety.deaths.before_start.rate"].value == 0


class TestTheCurve:
    LEFT = [True] * 8 + [False] * 22

    def whole(self, **flow):
        flow = {"started": 30, "in_treatment": 22, "exited": 8, "referred": 32, **flow}
        return public(flow=flow, retention={"durations": [100] * 8 + [400] * 22, "has_left": self.LEFT})

    def test_stands_in_steps_of_five_per_cent(self):
        figure = self.whole()["retention.km_364"]

        assert (figure.value, figure.extras["at_risk"]) == (0.75, 20)

    def test_is_blank_where_few_left(self):
        assert is_blank(self.whole(in_treatment=23, exited=7)["retention.km_364"])

    def test_is_blank_where_few_are_followed(self):
        found = public(
            flow={"started": 16, "in_treatment": 8, "exited": 8, "referred": 18},
            retention={"durations": [100] * 8 + [200] * 5 + [400] * 3, "has_left": [True] * 8 + [False] * 8},
        )

        assert is_blank(found["retention.km_364"])
        assert not found["retention.km_182"].suppressed

    def test_is_null_where_nobody_is_followed(self):
        found = public(
            flow={"started": 16, "in_treatment": 8, "exited": 8, "referred": 18},
            retention={"durations": [100] * 16, "has_left": [True] * 8 + [False] * 8},
        )

        assert (found["retention.km_364"].value, found["retention.km_364"].note) == (None, NOT_COMPUTED)


class TestWhatHangsTogether:
    @pytest.mark.parametrize(("inside", "outside"), [(7, 20), (20, 7), (1, 26)])
    def test_those_in_treatment_and_those_who_left_are_blank_together(self, inside, outside):
        found = public(flow={"started": 27, "referred": 29, "in_treatment": inside, "exited": outside})

        for identifier in ("flow.in_treatment", "flow.exited", "flow.occupancy", "retention.snapshot"):
            assert is_blank(found[identifier])

    def test_a_breakdown_is_left_out_whole(self):
        gone = {"started": 38, "referred": 40, "in_treatment": 20, "exited": 18}

        assert "flow.exited.prison" in public(flow={**gone, "exited_by_reason": {"prison": 10, "died": 8}})
        found = public(flow={**gone, "exited_by_reason": {"prison": 17, "died": 1}})
        assert not [identifier for identifier in found if identifier.startswith("flow.exited.")]
        assert found["flow.exited"].value == 20

    def test_homes_are_left_out_by_the_moment(self):
        people = {**FIGURES.housing.people}
        people = {moment: {"rough": 8, "own": 9} for moment in people}
        people[next(iter(people))] = {"rough": 16, "own": 1}
        found = public(housing={"started": 17, "people": people})

        assert "housing.rough.start" not in found
        assert found["housing.rough.month1"].value == 10 / 15
        assert found["housing.sofa.month1"].value == 0


class TestWhatIsLeftOut:
    def test_the_month_and_the_dose(self):
        found = public()

        assert not [figure for figure in found.values() if definition_of(figure.id).window is Window.MONTH]
        assert "dosing.median_daily_mg.month" not in found
        assert "attendance.pooled.cumulative" in found

    def test_what_nobody_defined(self):
        stranger = replace(make(DEFINITIONS[0], PERIOD, value=20, numerator=20), id="flow-like.figure")

        assert disclose([stranger]) == []

    def test_numbers_and_intervals_in_notes(self):
        found = public()

        assert found["safety.overdose.on_site"].note is None
        assert "upper_if_zero" not in found["safety.overdose.on_site"].extras
        assert found["attendance.pooled.cumulative"].note is None
        assert found["offending.severity.pre_median"].note.startswith("Weights of the Crime Severity Score")


class TestTheDefinitionOfAFigure:
    @pytest.mark.parametrize(
        ("identifier", "label"),
        [
            ("top.sharing.start", "Yes to {}, at the start"),
            ("top.alcohol_days.start", "{}, the middle person, at the start"),
            ("flow.started", "People who started treatment"),
        ],
    )
    def test_is_found_by_its_id(self, identifier, label):
        assert definition_of(identifier).label == label

    def test_is_found_for_every_figure_of_a_report(self):
        for figure in list_indicators(FIGURES):
            assert definition_of(figure.id).unit == figure.unit

    def test_is_none_of_an_unknown_one(self):
        assert definition_of("flow.of_the_moon") is None

    def test_lets_yes_and_no_be_shown(self):
        pairs = {"sharing": [(1, 0)] * 20 + [(0, 0)] * 9}
        found = public(top={"started": 30, "pairs": pairs})

        assert found["top.sharing.start"].value == 20 / 30


class TestAFigureThatRestsOnFew:
    def test_is_blank_whatever_it_counts(self):
        behind = replace(MANY, offences={**MANY.offences, "recorded.pre": 2})
        figures = replace(FIGURES, recorded=replace(FIGURES.recorded, pre_total=500), people=behind)
        found = {figure.id: figure for figure in disclose(list_indicators(figures))}

        for identifier in ("pre_total", "pre_mean", "pre_rate", "rate_ratio"):
            assert is_blank(found[f"offending.recorded.{identifier}"])
        assert is_blank(found["offending.severity.pre_median"])

    def test_names_the_people_in_the_exact_edition(self):
        exact = {figure.id: figure for figure in list_indicators(replace(FIGURES, people=MANY))}

        assert exact["offending.recorded.pre_total"].extras["people"] == 9
        assert exact["flow.wait.start_days"].extras["people"] == 12
        assert exact["health.ae.rate_ratio"].extras["people_with_events"] == 9
        assert exact["health.ae.rate_ratio"].extras["people"] == 8

    def test_is_blank_where_nobody_says_of_how_many(self):
        events = make(definition_of("safety.naloxone"), PERIOD, value=50, numerator=50)
        of_nobody = replace(events, extras=MappingProxyType({"people": 0}))

        assert [figure.suppressed for figure in disclose([events])] == [True]
        assert [figure.suppressed for figure in disclose([of_nobody])] == [True]

    def test_of_no_service_used_by_anybody_is_shown(self):
        exact = {figure.id: figure for figure in list_indicators(replace(FIGURES, people=PeopleBehind()))}

        assert exact["health.ae.rate_ratio"].extras["people_with_events"] == 0


class TestAnyClinic:
    @settings(deadline=None, max_examples=15)
    @given(seed=st.integers(0, 2**32), quarter=st.sampled_from(QUARTERS))
    @example(seed=106, quarter=date(2024, 9, 1))  # two more at the end than at the start, of twenty
    def test_shows_no_small_or_exact_count(self, seed, quarter):
        exact = {
            (figure.id, figure.source): figure
            for figure in list_indicators(figures_of(make_people(Random(seed)), quarter))
        }

        for figure in disclose(list(exact.values())):
            counts = [figure.to_json()["missing"], *figure.extras.values()]
            if not is_about_nobody(figure.id) and not figure.unit.startswith("GBP"):
                counts += [figure.numerator, None if figure.id == "flow.occupancy" else figure.denominator]
            assert all(number is None or number % 5 == 0 for number in counts)
            before = exact[figure.id, figure.source]
            if is_small(before.numerator) and not is_about_nobody(figure.id):
                # These are worked out from the rounded counts beside them: nought, or a five, tells no small number.
                assert figure.numerator is None or figure.unit in {"percent", "difference of proportions"}
            assert figure.suppressed is (figure.note == HELD)
