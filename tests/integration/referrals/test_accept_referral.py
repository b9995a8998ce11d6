"""Accepting a referred person: once, while there is a place, and never twice into treatment."""

from __future__ import annotations

from datetime import date

import pytest

from hat_clinic.core.clock import now
from patients.actions import EpisodeRefused, start_treatment
from patients.models import Episode
from referrals.actions import AcceptanceRefused, accept_referral, receive_referral
from referrals.models import Referral
from tests.factories.accounts import UserFactory
from tests.factories.patients import PersonFactory
from tests.factories.treatment import a_clinic

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def clinic():
    return a_clinic(places=1)


@pytest.fixture
def refer(clinic, by):
    """Return a function that refers somebody to the clinic, or to another."""

    def make(person=None, to=None) -> Referral:
        return receive_referral(
            clinic=to or clinic,
            person=person or PersonFactory(),
            source="police",
            referred_on=TODAY,
            by=by,
            at=now(),
        )

    return make


class TestAcceptReferral:
    def test_opens_one_episode_however_often_it_is_pressed(self, refer, by):
        referral = refer()

        first = accept_referral(referral=referral, assessed_on=TODAY, by=by, at=now())
        again = accept_referral(referral=referral, assessed_on=TODAY, by=by, at=now())

        referral.refresh_from_db()
        assert first == again == Episode.objects.get() == referral.episode
        assert (referral.is_eligible, referral.assessed_on) == (True, TODAY)

    def test_is_refused_where_every_place_is_taken(self, refer, by):
        accept_referral(referral=refer(), assessed_on=TODAY, by=by, at=now())
        late = refer()

        with pytest.raises(
            AcceptanceRefused, match=r"All 1 places are taken\. The person stays on the waiting"
        ):
            accept_referral(referral=late, assessed_on=TODAY, by=by, at=now())

        late.refresh_from_db()
        assert late.episode is None

    def test_is_refused_where_the_referral_was_closed(self, refer, by):
        referral = refer()
        Referral.objects.filter(id=referral.id).update(closed_on=TODAY, closed_reason="declined")

        with pytest.raises(AcceptanceRefused, match=r"This referral was closed\. Ask for a new one\."):
            accept_referral(referral=referral, assessed_on=TODAY, by=by, at=now())

        assert not Episode.objects.exists()

    def test_is_refused_for_somebody_in_treatment_elsewhere(self, refer, by):
        first = refer()
        accept_referral(referral=first, assessed_on=TODAY, by=by, at=now())
        elsewhere = refer(person=first.person, to=a_clinic())

        with pytest.raises(EpisodeRefused, match="already in treatment"):
            accept_referral(referral=elsewhere, assessed_on=TODAY, by=by, at=now())

        assert Episode.objects.count() == 1


class TestStartTreatment:
    def test_keeps_the_first_day(self, refer, by):
        episode = accept_referral(referral=refer(), assessed_on=TODAY, by=by, at=now())

        start_treatment(episode=episode, started_on=date(2026, 1, 16), by=by, at=now())
        start_treatment(episode=episode, started_on=date(2026, 1, 20), by=by, at=now())

        episode.refresh_from_db()
        assert episode.started_on == date(2026, 1, 16)
