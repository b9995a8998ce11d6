"""Somebody who comes to the clinic by themselves, written down by its staff."""

from __future__ import annotations

import uuid

import pytest

from hat_clinic.audit.models import AuditEvent
from referrals.models import Referral
from tests.factories.referrals import WRITTEN, a_referral
from tests.integration.referrals.reading import words
from tests.integration.referrals.test_agency_pages import ANSWERS

pytestmark = pytest.mark.django_db


def sent(**changes):
    return ANSWERS | {"key": str(uuid.uuid4())} | changes


class TestReferOneself:
    def test_puts_somebody_in_the_line_once(self, visit, doctor):
        data = sent()

        first, again = (visit("refer_oneself", doctor, data=data) for _ in range(2))

        referral = Referral.objects.get()
        assert first.url == again.url
        assert (referral.source, referral.agency, referral.sent_by) == ("self", None, doctor)
        assert referral.consent_wording
        page = words(visit("list_referrals", doctor))
        assert "Waiting (1)" in page
        assert "the person themselves" in page
        assert AuditEvent.objects.filter(event="referrals.person_referred", person=referral.id).count() == 1

    def test_is_no_agency_that_could_be_asked_or_written_to(self, visit, doctor):
        visit("refer_oneself", doctor, data=sent())

        referral = Referral.objects.get()
        assert "Ask the agency" not in words(visit("see_referral", doctor, referral.id))
        assert visit("ask_agency", doctor, referral.id).status_code == 404
        assert visit("print_letter", doctor, referral.id).status_code == 404

    def test_is_linked_with_what_an_agency_said_before(self, clinic, visit, doctor, referrer):
        first = a_referral(clinic, by=referrer, person=WRITTEN)

        visit("refer_oneself", doctor, data=sent())

        assert Referral.objects.get(source="self").same_as == first

    def test_says_what_is_wrong(self, visit, doctor):
        data = sent()
        assert "Write the given names." in words(visit("refer_oneself", doctor, data=sent(given_names="")))
        refused = words(visit("refer_oneself", doctor, data=sent(has_agreed="no")))
        visit("refer_oneself", doctor, data=data)
        reused = words(visit("refer_oneself", doctor, data=data | {"family_name": "Marsh"}))

        assert "only when the person knows of it and agrees" in refused
        assert "Nothing was sent." in reused
        assert Referral.objects.count() == 1
