"""Recording what people agree to, and taking it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions.consents import ConsentRefused, record_consent, withdraw_consent
from patients.models import Consent, ConsentWithdrawal
from patients.queries import has_consent, list_people_with_consent, lock_person, lock_person_for_dosing
from patients.rules.consents import How, Purpose, WithdrawalReason
from tests.factories import AgencyFactory, EpisodeFactory, UserFactory
from tests.factories.people import consent_to
from tests.integration.patients.rivals import in_a_thread, wait_for_somebody_waiting

VERSION = "2026-11"


@pytest.fixture
def episode(db):
    return EpisodeFactory()


@pytest.fixture
def nurse(db):
    return UserFactory()


def stands(episode, purpose=Purpose.TREATMENT, **more) -> bool:
    return has_consent(person_id=episode.person_id, purpose=purpose, at=now(), **more)


class TestAConsent:
    def test_stands_from_when_it_was_given(self, episode, nurse) -> None:
        at = now()
        given_at = at - timedelta(hours=1)

        record_consent(
            person=episode.person,
            clinic=episode.clinic,
            purpose=Purpose.TREATMENT,
            wording_version=VERSION,
            given_at=given_at,
            by=nurse,
            at=at,
        )

        person_id = episode.person_id
        just_before = given_at - timedelta(microseconds=1)
        assert has_consent(person_id=person_id, purpose=Purpose.TREATMENT, at=given_at)
        assert not has_consent(person_id=person_id, purpose=Purpose.TREATMENT, at=just_before)
        assert not has_consent(person_id=person_id, purpose=Purpose.PHOTO, at=at)

    def test_leaves_an_event_with_its_purpose_and_no_words(self, episode, nurse) -> None:
        consent_to(Purpose.RESEARCH, episode, by=nurse, at=now())

        event = AuditEvent.objects.get(event="patients.consent_recorded")
        assert (event.person, event.actor, event.clinic) == (episode.person_id, nurse, episode.clinic_id)
        assert event.detail == {"purpose": "research"}

    def test_pressed_twice_is_one(self, episode, nurse) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        assert Consent.objects.count() == 1
        assert AuditEvent.objects.filter(event="patients.consent_recorded").count() == 1

    def test_is_refused_with_every_reason_and_leaves_a_trace(self, episode, nurse) -> None:
        at = now()

        with pytest.raises(ConsentRefused) as refused:
            record_consent(
                person=episode.person,
                clinic=episode.clinic,
                purpose=Purpose.SHARING,
                wording_version="1999-01",
                given_at=at + timedelta(minutes=1),
                how=How.SPOKEN,
                by=nurse,
                at=at,
            )

        codes = [finding.code for finding in refused.value.decision]
        assert codes == ["agency_missing", "witness_missing", "wording_changed", "given_in_future"]
        assert not Consent.objects.exists()
        event = AuditEvent.objects.get(event="patients.consent_recorded")
        assert (event.outcome, event.detail) == (AuditEvent.Outcome.REFUSED, {"codes": codes})

    def test_to_share_is_for_one_agency_only(self, episode, nurse) -> None:
        housing, police = AgencyFactory(), AgencyFactory()
        consent_to(Purpose.SHARING, episode, by=nurse, at=now(), agency=housing)

        assert stands(episode, Purpose.SHARING, agency_id=housing.id)
        assert not stands(episode, Purpose.SHARING, agency_id=police.id)

    def test_is_told_of_many_people_in_one_query(self, nurse, db, django_assert_num_queries) -> None:
        episodes = [EpisodeFactory() for _ in range(3)]
        for episode in episodes[:2]:
            consent_to(Purpose.PHOTO, episode, by=nurse, at=now())
        at = now()
        everybody = [episode.person_id for episode in episodes]

        with django_assert_num_queries(1):
            found = list_people_with_consent(person_ids=everybody, purpose=Purpose.PHOTO, at=at)

        assert found == frozenset(everybody[:2])


class TestAWithdrawal:
    def test_ends_the_consent_at_once(self, episode, nurse) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        taken_back = withdraw_consent(
            person_id=episode.person_id,
            clinic=episode.clinic,
            purpose=Purpose.TREATMENT,
            reason=WithdrawalReason.CHANGED_MIND,
            by=nurse,
            at=now(),
        )

        withdrawal = ConsentWithdrawal.objects.get()
        assert (taken_back, withdrawal.reason) == (1, "changed_mind")
        assert not stands(episode)
        just_before = withdrawal.withdrawn_at - timedelta(microseconds=1)
        assert has_consent(person_id=episode.person_id, purpose=Purpose.TREATMENT, at=just_before)
        assert AuditEvent.objects.filter(event="patients.consent_withdrawn").count() == 1

    def test_pressed_twice_is_one(self, episode, nurse) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        counts = [
            withdraw_consent(
                person_id=episode.person_id,
                clinic=episode.clinic,
                purpose=Purpose.TREATMENT,
                by=nurse,
                at=now(),
            )
            for _ in range(2)
        ]

        assert counts == [1, 0]
        assert AuditEvent.objects.filter(event="patients.consent_withdrawn").count() == 1

    def test_of_sharing_leaves_treatment_and_other_agencies_alone(self, episode, nurse) -> None:
        housing, police = AgencyFactory(), AgencyFactory()
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        for agency in (housing, police):
            consent_to(Purpose.SHARING, episode, by=nurse, at=now(), agency=agency)

        withdraw_consent(
            person_id=episode.person_id,
            clinic=episode.clinic,
            purpose=Purpose.SHARING,
            agency_id=police.id,
            by=nurse,
            at=now(),
        )

        assert stands(episode)
        assert stands(episode, Purpose.SHARING, agency_id=housing.id)
        assert not stands(episode, Purpose.SHARING, agency_id=police.id)

    def test_is_not_undone_by_a_paper_from_before_it(self, episode, nurse) -> None:
        earlier = now() - timedelta(hours=1)
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=earlier)
        withdraw_consent(
            person_id=episode.person_id,
            clinic=episode.clinic,
            purpose=Purpose.TREATMENT,
            by=nurse,
            at=now(),
        )

        with pytest.raises(ConsentRefused, match="withdrawn after that time"):
            record_consent(
                person=episode.person,
                clinic=episode.clinic,
                purpose=Purpose.TREATMENT,
                wording_version=VERSION,
                given_at=earlier + timedelta(minutes=5),
                by=nurse,
                at=now(),
            )

        assert not stands(episode)

    def test_is_followed_by_a_new_yes(self, episode, nurse) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        withdraw_consent(
            person_id=episode.person_id,
            clinic=episode.clinic,
            purpose=Purpose.TREATMENT,
            by=nurse,
            at=now(),
        )

        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        assert stands(episode)
        assert Consent.objects.count() == 2


class TestTheLockForDosing:
    def test_is_had_only_inside_a_transaction(self, own_database: str) -> None:
        with pytest.raises(TransactionManagementError):
            lock_person_for_dosing(person_id=EpisodeFactory().person_id)

    def test_tells_whether_there_is_such_a_person(self, episode) -> None:
        with transaction.atomic():
            assert lock_person_for_dosing(person_id=episode.person_id)
            assert not lock_person_for_dosing(person_id=episode.id)


@pytest.mark.race
class TestAWithdrawalAndADose:
    """The dose is written under the shared lock; the withdrawal takes the whole one."""

    def test_a_withdrawal_waits_for_a_dose_and_is_timed_after_it(self, own_database: str) -> None:
        episode, nurse = EpisodeFactory(), UserFactory()
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        sent_at = now()
        work = in_a_thread(
            lambda: withdraw_consent(
                person_id=episode.person_id,
                clinic=episode.clinic,
                purpose=Purpose.TREATMENT,
                by=nurse,
                at=sent_at,
            )
        )
        with transaction.atomic():
            lock_person_for_dosing(person_id=episode.person_id)
            work.start()
            wait_for_somebody_waiting()
            assert stands(episode)
            dosed_at = now()
        work.join(timeout=60)

        assert ConsentWithdrawal.objects.get().withdrawn_at > dosed_at
        assert not stands(episode)

    def test_a_dose_waits_for_a_withdrawal_and_sees_it(self, own_database: str) -> None:
        episode, nurse = EpisodeFactory(), UserFactory()
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        seen: list[bool] = []

        def dose() -> None:
            with transaction.atomic():
                lock_person_for_dosing(person_id=episode.person_id)
                seen.append(stands(episode))

        work = in_a_thread(dose)
        with transaction.atomic():
            lock_person(person_id=episode.person_id)
            work.start()
            wait_for_somebody_waiting()
            for consent in Consent.objects.all():
                ConsentWithdrawal.objects.create(consent=consent, withdrawn_at=now(), recorded_by=nurse)
        work.join(timeout=60)

        assert seen == [False]

    def test_two_doses_do_not_wait_for_each_other(self, own_database: str) -> None:
        episode = EpisodeFactory()
        locked: list[bool] = []

        def dose() -> None:
            with transaction.atomic():
                locked.append(lock_person_for_dosing(person_id=episode.person_id))

        with transaction.atomic():
            lock_person_for_dosing(person_id=episode.person_id)
            other = in_a_thread(dose)
            other.start()
            other.join(timeout=20)
            assert locked == [True]
