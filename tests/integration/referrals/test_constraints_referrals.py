"""What the table of referrals refuses, from both sides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from patients.models import Episode
from referrals.models import AgencyFlag, PriorTreatment, Referral, ReferralDecision
from tests.factories import TODAY, EpisodeFactory, ReferralFactory
from tests.factories.accounts import AgencyFactory, UserFactory
from tests.factories.moments import NINE
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestReferral:
    def test_is_assessed_on_its_day_or_later(self) -> None:
        ReferralFactory(referred_on=TODAY, assessed_on=TODAY)
        ReferralFactory(referred_on=TODAY, assessed_on=None)

        with refused_by("referral_dates_in_order"):
            ReferralFactory(referred_on=TODAY, assessed_on=TODAY - timedelta(days=1))

    @pytest.mark.parametrize(
        "closing", [{"closed_on": TODAY}, {"closed_reason": Episode.ExitReason.DECLINED}]
    )
    def test_is_closed_with_both_date_and_reason(self, closing: dict[str, Any]) -> None:
        ReferralFactory(closed_on=TODAY, closed_reason=Episode.ExitReason.DECLINED)

        with refused_by("referral_closed_has_date_and_reason"):
            ReferralFactory(**closing)

    @pytest.mark.parametrize("is_eligible", [True, None])
    def test_leads_to_an_episode(self, is_eligible: bool | None) -> None:
        assert ReferralFactory(episode=EpisodeFactory(), is_eligible=is_eligible).pk

    def test_of_somebody_not_eligible_leads_to_none(self) -> None:
        ReferralFactory(is_eligible=False)

        with refused_by("no_episode_for_somebody_not_eligible"):
            ReferralFactory(episode=EpisodeFactory(), is_eligible=False)

    def test_names_somebody_referral_names_somebody(self):
        ReferralFactory(person=None, given_names="Robin", family_name="Dale", born_on=TODAY)

        with refused_by("referral_names_somebody"):
            ReferralFactory(person=None, given_names="Robin", family_name="Dale")

    def test_accepted_is_of_a_person_accepted_referral_has_a_person(self):
        named = {"given_names": "Robin", "family_name": "Dale", "born_on": TODAY}
        ReferralFactory(episode=EpisodeFactory(), **named)

        with refused_by("accepted_referral_has_a_person"):
            ReferralFactory(person=None, episode=EpisodeFactory(), **named)

    @pytest.mark.parametrize("missing", ["agency", "consent_wording", "content_sha256"])
    def test_of_an_agency_is_agreed_and_signed_agency_referral_is_agreed_and_signed(self, missing):
        sent = {
            "key": uuid.uuid4(),
            "agency": AgencyFactory(),
            "sent_by": UserFactory(),
            "sent_at": NINE,
            "consent_wording": "2026-1",
            "content_sha256": "0" * 64,
        }
        ReferralFactory(**sent)

        ReferralFactory(**(sent | {"key": uuid.uuid4(), "agency": None, "source": Referral.Source.SELF}))

        with refused_by("agency_referral_is_agreed_and_signed"):
            ReferralFactory(**(sent | {"key": uuid.uuid4(), missing: None if missing == "agency" else ""}))

    @pytest.mark.parametrize(
        ("moment", "person", "constraint"),
        [
            ("sent_at", "sent_by", "referral_sent_at_and_by"),
            ("first_seen_at", "first_seen_by", "referral_first_seen_at_and_by"),
        ],
    )
    def test_pairs_when_with_who(self, moment, person, constraint):
        ReferralFactory(**{moment: NINE, person: UserFactory()})

        with refused_by(constraint):
            ReferralFactory(**{moment: NINE})
        with refused_by(constraint):
            ReferralFactory(**{person: UserFactory()})

    def test_has_an_nhs_number_of_ten_digits_referral_nhs_number_is_ten_digits(self):
        ReferralFactory(nhs_number="9990000018")

        with refused_by("referral_nhs_number_is_ten_digits"):
            ReferralFactory(nhs_number="999000001")

    def test_repeats_another_referral_is_not_the_same_as_itself(self):
        first = ReferralFactory()
        ReferralFactory(same_as=first)

        with refused_by("referral_is_not_the_same_as_itself"):
            Referral.objects.filter(id=first.id).update(same_as=first)


class TestAnswers:
    def test_are_one_per_question_one_answer_per_flag(self):
        referral = ReferralFactory()
        AgencyFlag.objects.create(referral=referral, flag="overdose", answer="yes")
        AgencyFlag.objects.create(referral=referral, flag="children", answer="no")

        with refused_by("one_answer_per_flag"):
            AgencyFlag.objects.create(referral=referral, flag="overdose", answer="no")

    def test_are_one_per_treatment_one_answer_per_treatment(self):
        referral = ReferralFactory()
        PriorTreatment.objects.create(referral=referral, treatment="detox", answer="no")

        with refused_by("one_answer_per_treatment"):
            PriorTreatment.objects.create(referral=referral, treatment="detox", answer="yes")

    @pytest.mark.parametrize("details", [{"last_year": 2024}, {"ending": "prison"}])
    def test_have_details_where_tried_treatment_details_only_where_it_was_tried(self, details):
        PriorTreatment.objects.create(referral=ReferralFactory(), treatment="detox", answer="yes", **details)

        with refused_by("treatment_details_only_where_it_was_tried"):
            PriorTreatment.objects.create(
                referral=ReferralFactory(), treatment="detox", answer="no", **details
            )

    @pytest.mark.parametrize(("fits", "does_not"), [(1960, 1959), (2999, 3000)])
    def test_have_a_plausible_year_treatment_year_is_plausible(self, fits, does_not):
        tried = {"treatment": "detox", "answer": "yes"}
        PriorTreatment.objects.create(referral=ReferralFactory(), last_year=fits, **tried)

        with refused_by("treatment_year_is_plausible"):
            PriorTreatment.objects.create(referral=ReferralFactory(), last_year=does_not, **tried)


class TestDecision:
    def test_is_one_per_referral(self):
        made = {"outcome": "accepted", "decided_at": NINE, "decided_by": UserFactory()}
        referral = ReferralFactory()
        ReferralDecision.objects.create(referral=referral, **made)

        with pytest.raises(IntegrityError, match="referraldecision_referral_id"), transaction.atomic():
            ReferralDecision.objects.create(referral=referral, **made)

    @pytest.mark.parametrize(
        ("outcome", "fits", "does_not"),
        [("accepted", "", "not_safe"), ("declined", "not_safe", ""), ("withdrawn", "mistake", "")],
    )
    def test_has_its_reason_decision_has_a_reason_unless_accepted(self, outcome, fits, does_not):
        made = {"outcome": outcome, "decided_at": NINE, "decided_by": UserFactory()}
        ReferralDecision.objects.create(referral=ReferralFactory(), reason=fits, **made)

        with refused_by("decision_has_a_reason_unless_accepted"):
            ReferralDecision.objects.create(referral=ReferralFactory(), reason=does_not, **made)
