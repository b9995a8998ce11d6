"""What the tables of coming in refuse, from both sides."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from referrals.models import (
    CriteriaApproval,
    CriteriaSet,
    EligibilityFact,
    EligibilityJudgement,
    PriorTreatment,
    ReferralDecision,
    ReferralMessage,
    ReleasePlan,
)
from tests.factories import TODAY, EpisodeFactory, ReferralFactory
from tests.factories.accounts import ClinicFactory, PhaseFactory, UserFactory
from tests.factories.moments import NINE
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
SHA = "a" * 64


def tried(treatment="methadone", **details):
    return PriorTreatment.objects.create(
        referral=ReferralFactory(), treatment=treatment, answer="yes", **details
    )


class TestTreatment:
    @pytest.mark.parametrize("fits", ["1960", "2024-03", "2024-03-31", "2999-12"])
    def test_has_dates_as_they_are_known(self, fits):
        assert tried(started=fits, ended=fits).pk

    @pytest.mark.parametrize("text", ["1959", "24", "2024-13", "2024-3", "2024-03-32", "spring"])
    def test_has_no_other_dates_treatment_dates_are_days_months_or_years(self, text):
        with refused_by("treatment_dates_are_days_months_or_years"):
            tried(started=text)
        with refused_by("treatment_dates_are_days_months_or_years"):
            tried(ended=text)

    def test_ends_after_it_began_treatment_ends_after_it_began(self):
        tried(started="2024-06", ended="2024")

        with refused_by("treatment_ends_after_it_began"):
            tried(started="2024-06", ended="2023-12")

    def test_has_a_dose_where_it_is_an_oral_opioid_dose_and_supervision_are_of_oral_opioids(self):
        tried("buprenorphine", highest_dose_mg=16, supervised="yes")

        for details in ({"highest_dose_mg": 16}, {"supervised": "no"}):
            with refused_by("dose_and_supervision_are_of_oral_opioids"):
                tried("detox", **details)

    @pytest.mark.parametrize(("fits", "does_not"), [(1, 0), (2000, 2001)])
    def test_has_a_plausible_dose_treatment_highest_dose_is_plausible(self, fits, does_not):
        tried(highest_dose_mg=fits)

        with refused_by("treatment_highest_dose_is_plausible"):
            tried(highest_dose_mg=does_not)


class TestMessage:
    def write(self, **changes):
        return ReferralMessage.objects.create(
            referral=ReferralFactory(),
            key=uuid.uuid4(),
            written_at=NINE,
            written_by=UserFactory(),
            **({"is_of_clinic": True, "question": "reach", "text": ""} | changes),
        )

    def test_of_the_clinic_is_a_question_of_the_list_clinic_asks_from_the_list_and_agency_writes(self):
        self.write()
        self.write(is_of_clinic=False, question="", text="He moved.")

        for changes in (
            {"text": "His dose was raised."},
            {"question": ""},
            {"is_of_clinic": False, "text": "He moved."},
            {"is_of_clinic": False, "question": ""},
        ):
            with refused_by("clinic_asks_from_the_list_and_agency_writes"):
                self.write(**changes)


class TestReleasePlan:
    def test_is_numbered_once_release_plans_are_numbered_once(self):
        said = {"release_on": TODAY, "said_at": NINE, "said_by": UserFactory()}
        referral = ReferralFactory()
        ReleasePlan.objects.create(referral=referral, number=1, **said)
        ReleasePlan.objects.create(referral=referral, number=2, **said)

        with refused_by("release_plans_are_numbered_once"):
            ReleasePlan.objects.create(referral=referral, number=2, **said)


def a_set(clinic=None, **changes):
    written = {"number": 1, "data": {}, "sha256": SHA, "reason": "Why", "written_at": NINE}
    return CriteriaSet.objects.create(
        clinic=clinic or ClinicFactory(), written_by=UserFactory(), **(written | changes)
    )


class TestCriteria:
    def test_are_numbered_once_criteria_sets_are_numbered_once(self):
        clinic = ClinicFactory()
        a_set(clinic)
        a_set(clinic, number=2)

        with refused_by("criteria_sets_are_numbered_once"):
            a_set(clinic)

    @pytest.mark.parametrize("changes", [{"reason": ""}, {"sha256": "a" * 63}, {"sha256": "A" * 64}], ids=str)
    def test_have_reason_and_fingerprint_criteria_set_has_reason_and_fingerprint(self, changes):
        with refused_by("criteria_set_has_reason_and_fingerprint"):
            a_set(**changes)

    def test_are_approved_as_they_were_written_criteria_approved_as_written(self):
        approved = {"approved_at": NINE, "approved_by": UserFactory()}
        CriteriaApproval.objects.create(criteria=a_set(), sha256=SHA, **approved)

        with refused_by("criteria_approved_as_written"):
            CriteriaApproval.objects.create(criteria=a_set(), sha256="b" * 64, **approved)
        own = a_set()
        with refused_by("criteria_approved_as_written"):
            CriteriaApproval.objects.create(
                criteria=own, sha256=SHA, approved_at=NINE, approved_by=own.written_by
            )

    def test_are_approved_once(self):
        approved = {"approved_at": NINE, "approved_by": UserFactory(), "sha256": SHA}
        criteria = a_set()
        CriteriaApproval.objects.create(criteria=criteria, **approved)

        with pytest.raises(IntegrityError, match="criteriaapproval_criteria_id"), transaction.atomic():
            CriteriaApproval.objects.create(criteria=criteria, **approved)


class TestFact:
    def note(self, **changes):
        noted = {"criterion": "capacity", "answer": "yes", "evidence": "Explained it.", "source": "examined"}
        return EligibilityFact.objects.create(
            referral=ReferralFactory(), noted_at=NINE, noted_by=UserFactory(), **(noted | changes)
        )

    def test_is_a_number_or_an_answer_eligibility_fact_is_a_number_or_an_answer(self):
        self.note()
        self.note(criterion="dependence", number=4, answer="")

        for changes in ({"number": 4}, {"answer": ""}):
            with refused_by("eligibility_fact_is_a_number_or_an_answer"):
                self.note(**changes)

    @pytest.mark.parametrize("missing", ["evidence", "source"])
    def test_has_its_evidence_eligibility_fact_has_its_evidence(self, missing):
        with refused_by("eligibility_fact_has_its_evidence"):
            self.note(**{missing: ""})


class TestJudgement:
    def judge(self, **changes):
        decision = ReferralDecision.objects.create(
            referral=ReferralFactory(), outcome="accepted", decided_at=NINE, decided_by=UserFactory()
        )
        judged = {"standings": {}, "unmet": ["capacity"], "is_override": True, "override_reason": "A court."}
        return EligibilityJudgement.objects.create(
            decision=decision, criteria=a_set(decision.referral.clinic), **(judged | changes)
        )

    def test_says_why_and_against_what_override_has_its_reason_and_what_it_overrides(self):
        self.judge()
        self.judge(is_override=False, override_reason="", unmet=[])

        for changes in ({"override_reason": ""}, {"unmet": []}, {"is_override": False}):
            with refused_by("override_has_its_reason_and_what_it_overrides"):
                self.judge(**changes)


class TestPlaces:
    def accept(self, clinic, **changes):
        decided = {"outcome": "accepted", "decided_at": NINE, "decided_by": UserFactory()}
        return ReferralDecision.objects.create(referral=ReferralFactory(clinic=clinic), **(decided | changes))

    def test_are_not_exceeded_accepted_within_the_places(self):
        clinic = ClinicFactory(places=1)
        EpisodeFactory(clinic=clinic)
        assert self.accept(clinic).pk

        EpisodeFactory(clinic=clinic)
        with refused_by("accepted_within_the_places"):
            self.accept(clinic)
        assert self.accept(clinic, outcome="declined", reason="not_safe").pk

    def test_are_those_of_the_phase_of_the_day(self):
        clinic = ClinicFactory(places=9)
        day = NINE.date()
        PhaseFactory(clinic=clinic, places=1, during=(day, day + timedelta(days=1)))
        EpisodeFactory(clinic=clinic)
        EpisodeFactory(clinic=clinic)

        with refused_by("accepted_within_the_places"):
            self.accept(clinic)
        assert self.accept(clinic, decided_at=NINE + timedelta(days=1)).pk

    def test_are_free_again_once_somebody_left(self):
        clinic = ClinicFactory(places=1)
        EpisodeFactory(clinic=clinic)
        EpisodeFactory(clinic=clinic, exited_on=TODAY, exit_reason="completed")

        assert self.accept(clinic).pk
