"""The demo's referrals: from two agencies, sent once however often the demo is started."""

from __future__ import annotations

import pytest

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from hat_clinic.demo.actions import make_demo
from hat_clinic.demo.referrals import SENT, refer_people
from referrals.models import Referral
from referrals.queries.eligibility import get_criteria_in_force
from tests.factories.treatment import a_clinic

pytestmark = pytest.mark.django_db


class TestTheDemosReferrals:
    def test_wait_and_two_are_about_one_person(self):
        clinic = make_demo(by=get_program(name="demo", at=now()), at=now())

        refer_people(clinic=clinic, at=now())
        refer_people(clinic=clinic, at=now())

        sent = Referral.objects.filter(clinic=clinic, key__isnull=False).order_by("referred_on")
        assert len(sent) == len(SENT)
        assert len({referral.agency_id for referral in sent}) == 3
        assert [referral.same_as for referral in sent] == [None, None, sent[0], None]
        assert User.objects.filter(email__endswith="@agency.example").count() == 2
        assert get_criteria_in_force(clinic_id=clinic.pk) is not None

    def test_need_the_demos_referrer(self):
        refer_people(clinic=a_clinic(), at=now())

        assert not Referral.objects.exists()
