"""The milligrams of one injection, from its least to its most, and why it is less than the full dose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dosing.rules.doses import dose_findings, full_mg, least_mg, may_be_any, session_mg
from dosing.rules.limits import Cap
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import (
    REDUCTIONS,
    Outcome,
    Reduction,
    SessionFacts,
    SoFar,
    allowed_mg,
    outcome_of,
    reduction_of,
)
from tests.unit.dosing.test_injection_rules import AT, FACTS, ORDER

RANGE = replace(FACTS, order=replace(ORDER, dose_mg=150, least_mg=60, daily_max_mg=300))
FIXED = FACTS
PARTS = replace(FACTS, order=replace(ORDER, injections=2))
PLAN = replace(FACTS, order=replace(ORDER, is_titration=True, dose_mg=45))


def after(facts: SessionFacts, mg: int, injections: int = 1) -> SessionFacts:
    """Return the facts after so much was given in the session."""
    so_far = SoFar(injections=injections, given_mg=mg, last_ended_at=AT)
    return replace(
        facts,
        so_far=so_far,
        last_ended_at=AT,
        given_today_mg=facts.given_today_mg + mg,
        given_in_window_mg=facts.given_in_window_mg + mg,
    )


def with_cap(facts: SessionFacts, mg: int, *, lowers: bool = False) -> SessionFacts:
    return replace(facts, caps=(*facts.caps, Cap("cap", mg, "because.", "clinical rule 9", lowers=lowers)))


def codes(facts: SessionFacts, mg: int, *, number: int = 1, reduction: str = "") -> set[str]:
    return {one.code for one in dose_findings(facts, mg, number=number, reduction=reduction)}


class TestARange:
    @pytest.mark.parametrize(
        ("mg", "found"),
        [(59, {"under_order"}), (60, set()), (149, set()), (150, set()), (151, {"over_order"})],
    )
    def test_is_chosen_in(self, mg: int, found: set[str]) -> None:
        assert codes(RANGE, mg, reduction="asked") == found

    @pytest.mark.parametrize(("mg", "found"), [(149, {"reduction_reason"}), (150, set())])
    def test_asks_why_for_all_but_the_full_dose(self, mg: int, found: set[str]) -> None:
        assert codes(RANGE, mg) == found

    @pytest.mark.parametrize("reduction", [*REDUCTIONS, "limits", "not_all_in", "because"])
    def test_takes_a_reason_of_the_list_alone(self, reduction: str) -> None:
        found = codes(RANGE, 100, reduction=reduction)
        if reduction == "first_part":
            assert found == {"no_second_part"}
        else:
            assert found == (set() if reduction in REDUCTIONS else {"reduction_reason"})

    @pytest.mark.parametrize(("mg", "found"), [(104, {"reduction_reason"}), (105, set()), (106, {"cap"})])
    def test_has_the_least_of_all_limits_as_its_full_dose(self, mg: int, found: set[str]) -> None:
        facts = with_cap(RANGE, 105)
        assert allowed_mg(facts) == 105
        assert codes(facts, mg) == found

    def test_that_the_ladder_lowers_under_its_least_is_given_as_lowered(self) -> None:
        facts = with_cap(RANGE, 30, lowers=True)
        assert (session_mg(facts), full_mg(facts), least_mg(facts, number=1)) == (30, 30, 30)
        assert codes(facts, 30) == set()
        assert codes(facts, 29, reduction="asked") == {"under_order"}

    def test_that_a_limit_keeps_under_its_least_is_barred(self) -> None:
        assert {one.code for one in may_be_any(with_cap(RANGE, 59), number=1)} == {"cap"}
        assert may_be_any(with_cap(RANGE, 60), number=1).findings == ()


class TestAFixedDose:
    @pytest.mark.parametrize(("mg", "found"), [(179, {"under_order"}), (180, set()), (181, {"over_order"})])
    def test_is_given_as_it_is(self, mg: int, found: set[str]) -> None:
        assert codes(FIXED, mg, reduction="asked") == found

    @pytest.mark.parametrize("injections", [1, 2])
    def test_is_topped_up_to_itself_and_no_further(self, injections: int) -> None:
        facts = after(PARTS, 100)
        assert codes(facts, 80, number=2) == set()
        assert codes(facts, 81, number=2) == {"over_session"}
        assert codes(facts, 79, number=2, reduction="asked") == {"under_order"}

    @pytest.mark.parametrize("mg", [1, 179])
    def test_may_be_given_in_parts_where_another_may_follow(self, mg: int) -> None:
        assert codes(PARTS, mg, reduction="first_part") == set()
        assert codes(PARTS, mg) == {"reduction_reason"}

    def test_of_three_may_have_a_small_second_and_the_rest_last(self) -> None:
        facts = after(replace(FACTS, order=replace(ORDER, injections=3)), 100)
        assert codes(facts, 30, number=2, reduction="first_part") == set()
        last = after(replace(FACTS, order=replace(ORDER, injections=3)), 130, injections=2)
        assert codes(last, 50, number=3) == set()
        assert codes(last, 49, number=3, reduction="first_part") == {"under_order"}


class TestASessionInParts:
    @pytest.mark.parametrize(("given", "mg"), [(0, 180), (100, 80), (180, 0)])
    def test_has_left_what_was_not_given(self, given: int, mg: int) -> None:
        facts = after(PARTS, given) if given else PARTS
        assert allowed_mg(facts) == full_mg(facts) == mg

    def test_is_bound_by_the_limit_on_one_dose_in_all(self) -> None:
        order = replace(ORDER, dose_mg=450, injections=2, daily_max_mg=900)
        facts = after(
            replace(FACTS, order=order, protocol=Protocol(single_block_mg=400, single_stop_mg=400)), 300
        )
        assert facts.session_limit_mg == 400
        assert codes(facts, 100, number=2, reduction="other") == {"high_single", "under_order"}
        assert codes(facts, 101, number=2, reduction="other") == {"over_session", "under_order"}

    def test_notes_a_high_total_of_the_session(self) -> None:
        order = replace(ORDER, dose_mg=301, injections=2)
        facts = after(replace(FACTS, order=order), 200)
        assert codes(facts, 101, number=2) == {"high_single"}
        facts = after(replace(FACTS, order=replace(order, dose_mg=300)), 200)
        assert codes(facts, 100, number=2) == set()

    def test_counts_in_the_day_and_in_twenty_hours(self) -> None:
        facts = after(replace(PARTS, given_today_mg=220, given_in_window_mg=220), 100)
        assert codes(facts, 80, number=2) == set()
        more = after(replace(PARTS, given_today_mg=221, given_in_window_mg=221), 100)
        assert codes(more, 80, number=2) == {"over_day"}


class TestATitration:
    def test_has_no_written_least(self) -> None:
        assert least_mg(PLAN, number=1) == 1
        assert codes(PLAN, 1, reduction="asked") == set()

    def test_on_its_first_day_orders_each_dose_and_the_day(self) -> None:
        assert PLAN.order is not None
        day_one = replace(
            PLAN, order=replace(PLAN.order, is_day_one=True, daily_max_mg=120, injections=3, dose_mg=45)
        )
        third = after(with_cap(day_one, 30, lowers=True), 30, injections=2)
        assert third.session_limit_mg == 120
        assert codes(third, 30, number=3) == set()
        assert codes(third, 31, number=3) == {"cap"}
        assert codes(after(with_cap(day_one, 30, lowers=True), 91, injections=2), 30, number=3) == {
            *("over_day", "over_session")
        }

    def test_on_a_later_day_orders_the_session(self) -> None:
        assert PLAN.order is not None
        later = after(replace(PLAN, order=replace(PLAN.order, injections=2)), 30)
        assert codes(later, 15, number=2) == set()
        assert codes(later, 16, number=2) == {"over_session"}


class TestNothingToDose:
    @pytest.mark.parametrize("missing", [{"order": None}, {"protocol": None}])
    def test_has_no_milligrams(self, missing: dict[str, None]) -> None:
        facts = replace(FACTS, **missing)
        assert dose_findings(facts, 1, number=1, reduction="").findings == ()
        assert facts.session_limit_mg == allowed_mg(facts) == 0

    def test_has_no_session_dose_without_an_order(self) -> None:
        facts = replace(FACTS, order=None)
        assert (session_mg(facts), full_mg(facts), least_mg(facts, number=1)) == (0, 0, 1)


class TestWhyASessionHadLess:
    @pytest.mark.parametrize(
        ("session", "given", "drawn", "chosen", "earlier", "reason"),
        [
            (180, 80, 80, "first_part", "first_part", ""),
            (181, 180, 180, "", "", ""),
            (179, 99, 100, "asked", "", "not_all_in"),
            (100, 100, 100, "asked", "first_part", "asked"),
            (100, 40, 40, "", "first_part", "first_part"),
            (135, 135, 135, "", "", "limits"),
        ],
    )
    def test_is_told_by_one_reason(
        self, session: int, given: int, drawn: int, chosen: str, earlier: str, reason: str
    ) -> None:
        told = reduction_of(
            session_mg=session, ordered_mg=180, given_mg=given, drawn_mg=drawn, chosen=chosen, earlier=earlier
        )
        assert told == reason
        assert (outcome_of(session, 180) is Outcome.GIVEN) is (reason == "")

    def test_has_words_for_each_reason(self) -> None:
        assert all(reason.label for reason in Reduction)


@pytest.mark.parametrize(
    ("changes", "is_chosen"),
    [({}, False), ({"least_mg": 60}, True), ({"is_titration": True}, True), ({"injections": 2}, True)],
)
def test_an_order_that_leaves_a_choice(changes: dict[str, object], is_chosen: bool) -> None:
    assert replace(ORDER, **changes).is_chosen is is_chosen  # type: ignore[arg-type]
