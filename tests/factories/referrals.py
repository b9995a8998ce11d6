"""Referrals."""

from __future__ import annotations

from datetime import timedelta

from factory import SubFactory
from factory.django import DjangoModelFactory

from referrals.models import Referral
from tests.factories.accounts import ClinicFactory
from tests.factories.moments import TODAY
from tests.factories.patients import PersonFactory


class ReferralFactory(DjangoModelFactory[Referral]):
    class Meta:
        model = Referral

    clinic = SubFactory(ClinicFactory)
    person = SubFactory(PersonFactory)
    source = Referral.Source.HEALTH
    referred_on = TODAY - timedelta(days=60)
