"""What may be put right: the line that stands, on its own day, with a reason; both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from dosing.rules.checks import CheckAnswers, Readings, Sedation, judge_check
from dosing.rules.corrections import (
    CheckAsks,
    CheckStage,
    Corrected,
    CorrectedFor,
    asked_by_amended_check,
    may_correct,
    opens_the_way,
    stage_of,
)
from dosing.rules.holds import HoldSeverity

TODAY = date(2026, 10, 12)
MAY = Corrected(stands=True, is_same=False, service_date=TODAY, today=TODAY)


def codes(facts: Corrected, reason: CorrectedFor = CorrectedFor.WRONG_KEY, words: str = "") -> set[str]:
    return {finding.code for finding in may_correct(facts, reason=reason, words=words).refusals}


class TestALine:
    def test_is_put_right_with_a_reason(self) -> None:
        assert may_correct(MAY, reason=CorrectedFor.WRONG_KEY, words="").is_allowed

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"stands": False}, "amended_meanwhile"),
            ({"is_same": True}, "nothing_changed"),
            ({"today": TODAY + timedelta(days=1)}, "day_is_past"),
            ({"today": TODAY - timedelta(days=1)}, "day_is_past"),
        ],
        ids=["branches", "same", "next day", "day before"],
    )
    def test_is_left_as_it_is(self, changes: dict[str, Any], code: str) -> None:
        assert codes(replace(MAY, **changes)) == {code}

    @pytest.mark.parametrize(("words", "found"), [("", {"no_words"}), (" ", {"no_words"}), ("so", set())])
    def test_for_another_reason_needs_words(self, words: str, found: set[str]) -> None:
        assert codes(MAY, CorrectedFor.OTHER, words) == found

    @pytest.mark.parametrize(
        ("days", "words", "found"),
        [
            (1, "so", set()),
            (84, "so", set()),
            (1, " ", {"no_words"}),
            (0, "so", {"day_is_not_over"}),
            (-1, "so", {"day_is_not_over"}),
        ],
        ids=["the day after", "weeks after", "without words", "on the day", "before"],
    )
    def test_is_the_clinical_leads_once_its_day_is_over(self, days: int, words: str, found: set[str]) -> None:
        facts = replace(MAY, is_lead=True, today=TODAY + timedelta(days=days))

        assert codes(facts, words=words) == found

    @pytest.mark.parametrize(
        ("has_desk", "words"), [(True, "at a desk"), (False, "an incident")], ids=["a page", "none"]
    )
    def test_names_no_page_that_is_not_there(self, has_desk: bool, words: str) -> None:
        facts = Corrected(True, False, service_date=TODAY, today=TODAY + timedelta(days=1), has_desk=has_desk)

        (refusal,) = may_correct(facts, reason=CorrectedFor.WRONG_KEY, words="").refusals

        assert words in refusal.message

    def test_is_told_every_reason_at_once(self) -> None:
        facts = Corrected(stands=False, is_same=True, service_date=TODAY, today=TODAY + timedelta(days=1))

        assert codes(facts, CorrectedFor.OTHER) == {
            "amended_meanwhile",
            "nothing_changed",
            "day_is_past",
            "no_words",
        }


class TestTheReasons:
    def test_offer_the_wrong_key_first(self) -> None:
        assert next(iter(CorrectedFor)).label == "Wrong key"
        assert all(why.label for why in CorrectedFor)


WELL = CheckAnswers(
    readings=Readings(Sedation.ALERT, 14, 97, 70),
    alcohol_ug=0,
    took_other_drugs=False,
    oral_as_ordered=True,
    is_intoxicated=False,
    sites_are_well=True,
)
NOTHING = CheckAsks(severity=None, codes=(), is_emergency=False)


def breathing(breaths: int) -> CheckAnswers:
    return replace(WELL, readings=replace(WELL.readings, breaths=breaths))


def alcohol(ug: int) -> CheckAnswers:
    return replace(WELL, alcohol_ug=ug)


class TestACheckThatWasPutRight:
    @pytest.mark.parametrize("stage", CheckStage, ids=str)
    def test_asks_for_nothing_within_the_limits(self, stage: CheckStage) -> None:
        assert asked_by_amended_check(WELL, breathing(12), stage=stage) == NOTHING
        assert asked_by_amended_check(WELL, alcohol(19), stage=stage) == NOTHING

    @pytest.mark.parametrize("stage", CheckStage, ids=str)
    def test_holds_under_a_limit_however_far_the_dose_is(self, stage: CheckStage) -> None:
        asked = asked_by_amended_check(WELL, breathing(11), stage=stage)

        assert (asked.severity, asked.codes, asked.is_emergency) == (HoldSeverity.HOLD, ("breathing",), False)

    @pytest.mark.parametrize(
        ("stage", "severity"),
        [
            (CheckStage.BEFORE, None),
            (CheckStage.DRAWN, HoldSeverity.HOLD),
            (CheckStage.GIVEN, HoldSeverity.REVIEW),
            (CheckStage.GONE, HoldSeverity.REVIEW),
        ],
        ids=str,
    )
    def test_with_a_stop_alone_asks_by_how_far_the_dose_is(
        self, stage: CheckStage, severity: HoldSeverity | None
    ) -> None:
        assert asked_by_amended_check(WELL, alcohol(20), stage=stage).severity == severity

    @pytest.mark.parametrize(
        ("stage", "breaths", "so"),
        [
            (CheckStage.GIVEN, 8, True),
            (CheckStage.GIVEN, 9, False),
            (CheckStage.DRAWN, 8, False),
            (CheckStage.BEFORE, 8, False),
            (CheckStage.GONE, 8, False),
        ],
        ids=str,
    )
    def test_is_an_emergency_after_the_dose_while_they_are_here(
        self, stage: CheckStage, breaths: int, so: bool
    ) -> None:
        assert asked_by_amended_check(WELL, breathing(breaths), stage=stage).is_emergency is so

    def test_asks_again_only_with_another_figure(self) -> None:
        stage = CheckStage.DRAWN
        assert asked_by_amended_check(alcohol(24), alcohol(24), stage=stage) == NOTHING
        assert asked_by_amended_check(alcohol(24), alcohol(25), stage=stage).codes == ("alcohol_stop",)
        assert not asked_by_amended_check(breathing(7), breathing(8), stage=CheckStage.GIVEN).is_emergency

    @pytest.mark.parametrize("is_watched", [True, False], ids=["had a dose already", "had none"])
    def test_is_an_emergency_over_a_drawn_dose_where_they_had_one(self, is_watched: bool) -> None:
        asks = asked_by_amended_check(WELL, breathing(7), stage=CheckStage.DRAWN, is_watched=is_watched)

        assert (asks.is_emergency, asks.severity) == (is_watched, HoldSeverity.HOLD)

    @pytest.mark.parametrize(
        ("first_did", "amended", "so"),
        [(True, WELL, True), (True, breathing(11), False), (False, WELL, False)],
        ids=["both", "the right values do not", "the first did not"],
    )
    def test_opens_the_way_only_where_the_first_did(
        self, first_did: bool, amended: CheckAnswers, so: bool
    ) -> None:
        assert opens_the_way(first_did=first_did, amended=judge_check(amended)) is so

    @pytest.mark.parametrize(
        ("drawn", "given", "over", "stage"),
        [
            (False, False, False, CheckStage.BEFORE),
            (False, False, True, CheckStage.BEFORE),
            (True, False, False, CheckStage.DRAWN),
            (True, True, False, CheckStage.DRAWN),
            (False, True, False, CheckStage.GIVEN),
            (False, True, True, CheckStage.GONE),
        ],
        ids=str,
    )
    def test_is_as_far_as_its_dose(self, drawn: bool, given: bool, over: bool, stage: CheckStage) -> None:
        assert stage_of(is_drawn=drawn, is_given=given, is_over=over) is stage
