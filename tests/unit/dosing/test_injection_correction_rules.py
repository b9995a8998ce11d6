"""What may be said of an injection later: no more than was in the syringe, other milligrams by two."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from dosing.rules.injection_corrections import BesideInjection, InjectionSaid, may_say_of_injection

WAS = InjectionSaid(given_mg=100, route="iv", site="left_arm", syringe_returned=True)
NURSE, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)


def codes(mg: int, second: uuid.UUID | None = SECOND, syringe_mg: int = 120) -> set[str]:
    decision = may_say_of_injection(
        replace(WAS, given_mg=mg), WAS, syringe_mg=syringe_mg, by_id=NURSE, second_id=second
    )
    return {finding.code for finding in decision.refusals}


class TestAnInjection:
    @pytest.mark.parametrize(
        ("mg", "found"),
        [(120, set()), (121, {"over_the_syringe"}), (1, set()), (0, {"nothing_went_in"})],
        ids=["all of it", "more", "a little", "nothing"],
    )
    def test_was_within_the_syringe(self, mg: int, found: set[str]) -> None:
        assert codes(mg) == found

    @pytest.mark.parametrize(
        ("mg", "second", "found"),
        [
            (99, None, {"needs_second"}),
            (99, NURSE, {"needs_second"}),
            (99, SECOND, set()),
            (100, None, set()),
        ],
        ids=["alone", "the same person", "another", "the same milligrams"],
    )
    def test_with_other_milligrams_is_signed_by_two(
        self, mg: int, second: uuid.UUID | None, found: set[str]
    ) -> None:
        assert codes(mg, second) == found

    @pytest.mark.parametrize(
        ("beside", "found"),
        [
            (BesideInjection(is_alone=False), "not_alone"),
            (BesideInjection(is_drawn=True), "dose_is_drawn"),
            (BesideInjection(over="the most of the day, 600 mg,"), "over_with_it"),
        ],
        ids=["another injection", "another dose drawn up", "over a limit"],
    )
    def test_with_other_milligrams_stands_where_nothing_rests_on_the_first(
        self, beside: BesideInjection, found: str
    ) -> None:
        for mg, codes_found in ((99, {found}), (100, set())):
            decision = may_say_of_injection(
                replace(WAS, given_mg=mg),
                WAS,
                syringe_mg=120,
                by_id=NURSE,
                second_id=SECOND,
                beside=beside,
            )
            assert {finding.code for finding in decision.refusals} == codes_found

    def test_that_is_contested_is_settled_first(self) -> None:
        decision = may_say_of_injection(
            replace(WAS, site="right_arm"),
            WAS,
            syringe_mg=120,
            by_id=NURSE,
            second_id=None,
            is_contested=True,
        )

        assert {finding.code for finding in decision.refusals} == {"contested"}
