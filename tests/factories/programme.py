"""What disturbed the programme, and what is known of the area, as a manager entered it."""

from __future__ import annotations

import uuid

from factory.declarations import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from outcomes.models import AreaFigure, Disruption, NeedEstimate
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.outcomes import MONTH, NINE, TODAY


class DisruptionFactory(DjangoModelFactory[Disruption]):
    class Meta:
        model = Disruption

    clinic = SubFactory(ClinicFactory)
    from_on = TODAY
    kind = Disruption.Kind.CLOSED
    label = "flood"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class AreaFigureFactory(DjangoModelFactory[AreaFigure]):
    class Meta:
        model = AreaFigure

    clinic = SubFactory(ClinicFactory)
    area = "Invented Town"
    from_on = MONTH
    to_on = TODAY
    measure = AreaFigure.Measure.RECORDED_ALL
    count = 1000
    source = "invented"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class NeedEstimateFactory(DjangoModelFactory[NeedEstimate]):
    class Meta:
        model = NeedEstimate

    clinic = SubFactory(ClinicFactory)
    as_of = TODAY
    area = "Invented Town"
    people = 60
    method = "counted by hand (invented)"
    source = "invented"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE
