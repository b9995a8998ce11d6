"""An agency's referral: stored once, with every answer, and linked without the agency knowing."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Person
from referrals.actions import KeyReused, ReferralRefused
from referrals.models import AgencyFlag, PriorTreatment, Referral
from referrals.queries.deciding import list_referrals
from referrals.queries.together import list_about_same
from referrals.rules.asking import CONSENT_WORDING_VERSION, REASONS, Treatment
from tests.factories.referrals import WRITTEN, a_referral, agency_of, nhs_number_of, somebody
from tests.factories.treatment import a_clinic, a_member_of_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return a_clinic()


@pytest.fixture
def referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")


@pytest.fixture
def other_referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Ash Carter")


class TestReferPerson:
    def test_stores_every_answer_and_makes_nobody_a_person_of_the_clinic(self, clinic, referrer):
        number = nhs_number_of(700)

        referral = a_referral(clinic, by=referrer, person=replace(WRITTEN, nhs_number=number))

        stored = Referral.objects.get()
        assert stored == referral
        assert (stored.full_name, stored.born_on, stored.nhs_number) == (
            "Robin Dale",
            date(1986, 5, 4),
            number,
        )
        assert (stored.agency, stored.sent_by) == (agency_of(referrer, clinic), referrer)
        assert (stored.source, stored.referred_on) == ("police", london_date(stored.sent_at))
        assert stored.consent_wording == CONSENT_WORDING_VERSION
        answers = dict(AgencyFlag.objects.values_list("flag", "answer"))
        assert answers == {flag: WRITTEN.flags[flag] for flag in REASONS}
        assert PriorTreatment.objects.count() == len(Treatment)
        methadone = PriorTreatment.objects.get(treatment="methadone")
        assert (methadone.answer, methadone.ended, methadone.ending) == ("yes", "2024", "used_on_top")
        assert not Person.objects.exists()

    def test_is_in_the_audit_trail_without_a_name(self, clinic, referrer):
        referral = a_referral(clinic, by=referrer)

        event = AuditEvent.objects.get(event="referrals.person_referred")
        assert (event.actor, event.clinic, event.person) == (referrer, clinic.id, referral.id)
        assert referral.family_name not in str(event.detail)

    def test_sent_twice_is_stored_once(self, clinic, referrer):
        key = uuid.uuid4()

        first = a_referral(clinic, by=referrer, person=WRITTEN, key=key)
        again = a_referral(clinic, by=referrer, person=WRITTEN, key=key)

        assert first == again == Referral.objects.get()

    def test_sent_again_with_other_answers_is_refused(self, clinic, referrer):
        key = uuid.uuid4()
        a_referral(clinic, by=referrer, person=WRITTEN, key=key)

        with pytest.raises(KeyReused, match="sent before with other answers"):
            a_referral(clinic, by=referrer, person=replace(WRITTEN, contact="elsewhere"), key=key)

        assert Referral.objects.get().contact == WRITTEN.contact

    def test_does_not_give_another_agency_the_first_answer_for_its_key(
        self, clinic, referrer, other_referrer
    ):
        key = uuid.uuid4()
        a_referral(clinic, by=referrer, person=WRITTEN, key=key)

        with pytest.raises(KeyReused):
            a_referral(clinic, by=other_referrer, person=WRITTEN, key=key)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"has_agreed": False}, "not_agreed"),
            ({"born_on": date(2999, 1, 1)}, "birth_in_future"),
            ({"nhs_number": "9990000000"}, "nhs_number"),
        ],
    )
    def test_is_refused_with_the_reason(self, clinic, referrer, changes, code):
        with pytest.raises(ReferralRefused) as refused:
            a_referral(clinic, by=referrer, person=replace(WRITTEN, **changes))

        assert [finding.code for finding in refused.value.decision.refusals] == [code]
        assert not Referral.objects.exists()

    @pytest.mark.parametrize(
        ("kind", "source"),
        [
            ("hospital", "health"),
            ("gp", "health"),
            ("housing", "housing"),
            ("probation", "probation"),
            ("other", "other"),
        ],
    )
    def test_counts_under_the_kind_of_its_agency(self, clinic, referrer, kind, source):
        agency = agency_of(referrer, clinic)
        agency.kind = kind
        agency.save()

        assert a_referral(clinic, by=referrer).source == source


class TestASecondReferralOfOnePerson:
    def test_points_at_the_first(self, clinic, referrer, other_referrer):
        first = a_referral(clinic, by=referrer, person=WRITTEN)
        second = a_referral(clinic, by=other_referrer, person=replace(WRITTEN, given_names="ROBIN"))
        third = a_referral(clinic, by=referrer, person=WRITTEN)

        assert (second.same_as, third.same_as) == (first, first)
        assert second.subject_id == third.subject_id == first.id

    def test_is_known_by_its_nhs_number(self, clinic, referrer, other_referrer):
        number = nhs_number_of(701)
        first = a_referral(clinic, by=referrer, person=somebody(nhs_number=number))

        second = a_referral(
            clinic, by=other_referrer, person=somebody(nhs_number=number, born_on=date(1980, 1, 1))
        )

        assert second.same_as == first

    def test_is_never_joined_through_a_third_with_another_number(self, clinic, referrer, other_referrer):
        first = a_referral(clinic, by=referrer, person=WRITTEN)
        one = a_referral(clinic, by=other_referrer, person=replace(WRITTEN, nhs_number=nhs_number_of(702)))
        two = a_referral(clinic, by=other_referrer, person=replace(WRITTEN, nhs_number=nhs_number_of(703)))

        assert (one.same_as, two.same_as) == (first, None)
        Referral.objects.filter(id=two.id).update(same_as=first)  # as they were linked before
        first, one, two = (Referral.objects.get(id=each.id) for each in (first, one, two))
        assert set(list_about_same(first)) == {first}
        assert set(list_about_same(one)) == {first, one}
        assert set(list_about_same(two)) == {first, two}
        assert len(list_referrals(clinic=clinic, at=now()).waiting) == 3

    def test_is_not_looked_for_in_another_clinic(self, clinic, referrer):
        elsewhere = a_clinic()
        theirs = a_member_of_staff(elsewhere, Role.REFERRER, name="Kim Fry")
        a_referral(elsewhere, by=theirs, person=WRITTEN)

        assert a_referral(clinic, by=referrer, person=WRITTEN).same_as is None

    def test_of_somebody_else_born_that_day_stands_alone(self, clinic, referrer):
        a_referral(clinic, by=referrer)

        assert a_referral(clinic, by=referrer).same_as is None
