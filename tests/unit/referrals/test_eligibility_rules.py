"""Where somebody stands, criterion by criterion, on both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from referrals.rules.asking import Answer, Ending, Flag, Treatment, service_of
from referrals.rules.criteria import (
    EXAMPLE_OF,
    EXAMPLES,
    NUMBERS,
    Criteria,
    CriteriaApprovalFacts,
    Criterion,
    may_approve_criteria,
    may_write_criteria,
    read_criteria,
    unverified_of,
)
from referrals.rules.eligibility import (
    Concern,
    EligibilityFacts,
    FactSource,
    Noted,
    State,
    Told,
    check_override,
    details_of,
    may_note,
    stand,
    unmet_of,
)
from referrals.rules.whens import When

TODAY = date(2026, 11, 28)
FACTS = EligibilityFacts(date(1986, 5, 4), TODAY, (), (), {})
METHADONE = Told(
    "Police",
    date(2026, 11, 1),
    Treatment.METHADONE,
    Answer.YES,
    When(2023, 1, 1),
    When(2023, 7, 1),
    80,
    Answer.YES,
    Ending.USED_ON_TOP,
)


def noted(number=None, answer=None):
    return Noted(number, answer, "told us", FactSource.PERSON, "Dr Nair", TODAY)


def standing(criterion, criteria, facts):
    return next((one for one in stand(criteria, facts) if one.criterion is criterion), None)


class TestAge:
    @pytest.mark.parametrize(
        ("born_on", "state"),
        [
            (date(2008, 11, 28), State.MET),
            (date(2008, 11, 29), State.NOT_MET),
            (date(1960, 11, 29), State.MET),
            (date(1960, 11, 28), State.NOT_MET),
            (None, State.UNKNOWN),
        ],
    )
    def test_is_held_against_both_ends(self, born_on, state):
        found = standing(Criterion.AGE, Criteria(age_from=18, age_to=65), replace(FACTS, born_on=born_on))

        assert found.state is state

    def test_may_have_one_end_or_none(self):
        facts = replace(FACTS, born_on=date(1930, 1, 1))
        assert standing(Criterion.AGE, Criteria(age_from=18), facts).state is State.MET
        assert standing(Criterion.AGE, Criteria(age_to=65), facts).state is State.NOT_MET
        assert standing(Criterion.AGE, Criteria(), facts) is None


class TestNumbers:
    @pytest.mark.parametrize(("days", "state"), [(28, State.MET), (29, State.UNKNOWN)])
    def test_of_days_injected_grow_old_and_years_do_not(self, days, state):
        old = replace(noted(number=60), on=TODAY - timedelta(days=days))
        facts = replace(FACTS, noted={Criterion.INJECTING: old, Criterion.DEPENDENCE: old})
        criteria = Criteria(injecting_days=45, dependence_years=3)

        found = standing(Criterion.INJECTING, criteria, facts)
        assert found.state is state
        assert ("a new count" in found.missing) is (state is State.UNKNOWN)
        assert standing(Criterion.DEPENDENCE, criteria, facts).state is State.MET

    @pytest.mark.parametrize(
        ("criterion", "criteria", "least"),
        [
            (Criterion.DEPENDENCE, Criteria(dependence_years=3), 3),
            (Criterion.INJECTING, Criteria(injecting_days=45), 45),
            (Criterion.OTHER_TREATMENTS, Criteria(treatments_failed=2), 2),
        ],
    )
    def test_are_met_from_the_least_on(self, criterion, criteria, least):
        for number, state in ((least, State.MET), (least - 1, State.NOT_MET)):
            facts = replace(FACTS, noted={criterion: noted(number=number)})
            found = standing(criterion, criteria, facts)
            assert found.state is state
            assert found.source == "The person said so; noted by Dr Nair, 28 November 2026"
        assert standing(criterion, criteria, FACTS).state is State.UNKNOWN
        assert standing(criterion, criteria, FACTS).missing
        assert standing(criterion, Criteria(), FACTS) is None


class TestOptimisedOral:
    ASKED = Criteria(oral_months=6, oral_mg=80)

    def state_of(self, told, criteria=ASKED):
        return standing(Criterion.OPTIMISED_ORAL, criteria, replace(FACTS, told=told)).state

    def test_is_met_by_one_treatment_long_high_and_supervised(self):
        assert self.state_of((METHADONE,)) is State.MET

    @pytest.mark.parametrize(
        "changes",
        [
            {"ended": When(2023, 6, 30)},
            {"started": None},
            {"highest_dose_mg": 79},
            {"highest_dose_mg": None},
            {"supervised": Answer.NO},
            {"supervised": None},
            {"ending": Ending.PRISON},
            {"ending": Ending.UNKNOWN},
            {"ending": None},
            {"treatment": Treatment.BUPRENORPHINE},
            {"answer": Answer.UNKNOWN},
        ],
        ids=str,
    )
    def test_is_not_known_where_one_part_is_short_or_missing(self, changes):
        assert self.state_of((replace(METHADONE, **changes),)) is State.UNKNOWN

    def test_is_not_met_where_none_was_tried(self):
        never = replace(METHADONE, answer=Answer.NO)
        assert self.state_of((never,)) is State.NOT_MET
        assert self.state_of(()) is State.UNKNOWN

    def test_may_ask_for_months_alone_or_for_the_dose_alone(self):
        short = replace(METHADONE, ended=When(2023, 3), treatment=Treatment.METHADONE)
        assert (
            self.state_of((replace(METHADONE, highest_dose_mg=None),), Criteria(oral_months=6)) is State.MET
        )
        assert self.state_of((short,), Criteria(oral_mg=80)) is State.MET
        assert standing(Criterion.OPTIMISED_ORAL, Criteria(), FACTS) is None

    @pytest.mark.parametrize(
        ("answer", "state"),
        [(Answer.YES, State.MET), (Answer.NO, State.NOT_MET), (Answer.UNKNOWN, State.UNKNOWN)],
    )
    def test_follows_a_clinicians_finding_before_what_agencies_told(self, answer, state):
        facts = replace(FACTS, told=(METHADONE,), noted={Criterion.OPTIMISED_ORAL: noted(answer=answer)})

        assert standing(Criterion.OPTIMISED_ORAL, self.ASKED, facts).state is state


class TestOtherTreatments:
    def test_counts_each_kind_once_whoever_told(self):
        asked = Criteria(treatments_failed=2)
        again = replace(METHADONE, sender="Housing")
        detox = replace(METHADONE, treatment=Treatment.DETOX)

        one = standing(Criterion.OTHER_TREATMENTS, asked, replace(FACTS, told=(METHADONE, again)))
        two = standing(Criterion.OTHER_TREATMENTS, asked, replace(FACTS, told=(METHADONE, again, detox)))

        assert (one.state, two.state) == (State.UNKNOWN, State.MET)
        assert one.missing == "1 more that failed, from other services or the person"
        assert "Housing" in two.source

    @pytest.mark.parametrize(
        ("ending", "state"),
        [
            (Ending.USED_ON_TOP, State.MET),
            (Ending.DROPPED_OUT, State.MET),
            (Ending.REMOVED, State.MET),
            (Ending.PRISON, State.UNKNOWN),
            (Ending.UNKNOWN, State.UNKNOWN),
            (None, State.UNKNOWN),
        ],
        ids=str,
    )
    def test_counts_only_what_is_known_to_have_failed(self, ending, state):
        facts = replace(FACTS, told=(replace(METHADONE, ending=ending),))
        found = standing(Criterion.OTHER_TREATMENTS, Criteria(treatments_failed=1), facts)

        assert found.state is state
        assert "Methadone: tried, " in found.evidence
        assert ("how it ended: Methadone" in found.missing) is (state is State.UNKNOWN)


class TestAgencyConcern:
    def test_counts_agencies_and_the_services_they_name(self):
        asked = Criteria(services_concerned=2)
        alone = Concern("Police", TODAY)
        named = Concern("Police", TODAY, (Flag.CONCERNS_HOSPITAL,))

        assert (
            standing(Criterion.AGENCY_CONCERN, asked, replace(FACTS, concerns=(alone,))).state
            is State.UNKNOWN
        )
        both = replace(FACTS, concerns=(alone, Concern("Housing", TODAY)))
        assert standing(Criterion.AGENCY_CONCERN, asked, both).state is State.MET
        assert standing(Criterion.AGENCY_CONCERN, asked, replace(FACTS, concerns=(named,))).state is State.MET
        assert standing(Criterion.AGENCY_CONCERN, asked, FACTS).evidence == "None known"
        assert standing(Criterion.AGENCY_CONCERN, Criteria(), FACTS) is None

    @pytest.mark.parametrize(
        ("concerns", "state"),
        [
            ([("Police", (Flag.CONCERNS_POLICE,), "police")], State.UNKNOWN),
            ([("Police", (), "police"), ("Transport Police", (), "police")], State.UNKNOWN),
            ([("Night shelter", (Flag.CONCERNS_POLICE,), "other"), ("Police", (), "police")], State.MET),
            ([("Prison", (Flag.CONCERNS_PROBATION,), "prison")], State.MET),
        ],
        ids=("itself", "twice", "two", "another"),
    )
    def test_counts_each_service_once_whether_it_refers_or_is_named(self, concerns, state):
        found = tuple(
            Concern(sender, TODAY, services, service_of(kind)) for sender, services, kind in concerns
        )
        asked = Criteria(services_concerned=2)

        assert standing(Criterion.AGENCY_CONCERN, asked, replace(FACTS, concerns=found)).state is state


class TestFindings:
    @pytest.mark.parametrize(
        ("criterion", "fits"),
        [
            (Criterion.CAPACITY, Answer.YES),
            (Criterion.ATTENDANCE, Answer.YES),
            (Criterion.EXCLUSIONS, Answer.NO),
        ],
    )
    def test_are_met_by_one_answer_only(self, criterion, fits):
        criteria = Criteria(exclusions=("Alcohol dependence",))
        states = {
            answer: standing(
                criterion, criteria, replace(FACTS, noted={criterion: noted(answer=answer)})
            ).state
            for answer in Answer
        }

        other = Answer.NO if fits is Answer.YES else Answer.YES
        assert states == {fits: State.MET, other: State.NOT_MET, Answer.UNKNOWN: State.UNKNOWN}
        assert standing(criterion, criteria, FACTS).state is State.UNKNOWN

    def test_of_exclusions_are_asked_only_where_there_are_some(self):
        assert standing(Criterion.EXCLUSIONS, Criteria(), FACTS) is None


class TestOverride:
    STANDINGS = stand(Criteria(age_from=18), FACTS)

    def test_needs_a_reason_against_what_is_not_met_or_not_known(self):
        assert unmet_of(self.STANDINGS) == (Criterion.CAPACITY, Criterion.ATTENDANCE)
        assert not check_override(self.STANDINGS, reason=" ").is_allowed
        assert check_override(self.STANDINGS, reason="A court wants an answer.").is_allowed
        shown = check_override(self.STANDINGS, reason=None)
        assert shown.is_allowed
        assert [finding.code for finding in shown] == ["against_criteria"]

    def test_needs_none_where_all_is_met_or_no_criteria_are_in_force(self):
        met = tuple(one for one in self.STANDINGS if one.state is State.MET)
        assert check_override(met, reason="").findings == ()
        assert check_override((), reason="").findings == ()


class TestMayNote:
    def codes(self, criterion, number=None, answer=None, evidence="seen", is_open=True):
        decision = may_note(criterion, number=number, answer=answer, evidence=evidence, is_open=is_open)
        return [finding.code for finding in decision]

    def test_takes_what_the_criterion_asks(self):
        assert self.codes(Criterion.INJECTING, number=90) == []
        assert self.codes(Criterion.INJECTING, number=0) == []
        assert self.codes(Criterion.CAPACITY, answer=Answer.UNKNOWN) == []

    def test_refuses_the_rest(self):
        assert self.codes(Criterion.INJECTING, number=91) == ["number"]
        assert self.codes(Criterion.INJECTING) == ["number"]
        assert self.codes(Criterion.CAPACITY) == ["answer"]
        assert self.codes(Criterion.AGE, number=30) == ["not_noted"]
        assert self.codes(Criterion.CAPACITY, answer=Answer.YES, evidence=" ", is_open=False) == [
            "decided",
            "evidence",
        ]


class TestDetails:
    def test_say_as_much_as_was_told(self):
        assert details_of(METHADONE) == (
            "1 January 2023 to 1 July 2023, up to 80 mg a day, supervised, used on top"
        )
        bare = replace(METHADONE, started=None, highest_dose_mg=None, supervised=Answer.NO, ending=None)
        assert details_of(bare) == "not known to 1 July 2023, not supervised"
        begun = replace(bare, started=When(2023), ended=None, supervised=Answer.UNKNOWN)
        assert details_of(begun) == "2023 to not known"
        assert details_of(replace(begun, started=None, ending=Ending.UNKNOWN)) == ""


class TestCriteria:
    @pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
    def test_of_a_publication_can_be_written_and_read_again(self, example):
        assert may_write_criteria(example.criteria, reason="Because").findings == ()
        assert read_criteria(example.criteria.data) == example.criteria
        assert example.unverified <= {number.name for number in NUMBERS}

    def test_have_a_fingerprint_of_their_numbers(self):
        one = Criteria(age_from=18)
        assert one.sha256 == Criteria(age_from=18).sha256
        assert one.sha256 != Criteria(age_from=19).sha256
        assert one.sha256 != Criteria(age_from=18, exclusions=("Alcohol dependence",)).sha256

    @pytest.mark.parametrize(
        ("criteria", "codes"),
        [
            (Criteria(age_from=17), ["number_age_from"]),
            (Criteria(), ["number_age_from"]),
            (Criteria(age_from=65, age_to=65), []),
            (Criteria(age_from=65, age_to=64), ["number_age_to"]),
            (Criteria(age_from=18, injecting_days=91), ["number_injecting_days"]),
            (Criteria(age_from=18, injecting_days=90), []),
            (Criteria(age_from=18, oral_months=0), ["number_oral_months"]),
            (Criteria(age_from=18, exclusions=("x" * 100,) * 12), []),
            (Criteria(age_from=18, exclusions=("x" * 101,)), ["exclusions"]),
            (Criteria(age_from=18, exclusions=("x",) * 13), ["exclusions"]),
        ],
        ids=str,
    )
    def test_are_refused_outside_their_range(self, criteria, codes):
        assert [finding.code for finding in may_write_criteria(criteria, reason="Why")] == codes

    def test_say_why(self):
        decision = may_write_criteria(Criteria(age_from=18), reason=" ")

        assert [finding.code for finding in decision] == ["reason"]

    def test_are_unverified_where_no_source_gives_the_number(self):
        riott = EXAMPLE_OF["riott"].criteria
        assert unverified_of("riott", riott) == ("injecting_days",)
        assert unverified_of("riott", replace(riott, age_to=70)) == ("age_to", "injecting_days")
        assert unverified_of("", Criteria(age_from=18, oral_mg=80)) == ("age_from", "oral_mg")


class TestMayApproveCriteria:
    FACTS = CriteriaApprovalFacts(
        True, False, True, False, ("injecting_days",), frozenset({"injecting_days"})
    )

    def test_by_a_clinical_lead_with_each_reading_confirmed(self):
        assert may_approve_criteria(self.FACTS).findings == ()

    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({"is_clinical_lead": False}, ["not_lead"]),
            ({"is_own": True}, ["own_criteria"]),
            ({"is_newest": False}, ["criteria_changed"]),
            ({"is_approved": True}, ["criteria_changed"]),
            ({"confirmed": frozenset()}, ["unconfirmed_injecting_days"]),
        ],
        ids=str,
    )
    def test_not_otherwise(self, changes, codes):
        assert [finding.code for finding in may_approve_criteria(replace(self.FACTS, **changes))] == codes


class TestWords:
    def test_are_there_for_every_choice(self):
        for kind in (Criterion, State, FactSource):
            for member in kind:
                assert member.label
