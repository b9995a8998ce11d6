"""Which stage of a treatment may follow which, and what a stage must say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from patients.rules.stages import (
    TRANSITIONS,
    StageContent,
    StageFacts,
    TreatmentStage,
    may_set_stage,
    stages_to_choose,
)

TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)
TITRATING, SETTLED, LEAVING = TreatmentStage
RUNS = StageFacts(
    stands=TITRATING,
    stands_since=TODAY - 10 * A_DAY,
    accepted_on=TODAY - 30 * A_DAY,
    started_on=TODAY - 12 * A_DAY,
    today=TODAY,
)
NEW = replace(RUNS, stands=None, stands_since=None, started_on=None)
SAYS = StageContent(stage=SETTLED, since_on=TODAY, words="No change of dose for four weeks.")


def said(content: StageContent, facts: StageFacts = RUNS) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in may_set_stage(content, facts).refusals]


class TestAStage:
    def test_has_words_for_everybody(self) -> None:
        assert [(stage.label, bool(stage.meaning)) for stage in TreatmentStage] == [
            ("Titrating", True),
            ("Settled", True),
            ("Leaving", True),
        ]

    @pytest.mark.parametrize("stands", list(TreatmentStage))
    def test_is_followed_by_any_other_and_never_by_itself(self, stands: TreatmentStage) -> None:
        facts = replace(RUNS, stands=stands)

        assert set(stages_to_choose(facts)) == TRANSITIONS[stands] == set(TreatmentStage) - {stands}

    def test_of_a_treatment_without_a_dose_is_titrating(self) -> None:
        assert stages_to_choose(NEW) == (TITRATING,)
        assert stages_to_choose(replace(NEW, stands=TITRATING)) == ()

    def test_of_a_treatment_that_runs_already_may_be_any(self) -> None:
        assert stages_to_choose(replace(NEW, started_on=TODAY)) == tuple(TreatmentStage)

    def test_may_be_set_with_its_day_and_why(self) -> None:
        assert may_set_stage(SAYS, RUNS).findings == ()

    def test_says_everything_that_is_missing_at_once(self) -> None:
        assert said(StageContent(None, None, "")) == [
            ("stage", "Choose the stage."),
            ("since_on", "Write since which day."),
            ("words", "Write a sentence that says why."),
        ]

    def test_is_not_set_again(self) -> None:
        assert said(replace(SAYS, stage=TITRATING)) == [
            ("stage", "The stage is titrating already. Choose another, or leave it as it is.")
        ]

    @pytest.mark.parametrize("facts", [NEW, replace(NEW, stands=TITRATING, stands_since=TODAY)])
    def test_of_somebody_who_had_no_dose_here_is_not_settled(self, facts: StageFacts) -> None:
        assert said(SAYS, facts) == [
            (
                "stage",
                "No dose was given here yet, so the stage cannot be settled. It can be after the first dose.",
            )
        ]


class TestTheDay:
    @pytest.mark.parametrize(
        ("since", "refused"),
        [
            (TODAY, None),
            (TODAY + A_DAY, "not set ahead"),
            (RUNS.stands_since, None),
            (TODAY - 11 * A_DAY, "The stage before, titrating, stands since 14 November 2026."),
            (TODAY - 31 * A_DAY, "This treatment began on 25 October 2026."),
        ],
    )
    def test_lies_between_the_stage_before_and_today(self, since: date, refused: str | None) -> None:
        found = said(replace(SAYS, since_on=since))

        assert [code for code, _ in found] == (["since_on"] if refused else [])
        assert refused is None or refused in found[0][1]

    @pytest.mark.parametrize(("days", "codes"), [(30, []), (31, ["since_on"])])
    def test_of_a_first_stage_lies_in_the_treatment(self, days: int, codes: list[str]) -> None:
        first = replace(RUNS, stands=None, stands_since=None)

        assert [code for code, _ in said(replace(SAYS, since_on=TODAY - days * A_DAY), first)] == codes


class TestTheWords:
    @pytest.mark.parametrize(("length", "codes"), [(300, []), (301, ["words"])])
    def test_are_a_sentence(self, length: int, codes: list[str]) -> None:
        assert [code for code, _ in said(replace(SAYS, words="a" * length))] == codes
