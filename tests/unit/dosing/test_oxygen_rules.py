"""A person's own target for oxygen: every limit from both sides, and what falls back when its review is past."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dosing.rules.checks import Readings, Sedation, is_emergency
from dosing.rules.observation import Escalation, escalation_of
from dosing.rules.oxygen import (
    USUAL,
    OxygenScale,
    OxygenTarget,
    PersonalTarget,
    TargetFacts,
    may_set_target,
    target_on,
)

ONE, TWO = OxygenScale.ONE, OxygenScale.TWO
TODAY = date(2026, 10, 12)
OWN = PersonalTarget(percent=90, scale=ONE, review_on=date(2027, 1, 10))
FACTS = TargetFacts(today=TODAY, is_licensed=True, person_is_in_treatment=True)


def codes(written: PersonalTarget = OWN, *, evidence: str = "A letter.", **changes: bool) -> list[str]:
    decision = may_set_target(replace(FACTS, **changes), written, evidence=evidence)
    return [finding.code for finding in decision.refusals]


class TestATarget:
    def test_is_the_clinics_where_none_was_set(self) -> None:
        assert target_on(None, today=TODAY) == USUAL
        assert (USUAL.percent, USUAL.is_own, USUAL.why) == (94, False, "")

    def test_is_ones_own_to_the_end_of_its_review_day(self) -> None:
        target = target_on(OWN, today=OWN.review_on)

        assert (target.percent, target.is_own) == (90, True)
        assert "of their own" in target.why

    def test_is_the_clinics_again_the_day_after(self) -> None:
        target = target_on(replace(OWN, review_on=date(2026, 10, 11)), today=TODAY)

        assert (target.percent, target.scale, target.is_own) == (94, ONE, False)
        assert target.why == "their own target of 90 % is past its review of 11 October 2026, so 94 applies"


class TestSettingATarget:
    def test_goes_for_a_licensed_doctor_on_evidence_with_a_review(self) -> None:
        assert codes() == []

    @pytest.mark.parametrize(
        ("percent", "scale", "found"),
        [
            (89, ONE, ["target_out_of_range"]),
            (90, ONE, []),
            (94, ONE, []),
            (95, ONE, ["target_out_of_range"]),
            (87, TWO, ["target_out_of_range"]),
            (88, TWO, []),
        ],
    )
    def test_is_never_under_what_its_scale_allows(
        self, percent: int, scale: OxygenScale, found: list[str]
    ) -> None:
        assert codes(replace(OWN, percent=percent, scale=scale)) == found

    def test_needs_a_review_that_is_still_to_come(self) -> None:
        assert codes(replace(OWN, review_on=TODAY)) == ["review_is_over"]
        assert codes(replace(OWN, review_on=date(2026, 10, 13))) == []

    def test_tells_every_reason_at_once(self) -> None:
        found = codes(
            PersonalTarget(percent=50, scale=ONE, review_on=TODAY),
            evidence=" ",
            is_licensed=False,
            person_is_in_treatment=False,
        )

        assert found == [
            "no_licence",
            "not_in_treatment",
            "target_out_of_range",
            "no_evidence",
            "review_is_over",
        ]

    def test_names_its_scales(self) -> None:
        assert [scale.label for scale in OxygenScale] == [
            "Scale 1, the usual one",
            "Scale 2, for lungs that hold on to carbon dioxide",
        ]


class TestAReading:
    @pytest.mark.parametrize(
        ("oxygen", "target", "escalation"),
        [
            (93, USUAL, Escalation.A),
            (94, USUAL, Escalation.NONE),
            (90, OxygenTarget(90, ONE), Escalation.NONE),
            (89, OxygenTarget(90, ONE), Escalation.B),
            (88, OxygenTarget(88, TWO), Escalation.NONE),
            (87, OxygenTarget(88, TWO), Escalation.A),
            (84, OxygenTarget(88, TWO), Escalation.A),
            (83, OxygenTarget(88, TWO), Escalation.B),
        ],
    )
    def test_is_held_against_the_persons_target_and_scale(
        self, oxygen: int, target: OxygenTarget, escalation: Escalation
    ) -> None:
        reading = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=oxygen, pulse=70, target=target)

        assert escalation_of(reading) is escalation
        assert is_emergency(reading) is (escalation is Escalation.B)
