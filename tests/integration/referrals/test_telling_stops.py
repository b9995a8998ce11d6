"""Once the person takes it back the agency is told no more, whatever the clinic decides before or after."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from referrals.actions import accept_referral, decline_referral, stop_telling
from referrals.models import Referral, ReferralDecision, ReferralMessage, ReleasePlan, TellingStop
from referrals.rules.deciding import DeclineReason
from tests.factories.patients import PersonFactory
from tests.factories.people import consent_to
from tests.factories.referrals import ReferralFactory, a_referral
from tests.integration.referrals.reading import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(clinic, referrer):
    return a_referral(clinic, by=referrer)


def decide(referral: Referral, outcome: str, doctor) -> None:
    if outcome == "accepted":
        accept_referral(referral=referral, assessed_on=referral.referred_on, by=doctor, at=now())
    if outcome == "declined":
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_FOUND, by=doctor, at=now())


def told(visit, referrer, referral: Referral) -> list[str]:
    """Return the words of every page and paper on which the agency reads of its referral."""
    pages = [visit(name, referrer, referral.id) for name in ("see_own_referral", "print_own_letter")]
    return [words(page) for page in (*pages, visit("list_own_referrals", referrer))]


class TestAStop:
    @pytest.mark.parametrize("outcome", ["open", "accepted", "declined"])
    @pytest.mark.parametrize("first", ["stopped", "decided"])
    def test_shows_the_same_whatever_is_decided(
        self, visit, nurse, doctor, referrer, referral, outcome, first
    ):
        if first == "decided":
            decide(referral, outcome, doctor)
        assert visit("stop_telling", nurse, referral.id, data={}).status_code == 302
        frozen = told(visit, referrer, referral)
        if first == "stopped":
            decide(referral, outcome, doctor)

        assert told(visit, referrer, referral) == frozen
        assert "Now: we tell you no more." in frozen[0]
        assert "We tell you no more" in frozen[1]
        for word in ("Accepted", "Not this time", "Looked at by a clinician done", "Take this referral back"):
            assert not any(word in page for page in frozen)

    @pytest.mark.parametrize("outcome", ["open", "accepted", "declined"])
    def test_lets_the_agency_change_nothing_and_answers_the_same(
        self, visit, nurse, doctor, referrer, referral, outcome
    ):
        decide(referral, outcome, doctor)
        stop_telling(referral_id=referral.id, by=nurse, at=now())
        before = ReferralDecision.objects.count()

        answers = [
            words(
                visit(
                    "write_to_clinic", referrer, referral.id, data={"key": str(uuid.uuid4()), "text": "Hello"}
                )
            ),
            words(visit("withdraw_referral", referrer, referral.id, data={"reason": "moved"})),
            words(
                visit(
                    "tell_release",
                    referrer,
                    referral.id,
                    data={"release_on": f"{now() + timedelta(days=3):%d/%m/%Y}"},
                )
            ),
        ]

        assert all("The person does not want us to tell you more." in answer for answer in answers)
        assert not any("decided" in answer for answer in answers)
        assert ReferralDecision.objects.count() == before
        assert not ReferralMessage.objects.exists() and not ReleasePlan.objects.exists()

    def test_lets_the_clinic_ask_nothing_more(self, visit, nurse, referral):
        stop_telling(referral_id=referral.id, by=nurse, at=now())

        page = words(
            visit("ask_agency", nurse, referral.id, data={"key": str(uuid.uuid4()), "question": "reach"})
        )

        assert "The person does not want the agency told any more." in page
        assert not ReferralMessage.objects.exists()

    def test_is_noted_once_and_read_by_the_clinic(self, visit, nurse, referral):
        assert "is told nothing more" not in words(visit("see_referral", nurse, referral.id))
        for _ in range(2):
            visit("stop_telling", nurse, referral.id, data={})

        assert TellingStop.objects.get().stopped_by == nurse
        assert AuditEvent.objects.filter(event="referrals.telling_stopped").count() == 1
        assert "We tell you no more" in words(visit("see_referral", nurse, referral.id))
        assert "is told nothing more already" in words(visit("stop_telling", nurse, referral.id))

    def test_is_missing_where_no_agency_referred(self, clinic, visit, nurse):
        own = ReferralFactory(clinic=clinic, person=PersonFactory())

        assert visit("stop_telling", nurse, own.id).status_code == 404


class TestAConsentTakenBack:
    def test_is_a_stop_until_it_is_given_again(self, visit, doctor, referrer, referral):
        episode = accept_referral(referral=referral, assessed_on=referral.referred_on, by=doctor, at=now())
        consent_to(Purpose.SHARING, episode, by=doctor, at=now(), agency=referral.agency)
        assert "Now: accepted." in told(visit, referrer, referral)[0]

        withdraw_consent(
            person_id=episode.person_id,
            clinic=episode.clinic,
            purpose=Purpose.SHARING,
            agency_id=referral.agency_id,
            by=doctor,
            at=now(),
        )
        assert "Now: we tell you no more." in told(visit, referrer, referral)[0]

        consent_to(Purpose.SHARING, episode, by=doctor, at=now(), agency=referral.agency)
        assert "Now: accepted." in told(visit, referrer, referral)[0]
