"""Safety incidents as rows."""

from __future__ import annotations

import uuid

from factory import LazyFunction, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from outcomes.models import IncidentReport, IncidentTelling
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import PersonFactory


class IncidentReportFactory(DjangoModelFactory[IncidentReport]):
    """Somebody was drowsy at home, and nothing came of it."""

    class Meta:
        model = IncidentReport

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    happened_on = TODAY
    kind = "over_sedation"
    place = "home"
    harm = 0
    words = "Found drowsy by a friend, walked it off."
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class IncidentTellingFactory(DjangoModelFactory[IncidentTelling]):
    class Meta:
        model = IncidentTelling

    report = SubFactory(IncidentReportFactory)
    incident = SelfAttribute("report.incident")
    body = "learning"
    told_on = TODAY
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE
