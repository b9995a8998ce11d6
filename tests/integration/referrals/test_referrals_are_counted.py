"""What an agency enters and a clinician decides is in the month's report."""

from __future__ import annotations

import pytest
from django.db import transaction

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.extract import freeze_extract
from outcomes.queries.evaluation.figures import get_figures
from outcomes.rules.evaluation.indicators import next_month
from patients.actions import start_treatment
from referrals.actions import accept_referral, decline_referral
from referrals.rules.deciding import DeclineReason
from tests.factories.referrals import WRITTEN, a_referral, approved_criteria
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
def flow(clinic, doctor):
    """Return a function that freezes the running month and gives its counts of people."""

    def figures():
        month = london_date(now()).replace(day=1)
        as_of = next_month(month)
        with transaction.atomic():
            extract = freeze_extract(clinic=clinic.id, as_of=as_of, by=doctor, at=now())
        return get_figures(segment_ids=extract.segment_ids, month=month, as_of=as_of).flow

    return figures


def accept(referral, by, **more):
    return accept_referral(referral=referral, assessed_on=london_date(now()), by=by, at=now(), **more)


class TestTheReport:
    def test_counts_a_referral_from_the_moment_it_is_sent(self, clinic, referrer, flow):
        assert flow().referred == 0

        a_referral(clinic, by=referrer)
        a_referral(clinic, by=referrer)

        facts = flow()
        assert (facts.referred, facts.undecided, facts.assessed, facts.waiting) == (2, 2, 0, 0)
        assert facts.referred_by_source == {"police": 2}

    def test_moves_a_person_on_when_they_are_accepted_and_start(self, clinic, referrer, doctor, flow):
        referral = a_referral(clinic, by=referrer)

        episode = accept(referral, doctor)
        accepted = flow()
        with transaction.atomic():
            start_treatment(episode=episode, started_on=london_date(now()), by=doctor, at=now())
        started = flow()

        assert (accepted.referred, accepted.assessed, accepted.eligible, accepted.waiting) == (1, 1, 1, 1)
        assert (started.referred, started.started, started.in_treatment, started.waiting) == (1, 1, 1, 0)

    def test_counts_somebody_referred_by_two_agencies_once(self, clinic, referrer, doctor, flow):
        other = a_member_of_staff(clinic, Role.REFERRER, name="Ash Carter")
        a_referral(clinic, by=referrer, person=WRITTEN)
        second = a_referral(clinic, by=other, person=WRITTEN)
        before = flow()

        accept(second, doctor)

        after = flow()
        assert (before.referred, before.undecided) == (1, 1)
        assert (after.referred, after.waiting, after.undecided) == (1, 1, 0)

    def test_still_counts_an_accepted_person_as_waiting_when_the_repeat_is_closed(
        self, clinic, referrer, doctor, flow
    ):
        first = a_referral(clinic, by=referrer, person=WRITTEN)
        repeat = a_referral(clinic, by=referrer, person=WRITTEN)
        accept(first, doctor)

        decline_referral(
            referral_id=repeat.id, reason=DeclineReason.ALREADY_IN_TREATMENT, by=doctor, at=now()
        )

        facts = flow()
        assert (facts.referred, facts.waiting, facts.left_before_start) == (1, 1, 0)

    @pytest.mark.parametrize(
        ("reason", "not_eligible", "left"),
        [(DeclineReason.NOT_SAFE, 1, 0), (DeclineReason.NOT_WANTED, 0, 1)],
    )
    def test_tells_not_fitting_from_not_coming(
        self, clinic, referrer, doctor, flow, reason, not_eligible, left
    ):
        referral = a_referral(clinic, by=referrer)

        decline_referral(referral_id=referral.id, reason=reason, by=doctor, at=now())

        facts = flow()
        assert (facts.not_eligible, facts.left_before_start) == (not_eligible, left)

    def test_tells_how_many_were_accepted_against_the_criteria(self, clinic, referrer, doctor, flow):
        accept(a_referral(clinic, by=referrer), doctor)
        before = flow()
        lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Owen Reid")
        approved_criteria(clinic, written_by=doctor, by=lead)

        accept(a_referral(clinic, by=referrer), doctor, override_reason="The court asks for it.")

        after = flow()
        assert (before.accepted_against_criteria, before.held_against_criteria) == (0, 0)
        assert (after.accepted_against_criteria, after.held_against_criteria) == (1, 1)
        assert (before.not_held_against_criteria, after.not_held_against_criteria) == (1, 1)

    def test_freezes_one_id_for_a_person_before_and_after_acceptance(self, clinic, referrer, doctor):
        referral = a_referral(clinic, by=referrer)

        episode = accept(referral, doctor)

        assert episode.person_id == referral.id
