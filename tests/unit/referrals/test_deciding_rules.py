"""Who may be accepted, how a referral ends, and what its agency reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from referrals.rules.criteria import Criteria
from referrals.rules.deciding import (
    AcceptanceFacts,
    DeclineReason,
    Outcome,
    Progress,
    StandingFacts,
    Step,
    WithdrawReason,
    may_accept,
    may_close,
    no_place,
    standing_of,
)
from referrals.rules.eligibility import EligibilityFacts, stand

TODAY = date(2026, 11, 28)
FREE = AcceptanceFacts(
    places=15,
    taken=14,
    is_decided=False,
    is_closed=False,
    referred_on=date(2026, 11, 20),
    today=TODAY,
    has_known_match=False,
    is_chosen=False,
    is_in_treatment=False,
)


def codes(decision) -> list[str]:
    return [finding.code for finding in decision.refusals]


class TestMayAccept:
    def test_is_told_where_the_clinic_has_no_criteria(self) -> None:
        decision = may_accept(replace(FREE, has_criteria=False), assessed_on=None)

        assert decision.is_allowed
        assert [finding.code for finding in decision] == ["no_criteria"]

    @pytest.mark.parametrize("assessed_on", [None, TODAY, date(2026, 11, 20)])
    def test_takes_somebody_while_a_place_is_free(self, assessed_on):
        assert may_accept(FREE, assessed_on=assessed_on).is_allowed

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"taken": 15}, "no_place"),
            ({"taken": 16}, "no_place"),
            ({"is_decided": True}, "closed"),
            ({"is_closed": True}, "closed"),
            ({"is_in_treatment": True}, "in_treatment"),
        ],
    )
    def test_refuses_before_anything_is_typed(self, changes, code):
        assert codes(may_accept(replace(FREE, **changes), assessed_on=None)) == [code]

    def test_never_says_where_somebody_is_in_treatment(self):
        decision = may_accept(replace(FREE, is_in_treatment=True), assessed_on=None)

        assert decision.refusals[0].message.startswith("This person is already in treatment.")

    def test_asks_who_it_is_only_when_it_is_sent(self):
        facts = replace(FREE, has_known_match=True)

        assert may_accept(facts, assessed_on=None).is_allowed
        assert codes(may_accept(facts, assessed_on=TODAY)) == ["who_is_it"]
        assert may_accept(replace(facts, is_chosen=True), assessed_on=TODAY).is_allowed

    @pytest.mark.parametrize(
        ("assessed_on", "code"),
        [
            (TODAY + timedelta(days=1), "assessed_in_future"),
            (date(2026, 11, 19), "assessed_too_early"),
        ],
    )
    def test_refuses_an_impossible_assessment(self, assessed_on, code):
        assert codes(may_accept(FREE, assessed_on=assessed_on)) == [code]

    def test_speaks_of_the_only_place(self):
        assert no_place(1).startswith("The only place is taken.")
        assert no_place(15).startswith("All 15 places are taken.")


class TestMayClose:
    def test_only_while_nothing_is_decided(self):
        assert may_close(is_decided=False).is_allowed
        assert codes(may_close(is_decided=True)) == ["decided"]


class TestStanding:
    @pytest.mark.parametrize(
        ("facts", "word", "progress"),
        [
            (StandingFacts(False, False, None), "Received", "done now not_yet not_yet not_told"),
            (StandingFacts(True, False, None), "Being looked at", "done done now not_yet not_told"),
            (StandingFacts(True, True, None), "Assessment", "done done done now not_told"),
            (StandingFacts(True, True, Outcome.ACCEPTED), "Accepted", "done done done done not_told"),
            (
                StandingFacts(True, False, Outcome.DECLINED),
                "Not this time",
                "done done not_yet done not_told",
            ),
            (
                StandingFacts(False, False, Outcome.WITHDRAWN),
                "Taken back",
                "done not_yet not_yet done not_told",
            ),
        ],
    )
    def test_is_one_word_and_five_steps(self, facts, word, progress):
        standing = standing_of(facts)

        assert standing.word == word
        assert [step for step, _ in standing.steps] == list(Step)
        assert " ".join(how for _, how in standing.steps) == progress
        assert standing.is_open is (facts.outcome is None)

    @pytest.mark.parametrize(
        ("is_started", "may_tell", "word", "progress"),
        [
            (True, True, "Started", Progress.DONE),
            (False, True, "Accepted", Progress.NOT_YET),
            (True, False, "Accepted", Progress.NOT_TOLD),
            (False, False, "Accepted", Progress.NOT_TOLD),
        ],
    )
    def test_tells_a_start_only_where_the_person_agreed(self, is_started, may_tell, word, progress):
        facts = StandingFacts(True, True, Outcome.ACCEPTED, is_started=is_started, may_tell_start=may_tell)

        standing = standing_of(facts)

        assert (standing.word, standing.steps[-1]) == (word, (Step.STARTED, progress))

    def test_never_gives_a_reason_of_a_refusal(self):
        sentence = standing_of(StandingFacts(True, True, Outcome.DECLINED)).sentence

        assert not any(reason.label.lower() in sentence.lower() for reason in DeclineReason)


class TestReasons:
    def test_have_words(self):
        assert all(reason.label for reason in (*DeclineReason, *WithdrawReason))

    def test_tell_not_fitting_from_not_coming(self):
        assert DeclineReason.NOT_SAFE.is_about_eligibility
        assert not DeclineReason.NOT_WANTED.is_about_eligibility
        assert not DeclineReason.ALREADY_IN_TREATMENT.is_about_eligibility


class TestSomebodyTreatedElsewhere:
    def test_bars_by_the_number_and_warns_by_name_and_birth(self):
        by_number = may_accept(replace(FREE, is_elsewhere=True, may_be_elsewhere=True), assessed_on=None)
        by_name = may_accept(replace(FREE, may_be_elsewhere=True), assessed_on=None)

        assert [finding.code for finding in by_number.refusals] == ["elsewhere"]
        assert by_name.is_allowed
        assert [finding.code for finding in by_name] == ["may_be_elsewhere"]


class TestCriteriaAtAcceptance:
    STANDINGS = stand(
        Criteria(age_from=18), EligibilityFacts(date(1986, 5, 4), date(2026, 11, 28), (), (), {})
    )

    def test_need_a_reason_where_one_is_not_met(self):
        facts = replace(FREE, standings=self.STANDINGS)

        without = may_accept(facts, assessed_on=facts.today)
        given = may_accept(facts, assessed_on=facts.today, override_reason="A court asks for it.")

        assert [finding.code for finding in without.refusals] == ["no_override_reason"]
        assert given.is_allowed


class TestAQuestionToTheAgency:
    def test_is_what_its_referral_says_while_it_is_open(self):
        asked = standing_of(StandingFacts(True, False, None, is_asked=True))
        decided = standing_of(StandingFacts(True, True, Outcome.DECLINED, is_asked=True))

        assert asked.word == "A question for you"
        assert decided.word == "Not this time"
