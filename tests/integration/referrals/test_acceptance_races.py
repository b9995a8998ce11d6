"""Two clinicians, or two agencies, at the same moment on real connections."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from patients.models import Episode, Person
from referrals.actions import AcceptanceRefused, accept_referral
from referrals.models import Referral, ReferralDecision
from tests.factories.referrals import WRITTEN, a_referral, nhs_number_of, somebody
from tests.factories.treatment import a_clinic, a_member_of_staff
from tests.owner import as_owner

ROUNDS = 20


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread and a connection of its own, all let go at the same moment."""
    barrier = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def accepting(referral: Referral, by: Any) -> Callable[[], Any]:
    return lambda: accept_referral(referral=referral, assessed_on=london_date(now()), by=by, at=now())


@pytest.mark.race
class TestTwoCliniciansAtTheSameMoment:
    def test_never_exceed_the_places(self, own_database: str) -> None:
        clinic = a_clinic(places=1)
        referrer = a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")
        doctors = [
            a_member_of_staff(clinic, Role.DOCTOR, name=f"Dr {name}") for name in ("Nair", "Ito", "Oda")
        ]

        for _ in range(ROUNDS):
            referrals = [a_referral(clinic, by=referrer) for _ in doctors]
            answers = at_once(*(accepting(*pair) for pair in zip(referrals, doctors, strict=True)))

            assert Episode.objects.filter(clinic=clinic, exited_on__isnull=True).count() == 1, answers
            assert sum(isinstance(answer, Episode) for answer in answers) == 1, answers
            assert sum(isinstance(answer, AcceptanceRefused) for answer in answers) == len(doctors) - 1, (
                answers
            )
            Episode.objects.update(exited_on=london_date(now()), exit_reason="completed")

    def test_are_stopped_by_the_database_once_the_lock_is_taken_away(
        self, own_database: str, monkeypatch
    ) -> None:
        """Without the lock on the clinic's row the program itself would exceed the places; the trigger does not."""
        monkeypatch.setattr(
            "django.db.models.query.QuerySet.select_for_update", lambda queryset, **_: queryset.all()
        )
        stopped = 0
        for _ in range(ROUNDS):
            clinic = a_clinic(places=1)
            referrer = a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")
            doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Nair")
            answers = at_once(*(accepting(a_referral(clinic, by=referrer), doctor) for _ in range(4)))
            assert Episode.objects.filter(clinic=clinic).count() == 1, answers
            stopped += sum("beyond the places" in str(answer) for answer in answers)

        assert stopped > 0

    def test_exceed_them_without_lock_and_trigger(self, own_database: str, monkeypatch) -> None:
        """The race above can fail: with neither guard two people get the one place."""
        monkeypatch.setattr(
            "django.db.models.query.QuerySet.select_for_update", lambda queryset, **_: queryset.all()
        )
        with as_owner(own_database) as cursor:
            cursor.execute(
                "ALTER TABLE referrals_referraldecision DISABLE TRIGGER accepted_within_the_places"
            )
        exceeded = 0
        for _ in range(ROUNDS):
            clinic = a_clinic(places=1)
            referrer = a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")
            doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Nair")
            at_once(*(accepting(a_referral(clinic, by=referrer), doctor) for _ in range(4)))
            exceeded += Episode.objects.filter(clinic=clinic).count() > 1

        assert exceeded > 0

    def test_accept_one_referral_once(self, own_database: str) -> None:
        clinic = a_clinic(places=ROUNDS)
        referrer = a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")
        doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Nair")

        for _ in range(5):
            referral = a_referral(clinic, by=referrer)
            answers = at_once(*(accepting(referral, doctor) for _ in range(4)))

            assert {answer.id for answer in answers} == {Episode.objects.get(referral=referral).id}
            assert ReferralDecision.objects.filter(referral=referral).count() == 1

    def test_take_one_person_into_one_of_two_clinics(self, own_database: str) -> None:
        clinics = [a_clinic(places=ROUNDS) for _ in range(2)]
        referrers = [a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale") for clinic in clinics]
        doctor = a_member_of_staff(clinics[0], Role.DOCTOR, name="Dr Nair")

        for number in range(5):
            person = somebody(nhs_number=nhs_number_of(7000 + 3 * number))
            both = [
                a_referral(clinic, by=referrer, person=person)
                for clinic, referrer in zip(clinics, referrers, strict=True)
            ]
            answers = at_once(*(accepting(referral, doctor) for referral in both))

            assert Person.objects.filter(nhs_number=person.nhs_number).count() == 1, answers
            assert Episode.objects.filter(person__nhs_number=person.nhs_number).count() == 1, answers
            refused = [str(answer) for answer in answers if isinstance(answer, Exception)]
            assert len(refused) == 1
            # Whichever is seen first: the treatment at the other clinic, or the person who came in meanwhile.
            assert "in treatment" in refused[0]


@pytest.mark.race
class TestTwoAgenciesAtTheSameMoment:
    def test_are_linked_and_one_of_them_is_the_first(self, own_database: str) -> None:
        for _ in range(5):
            clinic = a_clinic()
            referrers = [a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale") for _ in range(3)]

            answers = at_once(
                *(lambda by=by, to=clinic: a_referral(to, by=by, person=WRITTEN) for by in referrers)
            )

            firsts = [referral for referral in answers if referral.same_as_id is None]
            assert len(firsts) == 1
            assert {referral.subject_id for referral in answers} == {firsts[0].id}

    def test_pressing_one_button_many_times_store_one(self, own_database: str) -> None:
        clinic = a_clinic()
        referrer = a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")
        key = uuid.uuid4()

        answers = at_once(
            *(lambda: a_referral(clinic, by=referrer, person=WRITTEN, key=key) for _ in range(6))
        )

        assert {referral.id for referral in answers} == {Referral.objects.get().id}
