"""Planning, declining and taking back: each referral ends once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from referrals.actions import (
    AcceptanceRefused,
    ClosingRefused,
    accept_referral,
    decline_referral,
    note_first_look,
    plan_assessment,
    withdraw_referral,
)
from referrals.models import Referral, ReferralDecision
from referrals.rules.deciding import DeclineReason, WithdrawReason
from tests.factories.accounts import AgencyFactory
from tests.factories.referrals import a_referral, agency_of
from tests.factories.treatment import a_clinic, a_member_of_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return a_clinic()


@pytest.fixture
def referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")


@pytest.fixture
def doctor(clinic):
    return a_member_of_staff(clinic, Role.DOCTOR, name="Dr Priya Nair")


@pytest.fixture
def referral(clinic, referrer):
    return a_referral(clinic, by=referrer)


def decline(referral, by, reason=DeclineReason.NOT_SAFE):
    return decline_referral(referral_id=referral.id, reason=reason, by=by, at=now())


def withdraw(referral, by, reason=WithdrawReason.CHANGED_MIND):
    return withdraw_referral(
        referral_id=referral.id, agency_id=referral.agency_id, reason=reason, by=by, at=now()
    )


class TestDeclineReferral:
    @pytest.mark.parametrize(
        ("reason", "is_eligible"),
        [(DeclineReason.NOT_SAFE, False), (DeclineReason.NOT_WANTED, None)],
    )
    def test_keeps_the_reason_and_closes(self, referral, doctor, reason, is_eligible):
        decline(referral, doctor, reason)

        referral.refresh_from_db()
        decision = ReferralDecision.objects.get()
        assert (decision.outcome, decision.reason, decision.decided_by) == ("declined", reason, doctor)
        assert (referral.closed_reason, referral.is_eligible) == ("declined", is_eligible)
        assert referral.closed_on == london_date(decision.decided_at)
        event = AuditEvent.objects.get(event="referrals.referral_declined")
        assert (event.person, event.detail) == (referral.id, {"reason": reason.value})

    def test_again_returns_the_first_decision(self, referral, doctor):
        assert decline(referral, doctor) == decline(referral, doctor, DeclineReason.OTHER)

    def test_is_refused_once_accepted_and_the_other_way_round(self, clinic, referrer, referral, doctor):
        accept_referral(referral=referral, assessed_on=referral.referred_on, by=doctor, at=now())
        declined = a_referral(clinic, by=referrer)
        decline(declined, doctor)

        with pytest.raises(ClosingRefused, match="decided already"):
            decline(referral, doctor)
        with pytest.raises(AcceptanceRefused, match="was closed"):
            accept_referral(referral=declined, assessed_on=declined.referred_on, by=doctor, at=now())

        assert ReferralDecision.objects.count() == 2
        assert Episode.objects.count() == 1


class TestWithdrawReferral:
    @pytest.mark.parametrize(
        ("reason", "left_by"),
        [
            (WithdrawReason.CHANGED_MIND, "withdrawn"),
            (WithdrawReason.DIED, "died"),
            (WithdrawReason.MISTAKE, "other"),
        ],
    )
    def test_closes_it_with_its_reason(self, referral, referrer, reason, left_by):
        first = withdraw(referral, referrer, reason)
        again = withdraw(referral, referrer, reason)

        referral.refresh_from_db()
        assert first == again == ReferralDecision.objects.get()
        assert (first.outcome, first.reason, referral.closed_reason) == ("withdrawn", reason, left_by)

    def test_is_refused_once_decided(self, referral, referrer, doctor):
        decline(referral, doctor)

        with pytest.raises(ClosingRefused, match="decided already"):
            withdraw(referral, referrer)

    def test_does_not_find_another_agencys(self, referral, referrer):
        with pytest.raises(Referral.DoesNotExist):
            withdraw_referral(
                referral_id=referral.id,
                agency_id=AgencyFactory().pk,
                reason=WithdrawReason.MISTAKE,
                by=referrer,
                at=now(),
            )

        assert agency_of(referrer, referral.clinic) == referral.agency
        assert not ReferralDecision.objects.exists()


class TestPlanAssessment:
    def test_sets_the_day_and_a_later_one_replaces_it(self, referral, doctor):
        day = london_date(now())
        for due_on in (day, day + timedelta(days=3)):
            plan_assessment(referral_id=referral.id, due_on=due_on, by=doctor, at=now())

        referral.refresh_from_db()
        assert referral.assessment_due_on == day + timedelta(days=3)
        assert AuditEvent.objects.filter(event="referrals.assessment_planned").count() == 2

    def test_is_refused_once_decided(self, referral, doctor):
        decline(referral, doctor)

        with pytest.raises(ClosingRefused):
            plan_assessment(referral_id=referral.id, due_on=london_date(now()), by=doctor, at=now())


class TestNoteFirstLook:
    def test_keeps_the_first_reader(self, clinic, referral, doctor):
        other = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Sam Ito")
        note_first_look(referral_id=referral.id, by=doctor, at=now())
        note_first_look(referral_id=referral.id, by=other, at=now())

        referral.refresh_from_db()
        assert referral.first_seen_by == doctor
        assert AuditEvent.objects.filter(event="referrals.referral_first_seen").count() == 1
