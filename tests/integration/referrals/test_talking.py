"""Questions, answers and drafts: what passes between clinic and agency, and what does not."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from referrals.actions import (
    MessageRefused,
    ask_agency,
    decline_referral,
    drop_referral_draft,
    save_referral_draft,
    write_to_clinic,
)
from referrals.models import Referral, ReferralDraft, ReferralMessage
from referrals.rules.deciding import DeclineReason
from referrals.rules.talking import Question
from referrals.tasks import purge_drafts
from tests.factories.patients import PersonFactory
from tests.factories.referrals import ReferralFactory, a_draft, a_referral, agency_of
from tests.factories.treatment import a_clinic, a_member_of_staff
from tests.integration.referrals.reading import words
from tests.integration.referrals.test_agency_pages import ANSWERS
from tests.pages import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(clinic, referrer):
    return a_referral(clinic, by=referrer)


def sent(**more):
    return {"key": str(uuid.uuid4())} | more


class TestAskAgency:
    def test_shows_the_question_to_the_agency_and_never_who_asks(
        self, visit, doctor, nurse, referrer, referral
    ):
        assert visit("ask_agency", nurse, referral.id, data=sent(question="reach")).status_code == 302

        page = words(visit("see_own_referral", referrer, referral.id))
        assert "Now: a question for you." in page
        assert Question.REACH.label in page
        assert "The clinic" in page
        assert nurse.full_name not in page
        assert "A question for you" in words(visit("list_own_referrals", referrer))
        assert "Agency asked" in words(visit("list_referrals", doctor))

    def test_asks_once_however_often_it_is_pressed(self, visit, nurse, referral):
        data = sent(question="reach")
        for _ in range(2):
            visit("ask_agency", nurse, referral.id, data=data)

        assert ReferralMessage.objects.count() == 1
        assert AuditEvent.objects.filter(event="referrals.question_asked").count() == 1

    def test_says_so_where_nothing_is_chosen_or_the_referral_is_decided(self, visit, nurse, doctor, referral):
        assert "Choose a question." in words(visit("ask_agency", nurse, referral.id, data=sent()))
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_FOUND, by=doctor, at=now())

        assert "This referral is decided." in words(visit("ask_agency", nurse, referral.id))
        late = words(visit("ask_agency", nurse, referral.id, data=sent(question="reach")))
        assert "This referral was decided already." in late
        assert not ReferralMessage.objects.exists()

    def test_is_missing_where_no_agency_referred(self, clinic, visit, nurse):
        own = ReferralFactory(clinic=clinic, person=PersonFactory())

        assert visit("ask_agency", nurse, own.id).status_code == 404
        with pytest.raises(Referral.DoesNotExist):
            ask_agency(referral_id=own.id, question=Question.RING, key=uuid.uuid4(), by=nurse, at=now())


class TestWriteToClinic:
    def test_answers_the_question_and_the_clinic_reads_it(self, visit, nurse, referrer, referral):
        visit("ask_agency", nurse, referral.id, data=sent(question="reach"))

        data = sent(text="He sleeps at the shelter now.")
        for _ in range(2):
            assert visit("write_to_clinic", referrer, referral.id, data=data).status_code == 302

        assert "Now: received." in words(visit("see_own_referral", referrer, referral.id))
        page = words(visit("see_referral", nurse, referral.id))
        assert page.count("He sleeps at the shelter now.") == 1
        assert referrer.full_name in page
        assert "Agency wrote" in words(visit("list_referrals", nurse))
        assert AuditEvent.objects.filter(event="referrals.agency_wrote").count() == 1

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, visit, referrer, referral):
        assert "Write something" in words(
            visit("write_to_clinic", referrer, referral.id, data=sent(text=" "))
        )
        long = words(visit("write_to_clinic", referrer, referral.id, data=sent(text="word " * 120)))
        assert "word word" in long
        assert not ReferralMessage.objects.exists()

    def test_is_refused_once_it_is_decided(self, visit, referrer, doctor, referral):
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_FOUND, by=doctor, at=now())

        assert "Nothing more can be written here" in words(visit("write_to_clinic", referrer, referral.id))
        late = words(visit("write_to_clinic", referrer, referral.id, data=sent(text="He moved.")))
        assert "This referral was decided already." in late

    def test_to_another_agencys_referral_is_like_to_a_missing_one(self, visit, other_referrer, referral):
        for name in ("write_to_clinic", "tell_release", "print_own_letter"):
            other, missing = (
                visit(name, other_referrer, referral_id) for referral_id in (referral.id, uuid.uuid4())
            )
            assert other.status_code == missing.status_code == 404
            assert shown(other) == shown(missing)

    def test_is_refused_by_the_action_itself(self, clinic, referrer, other_referrer, referral):
        told = {"referral_id": referral.id, "text": "He moved.", "key": uuid.uuid4(), "at": now()}
        with pytest.raises(Referral.DoesNotExist):
            write_to_clinic(agency_id=agency_of(other_referrer, clinic).pk, by=other_referrer, **told)
        with pytest.raises(MessageRefused, match="Write something"):
            write_to_clinic(agency_id=agency_of(referrer, clinic).pk, by=referrer, **(told | {"text": " "}))


class TestDrafts:
    def test_are_kept_half_filled_and_sent_later(self, visit, referrer):
        key = str(uuid.uuid4())
        kept = visit(
            "refer_person",
            referrer,
            data={"key": key, "given_names": "Robin", "save_draft": "Save and leave"},
        )
        assert kept.status_code == 302
        assert not Referral.objects.exists()
        assert "Go on with R." in words(visit("list_own_referrals", referrer))

        again = visit("continue_referral", referrer, key)
        assert 'value="Robin"' in again.content.decode()
        assert key in again.content.decode()

        done = visit("continue_referral", referrer, key, data=ANSWERS | {"key": key})
        assert done.status_code == 302
        assert str(Referral.objects.get().key) == key
        assert "Not sent yet" not in words(visit("list_own_referrals", referrer))
        assert visit("continue_referral", referrer, key).status_code == 404
        assert visit("continue_referral", referrer, key, data=ANSWERS | {"key": key}).url == done.url

    def test_stand_sealed_in_the_database(self, clinic, referrer):
        a_draft(clinic, by=referrer)

        assert "Robin" not in ReferralDraft.objects.get().data

    def test_are_nobody_elses_and_gone_after_14_days(self, clinic, visit, referrer, other_referrer):
        key = a_draft(clinic, by=referrer)

        for name in ("continue_referral", "drop_draft"):
            data = {} if name == "drop_draft" else None
            other, missing = (visit(name, other_referrer, one, data=data) for one in (key, uuid.uuid4()))
            assert other.status_code == missing.status_code == 404
            assert shown(other) == shown(missing)
        assert visit("continue_referral", referrer, key).status_code == 200
        ReferralDraft.objects.update(saved_at=now() - timedelta(days=14))
        assert visit("continue_referral", referrer, key).status_code == 404
        assert "Not sent yet" not in words(visit("list_own_referrals", referrer))

    def test_are_emptied_by_night_once_they_are_offered_to_nobody(self, clinic, referrer):
        at = now()
        old, young = (a_draft(clinic, by=referrer) for _ in range(2))
        ReferralDraft.objects.filter(key=old).update(saved_at=at - timedelta(days=14))
        ReferralDraft.objects.filter(key=young).update(saved_at=at - timedelta(days=13, hours=23))

        assert (purge_drafts(), purge_drafts()) == (1, 0)

        assert ReferralDraft.objects.exclude(data="").get().key == young
        assert AuditEvent.objects.get(event="referrals.drafts_purged").detail == {"drafts": 1}

    def test_keep_what_was_ticked(self, clinic, visit, referrer):
        page = visit("continue_referral", referrer, a_draft(clinic, by=referrer)).content.decode()

        (ticked,) = [line for line in page.split("<input") if 'value="concerns_police"' in line]
        assert "checked" in ticked

    def test_are_thrown_away(self, clinic, visit, referrer):
        key = a_draft(clinic, by=referrer)

        assert visit("drop_draft", referrer, key, data={}).status_code == 302
        assert "Not sent yet" not in words(visit("list_own_referrals", referrer))
        drop_referral_draft(clinic=clinic, key=key, by=referrer, at=now())
        assert AuditEvent.objects.filter(event="referrals.draft_dropped").count() == 1

    def test_are_not_kept_under_somebody_elses_key_after_sending_or_without_a_key(
        self, clinic, visit, referrer, other_referrer
    ):
        key = a_draft(clinic, by=referrer)
        sent_one = a_referral(clinic, by=referrer)

        def keep(by, of, fields=None):
            return save_referral_draft(
                clinic=clinic,
                agency_id=agency_of(by, clinic).pk,
                key=of,
                fields=fields or {"given_names": ["Jo"]},
                by=by,
                at=now(),
            )

        assert not keep(other_referrer, key)
        assert not keep(referrer, sent_one.key)
        assert not keep(referrer, uuid.uuid4(), {"concern": ["x" * 20_001]})
        assert keep(referrer, key)
        page = words(visit("refer_person", referrer, data={"save_draft": "1", "key": "none"}))
        assert "Nothing was kept" in page

    def test_of_another_clinic_are_not_shown_here(self, clinic, visit, referrer):
        elsewhere = a_clinic()
        there = a_member_of_staff(elsewhere, Role.REFERRER, name="Kim Fry")

        assert visit("continue_referral", referrer, a_draft(elsewhere, by=there)).status_code == 404
