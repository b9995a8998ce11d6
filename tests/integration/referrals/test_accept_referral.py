"""Accepting a referred person: once, while there is a place, and never twice into treatment."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions import start_treatment
from patients.models import Episode, Person
from referrals.actions import AcceptanceRefused, accept_referral, receive_referral
from referrals.models import Referral, ReferralDecision
from tests.factories.accounts import PhaseFactory, UserFactory
from tests.factories.patients import PersonFactory
from tests.factories.referrals import WRITTEN, a_referral, nhs_number_of, somebody
from tests.factories.treatment import a_clinic, a_member_of_staff, a_patient_in_treatment

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


@pytest.fixture
def referrer(clinic):
    return a_referrer(clinic)


def a_referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")


def a_former_patient(clinic, *, by):
    """Return somebody who left the clinic, and whom it still knows."""
    episode = a_patient_in_treatment(clinic, by=by)
    Episode.objects.filter(id=episode.id).update(exited_on=today(), exit_reason="completed")
    return episode.person


def written_as(person):
    return somebody(given_names=person.given_names, family_name=person.family_name, born_on=person.born_on)


def today():
    return london_date(now())


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
            AcceptanceRefused, match=r"The only place is taken\. The person stays on the waiting"
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

        with pytest.raises(AcceptanceRefused, match=r"^This person is already in treatment\."):
            accept_referral(referral=elsewhere, assessed_on=TODAY, by=by, at=now())

        assert Episode.objects.count() == 1


class TestAcceptingAnAgencysReferral:
    def test_makes_the_person_under_the_id_by_which_the_trail_knew_them(self, clinic, referrer, by):
        number = nhs_number_of(510)
        referral = a_referral(clinic, by=referrer, person=somebody(nhs_number=number, sex="F"))

        episode = accept_referral(referral=referral, assessed_on=today(), by=by, at=now())

        person = episode.person
        assert (person.id, person.nhs_number, person.sex) == (referral.id, number, "F")
        assert (person.full_name, person.born_on) == (referral.full_name, referral.born_on)
        assert ReferralDecision.objects.get().outcome == "accepted"
        events = AuditEvent.objects.filter(person=person.id).values_list("event", flat=True)
        assert set(events) == {
            "referrals.person_referred",
            "patients.person_registered",
            "patients.episode_opened",
            "referrals.referral_accepted",
        }

    def test_uses_a_known_person_only_when_the_clinician_says_so(self, by):
        clinic = a_clinic(places=5)
        known = a_former_patient(clinic, by=by)
        referral = a_referral(clinic, by=a_referrer(clinic), person=written_as(known))

        with pytest.raises(AcceptanceRefused, match="somebody known here or somebody new"):
            accept_referral(referral=referral, assessed_on=today(), by=by, at=now())
        episode = accept_referral(
            referral=referral, assessed_on=today(), known_person_id=known.id, by=by, at=now()
        )

        assert episode.person == known
        assert Person.objects.count() == 1

    def test_makes_somebody_new_when_the_clinician_says_so(self, by):
        clinic = a_clinic(places=5)
        known = a_former_patient(clinic, by=by)
        referral = a_referral(clinic, by=a_referrer(clinic), person=written_as(known))

        episode = accept_referral(
            referral=referral, assessed_on=today(), is_somebody_new=True, by=by, at=now()
        )

        assert episode.person != known
        assert Person.objects.count() == 2

    def test_refuses_a_person_who_was_not_among_those_shown(self, clinic, referrer, by):
        stranger = PersonFactory()
        referral = a_referral(clinic, by=referrer)

        with pytest.raises(AcceptanceRefused, match="somebody known here or somebody new"):
            accept_referral(
                referral=referral, assessed_on=today(), known_person_id=stranger.id, by=by, at=now()
            )

    def test_is_refused_for_the_holder_of_the_number_who_is_in_treatment_elsewhere(
        self, clinic, referrer, by
    ):
        number = nhs_number_of(511)
        elsewhere = a_clinic()
        person = somebody(nhs_number=number)
        theirs = a_referral(elsewhere, by=a_referrer(elsewhere), person=person)
        accept_referral(referral=theirs, assessed_on=today(), by=by, at=now())
        ours = a_referral(clinic, by=referrer, person=person)

        with pytest.raises(AcceptanceRefused, match="this NHS number is in treatment at another clinic"):
            accept_referral(referral=ours, assessed_on=today(), by=by, at=now())

        assert not ReferralDecision.objects.filter(referral=ours).exists()

    def test_is_refused_where_number_and_birth_date_belong_to_two_people(self, clinic, referrer, by):
        number = nhs_number_of(512)
        PersonFactory(nhs_number=number, born_on=date(1970, 1, 1))
        referral = a_referral(clinic, by=referrer, person=somebody(nhs_number=number))

        with pytest.raises(AcceptanceRefused, match="do not belong together"):
            accept_referral(referral=referral, assessed_on=today(), by=by, at=now())

        assert not Episode.objects.exists()

    def test_counts_the_places_of_the_phase_in_force(self, clinic, referrer, by):
        day = today()
        PhaseFactory(clinic=clinic, during=DateRange(day, day + timedelta(days=30)), places=2)

        for _ in range(2):
            accept_referral(referral=a_referral(clinic, by=referrer), assessed_on=day, by=by, at=now())
        with pytest.raises(AcceptanceRefused, match="All 2 places are taken"):
            accept_referral(referral=a_referral(clinic, by=referrer), assessed_on=day, by=by, at=now())

    def test_lets_the_other_referrals_of_the_person_point_at_them(self, by):
        clinic = a_clinic(places=5)
        first = a_referral(clinic, by=a_referrer(clinic), person=WRITTEN)
        again = a_referral(clinic, by=a_referrer(clinic), person=WRITTEN)

        episode = accept_referral(referral=again, assessed_on=today(), by=by, at=now())

        first.refresh_from_db()
        assert first.person == episode.person
        with pytest.raises(AcceptanceRefused, match="already in treatment"):
            accept_referral(referral=first, assessed_on=today(), by=by, at=now())


class TestStartTreatment:
    def test_keeps_the_first_day(self, refer, by):
        episode = accept_referral(referral=refer(), assessed_on=TODAY, by=by, at=now())

        start_treatment(episode=episode, started_on=date(2026, 1, 16), by=by, at=now())
        start_treatment(episode=episode, started_on=date(2026, 1, 20), by=by, at=now())

        episode.refresh_from_db()
        assert episode.started_on == date(2026, 1, 16)
