"""Rows of one visit, inserted alone only to try one constraint of one table."""

from __future__ import annotations

from datetime import timedelta

from factory import LazyAttribute, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from dosing.models import IdentityCheck, Reading, Release, Visit
from dosing.rules.checks import Sedation
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.visits import IdentityItem, VisitState
from tests.factories.accounts import UserFactory
from tests.factories.dosing import InjectionFactory, PlannedSessionFactory
from tests.factories.moments import NINE


class VisitFactory(DjangoModelFactory[Visit]):
    """Somebody who has come and waits."""

    class Meta:
        model = Visit

    session = SubFactory(PlannedSessionFactory)
    clinic = SelfAttribute("session.clinic")
    patient = SelfAttribute("session.patient")
    state = VisitState.ARRIVED
    arrived_at = NINE - timedelta(minutes=10)
    arrived_by = SubFactory(UserFactory)
    with_staff = SelfAttribute("arrived_by")


class IdentityCheckFactory(DjangoModelFactory[IdentityCheck]):
    """The face and the date of birth, both right."""

    class Meta:
        model = IdentityCheck

    session = SubFactory(PlannedSessionFactory)
    clinic = SelfAttribute("session.clinic")
    patient = SelfAttribute("session.patient")
    items = LazyAttribute(lambda _: [IdentityItem.PHOTO, IdentityItem.BIRTH_DATE])
    is_right = True
    made_at = NINE - timedelta(minutes=9)
    made_by = SubFactory(UserFactory)


class ReadingFactory(DjangoModelFactory[Reading]):
    """The ten minute set, well within all limits."""

    class Meta:
        model = Reading

    injection = SubFactory(InjectionFactory)
    session = SelfAttribute("injection.session")
    minute = 10
    sedation = Sedation.ALERT
    breaths = 14
    oxygen = 97
    pulse = 70
    taken_at = LazyAttribute(lambda reading: reading.injection.ended_at + timedelta(minutes=10))
    taken_by = SubFactory(UserFactory)


class ReleaseFactory(DjangoModelFactory[Release]):
    """Somebody who left as well after twenty minutes."""

    class Meta:
        model = Release

    injection = SubFactory(InjectionFactory)
    session = SelfAttribute("injection.session")
    left_early = False
    walks_steadily = True
    advice_given = True
    naloxone = NaloxoneHeld.HAS
    is_tolerated = True
    released_at = LazyAttribute(lambda release: release.injection.ended_at + timedelta(minutes=20))
    released_by = SubFactory(UserFactory)
