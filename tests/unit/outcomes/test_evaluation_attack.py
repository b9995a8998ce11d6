"""The attack on a public issue: it finds leaks of every sort that are planted, and none in what is released."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hat_clinic.scenarios.proofs.cohort_figures import QUARTERS, figures_of
from hat_clinic.scenarios.proofs.cohorts import make_people
from outcomes.rules.evaluation.attack import BEFORE, CHANGE, NOW, compare, find_leaks, may_release
from outcomes.rules.evaluation.attack_reading import cells, read_issue
from outcomes.rules.evaluation.bounds import Bounds
from outcomes.rules.evaluation.disclosure import disclose, round_count
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.public import make_public
from outcomes.rules.evaluation.statistics import wilson
from tests.factories.report_figures import FIGURES, PERIOD

FLOW = {
    "referred": 30,
    "not_eligible": 0,
    "undecided": 0,
    "left_before_start": 0,
    "waiting": 0,
    "started": 30,
    "in_treatment": 20,
    "exited": 10,
    "exited_by_reason": {},
    "referred_by_source": {},
    "started_by_source": {},
    "started_by_area": {},
}


def exact(**flow):
    """The exact figures of a clinic whose flow is told."""
    facts = replace(FIGURES.flow, **{**FLOW, **flow})
    left = [True] * facts.exited + [False] * facts.in_treatment
    retention = replace(FIGURES.retention, durations=[400] * facts.started, has_left=left)
    return list_indicators(replace(FIGURES, flow=facts, retention=retention))


def issue(**flow):
    """What the rules make of it, and nothing more."""
    return [figure.to_json() for figure in disclose(exact(**flow))]


def changed(figures, identifier, **fields):
    """An issue in which one figure says something else."""
    assert any(figure["id"] == identifier for figure in figures)
    return [{**figure, **fields} if figure["id"] == identifier else figure for figure in figures]


def later(figures, days):
    """The same issue, cut some days later."""
    return [
        {**figure, "window": {**figure["window"], "to": (PERIOD.as_of + timedelta(days=days)).isoformat()}}
        for figure in figures
    ]


def found(figures, *earlier):
    return {(leak.figure, leak.issue, leak.number) for leak in find_leaks(figures, *earlier)}


class TestAnIssueByTheRules:
    def test_gives_nothing_away(self):
        assert find_leaks(issue()) == []
        assert find_leaks(issue(), issue()) == []
        assert may_release(issue(), issue()).is_allowed


class TestABrokenRule:
    @pytest.mark.parametrize(
        "fields",
        [
            {"numerator": 3, "value": 3},
            {"numerator": 12, "value": 12},
            {"interval": {"low": 0.1, "high": 0.2, "level": 0.95, "method": "wilson"}},
            {"suppressed": True},
            {"missing": 3},
        ],
    )
    def test_is_found(self, fields):
        figures = changed(issue(), "flow.referred", **fields)

        assert "flow.referred" in {leak.figure for leak in find_leaks(figures)}

    def test_in_a_share_is_found(self):
        figures = changed(issue(), "retention.snapshot", value=19 / 30)

        assert ("retention.snapshot", NOW, None) in found(figures)

    def test_refuses_the_release_and_names_the_figures(self):
        decision = may_release(changed(issue(), "flow.referred", numerator=3, value=3))

        assert not decision.is_allowed
        assert decision.refusal_codes == ["report_gives_people_away"]
        assert "flow.referred" in decision.refusals[0].message

    def test_names_no_more_than_some(self):
        figures = [{**figure, "numerator": 3} for figure in issue()]

        assert may_release(figures).refusals[0].message.endswith("and more.")


class TestASum:
    def test_of_parts_at_their_least_tells_the_blank_one(self):
        figures = issue(referred=17, not_eligible=1, waiting=8, started=8, in_treatment=8, exited=0)

        assert ("flow.not_eligible", NOW, 1) in found(figures)

    def test_of_parts_at_their_most_tells_the_blank_ones(self):
        figures = issue(
            referred=33,
            not_eligible=7,
            undecided=7,
            left_before_start=7,
            started=12,
            in_treatment=12,
            exited=0,
        )

        assert {("flow.not_eligible", NOW, 7), ("flow.undecided", NOW, 7)} <= found(figures)

    def test_of_a_breakdown_with_one_blank_tells_it(self):
        reasons = {"completed": 8, "prison": 8, "died": 1}
        exits = {"started": 37, "referred": 37, "in_treatment": 20, "exited": 17, "exited_by_reason": reasons}
        figures = issue(**exits)
        part = next(figure for figure in figures if figure["id"] == "flow.exited")
        parts = [
            {
                **part,
                "id": f"flow.exited.{reason}",
                "numerator": round_count(number),
                "value": round_count(number),
            }
            for reason, number in reasons.items()
        ]
        parts[2]["suppressed"] = True

        assert find_leaks(figures) == []
        assert ("flow.exited.died", NOW, 1) in found([*figures, *parts])

    def test_of_exact_totals_tells_the_rest(self):
        figures = changed(issue(), "flow.started", numerator=28, value=28)
        figures = changed(figures, "flow.in_treatment", numerator=24, value=24)
        figures = changed(figures, "flow.exited", numerator=None, value=None, suppressed=True)

        assert ("flow.exited", NOW, 4) in found(figures)


class TestAShare:
    def test_that_is_exact_tells_both_numbers(self):
        figures = changed(
            issue(), "urine.responders", value=9 / 11, numerator=None, denominator=10, suppressed=False
        )
        names = Bounds()
        read_issue(names, figures, NOW)

        assert names.known["now:urine.responders@laboratory"] == (9, 9)
        assert ("urine.responders", NOW, 2) in found(figures)

    def test_with_an_interval_tells_both_numbers(self):
        interval = wilson(4, 12)
        figures = changed(
            issue(),
            "urine.responders",
            value=None,
            numerator=None,
            denominator=10,
            suppressed=True,
            interval={"low": interval.low, "high": interval.high, "level": 0.95, "method": "wilson"},
        )

        assert ("urine.responders", NOW, 4) in found(figures)

    def test_of_nothing_tells_nothing(self):
        figures = changed(
            issue(), "urine.responders", value=0.123456, numerator=None, denominator=0, suppressed=False
        )

        assert not [leak for leak in find_leaks(figures) if leak.number]


class TestACurve:
    def test_tells_that_one_person_left_early(self):
        figures = issue(referred=10, started=10, in_treatment=0, exited=10)
        figures = changed(figures, "retention.km_182", value=0.9, suppressed=False)

        assert ("retention.km_182", NOW, 1) in found(figures)

    def test_that_stays_up_tells_nothing(self):
        figures = changed(issue(), "retention.km_182", value=1.0, suppressed=False)

        assert find_leaks(figures) == []


class TestTwoIssues:
    def test_tell_a_difference_of_exact_numbers(self):
        now = changed(issue(), "flow.referred", numerator=32, value=32)
        before = changed(issue(), "flow.referred", numerator=31, value=31)

        assert ("flow.referred", CHANGE, 1) in found(now, before)

    def test_are_not_blamed_for_what_the_earlier_one_tells_alone(self):
        before = issue(referred=17, not_eligible=1, waiting=8, started=8, in_treatment=8, exited=0)

        assert ("flow.not_eligible", NOW, 1) in found(before)
        assert find_leaks(issue(), before) == []

    @pytest.mark.parametrize(("days", "least", "most"), [(91, 0, 4), (0, -4, 4), (-91, -4, 0)])
    def test_know_that_people_referred_only_grow(self, days, least, most):
        bounds = Bounds()
        now, before = later(issue(), days=days), issue()
        names = read_issue(bounds, now, NOW) & read_issue(bounds, before, BEFORE)
        compare(bounds, names, days)

        assert bounds.narrow()["change:flow.referred"] == (least, most)

    def test_that_contradict_each_other_are_read_on(self):
        assert find_leaks(issue(), issue(referred=80, started=80, in_treatment=70)) == []


class TestABlankThatIsLarge:
    def test_is_no_longer_believed_to_be_small(self):
        figures = [figure.to_json() for figure in disclose(exact(), [("flow.referred", "clinic_record")])]

        assert find_leaks(figures) == []


class TestMakingAnIssue:
    def test_leaves_one_more_figure_blank_where_the_rules_leak(self):
        flow = {"referred": 17, "not_eligible": 1, "waiting": 8, "started": 8, "in_treatment": 8, "exited": 0}
        made = [figure.to_json() for figure in make_public(exact(**flow))]

        assert find_leaks(issue(**flow)) != []
        assert find_leaks(made) == []
        assert sum(figure["suppressed"] for figure in made) > sum(
            figure["suppressed"] for figure in issue(**flow)
        )

    def test_leaves_it_as_it_is_where_they_do_not(self):
        assert [figure.to_json() for figure in make_public(exact())] == issue()

    def test_gives_up_on_what_the_issue_before_has_told(self):
        before = changed(issue(), "flow.referred", numerator=3, value=3)

        assert make_public(exact(), before)

    @settings(deadline=None, max_examples=12)
    @given(seed=st.integers(0, 2**32), quarter=st.integers(0, 3))
    def test_of_any_clinic_and_the_next_gives_nothing_away(self, seed, quarter):
        people = make_people(Random(seed))
        first, second = (
            list_indicators(figures_of(people, QUARTERS[index])) for index in (quarter, quarter + 1)
        )
        before = [figure.to_json() for figure in make_public(first)]
        now = [figure.to_json() for figure in make_public(second, before)]

        assert find_leaks(before) == []
        assert find_leaks(now, before) == []


class TestTheAttacker:
    @settings(deadline=None, max_examples=12)
    @given(seed=st.integers(0, 2**32), quarter=st.integers(0, 3))
    def test_never_leaves_out_the_number_that_it_was(self, seed, quarter):
        people = make_people(Random(seed))
        bounds, true = Bounds(), {}
        for issue_is, index in ((BEFORE, quarter), (NOW, quarter + 1)):
            whole = list_indicators(figures_of(people, QUARTERS[index]))
            read_issue(bounds, [figure.to_json() for figure in disclose(whole)], issue_is)
            for figure in whole:
                for name, number, _ in cells(figure.to_json()):
                    true[f"{issue_is}:{name}"] = number
        boxes = bounds.narrow()

        outside = {
            name: (number, boxes[name])
            for name, number in true.items()
            if number is not None and name in boxes and not boxes[name][0] <= number <= boxes[name][1]
        }
        assert outside == {}


class TestAPartOfAnIssue:
    @pytest.mark.parametrize("domain", ["flow", "housing", "crime_cost", "offending", "top"])
    def test_is_read_by_itself(self, domain):
        assert find_leaks([figure for figure in issue() if figure["domain"] == domain]) == []

    def test_without_the_people_behind_is_read_too(self):
        none_post = [figure for figure in issue() if figure["id"].endswith(".none_post")]
        homeless = [figure for figure in issue() if figure["id"].startswith("housing.homeless.")]

        assert find_leaks([*none_post, *homeless]) == []


class TestTheBounds:
    def test_of_a_chain_too_long_are_wider_and_true(self):
        bounds = Bounds()
        bounds.know("link 0", 3, 3)
        for index in reversed(range(90)):
            bounds.add(f"link {index + 1}", [f"link {index}"])

        boxes = bounds.narrow()
        assert boxes["link 5"] == (3, 3)
        assert boxes["link 90"][0] <= 3 <= boxes["link 90"][1]

    def test_do_not_take_what_contradicts_what_is_known(self):
        bounds = Bounds()
        bounds.know("a", 8, 12)
        bounds.know("a", 20, 30)

        assert bounds.known["a"] == (8, 12)

    @settings(deadline=None, max_examples=60)
    @given(parts=st.lists(st.integers(0, 24), min_size=2, max_size=3))
    def test_are_those_of_trying_everything(self, parts):
        """A sum of rounded and blank numbers: every number there could be is tried by itself."""
        could_be = [
            [number for number in range(30) if round_count(number) == round_count(part)] for part in parts
        ]
        total = round_count(sum(parts))
        fits = [each for each in product(*could_be) if round_count(sum(each)) == total]
        bounds = Bounds()
        for index, choice in enumerate(could_be):
            bounds.know(f"part {index}", min(choice), max(choice))
        sums = [number for number in range(100) if round_count(number) == total]
        bounds.know("total", min(sums), max(sums))
        bounds.add("total", [f"part {index}" for index in range(len(parts))])

        boxes = bounds.narrow()
        for index in range(len(parts)):
            tried = [each[index] for each in fits]
            assert boxes[f"part {index}"] == (min(tried), max(tried))
