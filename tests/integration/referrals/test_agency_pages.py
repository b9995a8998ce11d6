"""What an agency sees of its referrals, and what it may not."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.models import Episode
from patients.rules.consents import Purpose
from referrals.actions import accept_referral, decline_referral
from referrals.models import Referral, ReferralDecision
from referrals.queries.asking import list_own_referrals
from referrals.rules.asking import REASONS, Treatment
from referrals.rules.deciding import DeclineReason
from tests.factories.people import consent_to
from tests.factories.referrals import WRITTEN, a_referral, agency_of, nhs_number_of, somebody
from tests.integration.referrals.reading import queries_with, words
from tests.pages import shown

pytestmark = pytest.mark.django_db

ANSWERS: dict[str, str] = {
    "given_names": "Robin",
    "family_name": "Dale",
    "born_on": "04/05/1986",
    "sex": "U",
    "nhs_number": "",
    "has_home": "no",
    "address": "",
    "reach": "",
    "concern": "",
    "has_agreed": "yes",
    "contact": "01632 960123",
    **{f"flag_{flag}": "unknown" for flag in REASONS},
    **{f"tried_{treatment}": "unknown" for treatment in Treatment},
}


def strip_reference(page: str) -> str:
    return re.sub(r"[0-9A-F]{4}-[0-9A-F]{4}|\d\d:\d\d", "", page)


class TestListOwnReferrals:
    def test_says_so_while_there_is_none(self, visit, referrer):
        assert "No referral of yours is open." in words(visit("list_own_referrals", referrer))

    def test_shows_initials_and_a_word_and_nothing_that_the_agency_need_not_see(
        self, clinic, visit, referrer, doctor
    ):
        number = nhs_number_of(800)
        referral = a_referral(clinic, by=referrer, person=somebody(nhs_number=number))
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_SAFE, by=doctor, at=now())

        for page in (
            words(visit("list_own_referrals", referrer)),
            words(visit("see_own_referral", referrer, referral.id)),
        ):
            assert "R. D." in page
            assert "born 1986" in page
            assert "not this time" in page.lower()
            for hidden in ("Robin", "Dale", number, "4 May", DeclineReason.NOT_SAFE.label, doctor.full_name):
                assert hidden not in page

    def test_shows_another_agencys_to_nobody_else(self, clinic, visit, referrer, other_referrer):
        a_referral(clinic, by=referrer)

        assert "No referral of yours is open." in words(visit("list_own_referrals", other_referrer))

    def test_costs_the_same_queries_for_one_and_for_many(self, clinic, referrer):
        agency_id = agency_of(referrer, clinic).pk

        def look():
            list_own_referrals(agency_id=agency_id, clinic=clinic, user=referrer, at=now())

        assert queries_with(look, 1, clinic, referrer) == queries_with(look, 12, clinic, referrer)


class TestSeeOwnReferral:
    def test_of_another_agency_is_byte_alike_a_missing_one(self, clinic, visit, referrer, other_referrer):
        theirs = a_referral(clinic, by=referrer)

        for name in ("see_own_referral", "withdraw_referral"):
            other, missing = (
                visit(name, other_referrer, referral_id) for referral_id in (theirs.id, uuid.uuid4())
            )
            assert other.status_code == missing.status_code == 404
            assert shown(other) == shown(missing)

    def test_says_nothing_of_another_agencys_referral_of_the_person(
        self, clinic, visit, referrer, other_referrer
    ):
        a_referral(clinic, by=referrer, person=WRITTEN)
        again = a_referral(clinic, by=other_referrer, person=WRITTEN)
        alone = a_referral(clinic, by=other_referrer)

        shown, plain = (
            words(visit("see_own_referral", other_referrer, referral.id)) for referral in (again, alone)
        )

        assert strip_reference(shown) == strip_reference(plain)

    def test_tells_of_a_start_only_with_the_persons_consent_to_share_with_this_agency(
        self, clinic, visit, referrer, doctor
    ):
        referral = a_referral(clinic, by=referrer)
        episode = accept_referral(referral=referral, assessed_on=referral.referred_on, by=doctor, at=now())
        Episode.objects.filter(id=episode.id).update(started_on=episode.accepted_on)
        before = words(visit("see_own_referral", referrer, referral.id))

        consent_to(Purpose.SHARING, episode, by=doctor, at=now(), agency=referral.agency)

        after = words(visit("see_own_referral", referrer, referral.id))
        assert "Now: accepted." in before
        assert "we tell you this only if the person agrees" in before
        assert "Now: started." in after

    def test_is_looked_at_on_the_record(self, clinic, visit, referrer):
        referral = a_referral(clinic, by=referrer)

        visit("list_own_referrals", referrer)
        visit("see_own_referral", referrer, referral.id)

        looks = AuditEvent.objects.filter(actor=referrer, person=referral.id, event__endswith="_seen")
        assert [look.event for look in looks.order_by("id")] == [
            "referrals.own_list_seen",
            "referrals.own_referral_seen",
        ]


class TestReferPerson:
    def test_sends_once_however_often_it_is_pressed(self, visit, referrer):
        data = ANSWERS | {"key": str(uuid.uuid4())}

        first, again = visit("refer_person", referrer, data=data), visit("refer_person", referrer, data=data)

        referral = Referral.objects.get()
        assert first.status_code == again.status_code == 302
        assert (
            first.url
            == again.url
            == reverse("referrals:see_own_referral", args=[referral.clinic.code, referral.id])
        )

    def test_keeps_what_a_treatment_unfolded_only_where_it_was_tried(self, visit, referrer):
        data = ANSWERS | {"key": str(uuid.uuid4()), "tried_methadone": "yes", "tried_detox": "no"}
        for treatment in ("methadone", "detox"):
            data |= {f"tried_{treatment}_until": "2024", f"tried_{treatment}_ending": "prison"}

        visit("refer_person", referrer, data=data)

        tried = {row.treatment: (row.ended, row.ending) for row in Referral.objects.get().treatments.all()}
        assert (tried["methadone"], tried["detox"]) == (("2024", "prison"), ("", ""))

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"born_on": "31/02/1986"}, "There is no such day."),
            ({"born_on": "04/05/2190"}, "The date of birth is in the future."),
            ({"born_on": "01/01/2020"}, "This person is under 18."),
            ({"born_on": "01/01/1910"}, "more than 110 years ago"),
            ({"nhs_number": "9990000000"}, "That is not an NHS number"),
            ({"has_home": "yes"}, "Write the address, or choose “Do not know”."),
            ({"has_agreed": "no"}, "only when the person knows of it and agrees"),
            ({"flag_overdose": ""}, "“Do not know” is fine."),
            ({"tried_detox": "yes", "tried_detox_from": "1066"}, "Detox: from: write a year from 1960"),
            ({"area": "=Town"}, "The area"),
            ({"contact": ""}, "at which we reach you"),
        ],
    )
    def test_says_what_to_do_and_keeps_what_was_typed(self, visit, referrer, changes, sentence):
        data = ANSWERS | {"key": str(uuid.uuid4()), "reach": "Ask Jo at the shelter"} | changes

        page = visit("refer_person", referrer, data=data)

        assert page.status_code == 200
        assert sentence in words(page)
        assert "Ask Jo at the shelter" in page.content.decode()
        assert not Referral.objects.exists()

    def test_keeps_the_area_and_tells_it_to_the_clinic(self, visit, referrer, doctor):
        data = ANSWERS | {"key": str(uuid.uuid4()), "area": "Invented Harbour"}
        visit("refer_person", referrer, data=data)

        referral = Referral.objects.get()
        assert referral.area == "Invented Harbour"
        assert "Area Invented Harbour" in words(visit("see_referral", doctor, referral.id))

    def test_refuses_the_form_of_another_person_under_the_same_key(self, visit, referrer):
        data = ANSWERS | {"key": str(uuid.uuid4())}
        visit("refer_person", referrer, data=data)

        page = visit("refer_person", referrer, data=data | {"given_names": "Kim"})

        assert "Nothing was sent. This form was sent before" in words(page)
        assert Referral.objects.count() == 1


class TestWithdrawReferral:
    def test_takes_it_back_with_a_reason(self, clinic, visit, referrer):
        referral = a_referral(clinic, by=referrer)

        without = visit("withdraw_referral", referrer, referral.id, data={})
        done = visit("withdraw_referral", referrer, referral.id, data={"reason": "moved"})

        assert "Choose why you take it back." in words(without)
        assert done.status_code == 302
        assert ReferralDecision.objects.get().outcome == "withdrawn"

    def test_is_refused_in_words_once_decided(self, clinic, visit, referrer, doctor):
        referral = a_referral(clinic, by=referrer)
        decline_referral(referral_id=referral.id, reason=DeclineReason.OTHER, by=doctor, at=now())

        page = visit("withdraw_referral", referrer, referral.id, data={"reason": "moved"})

        assert "This referral was decided already." in words(page)
        assert "It can no longer be taken back." in words(visit("withdraw_referral", referrer, referral.id))
