"""The justice edition: exact where it says so, as the public reads it elsewhere, and nothing told by the pair."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.rules.evaluation.attack import find_leaks
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.justice import (
    HELD_BESIDE,
    NO_PUBLIC,
    make_justice,
    stands_as_public,
)
from outcomes.rules.evaluation.justice_attack import find_leaks_beside, is_exact, may_release_beside
from outcomes.rules.evaluation.public import make_public
from tests.factories.justice import a_pair, as_json, leaking
from tests.factories.report_figures import FIGURES, PERIOD

EXACT = list_indicators(FIGURES)


class TestWhatIsExact:
    @pytest.mark.parametrize(
        ("identifier", "exact"),
        [
            ("offending.recorded.pre_total", True),
            ("custody.people.pre", True),
            ("crime_cost.social.pre", True),
            ("cost.payer.council", True),
            ("area.recorded_all.last_12m", True),
            ("need.started", True),
            ("candidates.offences_2y", True),
            ("flow.started", True),
            ("flow.exited", True),
            ("flow.exited.died", False),
            ("flow.referred.police", False),
            ("flow.wait.start_days", False),
            ("flow.occupancy", False),
            ("housing.rough.start", False),
            ("legacy.known_before", False),
        ],
    )
    def test_is_offences_custody_costs_and_the_totals_of_people(self, identifier, exact):
        assert is_exact(identifier) is exact


class TestAnIssue:
    def test_without_a_public_one_is_exact_where_it_may_and_blank_with_a_sentence_elsewhere(self):
        issue = make_justice(EXACT, period=PERIOD, public=None)

        shown = [figure for figure in issue if is_exact(figure["id"])]
        others = [figure for figure in issue if not is_exact(figure["id"])]
        assert sorted(shown, key=str) == sorted(
            as_json(figure for figure in EXACT if is_exact(figure.id)), key=str
        )
        assert {figure["id"].split(".")[0] for figure in others} > {"top", "housing", "safety", "retention"}
        assert not {"flow.exited.died", "dosing.median_daily_mg.month"} & {figure["id"] for figure in issue}
        for figure in others:
            numbers = (figure["numerator"], figure["denominator"], figure["value"], figure["missing"])
            assert (set(numbers), figure["suppressed"], figure["note"]) == ({None}, True, NO_PUBLIC)

    def test_holds_the_same_blanks_whatever_happened_in_the_clinic(self):
        figures, _, _ = a_pair(1)

        def blanks(exact):
            issue = make_justice(exact, period=PERIOD, public=None)
            return {figure["id"] for figure in issue if not is_exact(figure["id"])}

        assert blanks(EXACT) == blanks(list_indicators(figures))

    def test_says_elsewhere_what_the_public_one_says(self):
        figures, before, public = a_pair(1)
        issue = make_justice(list_indicators(figures), period=figures.period, public=before)

        theirs = [figure for figure in before if not is_exact(figure["id"])]
        ours = [figure for figure in issue if not is_exact(figure["id"])]
        assert sorted(ours, key=str) == sorted(theirs, key=str)
        assert stands_as_public(issue, before).is_allowed
        assert stands_as_public(issue, public).refusal_codes == ["report_differs_from_public"]
        assert stands_as_public(issue, ()).refusal_codes == ["report_differs_from_public"]

    def test_of_blanks_stands_without_a_public_one_and_exact_numbers_do_not(self):
        assert stands_as_public(make_justice(EXACT, period=PERIOD, public=None), None).is_allowed
        assert not stands_as_public(as_json(EXACT), None).is_allowed


class TestThePair:
    def test_that_tells_a_blank_is_found_and_refused(self):
        _, _, public, bare = leaking()

        decision = may_release_beside(public, bare)

        assert decision.refusal_codes == ["report_pair_gives_people_away"]
        assert may_release_beside(public, bare, known=find_leaks_beside(public, bare)).is_allowed

    def test_is_made_safe_by_leaving_some_totals_blank_and_not_by_leaving_all(self):
        figures, before, public, _ = leaking()
        issue = make_justice(
            list_indicators(figures), period=figures.period, public=before, public_around=[before, public]
        )

        assert may_release_beside(public, issue).is_allowed
        held = [figure for figure in issue if figure["note"] == HELD_BESIDE]
        assert "flow.started" in {figure["id"] for figure in held}
        assert all(figure["suppressed"] and figure["value"] is None for figure in held)
        assert any(is_exact(one["id"]) and not one["suppressed"] for one in issue)

    def test_that_another_justice_issue_gave_away_leaves_blank_all_they_have_in_common(self):
        figures, before, public, bare = leaking()
        issue = make_justice(
            list_indicators(figures),
            period=figures.period,
            public=before,
            public_around=[public],
            justice_around=[bare],
        )

        shown = {one["id"] for one in issue if is_exact(one["id"]) and not one["suppressed"]}
        assert not any(identifier.startswith("flow.") for identifier in shown)
        known = find_leaks_beside(public, bare)
        assert not may_release_beside(public, issue, bare).is_allowed
        assert may_release_beside(public, issue, bare, known=known).is_allowed

    def test_is_made_safe_from_the_other_side_too(self):
        """The justice issue is out first: then the public one leaves more blank."""
        figures, before, _, bare = leaking()

        public = as_json(make_public(list_indicators(figures), before, justice=[bare]))

        assert find_leaks_beside(public, bare) == []
        assert find_leaks(public, before) == []

    def test_with_two_justice_issues_around_tells_what_only_grows(self):
        _, _, public, bare = leaking()
        told = {leak.name for leak in find_leaks_beside(public, bare)}

        earlier, later = (cut_by(bare, days) for days in (-31, 31))

        assert not told <= {leak.name for leak in find_leaks_beside(public, earlier)}
        assert told & {leak.name for leak in find_leaks_beside(public, earlier, later)}

    @settings(max_examples=8, deadline=None)
    @given(seed=st.integers(min_value=0, max_value=400))
    def test_of_any_clinic_tells_nothing(self, seed):
        figures, before, public = a_pair(seed)
        issue = make_justice(
            list_indicators(figures), period=figures.period, public=before, public_around=[before, public]
        )

        assert find_leaks_beside(public, issue) == []
        assert find_leaks_beside(before, issue) == []
        assert stands_as_public(issue, before).is_allowed


def cut_by(figures, days: int):
    """The same numbers, of a data cut some days earlier or later."""

    def moved(figure):
        cut = date.fromisoformat(figure["window"]["to"]) + timedelta(days=days)
        return {**figure, "window": {**figure["window"], "to": cut.isoformat()}}

    return [moved(figure) for figure in figures]
